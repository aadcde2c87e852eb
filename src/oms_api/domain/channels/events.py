"""Events of channels, listings and locations."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class ChannelCreated(Event):
    """A channel was created."""

    type = "CHANNEL_CREATED"
    subject = IdKind.CHANNEL


@dataclass(frozen=True, kw_only=True)
class ChannelChanged(Event):
    """A channel's policies, locations or status were changed."""

    type = "CHANNEL_CHANGED"
    subject = IdKind.CHANNEL


@dataclass(frozen=True, kw_only=True)
class ListingChanged(Event):
    """A listing of a channel was created or changed."""

    type = "LISTING_CHANGED"
    subject = IdKind.LISTING


@dataclass(frozen=True, kw_only=True)
class LocationCreated(Event):
    """A location was created."""

    type = "LOCATION_CREATED"
    subject = IdKind.LOCATION


@dataclass(frozen=True, kw_only=True)
class LocationChanged(Event):
    """The name, address, calendar or status of a location was changed, or its `acceptsOrders` was turned on or off."""

    type = "LOCATION_CHANGED"
    subject = IdKind.LOCATION


@dataclass(frozen=True, kw_only=True)
class LocationStockStale(Event):
    """The stock of a location was reported too long ago: nothing is promised from it until the next report."""

    type = "LOCATION_STOCK_STALE"
    subject = IdKind.LOCATION


@dataclass(frozen=True, kw_only=True)
class LocationStockReported(Event):
    """The stock of a location was reported again, after the last report had become too old.

    Units can be promised from the location again.
    """

    type = "LOCATION_STOCK_REPORTED"
    subject = IdKind.LOCATION
