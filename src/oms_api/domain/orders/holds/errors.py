"""What can be wrong with holds."""

from dataclasses import dataclass

from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class NotHoldable(OmsError):
    """It is {current}: only an order that is OPEN, or a fulfillment order with work left, is put on hold.

    Only an open order, or a fulfillment order with work left, is put on hold.
    """

    code = "NOT_HOLDABLE"
    current: str


@dataclass(eq=False)
class NotOnHold(OmsError):
    """It has no active hold."""

    code = "NOT_ON_HOLD"


@dataclass(eq=False)
class HoldNotFound(OmsError):
    """None of its active holds is {given}: it was released, or is another's.

    No active hold has this id or handle.
    """

    code = "HOLD_NOT_FOUND"
    given: str


@dataclass(eq=False)
class HandleTaken(OmsError):
    """Another active hold of it has the handle '{given}'.

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
