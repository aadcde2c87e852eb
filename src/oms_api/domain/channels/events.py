"""What can be told of channels, listings and locations."""

from dataclasses import dataclass

from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class ChannelCreated(Event):
    """Orders can come from a new channel."""

    type = "CHANNEL_CREATED"
    subject = IdKind.CHANNEL


@dataclass(frozen=True, kw_only=True)
class ChannelChanged(Event):
    """A channel's policies, locations or status were changed."""

    type = "CHANNEL_CHANGED"
    subject = IdKind.CHANNEL


@dataclass(frozen=True, kw_only=True)
class ListingChanged(Event):
    """A channel lists a SKU, or lists it differently."""

    type = "LISTING_CHANGED"
    subject = IdKind.LISTING


@dataclass(frozen=True, kw_only=True)
class LocationCreated(Event):
    """Goods can lie in a new place."""

    type = "LOCATION_CREATED"
    subject = IdKind.LOCATION


@dataclass(frozen=True, kw_only=True)
class LocationChanged(Event):
    """What a location is called, where it is, when it works or whether it takes part was changed."""

    type = "LOCATION_CHANGED"
    subject = IdKind.LOCATION
