"""Backorders, oversell rules and promises, as clients read them."""

from datetime import date, datetime
from typing import Self, cast
from uuid import UUID

import strawberry

from oms_api.domain.channels.states import Oversell
from oms_api.domain.fulfillment.backorders.queries import backorders_by_id
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.domain.inventory.promising import Part, SupplyKind
from oms_api.domain.purchasing.incoming import documents_of_supply
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.types import Channel, Location
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import answered, leads_to
from oms_api.graphql.declared.records import Record, column, entity, made
from oms_api.graphql.described import enum, output
from oms_api.graphql.fulfillment.types import OrderType
from oms_api.graphql.nodes import Node, fetch, fetch_if_permitted
from oms_api.graphql.permissions import field
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import BackorderId, IdKind, text_id
from oms_api.workflows.promise_availability import Promised

enum(SupplyKind)


LINES = {SupplyKind.PURCHASE_ORDER: IdKind.PURCHASE_ORDER_LINE, SupplyKind.TRANSFER: IdKind.TRANSFER_LINE}


def supply_line(kind: SupplyKind | None, line_id: UUID | None) -> strawberry.ID | None:
    """Return the id of a supply's line as clients see it."""
    return None if kind is None or line_id is None else strawberry.ID(text_id(LINES[kind], line_id))


async def document_of(info: Info, line_id: UUID | None) -> Node | None:
    """Return the document of a supply's line, if the caller may see it."""
    found = None if line_id is None else await info.context.load(documents_of_supply, line_id)
    return None if found is None else await fetch_if_permitted(info, text_id(*found))


@entity(backorders_by_id, Scope.ORDERS_READ)
class Backorder(Node, Record[BackorderRow]):
    """Units of an order line that wait for goods: quantity = waiting + allocated + canceled."""

    id: BackorderId
    policy: Oversell
    """The rule under which the order was taken."""
    quantity: int
    """Units that had to wait."""
    waiting: int
    """Units that still wait."""
    allocated: int
    """Units that were promised from stock since."""
    canceled: int
    """Units that were canceled."""
    priority: int
    """The order's priority: the highest is served first."""
    placed_at: datetime
    """When the order was placed: of one priority the first is served first."""
    supply: SupplyKind | None = column(BackorderRow.supply_kind)
    """Where the first of the units are expected from; null where nothing is on its way."""
    supply_line_id: strawberry.ID | None = made(supply_line, BackorderRow.supply_kind, BackorderRow.supply_line_id)
    """The line of the purchase order or transfer that brings them."""
    promised_ship_on: date | None = column(BackorderRow.ships_on)
    """The day on which all of them will have left, by the location's clock."""
    promised_delivery_on: date | None = column(BackorderRow.arrives_on)
    """The day on which all of them will have arrived, where the way is known."""
    sku: Sku = leads_to(BackorderRow.sku_id)
    """The goods."""
    channel: Channel | None = leads_to(BackorderRow.channel_id)
    """The channel it was ordered in."""
    location: Location | None = leads_to(BackorderRow.location_id)
    """Where the goods are expected; null where the channel has no location."""
    supply_document: Node | None = answered(lambda info, row: document_of(info, row.supply_line_id))
    """The purchase order or transfer that brings them; null where the key may not see it."""
    order: OrderType = leads_to(BackorderRow.order_id)
    """The order that waits."""


@output
class AvailabilityPart:
    """Units from one place."""

    part: strawberry.Private[Part]
    source: SupplyKind
    """Where they come from."""
    quantity: int
    """How many units."""
    ship_on: date | None
    """When they leave, by the location's clock; null where its calendar has no day for it."""
    delivery_on: date | None
    """When they arrive, where the way is known."""
    supply_line_id: strawberry.ID | None
    """The line of the purchase order or transfer that brings them."""

    @classmethod
    def of(cls, part: Part) -> Self:
        """Describe a part of a promise."""
        return cls(
            part=part,
            source=part.kind,
            quantity=part.quantity,
            ship_on=part.ships_on,
            delivery_on=part.arrives_on,
            supply_line_id=supply_line(part.kind, part.line_id),
        )

    @field(description="The location they leave from.")
    async def location(self, info: Info) -> Location | None:
        return cast("Location | None", await fetch(info, IdKind.LOCATION, self.part.location_id))

    @field(description="The purchase order or transfer that brings them; null for stock, and where the key may not see it.")
    async def supply_document(self, info: Info) -> Node | None:
        return await document_of(info, self.part.line_id)


@output
class AvailabilityPromise:
    """When a line could leave and arrive if it were ordered now."""

    promised: strawberry.Private[Promised]
    quantity: int
    """The units asked for; of a bundle whole sets."""
    sellable: bool
    """Whether the channel would take an order for all of them now."""
    reason: str
    """Why, in words."""
    ship_on: date | None
    """When all of it has left; null where no day is known for some of it."""
    delivery_on: date | None
    """When all of it has arrived; null where that is not known."""
    missing: int
    """Units for which nothing is known to come; of a bundle whole sets."""
    parts: list[AvailabilityPart]
    """Where the units come from, stock first; of a bundle those of its components."""
    components: list["AvailabilityPromise"]
    """Of a bundle what can be promised of each component; empty for others."""

    @classmethod
    def of(cls, promised: Promised) -> "AvailabilityPromise":
        """Describe what can be promised."""
        promise = promised.promise
        return cls(
            promised=promised,
            quantity=promised.quantity,
            sellable=promised.sellable,
            reason=promised.reason,
            ship_on=promise.ships_on,
            delivery_on=promise.arrives_on,
            missing=promise.missing,
            parts=[AvailabilityPart.of(part) for part in promise.parts],
            components=[AvailabilityPromise.of(component) for component in promised.components],
        )

    @field(description="The goods.")
    async def sku(self, info: Info) -> Sku:
        return cast("Sku", await fetch(info, IdKind.SKU, self.promised.sku_id))
