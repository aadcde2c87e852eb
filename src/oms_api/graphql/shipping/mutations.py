"""Shipping and delivering."""

from datetime import datetime

from oms_api.domain.fulfillment.policies import LineToShip
from oms_api.domain.returns.states import Disposition
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import input_type, output
from oms_api.graphql.payloads import Payload
from oms_api.graphql.shipping.types import Shipment
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import FulfillmentOrderId, FulfillmentOrderLineId, LineId, LocationId, PackageId, ShipmentId
from oms_api.workflows.deliver_shipment import MarkDelivered, mark_delivered
from oms_api.workflows.mark_package import MarkLost, MarkReturned, mark_lost, mark_returned
from oms_api.workflows.ship_order import CreateShipment, create_shipment


@input_type
class ShipmentCreateLineInput(Input[LineToShip]):
    """Shipped units of one line. Give one of the two ids."""

    fulfillment_order_line_id: FulfillmentOrderLineId | None = becomes("work_line_id", default=None)
    """The line of the fulfillment order."""
    line_id: LineId | None = None
    """The order's line."""
    quantity: int
    """Units, at least 1, at most the remaining units."""


@input_type
class ShipmentCreateInput(Input[CreateShipment]):
    """The packages that leave a location, or units of a fulfillment order that leave in one package."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the shipment that the first call made."""
    fulfillment_order_id: FulfillmentOrderId | None = None
    """The fulfillment order to ship; needed without `packageIds`."""
    package_ids: list[PackageId] | None = None
    """Packages with the status DRAFT or LABEL_PURCHASED, all of one fulfillment order, at most 250. Exactly the contents of
    these packages are shipped."""
    lines: list[ShipmentCreateLineInput] | None = None
    """The units to ship, a row for each line; only without `packageIds`. By default all remaining units of the fulfillment
    order."""
    carrier: str | None = None
    """The carrier."""
    tracking_number: str | None = None
    """The carrier's tracking number."""
    tracking_url: str | None = None
    """A web page that tracks the package: https://..."""
    occurred_at: datetime | None = None
    """When the shipment left; by default now. Never in the future, never before the order was placed. Needs the scope
    `orders:import`."""


@input_type
class ShipmentMarkDeliveredInput(Input[MarkDelivered]):
    """The shipment that arrived."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the shipment."""
    shipment_id: ShipmentId
    """The shipment. Its packages that are on their way are marked as delivered. If none is on its way, the lost packages are
    marked as delivered."""
    expected_version: int | None = None
    """The version of the shipment that the change is based on; any other is refused."""
    occurred_at: datetime | None = None
    """When the shipment arrived; by default now. Never in the future, never before it left. Needs the scope `orders:import`."""


@input_type
class PackageMarkLostInput(Input[MarkLost]):
    """The package that was lost."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the shipment."""
    package_id: PackageId
    """The package."""
    occurred_at: datetime | None = None
    """When the package was lost; by default now. Never in the future, never before it left. Needs the scope `orders:import`."""


@input_type
class PackageMarkReturnedInput(Input[MarkReturned]):
    """The package that came back, its location, and the treatment of its units."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the shipment."""
    package_id: PackageId
    """The package; a lost package may come back too."""
    location_id: LocationId | None = None
    """The location that the package came to; by default the location that it left."""
    disposition: Disposition = Disposition.RESTOCK
    """The treatment of all units in the package."""
    occurred_at: datetime | None = None
    """When the package came; by default now. Never in the future, never before it left. Needs the scope `orders:import`."""


@output
class ShipmentCreatePayload(Payload):
    """The shipment, or why nothing was shipped."""

    shipment: Shipment | None = None
    """The shipment. Where `replayed` is true, this is its present state."""


@output
class ShipmentMarkDeliveredPayload(Payload):
    """The shipment after its arrival, or why nothing was recorded."""

    shipment: Shipment | None = None
    """The shipment. Where `replayed` is true, this is its present state."""


@output
class PackageMarkLostPayload(Payload):
    """The package's shipment, or why nothing was recorded."""

    shipment: Shipment | None = None
    """The shipment. Where `replayed` is true, this is its present state."""


@output
class PackageMarkReturnedPayload(Payload):
    """The package's shipment, or why nothing was recorded."""

    shipment: Shipment | None = None
    """The shipment. Where `replayed` is true, this is its present state."""


@output
class ShippingMutations:
    """Shipping and delivering."""

    shipment_create = carries_out(
        create_shipment, ShipmentCreateInput, ShipmentCreatePayload, Scope.SHIPPING_WRITE, describes="The units shipped."
    )
    """Ship packages that are packed already, or ship remaining units of a fulfillment order (all or some) in one new package.
    The units leave the location's stock, and the fulfillment order closes when no units remain. Lots that expire first leave
    first; expired lots never leave. Fails where more units are named than remain."""
    shipment_mark_delivered = carries_out(
        mark_delivered,
        ShipmentMarkDeliveredInput,
        ShipmentMarkDeliveredPayload,
        Scope.SHIPPING_WRITE,
        describes="The shipment.",
    )
    """Record that a shipment arrived, including a lost package that turned up. The order is completed once all of its units
    arrived or were canceled."""
    package_mark_lost = carries_out(
        mark_lost, PackageMarkLostInput, PackageMarkLostPayload, Scope.SHIPPING_WRITE, describes="The package."
    )
    """Record that a package was lost on the way. The order no longer waits for the units of the package, so the order can be
    completed; no stock moves, and the amount due stays until a refund for LOST is granted. Fails while units of the package
    belong to a return."""
    package_mark_returned = carries_out(
        mark_returned, PackageMarkReturnedInput, PackageMarkReturnedPayload, Scope.SHIPPING_WRITE, describes="The package."
    )
    """Record that a package came back undelivered. Its units enter stock, in the lots they left with, and the order can be
    completed; the amount due stays until a refund is granted. Fails while units of the package belong to a return."""
