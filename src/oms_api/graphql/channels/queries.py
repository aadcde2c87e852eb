"""Asking for channels and locations."""

from oms_api.domain.channels.queries import CHANNELS_BY_CODE, LOCATIONS_BY_CODE, channels_visible_to, locations_visible_to
from oms_api.domain.channels.tables import Channel as ChannelRow
from oms_api.domain.channels.tables import Location as LocationRow
from oms_api.graphql.channels.types import Channel, Location
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, found, listed
from oms_api.graphql.described import input_type, one_of, output
from oms_api.kernel.access import Scope


@input_type
class ChannelFilterInput(Where):
    """Conditions on channels; all must hold."""

    code = on(ChannelRow.code)
    """By code."""
    status = on(ChannelRow.status)
    """By status."""


@input_type
class LocationFilterInput(Where):
    """Conditions on locations; all must hold."""

    code = on(LocationRow.code)
    """By code."""
    kind = on(LocationRow.kind)
    """By kind."""
    status = on(LocationRow.status)
    """By status."""


@one_of
class ChannelByInput(By):
    """Identifies a channel: give exactly one field."""

    id = key(ChannelRow.id)
    """Its id."""
    code = key(ChannelRow.code)
    """Its code."""


@one_of
class LocationByInput(By):
    """Identifies a location: give exactly one field."""

    id = key(LocationRow.id)
    """Its id."""
    code = key(LocationRow.code)
    """Its code."""


CHANNELS = Listing(
    show=Channel,
    where=ChannelFilterInput,
    by=ChannelByInput,
    order=CHANNELS_BY_CODE,
    visible=channels_visible_to,
    scope=Scope.CHANNELS_READ,
    which="Conditions on channels; all match by default.",
)
LOCATIONS = Listing(
    show=Location,
    where=LocationFilterInput,
    by=LocationByInput,
    order=LOCATIONS_BY_CODE,
    visible=locations_visible_to,
    scope=Scope.CHANNELS_READ,
    which="Conditions on locations; all match by default.",
)


@output
class ChannelQueries:
    """Asking for channels and locations."""

    channels = listed(CHANNELS)
    """A list of channels, by code."""
    channel = found(CHANNELS, "The id of the channel, or another unique key.")
    """One channel; null where there is none that the key may see."""
    locations = listed(LOCATIONS)
    """A list of locations, by code."""
    location = found(LOCATIONS, "The id of the location, or another unique key.")
    """One location; null where there is none that the key may see."""
