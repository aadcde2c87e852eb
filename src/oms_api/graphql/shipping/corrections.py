"""Correcting and undoing shipments."""

from datetime import datetime

import strawberry

from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import input_type, output
from oms_api.graphql.packing.packages import Package
from oms_api.graphql.payloads import Payload
from oms_api.graphql.shipping.types import Shipment
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import FulfillmentOrderLineId, LineId, PackageId, ShipmentId
from oms_api.workflows.cancel_shipment import CancelShipment, cancel_shipment
from oms_api.workflows.mark_package import MarkFound, mark_found
from oms_api.workflows.update_shipment import AddPackage, LineToMove, UpdateShipment, add_package, update_shipment


@input_type
class ShipmentUpdateInput(Input[UpdateShipment]):
    """Corrections of a shipment; fields left out stay as they are."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the shipment."""
    shipment_id: ShipmentId
    """The shipment."""
    expected_version: int | None = None
    """The version of the shipment that the change is based on; any other is refused."""
    package_id: PackageId | None = None
    """The package whose carrier and tracking are corrected; by default all packages. It must be given to correct the tracking
    of a shipment with several packages."""
    carrier: str | None = strawberry.UNSET
    """The carrier."""
    tracking_number: str | None = strawberry.UNSET
    """The carrier's tracking number."""
    tracking_url: str | None = strawberry.UNSET
    """A web page that tracks the package: https://..."""
    method: str | None = strawberry.UNSET
    """The shipping method, such as "Express"."""


@input_type
class ShipmentCancelInput(Input[CancelShipment]):
    """The shipment to undo."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the shipment."""
    shipment_id: ShipmentId
    """The shipment. All of its packages must be SHIPPED."""
    expected_version: int | None = None
    """The version of the shipment that the change is based on; any other is refused."""


@input_type
class PackageAddLineInput(Input[LineToMove]):
    """Units of one line that are in the added package. Give one of the two ids."""

    fulfillment_order_line_id: FulfillmentOrderLineId | None = None
    """The line of the fulfillment order."""
    line_id: LineId | None = None
    """The order's line."""
    quantity: int
    """Units, at least 1 and at most the units that were recorded in the package of `fromPackageId`."""


@input_type
class PackageAddInput(Input[AddPackage]):
    """One more package of a shipment that has already left."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the package."""
    shipment_id: ShipmentId
    """The shipment."""
    expected_version: int | None = None
    """The version of the shipment that the change is based on; any other is refused."""
    from_package_id: PackageId | None = None
    """The package that the units were recorded in. Not needed where the shipment has only one package."""
    lines: list[PackageAddLineInput] = strawberry.field(default_factory=list)
    """The units in the added package; none by default."""
    carrier: str | None = None
    """The carrier."""
    tracking_number: str | None = None
    """The carrier's tracking number."""
    tracking_url: str | None = None
    """A web page that tracks the package: https://..."""


@input_type
class PackageMarkFoundInput(Input[MarkFound]):
    """The lost package that turned up."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the shipment."""
    package_id: PackageId
    """The package: it must be LOST."""
    occurred_at: datetime | None = None
    """When the package turned up; by default now. Never in the future, never before it left. Needs the scope
    `orders:import`."""


@output
class ShipmentUpdatePayload(Payload):
    """The shipment as it is now, or why it was not corrected."""

    shipment: Shipment | None = None
    """The shipment. Where `replayed` is true, this is its present state."""


@output
class ShipmentCancelPayload(Payload):
    """The shipment that was undone, or why it was not."""

    shipment: Shipment | None = None
    """The shipment. Where `replayed` is true, this is its present state."""


@output
class PackageAddPayload(Payload):
    """The added package, or why it was not recorded."""

    package: Package | None = None
    """The package. Where `replayed` is true, this is its present state."""


@output
class PackageMarkFoundPayload(Payload):
    """The package's shipment, or why nothing was recorded."""

    shipment: Shipment | None = None
    """The shipment. Where `replayed` is true, this is its present state."""


@output
class ShippingCorrections:
    """Correcting and undoing what left."""

    shipment_update = carries_out(
        update_shipment, ShipmentUpdateInput, ShipmentUpdatePayload, Scope.SHIPPING_WRITE, describes="The corrections."
    )
    """Correct carrier, tracking or method of a shipment that left."""
    shipment_cancel = carries_out(
        cancel_shipment, ShipmentCancelInput, ShipmentCancelPayload, Scope.SHIPPING_WRITE, describes="The shipment."
    )
    """Undo a shipment before the carrier's first scan and within the channel's `cancelShipmentWithinMinutes`. Its units
    return to their lots in stock and stay promised to the order; the fulfillment order is open again. Labels stay bought until
    they are voided. Fails while units belong to a return."""
    package_add = carries_out(add_package, PackageAddInput, PackageAddPayload, Scope.SHIPPING_WRITE, describes="The package.")
    """Record one more package of a shipment that has already left, with units that were recorded in another package, or without
    units. No stock moves."""
    package_mark_found = carries_out(
        mark_found, PackageMarkFoundInput, PackageMarkFoundPayload, Scope.SHIPPING_WRITE, describes="The package."
    )
    """Record that a lost package turned up and is on its way again. A completed order is open again until the package
    arrives."""
