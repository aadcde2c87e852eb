"""What can go wrong with stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from oms_api.kernel.errors import OmsError


@dataclass(frozen=True, slots=True)
class Shortage:
    """One SKU of which there is less than was asked for, over all locations that could serve it."""

    sku_id: UUID
    sku_code: str
    requested: int
    available: int
    next_available_at: datetime | None = None


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
