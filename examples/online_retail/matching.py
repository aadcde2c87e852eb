"""Which units of which orders a credit note takes back: those the same customer bought last before it. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from examples.online_retail.classify import GOODS
from examples.online_retail.orders import CURRENCY, PENNY, money_of, to_the_penny
from examples.online_retail.rows import Row
from examples.online_retail.sales import Part, Sale, month_of
from oms_api.kernel.money import split, to_minor


@dataclass(frozen=True, slots=True)
class CreditNote:
    """A credit note with those of its rows that are goods of a known customer; `position` is its first row's."""

    position: int
    number: str
    at: datetime
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Return:
    """What one credit note takes back of one order. Amounts are GBP, to the penny but for `lost`."""

    position: int
    credit_note: str
    order: str
    at: datetime
    """When it came back, in UTC; never before the order."""
    units: Mapping[int, int]
    """Units by the place of the order's line, from 0."""
    credited: Decimal
    """What the credit note gives for them."""
    granted: Decimal
    """What of that can be refunded: the order's payment less what went back before."""
    value: Decimal
    """What they had cost, less their share of the order's discounts."""
    lost: Decimal
    """What rounding took from units x price."""

    @property
    def ref(self) -> str:
        """The name of the return in the API."""
        return f"{self.credit_note}/{self.order}"

    @property
    def month(self) -> str:
        """The month at the shop."""
        return month_of(self.at)


@dataclass(frozen=True, slots=True)
class Matches:
    """What became of the rows of credit notes: `taken` holds, by a row's number, how many of its units came back."""

    returns: Sequence[Return]
    taken: Mapping[int, int]


@dataclass(slots=True)
class Bought:
    """Units of one order line that are with the customer."""

    sale: Sale
    place: int
    row: Row
    left: int


@dataclass(slots=True)
class Taken:
    """Units that a credit note takes from one order, by line, what it gives for them, and what they had cost unrounded."""

    sale: Sale
    units: Counter[int] = field(default_factory=Counter)
    credited: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)


def matched(sales: Sequence[Sale], notes: Sequence[CreditNote]) -> Matches:
    """Match each of *notes* in the order of time with what its customer had bought before, the latest first.

    Of one order the last line of a product comes first. What is left of a row when nothing more was bought is not in `taken`.
    """
    customers, ledger = Customers(), Ledger()
    returns: list[Return] = []
    events: list[Sale | CreditNote] = [*sales, *notes]
    for event in sorted(events, key=lambda event: (event.at, event.position)):
        if isinstance(event, Sale):
            customers.buy(event)
        else:
            returns.extend(ledger.entered(event, taken) for taken in customers.give_back(event))
    return Matches(returns, customers.taken)


class Customers:
    """What each customer has of each product, the latest last; `taken` holds, by a credit note's row, what came back."""

    def __init__(self) -> None:
        self.bought: defaultdict[tuple[str, str], list[Bought]] = defaultdict(list)
        self.taken: Counter[int] = Counter()

    def buy(self, sale: Sale) -> None:
        """Give the goods of *sale* to its customer, if it is known."""
        if sale.customer is not None:
            for place, (kind, row) in enumerate(sale.lines()):
                if kind in GOODS:
                    self.bought[sale.customer, row.code].append(Bought(sale, place, row, row.quantity))

    def give_back(self, note: CreditNote) -> Collection[Taken]:
        """Take what *note* names from its customer, and return it by order."""
        by_order: dict[str, Taken] = {}
        for row in note.rows:
            for bought, units in take(self.bought[str(row.customer), row.code], -row.quantity):
                taken = by_order.setdefault(bought.sale.invoice, Taken(bought.sale))
                taken.units[bought.place] += units
                taken.credited += units * row.price
                taken.cost += units * bought.row.price
                self.taken[row.number] += units
        return by_order.values()


def take(bought: list[Bought], wanted: int) -> Iterator[tuple[Bought, int]]:
    """Take up to *wanted* units from the end of *bought*."""
    while wanted and bought:
        last = bought[-1]
        units = min(wanted, last.left)
        last.left -= units
        wanted -= units
        if last.left == 0:
            bought.pop()
        yield last, units


class Ledger:
    """What of each order came back so far, in units and in money, so that the last unit takes the rest of a line's price."""

    def __init__(self) -> None:
        self.lines: dict[str, list[tuple[int, int, int]]] = {}
        self.back: Counter[tuple[str, int]] = Counter()
        self.refundable: dict[str, Decimal] = {}

    def entered(self, note: CreditNote, taken: Taken) -> Return:
        """Return *taken* as a return of *note*, and remember it."""
        sale = taken.sale
        if sale.invoice not in self.lines:
            self.lines[sale.invoice] = line_prices(sale)
            self.refundable[sale.invoice] = max(money_of(sale).total, Decimal(0))
        goods = discount = 0
        for place, units in taken.units.items():
            ordered, line_goods, line_discount = self.lines[sale.invoice][place]
            before = self.back[sale.invoice, place]
            self.back[sale.invoice, place] += units
            goods += share(line_goods, before + units, ordered) - share(line_goods, before, ordered)
            discount += share(line_discount, before + units, ordered) - share(line_discount, before, ordered)
        credited = to_the_penny(taken.credited)
        granted = min(credited, self.refundable[sale.invoice])
        self.refundable[sale.invoice] -= granted
        return Return(
            position=note.position,
            credit_note=note.number,
            order=sale.invoice,
            at=max(note.at.astimezone(UTC), sale.placed_at),
            units=dict(taken.units),
            credited=credited,
            granted=granted,
            value=(goods - discount) * PENNY,
            lost=taken.cost - goods * PENNY,
        )


def line_prices(sale: Sale) -> list[tuple[int, int, int]]:
    """Return of each line the units ordered, their price, and their share of the order's discounts, both in pence."""
    lines = [(row.quantity, pence(row)) for _, row in sale.lines()]
    discount = sum(pence(row) for part, _, row in sale.parts() if part is Part.DISCOUNT)
    shares = split(discount, [goods for _, goods in lines])
    return [(ordered, goods, share) for (ordered, goods), share in zip(lines, shares, strict=True)]


def pence(row: Row) -> int:
    """Return the amount of *row* in pence, as a positive one."""
    return to_minor(to_the_penny(abs(row.amount)), CURRENCY)


def share(amount: int, units: int, of: int) -> int:
    """Return what *units* of the *of* units of a line take of its *amount*, half a penny up."""
    return (2 * amount * units + of) // (2 * of)
