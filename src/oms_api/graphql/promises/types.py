"""Backorders, oversell rules and promises, as clients read them."""

from datetime import date, datetime
from typing import Self, cast
from uuid import UUID

import strawberry

from oms_api.domain.channels.states import Oversell
from oms_api.domain.fulfillment.backorders.queries import backorders_by_id
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.domain.inventory.promised_days import PromisablePart, SupplyKind
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
from oms_api.workflows.promise_availability import LinePromise

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
    """The rule under which the order was accepted."""
    quantity: int
    """Units that had to wait."""
    waiting: int
    """Units that still wait."""
    allocated: int
    """Units that waited, and were then allocated from stock."""
    canceled: int
    """Units that were canceled."""
    priority: int
    """The priority of the order: the highest is served first."""
    placed_at: datetime
    """When the order was placed: at equal priority, the oldest is served first."""
    supply: SupplyKind | None = column(BackorderRow.supply_kind)
    """The kind of supply that is expected to bring the first of the units; null where none is on its way."""
    supply_line_id: strawberry.ID | None = made(supply_line, BackorderRow.supply_kind, BackorderRow.supply_line_id)
    """The line of the purchase order or transfer that brings the units; null where none does."""
    promised_ship_on: date | None = column(BackorderRow.ships_on)
    """The day by which all of the units will leave, in the location's time zone; null where it is not known."""
    promised_delivery_on: date | None = column(BackorderRow.arrives_on)
    """The day by which all of the units will arrive; null where the delivery time is not known."""
    sku: Sku = leads_to(BackorderRow.sku_id)
    """The goods."""
    channel: Channel | None = leads_to(BackorderRow.channel_id)
    """The channel it was ordered in."""
    location: Location | None = leads_to(BackorderRow.location_id)
    """The location where the goods are expected; null where the channel has no location."""
    supply_document: Node | None = answered(lambda info, row: document_of(info, row.supply_line_id))
    """The purchase order or transfer that brings the goods; null where the API key may not see it."""
    order: OrderType = leads_to(BackorderRow.order_id)
    """The order that waits."""


@output
class AvailabilityPart:
    """Units of a promise that come from one source."""

    part: strawberry.Private[PromisablePart]
    source: SupplyKind
    """The kind of source."""
    quantity: int
    """Units."""
    ship_on: date | None
    """The day when the units leave, in the location's time zone; null where the location's calendar has no shipping day."""
    delivery_on: date | None
    """The day when the units arrive; null where the delivery time is not known."""
    supply_line_id: strawberry.ID | None
    """The line of the purchase order or transfer that brings the units; null where none does."""

    @classmethod
    def of(cls, part: PromisablePart) -> Self:
        """Describe a part of a promise."""
        return cls(
            part=part,
            source=part.kind,
            quantity=part.quantity,
            ship_on=part.ships_on,
            delivery_on=part.arrives_on,
            supply_line_id=supply_line(part.kind, part.line_id),
        )

    @field(description="The location that the units leave from.")
    async def location(self, info: Info) -> Location | None:
        return cast("Location | None", await fetch(info, IdKind.LOCATION, self.part.location_id))

    @field(
        description="The purchase order or transfer that brings the units; null for stock, and where the API key may not see "
        "it."
    )
    async def supply_document(self, info: Info) -> Node | None:
        return await document_of(info, self.part.line_id)


@output
class AvailabilityPromise:
    """The days when a line would leave and arrive if it were ordered now."""

    promised: strawberry.Private[LinePromise]
    quantity: int
    """The units asked for. For a bundle: the number of complete bundles."""
    sellable: bool
    """Whether the channel would accept an order for all of the units now."""
    reason: str
    """The reason for this answer, in words."""
    ship_on: date | None
    """The day by which all units will have left; null where it is not known for some of them."""
    delivery_on: date | None
    """The day by which all units will have arrived; null where it is not known."""
    missing: int
    """Units without any known supply. For a bundle: the number of complete bundles."""
    parts: list[AvailabilityPart]
    """The sources of the units, stock first; for a bundle, the sources of its components."""
    components: list["AvailabilityPromise"]
    """The promise for each component of a bundle; empty for other SKUs."""

    @classmethod
    def of(cls, promised: LinePromise) -> "AvailabilityPromise":
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
