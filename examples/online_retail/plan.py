"""What follows from all rows together: products with opening stock, customers, orders, corrections, returns. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from examples.online_retail.classify import GOODS, Fate, Kind, is_goods, kind_of
from examples.online_retail.matching import CreditNote, Matches, Return, matched
from examples.online_retail.rows import CREDIT_NOTE, Row
from examples.online_retail.sales import Sale, sale_of

MARGIN_SHARE, LEAST_MARGIN = 10, 10
ITEM_KINDS = {Kind.GIFT_CARD: "GIFT_CARD", Kind.FEE: "FEE", Kind.POSTAGE: "FEE"}
Lines = Sequence[tuple[Kind, Row]]


@dataclass(frozen=True, slots=True)
class Item:
    """A product: `kind` is a SKU's; `opening` the units that lie there before the first sale."""

    code: str
    name: str
    kind: str
    opening: int


@dataclass(frozen=True, slots=True)
class Correction:
    """An invoice that corrects stock: by how many units of each code."""

    position: int
    invoice: str
    kind: Kind
    at: datetime
    units: Mapping[str, int]
    rows: int


@dataclass(slots=True)
class Tally:
    """How many rows, and their money unrounded."""

    rows: int = 0
    amount: Decimal = Decimal(0)

    def add(self, row: Row) -> None:
        """Count *row*."""
        self.rows += 1
        self.amount += row.amount


@dataclass(slots=True)
class Credit:
    """What of the credit notes has one kind: how many of them, rows, units, and money unrounded (negative: it went back)."""

    notes: set[str] = field(default_factory=set)
    rows: int = 0
    units: int = 0
    amount: Decimal = Decimal(0)

    def add(self, row: Row, units: int) -> None:
        """Count *units* of *row*."""
        self.notes.add(row.invoice)
        self.rows += 1
        self.units += units
        self.amount -= units * row.price


@dataclass(frozen=True, slots=True)
class Plan:
    """All there is to do, in the order of the file, which is that of time, and what the file says of itself."""

    items: Sequence[Item]
    customers: Mapping[str, str]
    sales: Sequence[Sale]
    corrections: Sequence[Correction]
    returns: Sequence[Return]
    first_back: Mapping[str, datetime]
    """When the first unit of an order comes back, by invoice; of the whole file, whatever the limit."""
    invoices: int
    rows: int
    kinds: Mapping[Kind, Tally]
    gross: Mapping[str, Decimal]
    """Gross sales a month as the file has them, unrounded."""
    refused: Mapping[tuple[str, Kind], Tally]
    """What of the gross sales is refused, by month and reason."""
    credits: Mapping[Kind, Credit]

    @property
    def months(self) -> set[str]:
        """The months in which anything was sold or came back."""
        return {*self.gross, *(sale.month for sale in self.sales), *(back.month for back in self.returns)}


def planned(rows: Sequence[Row], limit: int | None = None) -> Plan:
    """Return what is to be done with the first *limit* invoices of *rows*.

    Products, opening stock and what a credit note takes back always follow from all rows, so that a limited run can be
    continued by a whole one.
    """
    known = [(kind_of(row), row) for row in rows]
    invoices: dict[str, list[tuple[Kind, Row]]] = {}
    for kind, row in known:
        invoices.setdefault(row.invoice, []).append((kind, row))
    every_sale = list(sales_of(invoices.values()))
    matches = matched(every_sale, list(credit_notes_of(invoices.values())))
    mine = dict(list(invoices.items())[:limit])
    books = Books(matches)
    corrections: list[Correction] = []
    for lines in mine.values():
        for kind, row in lines:
            books.add(kind, row)
        corrections.extend(corrections_in(lines))
    return Plan(
        items=products(known),
        customers=books.customers,
        sales=[sale for sale in every_sale if sale.invoice in mine],
        corrections=corrections,
        returns=[back for back in matches.returns if back.credit_note in mine and back.order in mine],
        first_back=first_back(matches.returns),
        invoices=len(mine),
        rows=sum(map(len, mine.values())),
        kinds=books.kinds,
        gross=dict(sorted(books.gross.items())),
        refused=books.refused,
        credits=books.credits,
    )


