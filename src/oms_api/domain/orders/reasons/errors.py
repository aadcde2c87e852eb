"""Errors of the reasons of orders."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class UnknownOrderReason(OmsError):
    """There is no reason '{given}' in use for {use}: `orderReasons` lists them, `orderReasonUpsert` makes one.

    No reason in use has this code: `orderReasons` lists them, `orderReasonUpsert` makes one.
    """

    code = "UNKNOWN_ORDER_REASON"
    given: str
    use: str
