"""Reading orders: what a principal may see, and in which order."""

from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, any_, cast, select, text
from sqlalchemy.dialects.postgresql import array

from oms_api.db.keyset import Ordering
from oms_api.db.relations import Keys, One, Pages, Several, all_for, by, of, one_for, pages_of, required
from oms_api.db.sets import among
from oms_api.domain.channels.queries import in_channels
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.stock_documents import document_behind
from oms_api.domain.orders.quantities import LineUnits
from oms_api.domain.orders.tables import (
    TAGGED,
    OrderCancellationLineRow,
    OrderCancellationRow,
    OrderDiscountRow,
    OrderLineRow,
    OrderPartyRow,
    OrderRow,
    OrderShippingRow,
    OrderTaxRow,
)
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import CancellationId, IdKind, OrderId
from oms_api.kernel.paging import LARGEST_PAGE

NEWEST_FIRST = Ordering("placed_at_desc", (OrderRow.placed_at, OrderRow.id), descending=True)
OLDEST_FIRST = Ordering("placed_at_asc", (OrderRow.placed_at, OrderRow.id))
LAST_CHANGED_FIRST = Ordering("updated_at_desc", (OrderRow.updated_at, OrderRow.id), descending=True)
LAST_CHANGED_LAST = Ordering("updated_at_asc", (OrderRow.updated_at, OrderRow.id))
HIGHEST_TOTAL_FIRST = Ordering("total_desc", (OrderRow.total_minor, OrderRow.id), descending=True)
LOWEST_TOTAL_FIRST = Ordering("total_asc", (OrderRow.total_minor, OrderRow.id))
HIGHEST_NUMBER_FIRST = Ordering("number_desc", (OrderRow.number,), descending=True)
LOWEST_NUMBER_FIRST = Ordering("number_asc", (OrderRow.number,))
HIGHEST_PRIORITY_FIRST = Ordering("priority_desc", (OrderRow.priority, OrderRow.placed_at, OrderRow.id), descending=True)
LINE_ORDER = Ordering("position", (OrderLineRow.position, OrderLineRow.id))
OLDEST_CANCELLATION_FIRST = Ordering("occurred_at", (OrderCancellationRow.occurred_at, OrderCancellationRow.id))
BY_VERSION = Ordering("version", (OrderPartyRow.version,))
UNITS = [field.name for field in fields(LineUnits) if field.name not in {"money", "shipping_tax"}]


visible_to = in_channels(OrderRow.channel_id)


orders_by_id: One[OrderId, OrderRow] = by(OrderRow.id, visible=visible_to)
order_by_id = required(orders_by_id, "order", IdKind.ORDER)
cancellations_by_id: One[CancellationId, OrderCancellationRow] = by(OrderCancellationRow.id)
cancellations_by_order: Several[OrderId, OrderCancellationRow] = of(
    OrderCancellationRow.order_id, order=OLDEST_CANCELLATION_FIRST, first=LARGEST_PAGE
)
"""The first 250 cancellations of each order, oldest first; the orders were seen before."""
cancellation_lines: Several[CancellationId, OrderCancellationLineRow] = of(
    OrderCancellationLineRow.cancellation_id, order=Ordering("id", (OrderCancellationLineRow.id,))
)
cancellation_by_id = required(cancellations_by_id, "cancellation", IdKind.CANCELLATION)
pages_of_lines: Pages[OrderId, OrderLineRow] = pages_of(OrderLineRow.order_id, order=LINE_ORDER)
parties_by_order: One[OrderId, OrderPartyRow] = by(OrderPartyRow.order_id, order=BY_VERSION)
"""The people on each order, as of the latest version."""
discounts_by_order: Several[OrderId, OrderDiscountRow] = of(
    OrderDiscountRow.order_id, order=Ordering("id", (OrderDiscountRow.id,))
)
"""All discounts, on lines and on the order."""
taxes_by_order: Several[OrderId, OrderTaxRow] = of(OrderTaxRow.order_id, order=Ordering("id", (OrderTaxRow.id,)))
"""All taxes, on lines and on shipping."""
shipping_by_order: Several[OrderId, OrderShippingRow] = of(
    OrderShippingRow.order_id, order=Ordering("id", (OrderShippingRow.id,))
)


@one_for("id")
def lines_by_id(ids: Keys, sight: Sight) -> Select[Any, Any]:
    """Find lines, each with the `currency` of its order, of orders that the principal may see."""
    lines = select(OrderLineRow, OrderRow.currency).join(OrderRow, OrderRow.id == OrderLineRow.order_id)
    return lines.where(among(OrderLineRow.id, ids), *visible_to(sight))


@all_for("order_id")
def lines_with_units(orders: Keys, _sight: Sight) -> Select[Any]:
    """Find where the units of every line of each order are."""
    columns = [OrderLineRow.parent_line_id if name == "parent_id" else getattr(OrderLineRow, name) for name in UNITS]
    return select(*columns, OrderLineRow.order_id).where(among(OrderLineRow.order_id, orders))


units_by_order = lines_with_units.turned(lambda lines: [LineUnits(**dict(zip(UNITS, line, strict=False))) for line in lines])

document_behind(CauseKind.ORDER_LINE, IdKind.ORDER, OrderLineRow.id, OrderLineRow.order_id)
document_behind(
    CauseKind.CANCELLATION_LINE,
    IdKind.ORDER,
    OrderCancellationLineRow.id,
    OrderCancellationRow.order_id,
    OrderCancellationRow.id == OrderCancellationLineRow.cancellation_id,
)


def tagged(tag: object) -> ColumnElement[bool]:
    """Return that an order has this tag, by the index of tags."""
    return and_(text(TAGGED), OrderRow.tags.op("@>")(array([cast(tag, Text)])))


def tagged_one_by_one(tag: object) -> ColumnElement[bool]:
    """Return that an order has this tag, which most orders may have: no index is read for it."""
    return cast(tag, Text) == any_(OrderRow.tags)
