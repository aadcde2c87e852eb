"""Errors of channels, locations and listings."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class CodeTaken(OmsError):
    """There is another {what} with the code '{given}' already: give another code.

    Another record of this kind has the code.
    """

    code = "CODE_TAKEN"
    what: str
    given: str


@dataclass(eq=False)
class ChannelInactive(OmsError):
    """The channel is inactive and takes no orders."""

    code = "CHANNEL_INACTIVE"


@dataclass(eq=False)
class LocationNotInChannel(OmsError):
    """The location '{given}' does not serve this channel: name one of the channel's locations.

    The location does not serve the channel.
    """

    code = "LOCATION_NOT_IN_CHANNEL"
    given: str


@dataclass(eq=False)
class LocationInactive(OmsError):
    """The location '{location}' is inactive: activate it with locationUpdate, or name another one.

    The location is inactive and takes part in no new business.
    """

    code = "LOCATION_INACTIVE"
    location: str


@dataclass(eq=False)
class NotGoods(OmsError):
    """The SKU '{sku}' is a {kind}: only goods can wait to come in. A bundle waits by the rules of its components.

    The SKU is not GOODS: only goods can be backordered; a bundle follows the rules of its components.
    """

    code = "NOT_GOODS"
    sku: str
    kind: str
