"""Errors of work on fulfillment orders."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class FulfillmentOrderNotOpen(OmsError):
    """The fulfillment order is {status}: only one that is OPEN or IN_PROGRESS can be packed and shipped.

    Only a fulfillment order that is OPEN or IN_PROGRESS can be packed and shipped.
    """

    code = "FULFILLMENT_ORDER_NOT_OPEN"
    status: str


@dataclass(eq=False)
class ShipsComplete(OmsError):
    """The order ships complete: nothing of it can leave before its missing goods are available too."""

    code = "SHIPS_COMPLETE"


@dataclass(eq=False)
class FulfillmentOrderOnHold(OmsError):
    """The fulfillment order is on hold: nothing of it may be picked or shipped before all of its holds are released."""

    code = "FULFILLMENT_ORDER_ON_HOLD"


@dataclass(eq=False)
class UnitsPacked(OmsError):
    """{packed} of these units are in packages that have not left: void those packages first, or ship them.

    Units are in packages that have not left.
    """

    code = "UNITS_PACKED"
    packed: int


@dataclass(eq=False)
class AwaitsPickup(OmsError):
    """These units wait for their customer to fetch them: cancel the pickup first."""

    code = "AWAITS_PICKUP"


@dataclass(eq=False)
class PickupNotOffered(OmsError):
    """Customers cannot fetch goods at this location: set its `pickupDays` first."""

    code = "PICKUP_NOT_OFFERED"


@dataclass(eq=False)
class BundleApart(OmsError):
    """Parts of a bundle are not in this fulfillment order: the customer can only fetch a complete bundle."""

    code = "BUNDLE_APART"


@dataclass(eq=False)
class FulfillmentOrderBegun(OmsError):
    """The fulfillment order is {status}: only one that nobody has begun can be moved, split, merged or put off.

    Only an OPEN or SCHEDULED fulfillment order can be moved, split or rescheduled, and only an OPEN fulfillment order can be
    merged. Units that are being picked have to be put back first.
    """

    code = "FULFILLMENT_ORDER_BEGUN"
    status: str


@dataclass(eq=False)
class FulfillmentOrderNotRejectable(OmsError):
    """The fulfillment order is {status}: only one that is OPEN or IN_PROGRESS can be rejected.

    Only a fulfillment order that is OPEN or IN_PROGRESS can be rejected; shipped units cannot be rejected.
    """

    code = "FULFILLMENT_ORDER_NOT_REJECTABLE"
    status: str


@dataclass(eq=False)
class AlreadyThere(OmsError):
    """The fulfillment order is at this location already: name another location."""

    code = "ALREADY_AT_LOCATION"


@dataclass(eq=False)
class LocationTakesNoOrders(OmsError):
    """{location} takes no orders: it is not active, does not accept any, or its stock is stale.

    The location takes no orders: it is INACTIVE, its acceptsOrders is false, or its stockStale is true.
    """

    code = "LOCATION_TAKES_NO_ORDERS"
    location: str


@dataclass(eq=False)
class PinnedElsewhere(OmsError):
    """A line with {sku} cannot come from this location: the order says that it comes from another one.

    The order says which location a line has to come from, and that is not the location given.
    """

    code = "PINNED_ELSEWHERE"
    sku: str


@dataclass(eq=False)
class SplitsAll(OmsError):
    """These are all the units of the fulfillment order: name fewer, so that some are left."""

    code = "SPLITS_ALL"


@dataclass(eq=False)
class NotMergeable(OmsError):
    """The fulfillment order has another {other} than the first one: merge those with the same order, location and day.

    Only fulfillment orders of one order, at one location and for one day can be merged.
    """

    code = "NOT_MERGEABLE"
    other: str


@dataclass(eq=False)
class ExceedsRemaining(OmsError):
    """Only {remaining} units of the line are left to ship here, not {requested}: the others shipped or were canceled.

    More units are to be shipped than the line has left in this fulfillment order.
    """

    code = "EXCEEDS_REMAINING"
    remaining: int
    requested: int


@dataclass(eq=False)
class LineUnnamed(OmsError):
    """Name the line by exactly one of fulfillmentOrderLineId and lineId."""

    code = "LINE_UNNAMED"
