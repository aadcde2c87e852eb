"""What can be wrong with a change of an order."""

from dataclasses import dataclass

from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class LineShipped(OmsError):
    """{shipped:,} units of this line were shipped: its price and discounts stay. Refund the difference, or add a line.

    What was shipped cannot be changed.
    """

    code = "LINE_SHIPPED"
    shipped: int


@dataclass(eq=False)
class LineGone(OmsError):
    """All units of this line are canceled: add a new line instead."""

    code = "LINE_GONE"


@dataclass(eq=False)
class SameSku(OmsError):
    """The line has the SKU {sku} already.

    A line is swapped for another SKU.
    """

    code = "SAME_SKU"
    sku: str


@dataclass(eq=False)
class ChangedTwice(OmsError):
    """An edit says this once only.

    Two changes of one edit contradict each other.
    """

    code = "CHANGED_TWICE"


@dataclass(eq=False)
class NothingLeft(OmsError):
    """The edit leaves no units in the order: cancel the order instead."""

    code = "NOTHING_LEFT"


@dataclass(eq=False)
class NothingChanged(OmsError):
    """The order is like that already."""

    code = "NOTHING_CHANGED"


@dataclass(eq=False)
class BelowShipped(OmsError):
    """{shipped} of it belongs to lines that were shipped: it can be no less.

    Amounts of the whole order cannot fall below the shares of lines that were shipped or canceled.
    """

    code = "BELOW_SHIPPED"
    shipped: str


@dataclass(eq=False)
class NoLinesToChange(OmsError):
    """All lines were shipped or canceled: none is left to share it. Refund the difference instead."""

    code = "NO_LINES_TO_CHANGE"


@dataclass(eq=False)
class ChangeDecided(OmsError):
    """The change is {current}: only a proposed one is applied or declined.

    A proposed change is applied or declined once.
    """

    code = "CHANGE_DECIDED"
    current: str


@dataclass(eq=False)
class ChangeOutdated(OmsError):
    """The order moved on: the change would come to something else than was proposed. Decline it, and propose it anew.

    The order was changed since the change was proposed.
    """

    code = "CHANGE_OUTDATED"


@dataclass(eq=False)
class AllShipped(OmsError):
    """Nothing is left to ship: where the goods went stays.

    The way of goods is changed while some of them wait.
    """

    code = "ALL_SHIPPED"
