"""Errors of picking."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class NothingToPick(OmsError):
    """None of the requested fulfillment orders at this location can be picked: each is not OPEN, or is on hold."""

    code = "NOTHING_TO_PICK"


@dataclass(eq=False)
class LineConfirmed(OmsError):
    """The line is confirmed already: {picked} units were picked.

    The line of the pick batch is confirmed already.
    """

    code = "LINE_CONFIRMED"
    picked: int


@dataclass(eq=False)
class ExceedsWanted(OmsError):
    """Only {wanted} units of the line are wanted, not {picked}: put the others back.

    More units were picked than the line needs; some units may have been canceled meanwhile.
    """

    code = "EXCEEDS_WANTED"
    wanted: int
    picked: int


@dataclass(eq=False)
class ShortReasonMissing(OmsError):
    """{short} units of the line are missing: say why with shortReasonCode.

    Fewer units were picked than are wanted, and no reason is given.
    """

    code = "SHORT_REASON_MISSING"
    short: int
