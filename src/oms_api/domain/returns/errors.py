"""Errors of returns."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import ReturnId


@dataclass(eq=False)
class NotReturnable(OmsError):
    """Only {returnable} units of the line can be returned, not {requested}: others have not left, or are already coming back.

    More units are to be returned than can be returned. Units can be returned if they were shipped and are not in a return yet.
    """

    code = "NOT_RETURNABLE"
    returnable: int
    requested: int


@dataclass(eq=False)
class NothingToReturn(OmsError):
    """No unit of the order can be returned: none has left, or all are already coming back."""

    code = "NOTHING_TO_RETURN"


@dataclass(eq=False)
class NotAnnounced(OmsError):
    """Only {expected} units of the return's line are still expected, not {received}.

    More units of a return's line are received than are still expected.
    """

    code = "NOT_ANNOUNCED"
    expected: int
    received: int


@dataclass(eq=False)
class NothingExpected(OmsError):
    """Nothing more is expected of the return: all of it came."""

    code = "NOTHING_EXPECTED"


@dataclass(eq=False)
class ReturnLineUnnamed(OmsError):
    """Name the line by exactly one of returnLineId and lineId."""

    code = "RETURN_LINE_UNNAMED"


@dataclass(eq=False)
class DuplicateReturnRef(OmsError):
    """The channel already has a return with the external reference '{external_ref}'.

    The channel has a return with this external reference already.
    """

    code = "DUPLICATE_RETURN_REF"
    external_ref: str
    return_id: ReturnId | None = None
