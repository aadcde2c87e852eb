"""Orders and money a month as the file has them, and by what the API's may differ. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from examples.online_retail.matching import Return
from examples.online_retail.orders import money_of
from examples.online_retail.plan import Plan
from examples.online_retail.sales import Sale

ROUNDING = "SUB_PENNY_PRICES"
PENNIES = Decimal("0.00")
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a month comes to, in GBP."""

    orders: int = 0
    gross: Decimal = NOTHING
    discounts: Decimal = NOTHING
    returns: Decimal = NOTHING

    @property
    def net(self) -> Decimal:
        """What is left of the gross sales."""
        return self.gross - self.discounts - self.returns

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            orders=self.orders + other.orders,
            gross=self.gross + other.gross,
            discounts=self.discounts + other.discounts,
            returns=self.returns + other.returns,
        )

    def __sub__(self, other: "Figures") -> "Figures":
        return Figures(
            orders=self.orders - other.orders,
            gross=self.gross - other.gross,
            discounts=self.discounts - other.discounts,
            returns=self.returns - other.returns,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the figures for programs; amounts are text with all their decimals, at least two."""
        amounts = {name: in_full(getattr(self, name)) for name in ("gross", "discounts", "returns", "net")}
        return {"orders": self.orders, **amounts}


ZERO = Figures()


@dataclass(frozen=True, slots=True)
class Month:
    """A month: the file's figures less each difference are what the API has."""

    month: str
    file: Figures
    differences: Mapping[str, Figures]
    api: Figures

    @property
    def agrees(self) -> bool:
        """Whether the differences explain everything."""
        return self.file - sum(self.differences.values(), ZERO) == self.api

    def as_json(self) -> dict[str, Any]:
        """Return the month for programs."""
        return {
            "month": self.month,
            "file": self.file.as_json(),
            "differences": {reason: figures.as_json() for reason, figures in self.differences.items()},
            "api": self.api.as_json(),
            "agrees": self.agrees,
        }


class Calendar:
    """The file's months, and by what those of the API differ: what was refused, and what whole pennies take."""

    def __init__(self, plan: Plan) -> None:
        self.file: defaultdict[str, Figures] = defaultdict(Figures)
        self.differences: defaultdict[str, defaultdict[str, Figures]] = defaultdict(lambda: defaultdict(Figures))
        for month, gross in plan.gross.items():
            self.file[month] += Figures(gross=gross)
        for (month, kind), tally in plan.refused.items():
            self.differs(month, kind, Figures(gross=tally.amount))
        for sale in plan.sales:
            money = money_of(sale)
            self.file[sale.month] += Figures(orders=1, discounts=money.discount)
            self.differs(sale.month, ROUNDING, Figures(gross=money.lost))
        for back in plan.returns:
            self.file[back.month] += Figures(returns=back.value + back.lost)
            self.differs(back.month, ROUNDING, Figures(returns=back.lost))

    def differs(self, month: str, reason: str, by: Figures) -> None:
        """Note that the API has less than the file *by* so much."""
        self.differences[month][str(reason)] += by

    def without_sale(self, sale: Sale, reason: str) -> None:
        """Note that a sale was refused."""
        money = money_of(sale)
        self.differs(sale.month, reason, Figures(orders=1, gross=money.gross, discounts=money.discount))

    def without_return(self, back: Return, reason: str) -> None:
        """Note that a return was refused."""
        self.differs(back.month, reason, Figures(returns=back.value))

    def told(self, api: Mapping[str, Figures]) -> list[Month]:
        """Return each month beside that of the API; differences of nothing are left out."""
        return [
            Month(
                month=month,
                file=self.file[month],
                differences={reason: by for reason, by in self.differences[month].items() if by != ZERO},
                api=api.get(month, ZERO),
            )
            for month in sorted({*self.file, *api})
        ]


def in_full(amount: Decimal) -> str:
    """Return *amount* with all its decimals, at least two."""
    return str(amount + PENNIES)
