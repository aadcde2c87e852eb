"""Reads of the changes of orders."""

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Pages, by, pages_of, required
from oms_api.domain.channels.queries import in_channels
from oms_api.domain.orders.changes.tables import OrderChangeRow
from oms_api.kernel.ids import IdKind, OrderChangeId, OrderId

OLDEST_FIRST = Ordering("id", (OrderChangeRow.id,))
RECORDED_FIRST = Ordering("recorded_at_asc", (OrderChangeRow.recorded_at, OrderChangeRow.id))
RECORDED_LAST = Ordering("recorded_at_desc", (OrderChangeRow.recorded_at, OrderChangeRow.id), descending=True)

visible_to = in_channels(OrderChangeRow.channel_id)
changes_by_id: One[OrderChangeId, OrderChangeRow] = by(OrderChangeRow.id, visible=visible_to)
change_by_id = required(changes_by_id, "change of an order", IdKind.ORDER_CHANGE)
pages_of_changes: Pages[OrderId, OrderChangeRow] = pages_of(OrderChangeRow.order_id, order=OLDEST_FIRST)
"""The changes of each order, which was seen before."""
