"""Channels, listings and locations, as clients read them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from oms_api.domain.channels.states import Activity, LocationKind
from oms_api.domain.channels.tables import Channel as ChannelRow
from oms_api.domain.channels.tables import Listing as ListingRow
from oms_api.domain.channels.tables import Location as LocationRow
from oms_api.graphql.addresses import Address
from oms_api.graphql.catalog.loaders import SkuById
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.calendar import LocationCalendar
from oms_api.graphql.channels.loaders import (
    ChannelById,
    ListingById,
    ListingsByChannel,
    LocationById,
    LocationsByChannel,
)
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import enum, output
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node, fetches
from oms_api.graphql.permissions import field
from oms_api.graphql.scalars import CurrencyCode, TimeZone
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.paging import PageRequest

if TYPE_CHECKING:
    from oms_api.graphql.promises.types import OversellRule

Rule = Annotated["OversellRule", strawberry.lazy("oms_api.graphql.promises.types")]
enum(Activity)
enum(LocationKind)


@output
class Location(Node):
    """A place where goods lie."""

    code: str
    """Its code: unique, case-sensitive, never changed."""
    name: str
    """What people call it."""
    kind: LocationKind
    """What it is."""
    status: Activity
    """Whether it serves new orders."""
    time_zone: TimeZone
    """Where its days begin and end."""
    address: Address | None
    """Where it is."""
    calendar: LocationCalendar
    """When it works, and how long what it ships is on its way."""
    version: int
    """Moves with every change of it."""
    created_at: datetime
    """When it was made known."""
    updated_at: datetime
    """When it was changed last."""

    @classmethod
    def of(cls, row: LocationRow) -> Self:
        """Describe a stored location."""
        return cls(
            id=strawberry.ID(text_id(IdKind.LOCATION, row.id)),
            code=row.code,
            name=row.name,
            kind=row.kind,
            status=row.status,
            time_zone=TimeZone(row.time_zone),
            address=Address.of(row.address),
            calendar=LocationCalendar.of(row.calendar),
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


@output
class Listing(Node):
    """A channel's own code and price for a SKU."""

    row: strawberry.Private[ListingRow]
    code: str
    """The channel's code, unique within it."""
    status: Activity
    """Whether orders may name it."""
    version: int
    """Moves with every change of it."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When it was changed last."""

    @classmethod
    def of(cls, row: ListingRow) -> Self:
        """Describe a stored listing."""
        return cls(
            id=strawberry.ID(text_id(IdKind.LISTING, row.id)),
            row=row,
            code=row.code,
            status=row.status,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    @field(description="The price of one unit, with up to six decimals; orders that give no price take it.")
    async def price(self, info: Info) -> Money | None:
        if self.row.price is None:
            return None
        channel = await info.context.loader(ChannelById).load(self.row.channel_id)
        return Money.of_price(self.row.price, channel.currency) if channel else None

    @field(description="What is listed.")
    async def sku(self, info: Info) -> Sku | None:
        row = await info.context.loader(SkuById).load(self.row.sku_id)
        return Sku.of(row) if row else None

    @field(description="Where it is listed.")
    async def channel(self, info: Info) -> "Channel | None":
        return await fetch_channel(info, self.row.channel_id)


@output
class Channel(Node):
    """Where orders come from, and the policies they are treated by."""

    row: strawberry.Private[ChannelRow]
    code: str
    """Its code: unique, case-sensitive, never changed."""
    name: str
    """What people call it."""
    status: Activity
    """Whether it takes new orders."""
    currency_code: CurrencyCode
    """The currency of all its orders; never changed."""
    time_zone: TimeZone
    """Where its days begin and end."""
    prices_include_tax: bool
    """Whether prices contain the taxes, unless an order says otherwise."""
    sells_safety_stock: bool
    """Whether its orders may take safety stock."""
    reservation_minutes: int
    """How long a checkout holds stock."""
    complete_after_days: int | None
    """After how many days since shipping an order counts as arrived; null for never."""
    buffer: int
    """How many units of each SKU it is told fewer than there are, for orders made before it was told."""
    version: int
    """Moves with every change of it."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When it was changed last."""

    @classmethod
    def of(cls, row: ChannelRow) -> Self:
        """Describe a stored channel."""
        return cls(
            id=strawberry.ID(text_id(IdKind.CHANNEL, row.id)),
            row=row,
            code=row.code,
            name=row.name,
            status=row.status,
            currency_code=CurrencyCode(row.currency),
            time_zone=TimeZone(row.time_zone),
            prices_include_tax=row.prices_include_tax,
            sells_safety_stock=row.sells_safety_stock,
            reservation_minutes=row.reservation_minutes,
            complete_after_days=row.complete_after_days,
            buffer=row.buffer,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    @field(description="The locations that serve it, the one asked first first; 100 at most.")
    async def locations(self, info: Info) -> list[Location]:
        return [Location.of(row) for row in await info.context.loader(LocationsByChannel).load(self.row.id)]

    @field(description="What it lists, by code.")
    async def listings(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Listing]:
        loader = info.context.loader(ListingsByChannel, PageRequest.of(first, after, last, before))
        return Connection.of(await loader.load(self.row.id), Listing.of)

    @field(
        description="The rule for all SKUs that have none of their own; null where it has none: it does not sell more of them "
        "than there is, as under DENY."
    )
    async def oversell_rule(self, info: Info) -> Rule | None:
        from oms_api.graphql.promises.types import default_rule  # noqa: PLC0415 - a rule names its channel

        return await default_rule(info, self.row.id)

    @field(description="Its rules of single SKUs, in the order they were made.")
    async def oversell_rules(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Rule]:
        from oms_api.graphql.promises.types import rules_of_channel  # noqa: PLC0415 - as above

        return await rules_of_channel(info, self.row.id, PageRequest.of(first, after, last, before))


@fetches(IdKind.CHANNEL, Scope.CHANNELS_READ)
async def fetch_channel(info: Info, channel_id: UUID) -> Channel | None:
    """Return a channel, if the caller may see it."""
    row = await info.context.loader(ChannelById).load(channel_id)
    return Channel.of(row) if row else None


@fetches(IdKind.LOCATION, Scope.CHANNELS_READ)
async def fetch_location(info: Info, location_id: UUID) -> Location | None:
    """Return a location, if the caller may see it."""
    row = await info.context.loader(LocationById).load(location_id)
    return Location.of(row) if row else None


@fetches(IdKind.LISTING, Scope.CHANNELS_READ)
async def fetch_listing(info: Info, listing_id: UUID) -> Listing | None:
    """Return a listing, if the caller may see it."""
    row = await info.context.loader(ListingById).load(listing_id)
    return Listing.of(row) if row else None
