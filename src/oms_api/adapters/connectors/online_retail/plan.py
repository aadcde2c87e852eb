"""What follows from all rows together: products with opening stock, customers, orders, corrections. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from oms_api.adapters.connectors.online_retail.classify import GOODS, Fate, Kind, is_goods, kind_of
from oms_api.adapters.connectors.online_retail.rows import CREDIT_NOTE, SHOP_ZONE, Row

MARGIN_SHARE, LEAST_MARGIN = 10, 10
ITEM_KINDS = {Kind.GIFT_CARD: "GIFT_CARD", Kind.FEE: "FEE", Kind.POSTAGE: "FEE"}


@dataclass(frozen=True, slots=True)
class Item:
    """A product: `kind` is a SKU's; `opening` the units that lie there before the first sale."""

    code: str
    name: str
    kind: str
    opening: int


@dataclass(frozen=True, slots=True)
class Sale:
    """An invoice that becomes an order, with the rows that stand on it and what each is; `position` is its first row's."""

    position: int
    invoice: str
    at: datetime
    customer: str | None
    country: str
    rows: tuple[tuple[Kind, Row], ...]

    @property
    def placed_at(self) -> datetime:
        """The moment in UTC."""
        return self.at.astimezone(UTC)

    @property
    def month(self) -> str:
        """The month at the shop."""
        return f"{self.at:%Y-%m}"


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


@dataclass(frozen=True, slots=True)
class Plan:
    """All there is to do, in the order of the file, which is that of time, and what the file says of itself."""

    items: Sequence[Item]
    customers: Mapping[str, str]
    sales: Sequence[Sale]
    corrections: Sequence[Correction]
    invoices: int
    rows: int
    credit_notes: int
    kinds: Mapping[Kind, Tally]
    gross: Mapping[str, Decimal]
    """Gross sales a month as the file has them, unrounded."""
    refused: Mapping[tuple[str, Kind], Tally]
    """What of the gross sales is refused, by month and reason."""


def planned(rows: Sequence[Row], limit: int | None = None) -> Plan:
    """Return what is to be done with the first *limit* invoices of *rows*.

    Products and opening stock always follow from all rows, so that a limited run can be continued by a whole one.
    """
    known = [(kind_of(row), row) for row in rows]
    invoices: dict[str, list[tuple[Kind, Row]]] = {}
    for kind, row in known:
        if row.invoice in invoices or limit is None or len(invoices) < limit:
            invoices.setdefault(row.invoice, []).append((kind, row))
    books = Books()
    sales: list[Sale] = []
    corrections: list[Correction] = []
    customers: dict[str, str] = {}
    for lines in invoices.values():
        for kind, row in lines:
            books.add(kind, row)
            if row.customer is not None:
                customers.setdefault(row.customer, row.country)
        if sold := [(kind, row) for kind, row in lines if kind.fate is Fate.PLACED]:
            sales.append(sale(lines, sold))
        corrections.extend(corrections_in(lines))
    return Plan(
        items=products(known),
        customers=customers,
        sales=sales,
        corrections=corrections,
        invoices=len(invoices),
        rows=sum(map(len, invoices.values())),
        credit_notes=sum(invoice.startswith(CREDIT_NOTE) for invoice in invoices),
        kinds=books.kinds,
        gross=dict(sorted(books.gross.items())),
        refused=books.refused,
    )


class Books:
    """What the file says of itself: rows and money by kind, gross sales by month, and what of them is refused."""

    def __init__(self) -> None:
        self.kinds: defaultdict[Kind, Tally] = defaultdict(Tally)
        self.gross: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.refused: defaultdict[tuple[str, Kind], Tally] = defaultdict(Tally)

    def add(self, kind: Kind, row: Row) -> None:
        """Enter *row*."""
        self.kinds[kind].add(row)
        if row.is_gross_sale:
            self.gross[row.month] += row.amount
            if kind.fate is not Fate.PLACED:
                self.refused[row.month, kind].add(row)


def sale(lines: Sequence[tuple[Kind, Row]], sold: Sequence[tuple[Kind, Row]]) -> Sale:
    """Return an invoice as an order: of two times the first, of several customers or countries the first."""
    rows = [row for _, row in lines]
    customer = next((row.customer for row in rows if row.customer is not None), None)
    return Sale(rows[0].number, rows[0].invoice, min(row.at for row in rows), customer, rows[0].country, tuple(sold))


def corrections_in(lines: Sequence[tuple[Kind, Row]]) -> Iterator[Correction]:
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


def month_of(moment: datetime) -> str:
    """Return the month of *moment* at the shop."""
    return f"{moment.astimezone(SHOP_ZONE):%Y-%m}"
