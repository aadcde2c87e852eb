"""Completing orders whose arrival nobody reports: some days after the last of them was shipped, as their channel says.

An order whose arrival is reported completes with that report; this is for all others. A page of the orders that could be due
is looked through without locks; those that seem to be are locked, unless somebody is busy with one, and looked at once more.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Select, select

from oms_api.db.documents import changing_each
from oms_api.db.session import Reader, Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.db.statements import statement
from oms_api.domain.channels.tables import ChannelRow
from oms_api.domain.fulfillment.header import OrderHeader
from oms_api.domain.orders.holds.placing import end_holds
from oms_api.domain.orders.states import OrderStatus
from oms_api.domain.orders.verbs import COMPLETE
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ChannelId, OrderId

SENT = "orders.status = 'OPEN' AND orders.fulfillment_status IN ('SHIPPED', 'PARTIALLY_DELIVERED', 'DELIVERED')"
"""Also the condition of the index ix_orders_sent, so that the orders are found by it.

A delivered one is open where what was lost was sent again, and is found and on its way too.
"""
DUE = """
    (SELECT max(shipment.shipped_at) FROM shipment WHERE shipment.order_id = orders.id) <= :until::timestamptz
    AND NOT EXISTS (SELECT FROM order_line line WHERE line.order_id = orders.id
                    AND line.unsourced + line.backordered + line.allocated + line.in_fulfillment > 0)
    AND NOT EXISTS (SELECT FROM returns back WHERE back.order_id = orders.id
                    AND back.status IN ('REQUESTED', 'APPROVED', 'IN_TRANSIT', 'PARTIALLY_RECEIVED'))
    AND NOT EXISTS (SELECT FROM refund WHERE refund.order_id = orders.id
                    AND refund.status IN ('GRANTED', 'REQUESTED', 'FAILED'))
"""
LOOK = Sql(f"""
SELECT orders.id, orders.placed_at, {DUE} FROM (
    SELECT orders.id, orders.placed_at FROM orders
    WHERE orders.channel_id = :channel::uuid AND {SENT} AND orders.placed_at <= :until::timestamptz
      AND (orders.placed_at, orders.id) > (:placed_at::timestamptz, :order::uuid)
    ORDER BY orders.placed_at, orders.id LIMIT :size::int
) AS orders ORDER BY orders.placed_at, orders.id
""")  # noqa: S608 - made of constants
STILL_DUE = Sql(f"SELECT id FROM orders WHERE id = ANY (:orders::uuid[]) AND {SENT} AND {DUE}")  # noqa: S608 - as above


class ShippedOrder(OrderHeader):
    """An order that nobody is busy with."""

    lock = "ORDER BY id FOR UPDATE SKIP LOCKED"


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a channel's orders were looked through."""

    placed_at: datetime
    order_id: OrderId


START = Reached(datetime(1, 1, 1, tzinfo=UTC), OrderId(UUID(int=0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteShipped:
    """Complete orders of a channel that were shipped at *shipped_until* or before, among the first *size* behind *after*."""

    channel_id: ChannelId
    shipped_until: datetime
    size: int
    after: Reached = START


@dataclass(frozen=True, slots=True)
class Completed:
    """How many orders were completed, and where to go on, if there may be more."""

    count: int
    further: Reached | None


@statement
def completing() -> Select[ChannelRow]:
    """The channels that say after how many days an order counts as arrived."""
    return select(ChannelRow).where(ChannelRow.complete_after_days.is_not(None)).order_by(ChannelRow.id)


async def channels_that_complete(read: Reader) -> Sequence[ChannelRow]:
    """Return the channels whose orders complete some days after shipping."""
    return await read.all(completing())


async def complete_shipped(tx: Tx, command: CompleteShipped) -> Completed:
    """Complete those of a page of orders of which all was shipped long enough ago and nothing is open."""
    until, after = command.shipped_until, command.after
    page = await tx.fetch(
        LOOK(channel=command.channel_id, until=until, placed_at=after.placed_at, order=after.order_id, size=command.size)
    )
    further = Reached(page[-1][1], page[-1][0]) if len(page) == command.size else None
    due = {order_id: None for order_id, _, is_due in page if is_due}
    if not due:
        return Completed(0, further)
    async with changing_each(tx, ShippedOrder, COMPLETE, due) as (orders, _):
        still = {order_id for (order_id,) in await tx.fetch(STILL_DUE(orders=array(orders), until=until))}
        for order_id in orders.keys() - still:
            del orders[order_id]
        for order in orders.values():
            order.at = order.row.completed_at = tx.now
            order.row.on_hold = False
            order.move(OrderStatus.COMPLETED)
            if order.was.on_hold:
                end_holds(tx, order.was.id, (), whole=True)
    return Completed(len(orders), further)
