"""Reading holds, which are seen by whoever sees their order, or the location of their fulfillment order."""

from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from oms_api.db.keyset import Ordering
from oms_api.db.relations import Keys, One, Several, all_for, by, of
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_channels, visible_locations
from oms_api.domain.orders.holds.tables import OrderHoldRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import FulfillmentOrderId, HoldId
from oms_api.kernel.paging import LARGEST_PAGE

OLDEST_FIRST = Ordering("id", (OrderHoldRow.id,))


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limits of channels and locations, as conditions."""
    row = OrderHoldRow
    at = [or_(row.location_id.is_(None), *places) for places in (visible_locations(sight, row.location_id),) if places]
    return [*visible_channels(sight, row.channel_id), *at]


holds_by_id: One[HoldId, OrderHoldRow] = by(OrderHoldRow.id, visible=visible_to)
holds_by_fulfillment_order: Several[FulfillmentOrderId | None, OrderHoldRow] = of(
    OrderHoldRow.fulfillment_order_id, order=OLDEST_FIRST, first=LARGEST_PAGE
)
"""The first 250 holds of each fulfillment order, oldest first; the fulfillment orders were seen before."""


@all_for("order_id")
def holds_by_order(orders: Keys, _sight: Sight) -> Select[Any]:
    """Find the holds of each whole order, oldest first; the orders were seen before."""
    row = OrderHoldRow
    mine = select(row).where(among(row.order_id, orders), row.fulfillment_order_id.is_(None))
    return mine.order_by(row.id)
