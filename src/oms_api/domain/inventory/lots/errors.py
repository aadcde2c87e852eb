"""What can be wrong with lots."""

from dataclasses import dataclass

from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class LotExpired(OmsError):
    """Only {left} of {requested} units can be shipped: the others have expired, those of lot '{lot}' on {expires_on}.

    Units that were to ship are of lots whose last good day is over.
    """

    code = "LOT_EXPIRED"
    lot: str
    expires_on: str
    left: int
    requested: int


@dataclass(eq=False)
class LotShort(OmsError):
    """{held} units of the lot '{lot}' can be taken from there, not {requested}.

    Fewer units of the lot lie there than were to be taken.
    """

    code = "LOT_SHORT"
    lot: str
    held: int
    requested: int


@dataclass(eq=False)
class LotMismatch(OmsError):
    """The lot '{lot}' is known to expire {known}, not on {given}: change the lot if that is wrong.

    The lot is known with another expiry than is given: change the lot if that is wrong.
    """

    code = "LOT_MISMATCH"
    lot: str
    known: str
    given: str
