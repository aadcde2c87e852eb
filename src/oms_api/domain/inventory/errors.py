"""What can go wrong with stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from oms_api.kernel.errors import OmsError


@dataclass(frozen=True, slots=True)
class Shortage:
    """One SKU of which there is less than was asked for, over all locations that could serve it.

    `may_wait` is how many of the units that are missing may wait for goods, by the channel's rule; None where none ever may.
    """

    sku_id: UUID
    sku_code: str
    requested: int
    available: int
    next_available_at: datetime | None = None
    may_wait: int | None = None


@dataclass(eq=False)
class InsufficientStock(OmsError):
    """Not enough sellable units."""

    code = "INSUFFICIENT_STOCK"
    short: Sequence[Shortage]


@dataclass(eq=False)
class BelowZero(OmsError):
    """Only {free} units are free to be taken away here, not {requested}: the others are promised or set aside."""

    code = "BELOW_ZERO"
    free: int
    requested: int
    reserved: int = 0
    committed: int = 0
    picked: int = 0


@dataclass(eq=False)
class BelowPicked(OmsError):
    """{picked} units are picked or packed here, and {requested} cannot be taken away beside them: report a short pick."""

    code = "BELOW_PICKED"
    free: int
    requested: int
    reserved: int
    committed: int
    picked: int


@dataclass(eq=False)
class EmptyBucket(OmsError):
    """Only {held} units are in {bucket} here, not {requested}."""

    code = "EMPTY_BUCKET"
    bucket: str
    held: int
    requested: int


@dataclass(eq=False)
class SameBucket(OmsError):
    """Units that stay in {bucket} do not move: name another bucket."""

    code = "SAME_BUCKET"
    bucket: str


@dataclass(eq=False)
class StaleQuantity(OmsError):
    """{current} units are on hand now, not {given}: somebody changed it since."""

    code = "STALE_QUANTITY"
    current: int
    given: int


@dataclass(eq=False)
class LevelTwice(OmsError):
    """The SKU at this location stands in row {row} already: say once how many there are."""

    code = "LEVEL_TWICE"
    row: int


@dataclass(eq=False)
class OlderFeed(OmsError):
    """This source told the level's number as of {applied} already: {given} is before that."""

    code = "OLDER_FEED"
    applied: str
    given: str


@dataclass(eq=False)
class AsOfInFuture(OmsError):
    """{given} is not over yet: stock is known up to now."""

    code = "AS_OF_IN_FUTURE"
    given: str


@dataclass(eq=False)
class UnknownReason(OmsError):
    """There is no reason '{given}' that is in use."""

    code = "UNKNOWN_REASON"
    given: str


@dataclass(eq=False)
class WrongReason(OmsError):
    """The reason '{reason}' explains {direction} units, which this does not come to."""

    code = "WRONG_REASON"
    reason: str
    direction: str


@dataclass(eq=False)
class ZeroDelta(OmsError):
    """An adjustment of 0 changes nothing: leave the row out."""

    code = "ZERO_DELTA"


@dataclass(eq=False)
class NotStocked(OmsError):
    """The SKU '{sku}' is a {kind}: only goods lie in a location."""

    code = "NOT_STOCKED"
    sku: str
    kind: str


@dataclass(eq=False)
class TooMuchStock(OmsError):
    """A level holds at most 2147483647 units."""

    code = "TOO_MUCH_STOCK"
