"""What a customer owes for an order: one fold of what its units cost, what was conceded, and which fees are kept. Pure.

Concessions are made on a line, on shipping, on fees, or on the order as a whole. Each counts up to what its place still costs,
so that what comes back later is never paid for twice: a concession on a line that comes back is gone with it.
"""

from collections.abc import Iterable, Mapping

from oms_api.domain.orders.quantities import LineUnits, share
from oms_api.domain.orders.states import LineKind
from oms_api.domain.payments.states import RefundPartKind
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LineId

K = RefundPartKind
Place = LineId | RefundPartKind
"""A line, or SHIPPING, FEE, or CONCESSION for the order as a whole."""


@dataclass(frozen=True, slots=True)
class Share:
    """What the customer pays for something, in minor units, and what of it is for shipping and for taxes."""

    amount: int = 0
    shipping: int = 0
    tax: int = 0

    def __add__(self, other: "Share") -> "Share":
        return Share(self.amount + other.amount, self.shipping + other.shipping, self.tax + other.tax)

    def __sub__(self, other: "Share") -> "Share":
        return Share(self.amount - other.amount, self.shipping - other.shipping, self.tax - other.tax)

    def part(self, amount: int) -> "Share":
        """Return *amount* of it, with as much shipping and tax as that takes; of nothing, no tax is known."""
        if self.amount <= 0:
            return Share(amount)
        return Share(amount, share(self.shipping, amount, self.amount), share(self.tax, amount, self.amount))


NOTHING = Share()


@dataclass(frozen=True, slots=True)
class Dues:
    """What is due, in minor units, and what concessions take off it by place."""

    due: int
    conceded: Mapping[Place, Share]


def cost(lines: Iterable[LineUnits], *, prices_include_tax: bool, whole: bool = False) -> dict[Place, Share]:
    """Return what each line costs apart from shipping, and what shipping costs: for what is left, or for the *whole* order.

    Of a bundle its components count.
    """
    found: dict[Place, Share] = {}
    shipping = NOTHING
    for line in lines:
        if line.kind is LineKind.BUNDLE:
            continue
        gone = 0 if whole else line.gone
        money = line.money - line.money.share(gone, line.ordered)
        shipping_tax = line.shipping_tax - share(line.shipping_tax, gone, line.ordered)
        tax, added = money.tax - shipping_tax, not prices_include_tax
        found[line.id] = Share(money.goods - money.discount + tax * added, 0, tax)
        shipping += Share(money.shipping + shipping_tax * added, money.shipping, shipping_tax)
    return {**found, K.SHIPPING: shipping}


def dues_of(
    lines: Iterable[LineUnits], *, prices_include_tax: bool, conceded: Mapping[Place, Share] | None = None, fees: int = 0
) -> Dues:
    """Return what is due for *lines* and *fees*, less what was *conceded*, each as far as there is something to take it off."""
    left = cost(lines, prices_include_tax=prices_include_tax)
    granted = conceded or {}
    total = sum(each.amount for each in left.values())
    rest_of = {place: max(each.amount, 0) for place, each in left.items()} | {K.FEE: fees}
    taken: dict[Place, Share] = {
        place: each.part(min(each.amount, rest_of.get(place, 0)))
        for place, each in granted.items()
        if place is not K.CONCESSION
    }
    if K.CONCESSION in granted:
        rest = max(total - sum(each.amount for place, each in taken.items() if place is not K.FEE), 0)
        taken[K.CONCESSION] = granted[K.CONCESSION].part(min(granted[K.CONCESSION].amount, rest))
    return Dues(total + fees - sum(each.amount for each in taken.values()), taken)
