"""Fulfillment orders, as clients read them."""

from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from oms_api.domain.fulfillment.queries import fulfillment_orders_by_id, pages_of_work_lines, work_held_up
from oms_api.domain.fulfillment.rejections.queries import rejections_by_fulfillment_order
from oms_api.domain.fulfillment.requests.queries import requests_by_fulfillment_order
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderLineRow, FulfillmentOrderRow
from oms_api.domain.fulfillment.verbs import LIFE, WorkFacts
from oms_api.domain.orders.holds.queries import holds_by_fulfillment_order
from oms_api.domain.pickups.queries import latest_pickups
from oms_api.domain.shipping.queries import packages_by_fulfillment_order
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import Connection
from oms_api.graphql.declared.links import leads_to, loaded, many, pages
from oms_api.graphql.declared.records import Record, entity, made
from oms_api.graphql.described import enum, output
from oms_api.graphql.fulfillment.rejections import FulfillmentRejection
from oms_api.graphql.holds.types import Hold
from oms_api.graphql.nodes import Node
from oms_api.graphql.packing.packages import Package
from oms_api.graphql.pickups.types import Pickup
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import FulfillmentOrderId, FulfillmentOrderLineId, IdKind, LocationId

OrderType = Annotated["Order", strawberry.lazy("oms_api.graphql.orders.types")]  # type: ignore[name-defined]  # noqa: F821
OrderLineType = Annotated["OrderLine", strawberry.lazy("oms_api.graphql.orders.types")]  # type: ignore[name-defined]  # noqa: F821
FulfillmentRequestType = Annotated[
    "FulfillmentRequest",  # type: ignore[name-defined]  # noqa: F821
    strawberry.lazy("oms_api.graphql.requests.types"),
]
PickBatchType = Annotated["PickBatch", strawberry.lazy("oms_api.graphql.picking.types")]  # type: ignore[name-defined]  # noqa: F821
enum(FulfillmentOrderStatus)


def _actions(held: Any, status: FulfillmentOrderStatus, on_hold: bool) -> list[AvailableAction]:
    pickup = (held.awaits_pickup, held.offers_pickup)
    facts = WorkFacts(held.on_hold, on_hold, held.incomplete, held.packed, *pickup, held.asked)
    return AvailableAction.of(LIFE.actions(status, facts))


@output
class FulfillmentOrderLine(Node, Record[FulfillmentOrderLineRow]):
    """Units of an order's line that one location has to ship: quantity = shipped + canceled + remaining."""

    id: FulfillmentOrderLineId
    quantity: int
    """Units that were assigned to the location."""
    shipped: int
    """Units that left."""
    canceled: int
    """Units that were canceled, or taken from this line: given to another location, rejected, or missing."""
    packed: int
    """Units in packages that have not left; `remaining` includes them."""
    remaining: int = made(
        lambda quantity, shipped, canceled: quantity - shipped - canceled,
        FulfillmentOrderLineRow.quantity,
        FulfillmentOrderLineRow.shipped,
        FulfillmentOrderLineRow.canceled,
    )
    """Units still to ship."""
    line: OrderLineType = leads_to(FulfillmentOrderLineRow.line_id)
    """The order's line."""


@entity(fulfillment_orders_by_id, Scope.SHIPPING_READ)
class FulfillmentOrder(Node, Record[FulfillmentOrderRow]):
    """The work of one location for one order."""

    id: FulfillmentOrderId
    location_id: LocationId
    """The id of the location that does the work."""
    status: FulfillmentOrderStatus
    """The status."""
    opens_on: date | None = made(
        lambda status, day: day if status is FulfillmentOrderStatus.SCHEDULED else None,
        FulfillmentOrderRow.status,
        FulfillmentOrderRow.opens_on,
    )
    """The day from which a SCHEDULED fulfillment order can be worked on, in the location's time zone; null for other
    statuses."""
    packed: int = loaded(work_held_up, lambda held: held.packed)
    """Units in packages that have not left."""
    leave_by: datetime | None
    """The moment by which the goods must leave: the location's cut-off on the promised shipping day. Null for some seconds
    until it is computed, and for work that was closed before it was computed."""
    on_hold: bool
    """Whether an active hold of the fulfillment order keeps the location from working on it; the whole order may be on hold as
    well."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When it was created; it may have been recorded later."""
    closed_at: datetime | None
    """When it had no work left; null until then."""
    updated_at: datetime
    """When it was last changed in this system."""
    location: Location = leads_to(FulfillmentOrderRow.location_id)
    """The location that does the work."""
    order: OrderType = leads_to(FulfillmentOrderRow.order_id)
    """The order it is part of."""
    lines: Connection[FulfillmentOrderLine] = pages(pages_of_work_lines, FulfillmentOrderLine)
    """The units it has to ship, by line."""
    holds: list[Hold] = many(holds_by_fulfillment_order, Hold)
    """Its own holds, past ones too, oldest first, at most 250. The whole order may be on hold as well."""
    rejections: list[FulfillmentRejection] = many(rejections_by_fulfillment_order, FulfillmentRejection)
    """Rejections of its units by its location, oldest first, at most 250."""
    awaits_pickup: bool
    """Whether its units wait for the customer to fetch them. While they wait, no other action can use them."""
    pickup: Pickup | None = leads_to(FulfillmentOrderRow.id, latest_pickups, Pickup)
    """Its latest pickup; null where there was none."""
    pick_batch: PickBatchType | None = leads_to(FulfillmentOrderRow.pick_batch_id)
    """The latest pick batch of the fulfillment order; null where there was none, and after its units were put back."""
    request: FulfillmentRequestType | None = leads_to(
        FulfillmentOrderRow.id, requests_by_fulfillment_order, IdKind.FULFILLMENT_REQUEST, scope=Scope.REQUESTS_READ
    )
    """The request to the supplier, for a location that belongs to a supplier; null for other locations, and for some seconds
    until it is created."""
    packages: list[Package] = many(packages_by_fulfillment_order, Package)
    """Its packages, voided ones too, oldest first, at most 250."""
    available_actions: list[AvailableAction] = loaded(
        work_held_up,
        _actions,
        along=(FulfillmentOrderRow.status, FulfillmentOrderRow.on_hold),
    )
    """The actions on it, and whether each is allowed now."""
