"""What can be wrong with shipping what a fulfillment order promised."""

from dataclasses import dataclass

from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class FulfillmentOrderNotOpen(OmsError):
    """The fulfillment order is {status}: only one that is OPEN or IN_PROGRESS can ship.

    Only a fulfillment order that is OPEN or IN_PROGRESS can ship.
    """

    code = "FULFILLMENT_ORDER_NOT_OPEN"
    status: str


@dataclass(eq=False)
class ShipsComplete(OmsError):
    """The order ships complete, and some of its goods are not there yet: nothing leaves before them."""

    code = "SHIPS_COMPLETE"


@dataclass(eq=False)
class FulfillmentOrderOnHold(OmsError):
    """The fulfillment order is on hold: nothing of it may be picked or shipped before every hold of it is released."""

    code = "FULFILLMENT_ORDER_ON_HOLD"


@dataclass(eq=False)
class ExceedsRemaining(OmsError):
    """Only {remaining} units of the line are left to ship here, not {requested}: the others shipped or were canceled.

    More units are to be shipped than remain of the line here.
    """

    code = "EXCEEDS_REMAINING"
    remaining: int
    requested: int


@dataclass(eq=False)
class LineUnnamed(OmsError):
    """Name the line by one of fulfillmentOrderLineId and lineId, not by both or none."""

    code = "LINE_UNNAMED"
