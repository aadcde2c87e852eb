"""Errors of holds."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class NotHoldable(OmsError):
    """The record is {current}: only an order that is OPEN, or a fulfillment order with work left, can be put on hold.

    Only an open order, or a fulfillment order with work left, can be put on hold.
    """

    code = "NOT_HOLDABLE"
    current: str


@dataclass(eq=False)
class NotOnHold(OmsError):
    """The record has no active hold to release."""

    code = "NOT_ON_HOLD"


@dataclass(eq=False)
class HoldNotFound(OmsError):
    """The record has no active hold {given}: it was released, or belongs to another record.

    No active hold has this id or handle.
    """

    code = "HOLD_NOT_FOUND"
    given: str


@dataclass(eq=False)
class HandleTaken(OmsError):
    """Another active hold of the record has the handle '{given}': give another one.

    An active hold of the same order or fulfillment order has this handle already.
    """

    code = "HANDLE_TAKEN"
    given: str


@dataclass(eq=False)
class HoldOfAnother(OmsError):
    """'{actor}' placed this hold: say `force: true` and give the reason as a note to release it all the same.

    Another client placed the hold: it is released only with `force` and a note.
    """

    code = "HOLD_OF_ANOTHER"
    actor: str
