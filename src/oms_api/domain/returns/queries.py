"""Reading returns and what became of them: what a principal may see, and in which order.

A return belongs to its order and is seen by whoever sees that; a receipt happened at a location and is hidden from those
limited to others.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from oms_api.db.keyset import Ordering
from oms_api.db.relations import Found, Keys, One, Pages, Several, by, of, one_for, pages_of
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.db.statements import statement
from oms_api.domain.channels.queries import at_locations, in_channels
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.stock_documents import document_behind
from oms_api.domain.orders.quantities import LineMoney, LineUnits
from oms_api.domain.orders.queries import UNITS, orders_by_id
from oms_api.domain.orders.tables import OrderLineRow, OrderRow
from oms_api.domain.returns.policies import UnitsWanted, decide_return, value_of
from oms_api.domain.returns.tables import ReturnLineRow, ReturnReceiptLineRow, ReturnReceiptRow, ReturnRow
from oms_api.kernel.access import Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, LineId, OrderId, ReturnId, ReturnLineId, ReturnReceiptId, text_id
from oms_api.kernel.paging import LARGEST_PAGE

NEWEST_FIRST = Ordering("created_at_desc", (ReturnRow.created_at, ReturnRow.id), descending=True)
OLDEST_FIRST = Ordering("created_at_asc", (ReturnRow.created_at, ReturnRow.id))
LINE_ORDER = Ordering("position", (ReturnLineRow.position, ReturnLineRow.id))
RECEIPT_ORDER = Ordering("occurred_at", (ReturnReceiptRow.occurred_at, ReturnReceiptRow.id))
RECEIPT_LINE_ORDER = Ordering("line", (ReturnReceiptLineRow.id,))

visible_to = in_channels(ReturnRow.channel_id)
receipts_visible_to = at_locations(ReturnReceiptRow.location_id)


def receipt_lines_visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limit of locations as conditions on a line of a receipt."""
    seen = receipts_visible_to(sight)
    return [ReturnReceiptLineRow.receipt_id.in_(select(ReturnReceiptRow.id).where(*seen))] if seen else []


returns_by_id: One[ReturnId, ReturnRow] = by(ReturnRow.id, visible=visible_to)
returns_by_order: Several[OrderId, ReturnRow] = of(
    ReturnRow.order_id, order=OLDEST_FIRST, visible=visible_to, first=LARGEST_PAGE
)
return_lines_by_id: One[ReturnLineId, ReturnLineRow] = by(ReturnLineRow.id)
pages_of_return_lines: Pages[ReturnId, ReturnLineRow] = pages_of(ReturnLineRow.return_id, order=LINE_ORDER)
receipts_by_id: One[ReturnReceiptId, ReturnReceiptRow] = by(ReturnReceiptRow.id, visible=receipts_visible_to)
receipts_by_return: Several[ReturnId, ReturnReceiptRow] = of(
    ReturnReceiptRow.return_id, order=RECEIPT_ORDER, visible=receipts_visible_to, first=LARGEST_PAGE
)
pages_of_receipt_lines: Pages[ReturnReceiptId, ReturnReceiptLineRow] = pages_of(
    ReturnReceiptLineRow.receipt_id, order=RECEIPT_LINE_ORDER
)
receipt_lines_by_return_line: Several[ReturnLineId, ReturnReceiptLineRow] = of(
    ReturnReceiptLineRow.return_line_id, order=RECEIPT_LINE_ORDER, visible=receipt_lines_visible_to, first=LARGEST_PAGE
)
"""What came of each line of a return, oldest first."""


@one_for("line_id")
def orders_by_line(lines: Keys, _sight: Sight) -> Found:
    """Find how the order of each line, which was seen before, counts its money."""
    kept = select(OrderLineRow.id.label("line_id"), OrderRow.currency, OrderRow.prices_include_tax)
    return kept.join(OrderRow, OrderRow.id == OrderLineRow.order_id).where(among(OrderLineRow.id, lines))


@dataclass(frozen=True, slots=True)
class Preview:
    """An order, and what units of its lines cost: as a whole, and by row of what was asked."""

    order: OrderRow
    value: LineMoney
    rows: list[LineMoney]


async def preview_of_return(read: Reader, order_id: OrderId, wanted: Sequence[UnitsWanted]) -> Preview:
    """Return what units of an order's lines cost, as a return of them would value them.

    Raises: NotFound, InvalidValue, TooManyItems; Refused with all that is wrong with the lines.
    """
    order = await orders_by_id.of_one(read, order_id)
    if order is None:
        raise NotFound(what="order", given=text_id(IdKind.ORDER, order_id), field=("orderId",))
    lines = await units_with_money(read, order_id)
    rows = [value_of(lines, units) for units in decide_return(lines, wanted)]
    return Preview(order, sum(rows, LineMoney()), rows)


async def units_with_money(read: Reader, order_id: OrderId) -> dict[LineId, LineUnits]:
    """Return where the units of each line of an order are and what all of them cost, in line order."""
    found: dict[LineId, LineUnits] = {}
    for *units, goods, discount, shipping, tax in await read.all(lines_with_money(order_id)):
        line = LineUnits(**dict(zip(UNITS, units, strict=True)), money=LineMoney(goods, discount, shipping, tax))
        found[line.id] = line
    return found


@statement
def lines_with_money(order_id: OrderId) -> Select[Any]:
    """Find where the units of an order's lines are, and what all of them cost."""
    return (
        select(
            *(OrderLineRow.parent_line_id if name == "parent_id" else getattr(OrderLineRow, name) for name in UNITS),
            OrderLineRow.goods_minor,
            OrderLineRow.discount_minor + OrderLineRow.order_discount_minor,
            OrderLineRow.shipping_minor,
            OrderLineRow.tax_minor + OrderLineRow.shipping_tax_minor,
        )
        .where(OrderLineRow.order_id == order_id)
        .order_by(OrderLineRow.position)
    )


document_behind(
    CauseKind.RETURN_RECEIPT_LINE,
    IdKind.RETURN,
    ReturnReceiptLineRow.id,
    ReturnReceiptRow.return_id,
    ReturnReceiptRow.id == ReturnReceiptLineRow.receipt_id,
)
