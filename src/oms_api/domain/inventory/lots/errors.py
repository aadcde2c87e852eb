"""Errors of lots."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class LotExpired(OmsError):
    """Only {left} of {requested} units can be shipped: the others have expired, those of lot '{lot}' on {expires_on}.

    The units to ship are of lots that have expired.
    """

    code = "LOT_EXPIRED"
    lot: str
    expires_on: str
    left: int
    requested: int


@dataclass(eq=False)
class LotShort(OmsError):
    """Only {held} units of the lot '{lot}' can be taken from there, not {requested}.

    The lot holds fewer units than the change takes from it.
    """

    code = "LOT_SHORT"
    lot: str
    held: int
    requested: int


@dataclass(eq=False)
class LotMismatch(OmsError):
    """The lot '{lot}' is known to expire {known}, not on {given}: change the lot if that is wrong.

    The expiry given differs from the lot's own expiry: correct the lot if its own expiry is wrong.
    """

    code = "LOT_MISMATCH"
    lot: str
    known: str
    given: str
