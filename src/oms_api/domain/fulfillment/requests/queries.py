"""Reading requests: who sees both the location and the supplier sees them, and the channel."""

from sqlalchemy import ColumnElement

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, by, required
from oms_api.domain.channels.queries import visible_channels, visible_locations
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.purchasing.suppliers import visible_suppliers
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import FulfillmentOrderId, FulfillmentRequestId, IdKind

OLDEST_FIRST = Ordering("created_at_asc", (FulfillmentRequestRow.created_at, FulfillmentRequestRow.id))
NEWEST_FIRST = Ordering("created_at_desc", (FulfillmentRequestRow.created_at, FulfillmentRequestRow.id), descending=True)


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limits of channels, locations and suppliers, as conditions."""
    row = FulfillmentRequestRow
    places = [*visible_channels(sight, row.channel_id), *visible_locations(sight, row.location_id)]
    return [*places, *visible_suppliers(sight, row.supplier_id)]


requests_by_id: One[FulfillmentRequestId, FulfillmentRequestRow] = by(FulfillmentRequestRow.id, visible=visible_to)
request_by_id = required(requests_by_id, "request", IdKind.FULFILLMENT_REQUEST)
"""A request. Raises: NotFound, also for one outside the principal's limits."""
requests_by_fulfillment_order: One[FulfillmentOrderId, FulfillmentRequestRow] = by(
    FulfillmentRequestRow.fulfillment_order_id, visible=visible_to
)
"""The request of each fulfillment order that has one."""
