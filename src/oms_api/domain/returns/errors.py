"""What can be wrong with returns."""

from dataclasses import dataclass

from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class NotReturnable(OmsError):
    """Only {returnable} units of the line can come back, not {requested}: others never left, or come back already."""

    code = "NOT_RETURNABLE"
    returnable: int
    requested: int


@dataclass(eq=False)
class NotAnnounced(OmsError):
    """Only {expected} units of the return's line are still expected, not {received}."""

    code = "NOT_ANNOUNCED"
    expected: int
    received: int


@dataclass(eq=False)
class DuplicateReturnRef(OmsError):
    """The channel already has a return with the external reference '{external_ref}'."""

    code = "DUPLICATE_RETURN_REF"
    external_ref: str
