"""Calling a count off: stock stays as it is."""

from datetime import datetime

from oms_api.db.documents import changing
from oms_api.db.session import Tx
from oms_api.domain.inventory.counts.document import CountDocument
from oms_api.domain.inventory.counts.states import StockCountStatus
from oms_api.domain.inventory.counts.tables import StockCountRow
from oms_api.domain.inventory.counts.verbs import CANCEL
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import CountId
from oms_api.kernel.occurrence import occurred


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelCount:
    """Call a count off."""

    idempotency_key: str
    count_id: CountId
    expected_version: int | None = None
    occurred_at: datetime | None = None


async def cancel_count(tx: Tx, command: CancelCount) -> StockCountRow:
    """Call a count off and return it: CANCELED. Raises: NotFound, VersionConflict, IllegalMove, OccurredTooEarly."""
    at = tx.business_time(command.occurred_at)
    async with changing(tx, CountDocument, CANCEL, command.count_id, command.expected_version) as count:
        created = count.was.created_at
        count.at = occurred(at, command.occurred_at, not_before=created, what="the count's creation")
        count.row.closed_at, count.row.closed_by = count.at, tx.actor
        count.move(StockCountStatus.CANCELED)
    return count.row
