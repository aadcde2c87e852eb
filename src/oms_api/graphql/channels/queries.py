"""Asking for channels and locations."""

from typing import Annotated

from oms_api.domain.channels.queries import (
    ChannelFilter,
    LocationFilter,
    channel_by_code,
    location_by_code,
    page_of_channels,
    page_of_locations,
)
from oms_api.domain.channels.states import Activity, LocationKind
from oms_api.graphql.channels.inputs import ChannelByInput, LocationByInput
from oms_api.graphql.channels.types import Channel, Location, fetch_channel, fetch_location
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.filters import Match, id_at, matched
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import PageRequest


@input_type
class ChannelFilterInput:
    """Which channels. All that is given must hold."""

    code: Match[str] | None = None
    """By code."""
    status: Match[Activity] | None = None
    """By whether they take new orders."""

    def to_filter(self, *path: str) -> ChannelFilter:
        """Return the filter as the domain takes it. Raises: TooManyItems."""
        return ChannelFilter(codes=matched(self.code, *path, "code"), statuses=matched(self.status, *path, "status"))


@input_type
class LocationFilterInput:
    """Which locations. All that is given must hold."""

    code: Match[str] | None = None
    """By code."""
    kind: Match[LocationKind] | None = None
    """By what they are."""
    status: Match[Activity] | None = None
    """By whether they serve new orders."""

    def to_filter(self, *path: str) -> LocationFilter:
        """Return the filter as the domain takes it. Raises: TooManyItems."""
        return LocationFilter(
            codes=matched(self.code, *path, "code"),
            kinds=matched(self.kind, *path, "kind"),
            statuses=matched(self.status, *path, "status"),
        )


@output
class ChannelQueries:
    """Asking for channels and locations."""

    @query(Scope.CHANNELS_READ, description="A list of channels, by code.")
    async def channels(
        self,
        info: Info,
        where: Annotated[ChannelFilterInput | None, argument("Which channels; all of them unless told.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Channel]:
        page = PageRequest.of(first, after, last, before)
        wanted = where.to_filter("where") if where else ChannelFilter()
        async with info.context.reads() as read:
            return Connection.of(await page_of_channels(read, wanted, page), Channel.of)

    @query(Scope.CHANNELS_READ, description="One channel, or null where there is none that the key may see.")
    async def channel(
        self, info: Info, by: Annotated[ChannelByInput, argument("What the channel is found by.")]
    ) -> Channel | None:
        if isinstance(by.id, str):
            return await fetch_channel(info, id_at(IdKind.CHANNEL, by.id, "by", "id"))
        async with info.context.reads() as read:
            row = await channel_by_code(read, by.code or "")
        return Channel.of(row) if row else None

    @query(Scope.CHANNELS_READ, description="A list of locations, by code.")
    async def locations(
        self,
        info: Info,
        where: Annotated[LocationFilterInput | None, argument("Which locations; all of them unless told.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Location]:
        page = PageRequest.of(first, after, last, before)
        wanted = where.to_filter("where") if where else LocationFilter()
        async with info.context.reads() as read:
            return Connection.of(await page_of_locations(read, wanted, page), Location.of)

    @query(Scope.CHANNELS_READ, description="One location, or null where there is none that the key may see.")
    async def location(
        self, info: Info, by: Annotated[LocationByInput, argument("What the location is found by.")]
    ) -> Location | None:
        if isinstance(by.id, str):
            return await fetch_location(info, id_at(IdKind.LOCATION, by.id, "by", "id"))
        async with info.context.reads() as read:
            row = await location_by_code(read, by.code or "")
        return Location.of(row) if row else None
