"""Backorders, oversell rules and promises, as clients read them."""

from datetime import date, datetime
from typing import Self, cast
from uuid import UUID

import strawberry

from oms_api.domain.catalog.tables import Sku as SkuRow
from oms_api.domain.channels.states import Oversell
from oms_api.domain.channels.tables import OversellRule as RuleRow
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.domain.inventory.promising import Part, SupplyKind
from oms_api.graphql.catalog.loaders import SkuById
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.loaders import LocationById
from oms_api.graphql.channels.types import Channel, Location, fetch_channel
from oms_api.graphql.connections import Connection
from oms_api.graphql.context import Info
from oms_api.graphql.described import enum, output
from oms_api.graphql.fulfillment.types import OrderType, order_of
from oms_api.graphql.nodes import Node, fetch_if_permitted, fetches
from oms_api.graphql.permissions import field
from oms_api.graphql.promises.loaders import (
    BackorderById,
    DocumentOfSupply,
    OversellDefault,
    OversellRulesByChannel,
    OversellRulesBySku,
)
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.paging import PageRequest
from oms_api.workflows.promise_availability import Promised

enum(Oversell, name="OversellPolicy")
enum(SupplyKind)


@output
class OversellRule:
    """Whether a channel sells more than there is: of one SKU, or of all that have no rule of their own."""

    row: strawberry.Private[RuleRow]
    policy: Oversell
    """What happens when more is asked for than can be promised."""
    limit: int | None
    """How many units of each SKU may wait at once; null for any number."""
    promise_days: int | None
    """What has no supply with a known day is promised to ship so many days after the order."""
    ships_on: date | None
    """The day on which a preorder ships, by the location's clock."""
    updated_at: datetime
    """When it was set."""

    @classmethod
    def of(cls, row: RuleRow) -> Self:
        """Describe a stored rule."""
        return cls(
            row=row,
            policy=row.policy,
            limit=row.limit_units,
            promise_days=row.promise_days,
            ships_on=row.ships_on,
            updated_at=row.updated_at,
        )

    @field(description="The SKU; null for the rule of all that have none of their own.")
    async def sku(self, info: Info) -> Sku | None:
        if self.row.sku_id is None:
            return None
        return Sku.of(cast("SkuRow", await info.context.loader(SkuById).load(self.row.sku_id)))

    @field(description="The channel whose rule it is.")
    async def channel(self, info: Info) -> Channel | None:
        return await fetch_channel(info, self.row.channel_id)


async def default_rule(info: Info, channel_id: UUID) -> OversellRule | None:
    """Return the rule of a channel for all SKUs that have none of their own."""
    row = await info.context.loader(OversellDefault).load(channel_id)
    return OversellRule.of(row) if row else None


async def rules_of_channel(info: Info, channel_id: UUID, page: PageRequest) -> Connection[OversellRule]:
    """Return a page of a channel's rules for single SKUs."""
    return Connection.of(await info.context.loader(OversellRulesByChannel, page).load(channel_id), OversellRule.of)


async def rules_of_sku(info: Info, sku_id: UUID, page: PageRequest) -> Connection[OversellRule]:
    """Return a page of the rules that channels have for a SKU."""
    return Connection.of(await info.context.loader(OversellRulesBySku, page).load(sku_id), OversellRule.of)


@output
class Backorder(Node):
    """Units of an order line that wait for goods: quantity = waiting + allocated + canceled."""

    row: strawberry.Private[BackorderRow]
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
    supply: SupplyKind | None
    """Where the first of the units are expected from; null where nothing is on its way."""
    supply_line_id: strawberry.ID | None
    """The line of the purchase order or transfer that brings them."""
    promised_ship_on: date | None
    """The day on which all of them will have left, by the location's clock."""
    promised_delivery_on: date | None
    """The day on which all of them will have arrived, where the way is known."""

    @classmethod
    def of(cls, row: BackorderRow) -> Self:
        """Describe a stored backorder."""
        return cls(
            id=strawberry.ID(text_id(IdKind.BACKORDER, row.id)),
            row=row,
            policy=row.policy,
            quantity=row.quantity,
            waiting=row.waiting,
            allocated=row.allocated,
            canceled=row.canceled,
            priority=row.priority,
            placed_at=row.placed_at,
            supply=row.supply_kind,
            supply_line_id=supply_line(row.supply_kind, row.supply_line_id),
            promised_ship_on=row.ships_on,
            promised_delivery_on=row.arrives_on,
        )

    @field(description="The goods.")
    async def sku(self, info: Info) -> Sku:
        return Sku.of(cast("SkuRow", await info.context.loader(SkuById).load(self.row.sku_id)))

    @field(description="The channel it was ordered in.")
    async def channel(self, info: Info) -> Channel | None:
        return await fetch_channel(info, self.row.channel_id)

    @field(description="Where the goods are expected; null where the channel has no location.")
    async def location(self, info: Info) -> Location | None:
        row = await info.context.loader(LocationById).load(self.row.location_id) if self.row.location_id else None
        return Location.of(row) if row else None

    @field(description="The purchase order or transfer that brings them; null where the key may not see it.")
    async def supply_document(self, info: Info) -> Node | None:
        return await document_of(info, self.row.supply_kind, self.row.supply_line_id)

    @field(description="The order that waits.")
    async def order(self, info: Info) -> OrderType:
        return await order_of(info, self.row.order_id)


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
        row = await info.context.loader(LocationById).load(self.part.location_id)
        return Location.of(row) if row else None

    @field(description="The purchase order or transfer that brings them; null for stock, and where the key may not see it.")
    async def supply_document(self, info: Info) -> Node | None:
        return await document_of(info, self.part.kind, self.part.line_id)


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
        return Sku.of(cast("SkuRow", await info.context.loader(SkuById).load(self.promised.sku_id)))


LINES = {SupplyKind.PURCHASE_ORDER: IdKind.PURCHASE_ORDER_LINE, SupplyKind.TRANSFER: IdKind.TRANSFER_LINE}


def supply_line(kind: SupplyKind | None, line_id: UUID | None) -> strawberry.ID | None:
    """Return the id of a supply's line as clients see it."""
    return None if kind is None or line_id is None else strawberry.ID(text_id(LINES[kind], line_id))


async def document_of(info: Info, kind: SupplyKind | None, line_id: UUID | None) -> Node | None:
    """Return the document of a supply's line, if the caller may see it."""
    if kind is None or line_id is None:
        return None
    found = await info.context.loader(DocumentOfSupply).load((kind, line_id))
    return None if found is None else await fetch_if_permitted(info, text_id(*found))


@fetches(IdKind.BACKORDER, Scope.ORDERS_READ)
async def fetch_backorder(info: Info, backorder_id: UUID) -> Backorder | None:
    """Return a backorder, if the caller may see it."""
    row = await info.context.loader(BackorderById).load(backorder_id)
    return Backorder.of(row) if row else None
