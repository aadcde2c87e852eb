"""Shipping and delivering."""

from datetime import datetime

from oms_api.domain.fulfillment.policies import LineToShip
from oms_api.domain.returns.states import Disposition
from oms_api.domain.shipping.queries import shipment_by_id
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
    """Units of one line that leave, the line named by one of the two ids."""

    fulfillment_order_line_id: FulfillmentOrderLineId | None = becomes("work_line_id", default=None)
    """The line of the fulfillment order."""
    line_id: LineId | None = None
    """The order's line."""
    quantity: int
    """How many units, at least 1, at most what remains."""


@input_type
class ShipmentCreateInput(Input[CreateShipment]):
    """What leaves a location, in one package."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the shipment made first; kept 72 hours."""
    fulfillment_order_id: FulfillmentOrderId
    """The fulfillment order that asked for it."""
    lines: list[ShipmentCreateLineInput] | None = None
    """Quantities of its lines; without it everything that remains."""
    carrier: str | None = None
    """Who carries it."""
    tracking_number: str | None = None
    """The carrier's number of the package."""
    tracking_url: str | None = None
    """A page that shows where the package is: https://..."""
    occurred_at: datetime | None = None
    """When it left, if not now; needs the scope `orders:import`, never in the future or before the order."""


@input_type
class ShipmentMarkDeliveredInput(Input[MarkDelivered]):
    """Which shipment arrived."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the shipment; kept 72 hours."""
    shipment_id: ShipmentId
    """The shipment; all its packages that are on their way count as delivered, or where none is, those that were lost."""
    occurred_at: datetime | None = None
    """When it arrived, if not now; needs the scope `orders:import`, never in the future or before it left."""


@input_type
class PackageMarkLostInput(Input[MarkLost]):
    """Which package was lost."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the shipment; kept 72 hours."""
    package_id: PackageId
    """The package."""
    occurred_at: datetime | None = None
    """When it was lost, if not now; needs the scope `orders:import`, never in the future or before it left."""


@input_type
class PackageMarkReturnedInput(Input[MarkReturned]):
    """Which package came back, where, and what becomes of its units."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the shipment; kept 72 hours."""
    package_id: PackageId
    """The package; one that was lost may come back, too."""
    location_id: LocationId | None = None
    """Where it came to; without it the location it had left."""
    disposition: Disposition = Disposition.RESTOCK
    """What becomes of all its units."""
    occurred_at: datetime | None = None
    """When it came, if not now; needs the scope `orders:import`, never in the future or before it left."""


@output
class ShipmentCreatePayload(Payload):
    """The shipment, or why nothing left."""

    shipment: Shipment | None = None
    """The shipment; on a replay as it is now."""


@output
class ShipmentMarkDeliveredPayload(Payload):
    """The shipment after its arrival, or why nothing was recorded."""

    shipment: Shipment | None = None
    """The shipment; on a replay as it is now."""


@output
class PackageMarkLostPayload(Payload):
    """The package's shipment, or why nothing was recorded."""

    shipment: Shipment | None = None
    """The shipment; on a replay as it is now."""


@output
class PackageMarkReturnedPayload(Payload):
    """The package's shipment, or why nothing was recorded."""

    shipment: Shipment | None = None
    """The shipment; on a replay as it is now."""


@output
class ShippingMutations:
    """Shipping and delivering."""

    shipment_create = carries_out(
        create_shipment,
        ShipmentCreateInput,
        ShipmentCreatePayload,
        Scope.SHIPPING_WRITE,
        again=shipment_by_id,
        told="What leaves.",
    )
    """Ship all or part of what remains of a fulfillment order. Its promised units leave the location's stock, and the
    fulfillment order closes when nothing is left. Of goods with lots those leave first that expire first, and never what
    has expired. Fails where more is asked for than was promised from there."""
    shipment_mark_delivered = carries_out(
        mark_delivered,
        ShipmentMarkDeliveredInput,
        ShipmentMarkDeliveredPayload,
        Scope.SHIPPING_WRITE,
        again=shipment_by_id,
        told="What arrived.",
    )
    """Record that a shipment arrived. An order of which everything was canceled or has arrived is completed. A lost package
    that arrived after all is recorded by this, too."""
    package_mark_lost = carries_out(
        mark_lost,
        PackageMarkLostInput,
        PackageMarkLostPayload,
        Scope.SHIPPING_WRITE,
        again=shipment_by_id,
        told="What was lost.",
    )
    """Record that a package was lost on the way. Its units are no longer waited for, so that the order can be completed; no
    stock moves, and what is due stays until a refund for LOST is granted. Fails while units of it are on a return."""
    package_mark_returned = carries_out(
        mark_returned,
        PackageMarkReturnedInput,
        PackageMarkReturnedPayload,
        Scope.SHIPPING_WRITE,
        again=shipment_by_id,
        told="What came back.",
    )
    """Record that a package came back undelivered. Its units come into stock, of the lots that they left with, and the order
    can be completed; what is due stays until a refund is granted. Fails while units of it are on a return."""
