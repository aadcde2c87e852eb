"""Asking for channels and locations."""

from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.channels.queries import (
    CHANNELS_BY_CODE,
    LISTINGS_BY_CHANNEL,
    LOCATIONS_BY_CODE,
    channels_visible_to,
    listings_visible_to,
    locations_visible_to,
)
from oms_api.domain.channels.tables import ChannelRow, ListingRow, LocationRow
from oms_api.graphql.attributes.values import on_attributes
from oms_api.graphql.catalog.filters import on_skus
from oms_api.graphql.channels.types import Channel, Listing, Location
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing as Lists
from oms_api.graphql.declared.lists import found, listed
from oms_api.graphql.described import input_type, one_of, output
from oms_api.kernel.access import Scope


@input_type
class ChannelFilterInput(Where):
    """Conditions on channels; all must be true."""

    code = on(ChannelRow.code)
    status = on(ChannelRow.status)


@input_type
class LocationFilterInput(Where):
    """Conditions on locations; all must be true."""

    code = on(LocationRow.code)
    kind = on(LocationRow.kind)
    status = on(LocationRow.status)
    accepts_orders = on(LocationRow.accepts_orders)
    """By whether units may be promised from them."""
    stock_stale = on(LocationRow.stock_stale)
    """By whether their stock is stale."""
    attribute = on_attributes(AttributeOwner.LOCATION, LocationRow.id)
    """By values of their attributes; all must be true."""


@input_type
class ListingFilterInput(Where):
    """Conditions on listings; all must be true."""

    channel_id = on(ListingRow.channel_id)
    code = on(ListingRow.code, searched=True, sought=True)
    """By the channel's code."""
    skus = on_skus(ListingRow.sku_id)
    """Of these SKUs, at most 250; an unknown SKU matches no listing."""
    status = on(ListingRow.status)


@one_of
class ChannelByInput(By):
    """Identifies a channel: give exactly one field."""

    id = key(ChannelRow.id)
    code = key(ChannelRow.code)


@one_of
class LocationByInput(By):
    """Identifies a location: give exactly one field."""

    id = key(LocationRow.id)
    code = key(LocationRow.code)


CHANNELS = Lists(
    show=Channel,
    where=ChannelFilterInput,
    by=ChannelByInput,
    order=CHANNELS_BY_CODE,
    visible=channels_visible_to,
    scope=Scope.CHANNELS_READ,
    which="Conditions on channels; by default, all channels are included.",
)
LOCATIONS = Lists(
    show=Location,
    where=LocationFilterInput,
    by=LocationByInput,
    order=LOCATIONS_BY_CODE,
    visible=locations_visible_to,
    scope=Scope.CHANNELS_READ,
    which="Conditions on locations; by default, all locations are included.",
)

LISTINGS = Lists(
    show=Listing,
    where=ListingFilterInput,
    order=LISTINGS_BY_CHANNEL,
    visible=listings_visible_to,
    scope=Scope.CHANNELS_READ,
    which="Conditions on listings; by default, all listings are included.",
)


@output
class ChannelQueries:
    """Asking for channels and locations."""

    channels = listed(CHANNELS)
    """A list of channels, sorted by code."""
    channel = found(CHANNELS, "The id of the channel, or another unique key.")
    """One channel; null where there is none that the API key may see."""
    locations = listed(LOCATIONS)
    """A list of locations, sorted by code."""
    location = found(LOCATIONS, "The id of the location, or another unique key.")
    """One location; null where there is none that the API key may see."""
    listings = listed(LISTINGS)
    """A list of the listings of all channels, by channel and code."""
