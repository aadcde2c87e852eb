"""An invoice as a sale: what stands on the order that it becomes, and where. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto

from examples.online_retail.classify import ORDER_LINES, Kind
from examples.online_retail.rows import SHOP_ZONE, Row


class Part(Enum):
    """Where a row stands on an order."""

    LINE = auto()
    SHIPPING = auto()
    DISCOUNT = auto()


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

    def parts(self) -> list[tuple[Part, Kind, Row]]:
        """Return its rows, each with its place; postage stands in a line where there is no other."""
        has_lines = any(kind in ORDER_LINES for kind, _ in self.rows)
        places = {Kind.DISCOUNT: Part.DISCOUNT, Kind.POSTAGE: Part.SHIPPING if has_lines else Part.LINE}
        return [(places.get(kind, Part.LINE), kind, row) for kind, row in self.rows]

    def lines(self) -> list[tuple[Kind, Row]]:
        """Return the rows that become the order's lines, in their order."""
        return [(kind, row) for part, kind, row in self.parts() if part is Part.LINE]


def sale_of(lines: Sequence[tuple[Kind, Row]], sold: Sequence[tuple[Kind, Row]]) -> Sale:
    """Return an invoice as a sale of *sold*: of two times the first, of several customers or countries the first."""
    rows = [row for _, row in lines]
    customer = next((row.customer for row in rows if row.customer is not None), None)
    return Sale(rows[0].number, rows[0].invoice, min(row.at for row in rows), customer, rows[0].country, tuple(sold))


def month_of(moment: datetime) -> str:
    """Return the month of *moment* at the shop."""
    return f"{moment.astimezone(SHOP_ZONE):%Y-%m}"
