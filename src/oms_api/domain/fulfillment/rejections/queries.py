"""Reading rejections, which are seen by whoever sees the fulfillment order."""

from sqlalchemy import ColumnElement

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Several, by, of
from oms_api.domain.channels.queries import visible_channels, visible_locations
from oms_api.domain.fulfillment.rejections.tables import FulfillmentRejectionLineRow, FulfillmentRejectionRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import FulfillmentOrderId, RejectionId
from oms_api.kernel.paging import LARGEST_PAGE

OLDEST_FIRST = Ordering("id", (FulfillmentRejectionRow.id,))


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limits of channels and locations, as conditions."""
    row = FulfillmentRejectionRow
    return [*visible_channels(sight, row.channel_id), *visible_locations(sight, row.location_id)]


rejections_by_id: One[RejectionId, FulfillmentRejectionRow] = by(FulfillmentRejectionRow.id, visible=visible_to)
rejections_by_fulfillment_order: Several[FulfillmentOrderId, FulfillmentRejectionRow] = of(
    FulfillmentRejectionRow.fulfillment_order_id, order=OLDEST_FIRST, first=LARGEST_PAGE
)
"""The first 250 rejections of each fulfillment order, oldest first; the fulfillment orders were seen before."""
rejection_lines: Several[RejectionId, FulfillmentRejectionLineRow] = of(
    FulfillmentRejectionLineRow.rejection_id, order=Ordering("id", (FulfillmentRejectionLineRow.id,)), first=LARGEST_PAGE
)
