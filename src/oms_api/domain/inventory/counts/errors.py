"""Errors of stock counts."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class NotInCount(OmsError):
    """The SKU '{sku}' is not on this count, which is of certain SKUs only: count it in another.

    The SKU is not on the count, which is limited to certain SKUs: count it in another stock count.
    """

    code = "NOT_IN_COUNT"
    sku: str


@dataclass(eq=False)
class LinesUncounted(OmsError):
    """{uncounted} lines are uncounted, '{first}' among them: count them, or state that they stay as they are.

    Counting cannot end while lines are uncounted: count them, or state that they stay as they are.
    """

    code = "LINES_UNCOUNTED"
    uncounted: int
    first: str


@dataclass(eq=False)
class NothingToCount(OmsError):
    """The location has never held any stock: name the SKUs to count."""

    code = "NOTHING_TO_COUNT"
