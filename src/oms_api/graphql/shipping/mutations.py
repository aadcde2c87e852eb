"""Shipping and delivering."""

from datetime import datetime
from typing import Annotated

import strawberry

from oms_api.domain.fulfillment.policies import LineToShip
from oms_api.domain.shipping.queries import shipment_by_id
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.filters import id_at
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.graphql.rows import each_row
from oms_api.graphql.shipping.types import Shipment
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind
from oms_api.workflows.deliver_shipment import MarkDelivered, mark_delivered
from oms_api.workflows.ship_order import CreateShipment, create_shipment


@input_type
class ShipmentCreateLineInput:
    """Units of one line that leave, the line named by one of the two ids."""

    fulfillment_order_line_id: strawberry.ID | None = None
    """The line of the fulfillment order."""
    line_id: strawberry.ID | None = None
    """The order's line."""
    quantity: int
    """How many units, at least 1, at most what remains."""

    def to_line(self, *path: str | int) -> LineToShip:
        """Return the line as the domain takes it. Raises: InvalidId."""
        work_line, line = self.fulfillment_order_line_id, self.line_id
        return LineToShip(
            quantity=self.quantity,
            work_line_id=None
            if work_line is None
            else id_at(IdKind.FULFILLMENT_ORDER_LINE, work_line, *path, "fulfillmentOrderLineId"),
            line_id=None if line is None else id_at(IdKind.LINE, line, *path, "lineId"),
        )


@input_type
class ShipmentCreateInput:
    """What leaves a location, in one package."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the shipment made first; kept 72 hours."""
    fulfillment_order_id: strawberry.ID
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

    def to_command(self) -> CreateShipment:
        """Return the command. Raises: InvalidId."""
        return CreateShipment(
            idempotency_key=self.idempotency_key,
            fulfillment_order_id=id_at(IdKind.FULFILLMENT_ORDER, self.fulfillment_order_id, "fulfillmentOrderId"),
            lines=None if self.lines is None else each_row("lines", self.lines, ShipmentCreateLineInput.to_line),
            carrier=self.carrier,
            tracking_number=self.tracking_number,
            tracking_url=self.tracking_url,
            occurred_at=self.occurred_at,
        )


@input_type
class ShipmentMarkDeliveredInput:
    """Which shipment arrived."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the shipment; kept 72 hours."""
    shipment_id: strawberry.ID
    """The shipment; all its packages that are on their way count as delivered."""
    occurred_at: datetime | None = None
    """When it arrived, if not now; needs the scope `orders:import`, never in the future or before it left."""

    def to_command(self) -> MarkDelivered:
        """Return the command. Raises: InvalidId."""
        return MarkDelivered(
            idempotency_key=self.idempotency_key,
            shipment_id=id_at(IdKind.SHIPMENT, self.shipment_id, "shipmentId"),
            occurred_at=self.occurred_at,
        )


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
class ShippingMutations:
    """Shipping and delivering."""

    @mutation(
        Scope.SHIPPING_WRITE,
        description="Ship all or part of what remains of a fulfillment order. Its promised units leave the location's stock, "
        "and the fulfillment order closes when nothing is left. Of goods with lots those leave first that expire first, and "
        "never what has expired. Fails where more is asked for than was promised from there.",
    )
    async def shipment_create(
        self, info: Info, input: Annotated[ShipmentCreateInput, argument("What leaves.")]
    ) -> ShipmentCreatePayload:
        done = await once(info, input, create_shipment, again=shipment_by_id)
        return ShipmentCreatePayload(shipment=Shipment.of(done.value), replayed=done.replayed)

    @mutation(
        Scope.SHIPPING_WRITE,
        description="Record that a shipment arrived. An order of which everything was canceled or has arrived is completed.",
    )
    async def shipment_mark_delivered(
        self, info: Info, input: Annotated[ShipmentMarkDeliveredInput, argument("What arrived.")]
    ) -> ShipmentMarkDeliveredPayload:
        done = await once(info, input, mark_delivered, again=shipment_by_id)
        return ShipmentMarkDeliveredPayload(shipment=Shipment.of(done.value), replayed=done.replayed)
