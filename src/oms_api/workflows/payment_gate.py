"""Orders that wait for their payment: opening the gate for what no payment opened, and canceling what is not paid in time."""

from uuid import UUID

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.fulfillment.document import locked_document
from oms_api.domain.fulfillment.gate import GOODS, Release
from oms_api.domain.fulfillment.ways import BY_ORDER
from oms_api.domain.orders.gate import OPEN, SUFFICIENT
from oms_api.domain.orders.states import CancelReason
from oms_api.kernel.ids import OrderId
from oms_api.workflows.cancel_order import CancelOrder, RefundWithCancel, cancel_order

LOOKED_AT = 100
WAITING = f"""
SELECT waiting.id FROM channel CROSS JOIN LATERAL (
    SELECT orders.id FROM orders LEFT JOIN payment_balance balance ON balance.order_id = orders.id
    WHERE orders.channel_id = channel.id AND orders.awaits_payment IS true AND orders.id <> ALL (:passed::uuid[]) AND {{due}}
    LIMIT {LOOKED_AT}
) AS waiting WHERE {{channels}}
"""  # noqa: S608 - made of constants
LOCKED = """
SELECT orders.id FROM orders JOIN channel ON channel.id = orders.channel_id
LEFT JOIN payment_balance balance ON balance.order_id = orders.id
WHERE orders.id = ANY (ARRAY({found})) AND orders.awaits_payment IS true AND {due}
ORDER BY orders.{first}, orders.id LIMIT 1 FOR UPDATE OF orders SKIP LOCKED
"""
"""One of the first few of each channel that are due, which indexes find, and locked."""
FOUND = " UNION ALL ".join(
    WAITING.format(due=f"{sufficient} AND {OPEN}", channels=f"channel.release_when = '{when}'")
    for when, sufficient in SUFFICIENT
)
LATE = "orders.pay_by <= :now::timestamptz"
FOUND_LATE = WAITING.format(due=f"{LATE} AND NOT {OPEN} ORDER BY orders.pay_by", channels="channel.cancel_unpaid")
OPENED = Sql(LOCKED.format(found=FOUND, due=OPEN, first="placed_at"))
OVERDUE = Sql(LOCKED.format(found=FOUND_LATE, due=f"channel.cancel_unpaid AND {LATE} AND NOT {OPEN}", first="pay_by"))
NOTE = "It was not paid in time."


async def open_gates(tx: Tx, batch: Batch) -> int:
    """Release an order whose gate something other than a payment opened: less is due, or its channel asks for less. A sweep."""
    batch.take(key for (key,) in await tx.fetch(OPENED(passed=batch.passed)))
    return await _release(tx, OrderId(batch.tries[0])) if batch.tries else 0


async def _release(tx: Tx, key: OrderId) -> int:
    document, (goods,) = await locked_document(tx, BY_ORDER, key, GOODS(order=key))
    release = None if document is None else Release.of(tx, document, goods)
    if document is None or release is None:
        return 0
    document.save(tx, tx.now)
    release.write(tx)
    document.emit_status(tx, tx.now)
    return 1


async def cancel_unpaid(tx: Tx, batch: Batch) -> int:
    """Cancel an order that was not paid in time, where its channel says so, and owe what was paid of it: a sweep."""
    batch.take(key for (key,) in await tx.fetch(OVERDUE(now=tx.now, passed=batch.passed)))
    for key in batch.tries:
        await cancel_order(tx, _cancellation(key))
    return len(batch.tries)


def _cancellation(key: UUID) -> CancelOrder:
    return CancelOrder(
        idempotency_key=f"unpaid {key}",
        order_id=OrderId(key),
        reason=CancelReason.DECLINED,
        note=NOTE,
        refund=RefundWithCancel(),
    )
