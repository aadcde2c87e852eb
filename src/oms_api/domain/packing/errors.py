"""Errors of packing goods."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class BoxElsewhere(OmsError):
    """{box} is a box of another location: name one of the fulfillment order's location.

    The box belongs to another location than the fulfillment order.
    """

    code = "BOX_ELSEWHERE"
    box: str


@dataclass(eq=False)
class BoxNotInUse(OmsError):
    """{box} is INACTIVE: use another box, or activate it with boxUpsert.

    The box is INACTIVE.
    """

    code = "BOX_NOT_IN_USE"
    box: str


@dataclass(eq=False)
class TooHeavyForBox(OmsError):
    """{box} carries at most {max_weight_g:,} g, not {weight_g:,} g.

    The package would weigh more than its box carries.
    """

    code = "TOO_HEAVY_FOR_BOX"
    box: str
    max_weight_g: int
    weight_g: int


@dataclass(eq=False)
class NothingLeftToPack(OmsError):
    """Everything of the fulfillment order is packed, shipped or canceled."""

    code = "NOTHING_LEFT_TO_PACK"


@dataclass(eq=False)
class ExceedsUnpacked(OmsError):
    """Only {remaining} units of the line are left to pack here, not {requested}: the others are packed, shipped or canceled.

    More units are to be packed than the line has left in this fulfillment order.
    """

    code = "EXCEEDS_UNPACKED"
    remaining: int
    requested: int
