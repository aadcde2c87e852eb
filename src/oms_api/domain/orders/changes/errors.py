"""Errors of a change of an order."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class LineShipped(OmsError):
    """{shipped:,} units of this line were shipped: it stays as it is. Add a line for more units, refund a lower price.

    Units of the line were shipped, so its price and discounts stay: refund the difference, or add a line.
    """

    code = "LINE_SHIPPED"
    shipped: int


@dataclass(eq=False)
class ExceedsLost(OmsError):
    """{lost:,} lost units of this line are not sent again yet: {requested:,} were asked for.

    Only units that were lost on the way can be sent again. For a bundle, name the lines of its components.
    """

    code = "EXCEEDS_LOST"
    lost: int
    requested: int


@dataclass(eq=False)
class LineGone(OmsError):
    """All units of this line are canceled: add a new line instead."""

    code = "LINE_GONE"


@dataclass(eq=False)
class SameSku(OmsError):
    """The line has the SKU {sku} already.

    The line has this SKU already: name another SKU.
    """

    code = "SAME_SKU"
    sku: str


@dataclass(eq=False)
class ChangedTwice(OmsError):
    """Two changes of the edit contradict each other: give only one of them."""

    code = "CHANGED_TWICE"


@dataclass(eq=False)
class NothingLeft(OmsError):
    """The edit leaves no units in the order: cancel the order instead."""

    code = "NOTHING_LEFT"


@dataclass(eq=False)
class NothingChanged(OmsError):
    """The edit changes nothing: it would leave the order as it is."""

    code = "NOTHING_CHANGED"


@dataclass(eq=False)
class BelowShipped(OmsError):
    """{shipped} of this amount belongs to lines that were shipped or canceled: the amount cannot be lower.

    The new discount or charge of the whole order is too low. The amount is shared among the lines of the order, and must cover
    the shares of lines that were shipped or canceled.
    """

    code = "BELOW_SHIPPED"
    shipped: str


@dataclass(eq=False)
class NoLinesToChange(OmsError):
    """All lines were shipped or canceled, so no line can take a share of the amount: refund the difference instead."""

    code = "NO_LINES_TO_CHANGE"


@dataclass(eq=False)
class ChangeDecided(OmsError):
    """The change is {current}: only one that is REQUESTED can be applied or declined.

    The proposed change was applied or declined before.
    """

    code = "CHANGE_DECIDED"
    current: str


@dataclass(eq=False)
class ChangeOutdated(OmsError):
    """The order changed since, so the change would no longer have the proposed result: decline it, and propose it anew."""

    code = "CHANGE_OUTDATED"


@dataclass(eq=False)
class AllShipped(OmsError):
    """Nothing is left to ship, so the destination can no longer be changed."""

    code = "ALL_SHIPPED"
