"""Reads of channels, listings and locations, within the limits of the principal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset, keyset_of_each
from oms_api.db.relations import Conditions
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.states import Activity, LocationKind
from oms_api.domain.channels.tables import Channel, ChannelLocation, Listing, Location, OversellRule
from oms_api.kernel.access import Principal, Sight
from oms_api.kernel.paging import Page, PageRequest

CHANNELS_BY_CODE = Ordering("code", (Channel.code,))
LOCATIONS_BY_CODE = Ordering("code", (Location.code,))
LISTINGS_BY_CODE = Ordering("code", (Listing.code, Listing.id))
RULES_BY_ID = Ordering("id", (OversellRule.id,))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFilter:
    """Which channels. `None` means any."""

    codes: tuple[str, ...] | None = None
    statuses: tuple[Activity, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationFilter:
    """Which locations. `None` means any."""

    codes: tuple[str, ...] | None = None
    statuses: tuple[Activity, ...] | None = None
    kinds: tuple[LocationKind, ...] | None = None


def visible_channels(sight: Sight | Principal, column: InstrumentedAttribute[Any]) -> list[ColumnElement[bool]]:
    """Return the limit of channels as conditions on *column*."""
    return [] if sight.channels is None else [among(column, sight.channels)]


def visible_locations(sight: Sight | Principal, column: InstrumentedAttribute[Any]) -> list[ColumnElement[bool]]:
    """Return the limit of locations as conditions on *column*."""
    return [] if sight.locations is None else [among(column, sight.locations)]


def in_channels(column: InstrumentedAttribute[Any]) -> Conditions:
    """Return the condition of declared reads that *column* is a channel within the caller's limit."""
    return partial(visible_channels, column=column)


def at_locations(column: InstrumentedAttribute[Any]) -> Conditions:
    """Return the condition of declared reads that *column* is a location within the caller's limit."""
    return partial(visible_locations, column=column)


async def page_of_channels(read: Reader, where: ChannelFilter, page: PageRequest) -> Page[Channel]:
    """Return one page of the channels, by code."""
    statement = select(Channel).where(*visible_channels(read.principal, Channel.id))
    for column, values in ((Channel.code, where.codes), (Channel.status, where.statuses)):
        if values is not None:
            statement = statement.where(among(column, values))
    return await keyset(read, statement, by=CHANNELS_BY_CODE, page=page)


async def channels_by_id(read: Reader, ids: Iterable[UUID]) -> Mapping[UUID, Channel]:
    """Return the channels among *ids* that exist and can be seen."""
    statement = select(Channel).where(among(Channel.id, ids), *visible_channels(read.principal, Channel.id))
    return {channel.id: channel for channel in await read.all(statement)}


async def channel_by_code(read: Reader, code: str) -> Channel | None:
    """Return the channel with *code*, if it can be seen."""
    return await read.one_or_none(select(Channel).where(Channel.code == code, *visible_channels(read.principal, Channel.id)))


async def locations_by_channel(read: Reader, channels: Iterable[UUID]) -> Mapping[UUID, Sequence[Location]]:
    """Return the locations that serve each channel and can be seen, the one asked first first."""
    found: dict[UUID, list[Location]] = {}
    for row in await read.rows(
        select(Location, ChannelLocation.channel_id)
        .join(ChannelLocation, ChannelLocation.location_id == Location.id)
        .where(among(ChannelLocation.channel_id, channels), *visible_locations(read.principal, Location.id))
        .order_by(ChannelLocation.channel_id, ChannelLocation.priority)
    ):
        found.setdefault(row.channel_id, []).append(row)
    return found


async def page_of_locations(read: Reader, where: LocationFilter, page: PageRequest) -> Page[Location]:
    """Return one page of the locations, by code."""
    statement = select(Location).where(*visible_locations(read.principal, Location.id))
    columns = ((Location.code, where.codes), (Location.status, where.statuses), (Location.kind, where.kinds))
    for column, values in columns:
        if values is not None:
            statement = statement.where(among(column, values))
    return await keyset(read, statement, by=LOCATIONS_BY_CODE, page=page)


async def locations_by_id(read: Reader, ids: Iterable[UUID]) -> Mapping[UUID, Location]:
    """Return the locations among *ids* that exist and can be seen."""
    statement = select(Location).where(among(Location.id, ids), *visible_locations(read.principal, Location.id))
    return {location.id: location for location in await read.all(statement)}


async def location_by_code(read: Reader, code: str) -> Location | None:
    """Return the location with *code*, if it can be seen."""
    return await read.one_or_none(
        select(Location).where(Location.code == code, *visible_locations(read.principal, Location.id))
    )


async def listings_by_id(read: Reader, ids: Iterable[UUID]) -> Mapping[UUID, Listing]:
    """Return the listings among *ids* that exist and can be seen."""
    statement = select(Listing).where(among(Listing.id, ids), *visible_channels(read.principal, Listing.channel_id))
    return {listing.id: listing for listing in await read.all(statement)}


async def pages_of_listings(read: Reader, channels: Sequence[UUID], page: PageRequest) -> Mapping[UUID, Page[Listing]]:
    """Return one page of each channel's listings, by code."""
    return await keyset_of_each(read, Listing, parent=Listing.channel_id, keys=channels, by=LISTINGS_BY_CODE, page=page)


async def oversell_defaults(read: Reader, channels: Iterable[UUID]) -> Mapping[UUID, OversellRule]:
    """Return the rule of each channel that has one for all SKUs. The channels themselves were seen before."""
    of_all = select(OversellRule).where(among(OversellRule.channel_id, channels), OversellRule.sku_id.is_(None))
    return {rule.channel_id: rule for rule in await read.all(of_all)}


async def pages_of_rules(read: Reader, channels: Sequence[UUID], page: PageRequest) -> Mapping[UUID, Page[OversellRule]]:
    """Return one page of each channel's rules for single SKUs, in the order they were made."""
    of_one, parent = [OversellRule.sku_id.is_not(None)], OversellRule.channel_id
    return await keyset_of_each(read, OversellRule, parent=parent, keys=channels, by=RULES_BY_ID, page=page, where=of_one)


async def pages_of_rules_of_skus(read: Reader, skus: Sequence[UUID], page: PageRequest) -> Mapping[UUID, Page[OversellRule]]:
    """Return one page of the rules that channels have for each SKU, in the order they were made."""
    seen, parent = visible_channels(read.principal, OversellRule.channel_id), OversellRule.sku_id
    return await keyset_of_each(read, OversellRule, parent=parent, keys=skus, by=RULES_BY_ID, page=page, where=seen)
