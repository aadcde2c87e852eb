"""Orders that wait for their payment: opening the gate for what no payment opened, and canceling what is not paid in time."""

from uuid import UUID

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.document import locked_document
from oms_api.domain.fulfillment.gate import GOODS, Release
from oms_api.domain.fulfillment.ways import BY_ORDER
from oms_api.domain.orders.gate import OPEN
from oms_api.domain.orders.states import CancelReason
from oms_api.kernel.ids import OrderId
from oms_api.workflows.cancel_order import CancelOrder, RefundWithCancel, cancel_order

WAITING = """
FROM orders JOIN channel ON channel.id = orders.channel_id LEFT JOIN payment_balance balance ON balance.order_id = orders.id
WHERE orders.awaits_payment IS true
"""
OPENED = Sql(
    f"SELECT orders.id {WAITING} AND {OPEN} ORDER BY orders.placed_at, orders.id LIMIT 1 FOR UPDATE OF orders SKIP LOCKED"
)
OVERDUE = Sql(f"""
SELECT orders.id {WAITING} AND orders.pay_by IS NOT NULL AND orders.pay_by <= :now AND channel.cancel_unpaid AND NOT {OPEN}
ORDER BY orders.pay_by, orders.id LIMIT 1 FOR UPDATE OF orders SKIP LOCKED
""")
NOTE = "It was not paid in time."


async def open_gates(tx: Tx, _size: int) -> int:
    """Release an order whose gate something other than a payment opened: less is due, or its channel asks for less. A sweep."""
    found = await tx.fetch(OPENED())
    return await _release(tx, OrderId(found[0][0])) if found else 0


async def _release(tx: Tx, key: OrderId) -> int:
    document, (goods,) = await locked_document(tx, BY_ORDER, key, GOODS(order=key))
    release = None if document is None else Release.of(tx, document, goods)
    if document is None or release is None:
        return 0
    document.save(tx, tx.now)
    release.write(tx)
    document.emit_status(tx, tx.now)
    return 1


async def cancel_unpaid(tx: Tx, _size: int) -> int:
    """Cancel an order that was not paid in time, where its channel says so, and owe what was paid of it: a sweep."""
    found = await tx.fetch(OVERDUE(now=tx.now))
    if not found:
        return 0
    await cancel_order(tx, _cancellation(found[0][0]))
    return 1


def _cancellation(key: UUID) -> CancelOrder:
    return CancelOrder(
        idempotency_key=f"unpaid {key}",
        order_id=OrderId(key),
        reason=CancelReason.DECLINED,
        note=NOTE,
        refund=RefundWithCancel(),
    )