class Books:
    """What the file says of itself: customers, rows and money by kind, gross sales by month, and what of them is refused."""

    def __init__(self, matches: Matches) -> None:
        self.taken = matches.taken
        self.customers: dict[str, str] = {}
        self.kinds: defaultdict[Kind, Tally] = defaultdict(Tally)
        self.gross: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.refused: defaultdict[tuple[str, Kind], Tally] = defaultdict(Tally)
        self.credits: defaultdict[Kind, Credit] = defaultdict(Credit)

    def add(self, kind: Kind, row: Row) -> None:
        """Enter *row*; goods that come back count as NOTHING_SHIPPED where none of them was matched."""
        taken = self.taken.get(row.number, 0)
        if kind is Kind.RETURN and taken == 0:
            kind = Kind.NOTHING_SHIPPED
        self.kinds[kind].add(row)
        if row.customer is not None:
            self.customers.setdefault(row.customer, row.country)
        if row.is_gross_sale:
            self.gross[row.month] += row.amount
            if kind.fate is not Fate.PLACED:
                self.refused[row.month, kind].add(row)
        if row.invoice.startswith(CREDIT_NOTE):
            self.credits[kind].add(row, taken or -row.quantity)
            if 0 < taken < -row.quantity:
                self.credits[Kind.MORE_THAN_SHIPPED].add(row, -row.quantity - taken)


def sales_of(invoices: Iterable[Lines]) -> Iterator[Sale]:
    """Give every invoice that becomes an order."""
    for lines in invoices:
        if sold := [(kind, row) for kind, row in lines if kind.fate is Fate.PLACED]:
            yield sale_of(lines, sold)


def credit_notes_of(invoices: Iterable[Lines]) -> Iterator[CreditNote]:
    """Give every credit note that has goods of a known customer."""
    for lines in invoices:
        if goods := [row for kind, row in lines if kind is Kind.RETURN]:
            yield CreditNote(lines[0][1].number, goods[0].invoice, min(row.at for _, row in lines), goods)


def first_back(returns: Collection[Return]) -> dict[str, datetime]:
    """Return when the first unit of each order comes back."""
    first: dict[str, datetime] = {}
    for back in returns:
        first[back.order] = min(back.at, first.get(back.order, back.at))
    return first


def corrections_in(lines: Lines) -> Iterator[Correction]:
    """Return what an invoice corrects, stock found and stock written off apart, its rows merged by code."""
    for kind in (Kind.FOUND, Kind.WRITTEN_OFF):
        rows = [row for other, row in lines if other is kind]
        if rows:
            units: Counter[str] = Counter()
            for row in rows:
                units[row.code] += row.quantity
            yield Correction(lines[0][1].number, rows[0].invoice, kind, min(row.at for row in rows), units, len(rows))


def products(rows: Iterable[tuple[Kind, Row]]) -> list[Item]:
    """Return every product that an order or a correction names, by code.

    Its name is its most frequent description on sales, else anywhere, else its code. Its opening stock is what the year
    sells and writes off, and a margin of a tenth, at least 10 units: no sale waits for stock found later.
    """
    names: defaultdict[str, Counter[tuple[bool, str]]] = defaultdict(Counter)
    kinds: dict[str, str] = {}
    needed: Counter[str] = Counter()
    for kind, row in rows:
        if kind.fate not in {Fate.PLACED, Fate.ADJUSTED} or kind is Kind.DISCOUNT:
            continue
        kinds.setdefault(row.code, ITEM_KINDS.get(kind, "GOODS"))
        if row.description is not None:
            names[row.code][row.price > 0, row.description] += 1
        if kind in GOODS or kind is Kind.WRITTEN_OFF:
            needed[row.code] += abs(row.quantity)
    return [Item(code, name_of(code, names[code]), kinds[code], opening_of(code, needed[code])) for code in sorted(kinds)]


def name_of(code: str, seen: Mapping[tuple[bool, str], int]) -> str:
    """Return the most frequent description on sales, else anywhere, else *code*; of equals the first."""
    best = max(seen, key=lambda name: (name[0], seen[name]), default=None)
    return code if best is None else best[1]


def opening_of(code: str, needed: int) -> int:
    """Return the opening stock of *code*, of which the year needs *needed* units."""
    return needed + max(-(-needed // MARGIN_SHARE), LEAST_MARGIN) if is_goods(code) else 0
