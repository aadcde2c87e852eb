"""Shipments, as clients read them."""

from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from oms_api.domain.shipping.policies import available_actions
from oms_api.domain.shipping.states import PackageStatus, ShipmentStatus
from oms_api.domain.shipping.tables import PackageRow, ShipmentRow
from oms_api.domain.shipping.tables import ShipmentLine as LineRow
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import enum, output
from oms_api.graphql.fulfillment.types import (
    FulfillmentOrder,
    OrderLineType,
    OrderType,
    fetch_fulfillment_order,
    location_of,
    order_line_of,
    order_of,
)
from oms_api.graphql.nodes import Node, fetches
from oms_api.graphql.permissions import field
from oms_api.graphql.shipping.loaders import LinesByShipment, PackagesByShipment, ShipmentById
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.paging import PageRequest

enum(PackageStatus)
enum(ShipmentStatus)


@output
class Package:
    """One parcel on its way."""

    id: strawberry.ID
    """The id."""
    status: PackageStatus
    """Where it is."""
    carrier: str | None
    """Who carries it."""
    tracking_number: str | None
    """The carrier's number of it."""
    tracking_url: str | None
    """A page that shows where it is."""
    delivered_at: datetime | None
    """When it arrived."""

    @classmethod
    def of(cls, row: PackageRow) -> Self:
        """Describe a stored package."""
        return cls(
            id=strawberry.ID(text_id(IdKind.PACKAGE, row.id)),
            status=row.status,
            carrier=row.carrier,
            tracking_number=row.tracking_number,
            tracking_url=row.tracking_url,
            delivered_at=row.delivered_at,
        )


@output
class ShipmentLine:
    """Units of an order's line in a shipment."""

    row: strawberry.Private[LineRow]
    id: strawberry.ID
    """The id."""
    quantity: int
    """How many units."""
    package_id: strawberry.ID
    """The package they are in."""
    fulfillment_order_line_id: strawberry.ID
    """The line of the fulfillment order that asked for them."""

    @classmethod
    def of(cls, row: LineRow) -> Self:
        """Describe a stored line."""
        return cls(
            row=row,
            id=strawberry.ID(text_id(IdKind.SHIPMENT_LINE, row.id)),
            quantity=row.quantity,
            package_id=strawberry.ID(text_id(IdKind.PACKAGE, row.package_id)),
            fulfillment_order_line_id=strawberry.ID(text_id(IdKind.FULFILLMENT_ORDER_LINE, row.fulfillment_order_line_id)),
        )

    @field(description="The order's line.")
    async def line(self, info: Info) -> OrderLineType:
        return await order_line_of(info, self.row.line_id)


@output
class Shipment(Node):
    """Goods of one order that left one location together."""

    row: strawberry.Private[ShipmentRow]
    location_id: strawberry.ID
    """The id of the location they left."""
    status: ShipmentStatus
    """Where they are, by the packages."""
    shipped_at: datetime
    """When they left, by the business's clock."""
    delivered_at: datetime | None
    """When the last package arrived."""
    recorded_at: datetime
    """When the shipment was recorded here."""

    @classmethod
    def of(cls, row: ShipmentRow) -> Self:
        """Describe a stored shipment."""
        return cls(
            id=strawberry.ID(text_id(IdKind.SHIPMENT, row.id)),
            row=row,
            location_id=strawberry.ID(text_id(IdKind.LOCATION, row.location_id)),
            status=row.status,
            shipped_at=row.shipped_at,
            delivered_at=row.delivered_at,
            recorded_at=row.recorded_at,
        )

    @field(description="The location they left.")
    async def location(self, info: Info) -> Location:
        return await location_of(info, self.row.location_id)

    @field(description="The order they belong to.")
    async def order(self, info: Info) -> OrderType:
        return await order_of(info, self.row.order_id)

    @field(description="The fulfillment order that asked for them.")
    async def fulfillment_order(self, info: Info) -> FulfillmentOrder | None:
        return await fetch_fulfillment_order(info, self.row.fulfillment_order_id)

    @field(description="The parcels.")
    async def packages(self, info: Info) -> list[Package]:
        return [Package.of(row) for row in await info.context.loader(PackagesByShipment).load(self.row.id)]

    @field(description="What is in them.")
    async def lines(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ShipmentLine]:
        loader = info.context.loader(LinesByShipment, PageRequest.of(first, after, last, before))
        return Connection.of(await loader.load(self.row.id), ShipmentLine.of)

    @field(description="What can be done with it now, and what stands in the way.")
    async def available_actions(self, info: Info) -> list[AvailableAction]:
        packages = await info.context.loader(PackagesByShipment).load(self.row.id)
        statuses = [package.status for package in packages]
        return AvailableAction.of(available_actions(self.row.status, statuses, self.row.delivered_at))


@fetches(IdKind.SHIPMENT, Scope.SHIPPING_READ)
async def fetch_shipment(info: Info, key: UUID) -> Shipment | None:
    """Return a shipment, if the caller may see it."""
    row = await info.context.loader(ShipmentById).load(key)
    return Shipment.of(row) if row else None
