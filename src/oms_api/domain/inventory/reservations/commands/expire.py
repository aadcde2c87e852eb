"""Expiring reservations whose deadline has passed, a bounded batch at a time."""

from oms_api.db.session import Tx
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.inventory.ledger import post
from oms_api.domain.inventory.reservations.endings import expired, settle, unreserve
from oms_api.domain.inventory.reservations.holds import LOCKED, READ, holds_in, locking

LOCK_OLDEST = locking("""
SELECT id FROM reservation WHERE status = 'ACTIVE' AND expires_at <= :now AND id <> ALL (:passed::uuid[])
ORDER BY expires_at, id LIMIT :size FOR UPDATE SKIP LOCKED
""")


async def expire_overdue(tx: Tx, batch: Batch) -> int:
    """Free the units of at most so many overdue reservations, the oldest deadline first, and return how many they were.

    Those that somebody has locked are passed over: they are being claimed, released or expired.
    """
    _, rows = await tx.flush([LOCK_OLDEST(now=tx.now, size=batch.size, passed=batch.passed), READ(locked=LOCKED)])
    holds = holds_in(rows)
    batch.take(hold.id for hold in holds)
    endings = expired(holds)
    post(tx, unreserve(endings), tx.now)
    settle(tx, endings)
    return len(endings)
