"""Pickups, as clients read them."""

from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from oms_api.domain.events.timeline import PART_EVENTS
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.pickups.policies import MOST_TRIES
from oms_api.domain.pickups.queries import holds_of_pickups, pickups_by_id, pickups_by_order
from oms_api.domain.pickups.states import PickupStatus
from oms_api.domain.pickups.tables import PickupRow
from oms_api.domain.pickups.verbs import LIFE, PickupFacts
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import Connection
from oms_api.graphql.declared.links import leads_to, loaded, many
from oms_api.graphql.declared.records import Record, column, entity, made
from oms_api.graphql.described import enum, output
from oms_api.graphql.nodes import Node
from oms_api.graphql.timeline.types import TimelineEntry, timeline
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import PickupId

OrderType = Annotated["Order", strawberry.lazy("oms_api.graphql.orders.types")]  # type: ignore[name-defined]  # noqa: F821
WorkType = Annotated["FulfillmentOrder", strawberry.lazy("oms_api.graphql.fulfillment.types")]  # type: ignore[name-defined]  # noqa: F821
ShipmentType = Annotated["Shipment", strawberry.lazy("oms_api.graphql.shipping.types")]  # type: ignore[name-defined]  # noqa: F821
enum(PickupStatus)


def _actions(held: Any, status: PickupStatus, tries: int) -> list[AvailableAction]:
    return AvailableAction.of(LIFE.actions(status, PickupFacts(held.order_on_hold, held.on_hold, tries)))


@entity(pickups_by_id, Scope.SHIPPING_READ)
class Pickup(Node, Record[PickupRow]):
    """Goods that a customer fetches at the location of their fulfillment order."""

    id: PickupId
    status: PickupStatus
    """The status."""
    code: str | None = column(PickupRow.code, scope=Scope.CUSTOMERS_READ)
    """The code to send to the customer; null when the pickup is over. The goods are handed over only to a person who gives the
    code."""
    wrong_tries: int = column(PickupRow.tries)
    """The number of wrong codes given since the present code was made."""
    locked: bool = made(lambda tries: tries >= MOST_TRIES, PickupRow.tries)
    """Whether too many wrong codes were given: the code must be renewed before the goods are handed over."""
    ready_at: datetime
    """When the goods were ready."""
    remind_on: date | None
    """The day on which the customer is to be reminded, in the location's time zone; null for no reminder."""
    reminded_at: datetime | None
    """When the event PICKUP_REMINDER_DUE was emitted; null until then."""
    collect_by: date
    """The last day on which the goods wait, in the location's time zone. After that day they are canceled and back in stock."""
    closed_at: datetime | None
    """When the goods were fetched, or stopped waiting; null while they wait."""
    collected_by: str | None = column(PickupRow.collected_by, scope=Scope.CUSTOMERS_READ)
    """The name of the person who fetched the goods; null where none was given."""
    version: int
    """Increases with every change."""
    updated_at: datetime
    """When it was last changed in this system."""
    location: Location = leads_to(PickupRow.location_id)
    """The location where the goods wait."""
    order: OrderType = leads_to(PickupRow.order_id)
    """The order that the goods belong to."""
    fulfillment_order: WorkType = leads_to(PickupRow.fulfillment_order_id)
    """The fulfillment order with the goods."""
    shipment: ShipmentType | None = leads_to(PickupRow.shipment_id)
    """The shipment that records the hand-over; null until the goods are handed over."""
    timeline: Connection[TimelineEntry] = timeline(PART_EVENTS, "order_id", "id")
    """All that happened to the pickup, as far as the API key may see it."""
    available_actions: list[AvailableAction] = loaded(holds_of_pickups, _actions, along=(PickupRow.status, PickupRow.tries))
    """The actions on it, and whether each is allowed now."""


@output
class PickupsOfOrder(Record[OrderRow]):
    """The field of an order that shows its pickups; `Order` inherits it."""

    pickups: list[Pickup] = many(pickups_by_order, Pickup, scope=Scope.SHIPPING_READ)
    """Its pickups, oldest first, at most 250."""
