"""Packages, as clients read them."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from oms_api.domain.shipping.queries import lines_by_package, packages_by_id
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.shipping.tables import PackageLineRow, PackageRow
from oms_api.domain.shipping.verbs import LIFE
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.carriers.types import CarriageOfPackage
from oms_api.graphql.declared.links import leads_to, many
from oms_api.graphql.declared.records import Record, entity
from oms_api.graphql.described import enum, output
from oms_api.graphql.nodes import Node
from oms_api.graphql.packing.boxes import Box
from oms_api.graphql.permissions import field
from oms_api.graphql.tracking.alerts import AlertsOfPackage
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import FulfillmentOrderLineId, LocationId, PackageId, PackageLineId

FulfillmentOrderType = Annotated["FulfillmentOrder", strawberry.lazy("oms_api.graphql.fulfillment.types")]  # type: ignore[name-defined]  # noqa: F821
OrderType = Annotated["Order", strawberry.lazy("oms_api.graphql.orders.types")]  # type: ignore[name-defined]  # noqa: F821
OrderLineType = Annotated["OrderLine", strawberry.lazy("oms_api.graphql.orders.types")]  # type: ignore[name-defined]  # noqa: F821
ShipmentType = Annotated["Shipment", strawberry.lazy("oms_api.graphql.shipping.types")]  # type: ignore[name-defined]  # noqa: F821
enum(PackageStatus)


@output
class PackageLine(Record[PackageLineRow]):
    """Units of one line in a package."""

    id: PackageLineId
    """The id."""
    quantity: int
    """Units."""
    fulfillment_order_line_id: FulfillmentOrderLineId
    """The line of the fulfillment order."""
    line: OrderLineType = leads_to(PackageLineRow.line_id)
    """The order's line."""


@entity(packages_by_id, Scope.SHIPPING_READ)
class Package(CarriageOfPackage, AlertsOfPackage, Node, Record[PackageRow]):
    """One parcel of a fulfillment order: packed, labeled, and then on its way."""

    id: PackageId
    status: PackageStatus
    """The status."""
    location_id: LocationId
    """The id of the location that packed the package."""
    length_mm: int | None
    """The length in mm, as given or else that of its box; null where neither is known."""
    width_mm: int | None
    """The width in mm, as given or else that of its box; null where neither is known."""
    height_mm: int | None
    """The height in mm, as given or else that of its box; null where neither is known."""
    weight_g: int | None
    """The weight with contents in g; null where no weight was given and the weight of a SKU in the package is not known."""
    carrier: str | None
    """The carrier."""
    tracking_number: str | None
    """The carrier's tracking number."""
    tracking_url: str | None
    """A web page that tracks it."""
    version: int
    """Increases with every change."""
    packed_at: datetime
    """When it was packed."""
    scanned_at: datetime | None
    """When the carrier first reported the package; null before that."""
    promised_on: date | None
    """The promised day of arrival, counted from the time at which the package had to leave. The delivery days come from its
    label's rate, or else from its location's calendar. Null where no delivery time is known."""
    expected_on: date | None
    """The day on which the package should arrive, counted from when it left; null until it leaves, and where no delivery time
    is known."""
    delivered_at: datetime | None
    """When it arrived."""
    lost_at: datetime | None
    """When the package was lost; null if it never was. The time stays if the package turns up again."""
    returned_at: datetime | None
    """When the package came back undelivered; null if it did not."""
    updated_at: datetime
    """When it was last changed in this system."""
    lines: list[PackageLine] = many(lines_by_package, PackageLine)
    """Its contents, at most 250 lines."""
    box: Box | None = leads_to(PackageRow.box_id)
    """The box that the package is packed into; null for none."""
    fulfillment_order: FulfillmentOrderType | None = leads_to(PackageRow.fulfillment_order_id)
    """The fulfillment order that the package belongs to."""
    order: OrderType = leads_to(PackageRow.order_id)
    """The order that the package belongs to."""
    shipment: ShipmentType | None = leads_to(PackageRow.shipment_id)
    """The shipment that the package left in; null before it leaves."""

    @field(description="The actions on it, and whether each is allowed now.")
    def available_actions(self) -> list[AvailableAction]:
        return AvailableAction.of(LIFE.actions(self.row.status, None))
