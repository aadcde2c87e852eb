"""Forgetting documents that are past their time."""

from datetime import datetime

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.kernel.dataclass import dataclass

OVER = Sql("""
SELECT id FROM order_intake
WHERE status IN ('PLACED', 'DISCARDED') AND received_at < :before AND updated_at < :before
ORDER BY received_at, id LIMIT :size FOR UPDATE SKIP LOCKED
""")
ATTEMPTS = Sql("DELETE FROM order_intake_attempt WHERE intake_id = ANY (:ids::uuid[])")
INTAKES = Sql("DELETE FROM order_intake WHERE id = ANY (:ids::uuid[])")


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeIntakes:
    """Forget the documents with which nothing was done since *before*, *size* at a time."""

    before: datetime
    size: int


async def purge_intakes(tx: Tx, command: PurgeIntakes) -> int:
    """Delete documents that became orders or were given up, with their attempts, and return how many.

    Those that wait, were refused or could not be read stay: somebody is still to decide on them. Orders stay as they are.
    """
    found = [key for (key,) in await tx.fetch(OVER(before=command.before, size=command.size))]
    if found:
        await tx.flush([ATTEMPTS(ids=array(found)), INTAKES(ids=array(found))])
    return len(found)
