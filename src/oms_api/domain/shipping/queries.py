"""Reading shipments and their contents within a principal's sight, in their orders."""

from sqlalchemy import ColumnElement

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Pages, Several, by, of, one_for, pages_of, required
from oms_api.db.sql import Sql
from oms_api.domain.channels.queries import visible_channels, visible_locations
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.stock_documents import document_behind
from oms_api.domain.shipping.tables import PackageLineRow, PackageRow, ShipmentLineRow, ShipmentRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import FulfillmentOrderId, IdKind, OrderId, PackageId, ShipmentId
from oms_api.kernel.paging import LARGEST_PAGE

NEWEST_FIRST = Ordering("shipped_at_desc", (ShipmentRow.shipped_at, ShipmentRow.id), descending=True)
OLDEST_FIRST = Ordering("shipped_at_asc", (ShipmentRow.shipped_at, ShipmentRow.id))
LINE_ORDER = Ordering("line", (ShipmentLineRow.id,))
PACKAGE_ORDER = Ordering("package", (PackageRow.id,))
CONTENT_ORDER = Ordering("content", (PackageLineRow.id,))
LAST_PACKED_FIRST = Ordering("packed_at_desc", (PackageRow.packed_at, PackageRow.id), descending=True)
LAST_MADE_FIRST = Ordering("package_desc", (PackageRow.id,), descending=True)
FIRST_PACKED_FIRST = Ordering("packed_at_asc", (PackageRow.packed_at, PackageRow.id))


def packages_visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limits of channels and locations, as conditions on packages."""
    return [*visible_channels(sight, PackageRow.channel_id), *visible_locations(sight, PackageRow.location_id)]


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limits of channels and locations, as conditions."""
    return [*visible_channels(sight, ShipmentRow.channel_id), *visible_locations(sight, ShipmentRow.location_id)]


shipments_by_id: One[ShipmentId, ShipmentRow] = by(ShipmentRow.id, visible=visible_to)
"""The shipments that the principal may see."""
shipments_by_order: Several[OrderId, ShipmentRow] = of(
    ShipmentRow.order_id, order=OLDEST_FIRST, visible=visible_to, first=LARGEST_PAGE
)
"""The first 250 shipments of each order that the principal may see, oldest first."""
packages_by_id: One[PackageId, PackageRow] = by(PackageRow.id, visible=packages_visible_to)
packages_by_fulfillment_order: Several[FulfillmentOrderId, PackageRow] = of(
    PackageRow.fulfillment_order_id, order=PACKAGE_ORDER, visible=packages_visible_to, first=LARGEST_PAGE
)
"""The first 250 packages of each fulfillment order, in the order of their making."""
packages_by_number: Several[str | None, PackageRow] = of(
    PackageRow.tracking_number, order=LAST_MADE_FIRST, visible=packages_visible_to, first=20
)
"""The last 20 packages with each tracking number that the principal may see: a carrier may number two parcels alike."""
lines_by_package: Several[PackageId, PackageLineRow] = of(PackageLineRow.package_id, order=CONTENT_ORDER, first=LARGEST_PAGE)
"""The first 250 lines in each package, which was seen before."""
packages_by_shipment: Several[ShipmentId | None, PackageRow] = of(PackageRow.shipment_id, order=PACKAGE_ORDER)
"""The packages of each shipment, in the order of their making."""
pages_of_shipment_lines: Pages[ShipmentId, ShipmentLineRow] = pages_of(ShipmentLineRow.shipment_id, order=LINE_ORDER)
"""A page of the lines of each shipment, in the order of their making."""


shipment_by_id = required(shipments_by_id, "shipment", IdKind.SHIPMENT)
"""A shipment. Raises: NotFound, also for one outside the principal's limits."""

document_behind(
    CauseKind.PACKAGE_LINE,
    IdKind.SHIPMENT,
    PackageLineRow.id,
    PackageRow.shipment_id,
    PackageRow.id == PackageLineRow.package_id,
)
document_behind(CauseKind.SHIPMENT_LINE, IdKind.SHIPMENT, ShipmentLineRow.id, ShipmentLineRow.shipment_id)

minutes_to_cancel = one_for("id")(
    Sql("SELECT id, cancel_shipment_within_minutes AS minutes FROM channel WHERE id = ANY (:id::uuid[])")
)
"""For how many minutes shipments of channels can be canceled."""
