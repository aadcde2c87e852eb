"""Handing over what nobody has to send, once the order that it was held back with is on hold no longer."""

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.events.checkpoints import Piece
from oms_api.domain.fulfillment.document import locked_document
from oms_api.domain.fulfillment.ways import BY_ORDER
from oms_api.domain.orders.states import OrderStatus
from oms_api.kernel.ids import OrderId

AT_ONCE = Sql("""
SELECT channel.release_when <> 'PLACED' OR channel.hand_over = 'ACCEPTANCE'
    OR EXISTS (SELECT FROM order_line WHERE order_id = orders.id AND kind = 'GOODS')
FROM orders JOIN channel ON channel.id = orders.channel_id WHERE orders.id = :order::uuid
""")
"""Whether it waits for no payment but that of the gate: see `place_order.rows.waits_for_payment`."""


async def hand_over_released(tx: Tx, piece: Piece) -> None:
    """Hand over what does not ship of the order whose hold was released: a reaction, one order a piece."""
    for event in await piece.events(tx):
        if event.order_id is not None:
            await hand_over_held_back(tx, event.order_id)


async def hand_over_held_back(tx: Tx, key: OrderId) -> None:
    """Hand over what an order held back while it was on hold, at once or as far as it is paid. Done again it finds nothing."""
    document, (((at_once,),),) = await locked_document(tx, BY_ORDER, key, AT_ONCE(order=key))
    if document is None or document.order.status is not OrderStatus.OPEN or document.awaits_payment:
        return
    if at_once:
        document.hand_over()
    document.save(tx, tx.now)
    document.emit_status(tx, tx.now)
