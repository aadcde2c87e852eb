"""Errors of stock."""

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime
from typing import Self

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import SkuId


@dataclass(frozen=True, slots=True)
class Shortage:
    """One SKU of which there is less than was asked for, over all locations that could serve it.

    `may_wait` is how many of the units that are missing may wait for goods, by the channel's rule; None where none ever may.
    """

    sku_id: SkuId
    sku_code: str
    requested: int
    available: int
    next_available_at: datetime | None = None
    may_wait: int | None = None


@dataclass(eq=False)
class InsufficientStock(OmsError):
    """Not enough sellable units of {shortage}.

    Fewer units can be sold than were asked for; the error names each SKU that is short, and the numbers.
    """

    code = "INSUFFICIENT_STOCK"
    short: Sequence[Shortage]
    shortage: str = field(init=False, default="")

    def __post_init__(self) -> None:
        """Tell of the first SKU, and how many others are short."""
        first, *others = self.short
        more = f", and of {len(others):,} other SKUs" if len(others) > 1 else ", and of another SKU" if others else ""
        self.shortage = f"{first.sku_code}: {first.requested:,} asked, {first.available:,} available{more}"


@dataclass(eq=False)
class OfSku:
    """What an error about units says of their SKU, where its field does not name the row that they are in."""

    sku: str | None = field(default=None, kw_only=True)
    units: str = field(default="units", kw_only=True)

    def of(self, code: str) -> Self:
        """Return the error, of the SKU with that code."""
        self.sku, self.units = code, f"units of '{code}'"
        return self


def of_sku(error: OmsError, code: str) -> OmsError:
    """Return *error*, of the SKU with that code where it is about units."""
    return error.of(code) if isinstance(error, OfSku) else error


@dataclass(eq=False)
class BelowZero(OfSku, OmsError):
    """At most {most} {units} can be taken away here, not {requested}: {free} are free, others promised, set aside or picked.

    The change would take away too many units. Only free units can be taken away. With DEALLOCATE, promised units that are not
    picked can be taken away too. The error gives the numbers.
    """

    code = "BELOW_ZERO"
    free: int
    requested: int
    reserved: int = 0
    committed: int = 0
    picked: int = 0
    most: int = 0


@dataclass(eq=False)
class BelowPicked(OfSku, OmsError):
    """{picked} {units} are picked or packed here, so {requested} cannot be taken away: report a short pick.

    The change would take away units that are picked or packed: report a short pick.
    """

    code = "BELOW_PICKED"
    free: int
    requested: int
    reserved: int
    committed: int
    picked: int


@dataclass(eq=False)
class EmptyBucket(OmsError):
    """Only {held} units are in {bucket} here, not {requested}.

    The change takes more units out of a bucket (FREE, QUALITY_CONTROL or DAMAGED) than the level has in this bucket.
    """

    code = "EMPTY_BUCKET"
    bucket: str
    held: int
    requested: int


@dataclass(eq=False)
class SameBucket(OmsError):
    """Units that stay in {bucket} do not move: name another bucket.

    The units are already in the destination bucket.
    """

    code = "SAME_BUCKET"
    bucket: str


@dataclass(eq=False)
class StaleQuantity(OmsError):
    """{current} units are on hand, not {given}: somebody changed them since. Read the level again.

    The number on hand differs from `changeFromQuantity`: somebody changed it.
    """

    code = "STALE_QUANTITY"
    current: int
    given: int


@dataclass(eq=False)
class LevelTwice(OmsError):
    """The SKU at this location stands in row {row} already: name each level once.

    Two rows name the same SKU at the same location: give one row for each level.
    """

    code = "LEVEL_TWICE"
    row: int


@dataclass(eq=False)
class Superseded(OmsError):
    """The level already has a stock number of a later moment, {applied} by {by}: the number of {given} changes nothing.

    For this SKU at this location, a stock number of a later moment is already recorded (by an inventory sync, a count or a
    person), so the number given changes nothing.
    """

    code = "SUPERSEDED"
    applied: str
    given: str
    by: str


@dataclass(eq=False)
class OlderFeed(Superseded):
    """The level already has a stock number of a later moment, {applied} by {by}: the number of {given} changes nothing.

    For this SKU at this location, a stock number of a later moment is already recorded (by an inventory sync, a count or a
    person), so this row changes nothing.
    """

    code = "OLDER_FEED"
    by: str = "this source"


@dataclass(eq=False)
class BeforeRecords(OmsError):
    """The first known movement of this level is after {given}: no earlier stock is known to compare the number with.

    The number is dated before the first known movement of this SKU at this location, so there is no stock to compare it with.
    """

    code = "BEFORE_RECORDS"
    given: str


@dataclass(eq=False)
class AsOfInFuture(OmsError):
    """{given} is in the future: stock is known up to now.

    The moment is in the future: stock is known up to now.
    """

    code = "AS_OF_IN_FUTURE"
    given: str


@dataclass(eq=False)
class UnknownReason(OmsError):
    """There is no active reason '{given}': `inventoryReasons` lists them.

    The reason does not exist or is not active: `inventoryReasons` lists them.
    """

    code = "UNKNOWN_REASON"
    given: str


@dataclass(eq=False)
class WrongReason(OmsError):
    """The reason '{reason}' is for {direction} units than recorded, not for {units} {given}: give another reason.

    The reason does not fit the change: some reasons are only for added units, others only for missing units.
    """

    code = "WRONG_REASON"
    reason: str
    direction: str
    units: int
    given: str


@dataclass(eq=False)
class ZeroDelta(OmsError):
    """{problem}

    The adjustment changes nothing: leave the row out.
    """  # noqa: D415 - the problem ends with a stop

    code = "ZERO_DELTA"
    problem: str = "An adjustment of 0 changes nothing: leave the row out."


@dataclass(eq=False)
class NotStocked(OmsError):
    """The SKU '{sku}' is a {kind}: only goods lie in a location.

    The SKU is not GOODS, so it has no stock; a bundle is stocked by its components.
    """

    code = "NOT_STOCKED"
    sku: str
    kind: str


@dataclass(eq=False)
class TooMuchStock(OfSku, OmsError):
    """A level holds at most 2,147,483,647 {units}.

    The level would hold more than 2,147,483,647 units.
    """

    code = "TOO_MUCH_STOCK"
