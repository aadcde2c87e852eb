"""Reading pickups: what a principal may see, and in which order."""

from sqlalchemy import ColumnElement

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Several, by, of, required
from oms_api.domain.channels.queries import visible_channels, visible_locations
from oms_api.domain.pickups.tables import PickupRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import FulfillmentOrderId, IdKind, OrderId, PickupId
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
pickups_by_fulfillment_order: Several[FulfillmentOrderId, PickupRow] = of(
    PickupRow.fulfillment_order_id, order=OLDEST_FIRST, visible=visible_to, first=LARGEST_PAGE
)
