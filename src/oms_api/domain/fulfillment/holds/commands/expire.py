"""Releasing holds whose time has come."""

from collections.abc import Collection
from uuid import UUID

from oms_api.db.documents import changing_each
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.fulfillment.holds.documents import HeldOrder, HeldWork
from oms_api.domain.orders.holds.verbs import EXPIRE

DUE = Sql("""
SELECT order_id, fulfillment_order_id FROM order_hold
WHERE status = 'ACTIVE' AND release_at <= :now AND order_id <> ALL (:passed::uuid[])
ORDER BY release_at, id LIMIT :size
""")
LOCK = Sql("SELECT id FROM orders WHERE id = ANY (:orders::uuid[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED")


async def release_due(tx: Tx, batch: Batch) -> int:
    """Release at most so many holds whose time has come, and return how many orders they were of: a sweep.

    Orders that somebody has locked are passed over: their turn comes again.
    """
    due = await tx.fetch(DUE(now=tx.now, size=batch.size, passed=batch.passed))
    if not due:
        return 0
    batch.take(order for (order,) in await tx.fetch(LOCK(orders=array({order for order, _ in due}))))
    locked = set(batch.tries)
    await _release(tx, HeldOrder, {order for order, work in due if work is None and order in locked})
    await _release(tx, HeldWork, {work for order, work in due if work is not None and order in locked})
    return len(locked)


async def _release(tx: Tx, kind: type[HeldOrder] | type[HeldWork], keys: Collection[UUID]) -> None:
    """Release the holds of *keys* that are due."""
    if keys:
        async with changing_each(tx, kind, kind.release_verb, dict.fromkeys(keys)) as (documents, _):
            for document in documents.values():
                if due := document.due(tx.now):
                    document.release(tx, due, EXPIRE)
