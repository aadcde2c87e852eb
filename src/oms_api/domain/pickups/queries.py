"""Reading pickups within a principal's sight, in their orders."""

from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.dialects.postgresql import distinct_on

from oms_api.db.keyset import Ordering
from oms_api.db.relations import Keys, One, Several, by, of, one_for, required
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_channels, visible_locations
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.pickups.tables import PickupRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import IdKind, OrderId, PickupId
from oms_api.kernel.paging import LARGEST_PAGE

NEWEST_FIRST = Ordering("ready_at_desc", (PickupRow.ready_at, PickupRow.id), descending=True)
OLDEST_FIRST = Ordering("ready_at_asc", (PickupRow.ready_at, PickupRow.id))
MOST_URGENT = Ordering("collect_by_asc", (PickupRow.collect_by, PickupRow.id))


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limits of channels and locations, as conditions."""
    return [*visible_channels(sight, PickupRow.channel_id), *visible_locations(sight, PickupRow.location_id)]


pickups_by_id: One[PickupId, PickupRow] = by(PickupRow.id, visible=visible_to)
pickup_by_id = required(pickups_by_id, "pickup", IdKind.PICKUP)
pickups_by_order: Several[OrderId, PickupRow] = of(
    PickupRow.order_id, order=OLDEST_FIRST, visible=visible_to, first=LARGEST_PAGE
)


@one_for("fulfillment_order_id")
def latest_pickups(works: Keys, sight: Sight) -> Select[PickupRow]:
    """Relate fulfillment orders to the pickup that their goods wait for, or waited for last."""
    row = PickupRow
    return (
        select(row)
        .where(among(row.fulfillment_order_id, works), *visible_to(sight))
        .ext(distinct_on(row.fulfillment_order_id))
        .order_by(row.fulfillment_order_id, row.ready_at.desc(), row.id.desc())
    )


@one_for("id")
def holds_of_pickups(pickups: Keys, _sight: Sight) -> Select[Any, bool, bool]:
    """Find whether the order and the fulfillment order of each pickup, seen before, are on hold."""
    found = select(PickupRow.id, OrderRow.on_hold.label("order_on_hold"), FulfillmentOrderRow.on_hold)
    found = found.join(OrderRow, OrderRow.id == PickupRow.order_id)
    found = found.join(FulfillmentOrderRow, FulfillmentOrderRow.id == PickupRow.fulfillment_order_id)
    return found.where(among(PickupRow.id, pickups))
