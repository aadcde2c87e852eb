"""Shipments, as clients read them."""

from datetime import UTC, datetime

from oms_api.domain.shipping.policies import available_actions
from oms_api.domain.shipping.queries import minutes_to_cancel, packages_by_shipment, pages_of_shipment_lines, shipments_by_id
from oms_api.domain.shipping.states import ShipmentStatus
from oms_api.domain.shipping.tables import ShipmentLineRow, ShipmentRow
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import Connection
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import leads_to, many, pages
from oms_api.graphql.declared.records import Record, entity
from oms_api.graphql.described import enum, output
from oms_api.graphql.fulfillment.types import FulfillmentOrder, OrderLineType, OrderType
from oms_api.graphql.nodes import Node
from oms_api.graphql.packing.packages import Package
from oms_api.graphql.permissions import field
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import FulfillmentOrderLineId, LocationId, PackageId, ShipmentId, ShipmentLineId

enum(ShipmentStatus)


@output
class ShipmentLine(Record[ShipmentLineRow]):
    """Units of an order's line in a shipment."""

    id: ShipmentLineId
    """The id."""
    quantity: int
    """Units."""
    package_id: PackageId
    """The id of the package that the units left in."""
    fulfillment_order_line_id: FulfillmentOrderLineId
    """The id of the fulfillment order's line that the units were shipped for."""
    line: OrderLineType = leads_to(ShipmentLineRow.line_id)
    """The order's line."""


@entity(shipments_by_id, Scope.SHIPPING_READ)
class Shipment(Node, Record[ShipmentRow]):
    """Goods of one order that left one location together."""

    id: ShipmentId
    location_id: LocationId
    """The id of the location that the goods left."""
    status: ShipmentStatus
    """The status, derived from the shipment's packages."""
    version: int
    """Increases with every change."""
    method: str | None
    """The shipping method that was given for the shipment or corrected later; null for none."""
    shipped_at: datetime
    """When the goods left; it may have been recorded later."""
    delivered_at: datetime | None
    """When the last package arrived; null until then."""
    recorded_at: datetime
    """When the shipment was recorded in this system."""
    updated_at: datetime
    """When it was last changed in this system."""
    location: Location = leads_to(ShipmentRow.location_id)
    """The location of departure."""
    order: OrderType = leads_to(ShipmentRow.order_id)
    """The order that the goods belong to."""
    fulfillment_order: FulfillmentOrder | None = leads_to(ShipmentRow.fulfillment_order_id)
    """The fulfillment order that the goods were shipped for."""
    packages: list[Package] = many(packages_by_shipment, Package)
    """The packages."""
    lines: Connection[ShipmentLine] = pages(pages_of_shipment_lines, ShipmentLine)
    """The shipped units, by line."""

    @field(description="The actions on it, and whether each is allowed now.")
    async def available_actions(self, info: Info) -> list[AvailableAction]:
        packages = await info.context.load(packages_by_shipment, self.row.id)
        minutes = await info.context.load(minutes_to_cancel, self.row.channel_id)
        return AvailableAction.of(available_actions(self.row, packages, minutes.minutes, datetime.now(UTC)))
