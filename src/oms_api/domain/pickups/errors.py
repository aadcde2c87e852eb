"""Errors of pickups."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class PickupOver(OmsError):
    """The pickup is {status}: its goods no longer wait for the customer.

    The pickup is not READY: its goods no longer wait for the customer.
    """

    code = "PICKUP_OVER"
    status: str


@dataclass(eq=False)
class PickupCodeWrong(OmsError):
    """This is not the code of the pickup: {left} more wrong codes lock it.

    The code is wrong; after five wrong codes the pickup is locked.
    """

    code = "PICKUP_CODE_WRONG"
    left: int


@dataclass(eq=False)
class PickupLocked(OmsError):
    """Too many wrong codes were given: the pickup is locked until its code is renewed by `pickupCodeRenew`."""

    code = "PICKUP_LOCKED"
