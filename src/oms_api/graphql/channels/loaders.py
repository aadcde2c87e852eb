"""Batch loaders around channels."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.channels.queries import (
    channels_by_id,
    listings_by_id,
    locations_by_channel,
    locations_by_id,
    pages_of_listings,
)
from oms_api.domain.channels.tables import Channel, Listing, Location
from oms_api.graphql.context import BatchLoader, RequestContext
from oms_api.kernel.paging import Page, PageRequest


class ChannelById(BatchLoader[UUID, Channel | None]):
    """Channels that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[Any]) -> list[Channel | None]:
        found = await channels_by_id(read, keys)
        return [found.get(key) for key in keys]


class LocationById(BatchLoader[UUID, Location | None]):
    """Locations that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[Any]) -> list[Location | None]:
        found = await locations_by_id(read, keys)
        return [found.get(key) for key in keys]


class ListingById(BatchLoader[UUID, Listing | None]):
    """Listings that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[Any]) -> list[Listing | None]:
        found = await listings_by_id(read, keys)
        return [found.get(key) for key in keys]


class LocationsByChannel(BatchLoader[UUID, Sequence[Location]]):
    """The locations that serve each channel, the one asked first first."""

    async def load_batch(self, read: Reader, keys: list[Any]) -> list[Sequence[Location]]:
        found = await locations_by_channel(read, keys)
        return [found.get(key, ()) for key in keys]


class ListingsByChannel(BatchLoader[UUID, Page[Listing]]):
    """A page of the listings of each channel, by code."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[Any]) -> list[Page[Listing]]:
        found = await pages_of_listings(read, keys, self.page)
        return [found[key] for key in keys]
