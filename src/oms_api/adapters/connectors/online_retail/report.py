"""The proof that nothing was lost: where each row went, and gross sales a month as the API has them beside the file's. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from oms_api.adapters.connectors.online_retail.classify import Fate
from oms_api.adapters.connectors.online_retail.orders import Money, money_of
from oms_api.adapters.connectors.online_retail.plan import Correction, Plan, Sale, month_of

PENNIES = Decimal("0.00")
ROUNDING = "SUB_PENNY_PRICES"
ORDER, CORRECTION, SHIPMENT = "order", "correction", "shipment"


@dataclass(frozen=True, slots=True)
class Kept:
    """An order as the API gives it."""

    id: str
    ref: str
    placed_at: datetime
    recorded_at: datetime
    goods: Decimal
    shipping: Decimal
    discount: Decimal
    arrived: bool

    def holds(self, money: Money, placed_at: datetime) -> bool:
        """Tell whether it is what was sent."""
        sent = (money.goods, money.shipping, money.discount, placed_at)
        return (self.goods, self.shipping, self.discount, self.placed_at) == sent


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something the API did not take."""

    what: str
    ref: str
    code: str
    message: str


@dataclass(slots=True)
class Outcome:
    """What a run did. Counts of what it found done by an earlier run stand beside."""

    placed: int = 0
    placed_before: int = 0
    to_ship: int = 0
    shipped: int = 0
    delivered: int = 0
    corrected: set[tuple[str, str]] = field(default_factory=set)
    refusals: list[Refusal] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    asked_again: Mapping[str, int] = field(default_factory=dict)

    def refuse(self, what: str, ref: str, errors: Sequence[Mapping[str, Any]]) -> None:
        """Note why something was not taken; the first error names the reason."""
        message = "; ".join(f"{'.'.join(error['field'] or ())}: {error['message']}" for error in errors)
        self.refusals.append(Refusal(what, ref, errors[0]["code"], message))


@dataclass(frozen=True, slots=True)
class Month:
    """Gross sales of one month in GBP: the file's less each difference is what the API has."""

    month: str
    file: Decimal
    differences: Mapping[str, Decimal]
    api: Decimal

    @property
    def agrees(self) -> bool:
        """Whether the differences explain everything."""
        return self.file - sum(self.differences.values()) == self.api


@dataclass(frozen=True, slots=True)
class Report:
    """The end of a run."""

    plan: Plan
    outcome: Outcome
    months: Sequence[Month]
    rows: Mapping[Fate, Mapping[str, int]]
    """Rows by what became of them, and by kind or reason."""
    wrong: Sequence[str]
    """Orders that the API has otherwise than they were sent, or not delivered."""
    orders: int
    delivered: int

    @property
    def rows_accounted_for(self) -> int:
        """The rows of which it is known what became of them."""
        return sum(sum(kinds.values()) for kinds in self.rows.values())

    @property
    def agrees(self) -> bool:
        """Whether every row is accounted for, every month agrees and nothing failed."""
        complete = self.rows_accounted_for == self.plan.rows
        return complete and all(month.agrees for month in self.months) and not self.wrong and not self.outcome.refusals

    def as_json(self) -> dict[str, Any]:
        """Return the report for programs; amounts are text."""
        outcome, seconds = self.outcome, self.outcome.seconds
        return {
            "agrees": self.agrees,
            "invoices": self.plan.invoices,
            "rows": {
                "file": self.plan.rows,
                "accountedFor": self.rows_accounted_for,
                **{fate.value: {str(kind): rows for kind, rows in kinds.items()} for fate, kinds in self.rows.items()},
            },
            "orders": {
                "placed": outcome.placed,
                "placedBefore": outcome.placed_before,
                "shipped": outcome.shipped,
                "delivered": outcome.delivered,
                "inApi": self.orders,
                "deliveredInApi": self.delivered,
            },
            "creditNotesWaiting": self.plan.credit_notes,
            "corrections": len(outcome.corrected),
            "refused": [{"what": r.what, "ref": r.ref, "code": r.code, "message": r.message} for r in outcome.refusals],
            "askedAgain": outcome.asked_again,
            "seconds": {phase: round(taken, 1) for phase, taken in seconds.items()},
            "ordersPerSecond": {
                "placing": rate(outcome.placed, seconds.get("placing", 0)),
                "overall": rate(outcome.placed, sum(seconds.get(phase, 0) for phase in ("set-up", "replaying"))),
            },
            "months": [
                {
                    "month": month.month,
                    "file": in_full(month.file),
                    "differences": {str(reason): in_full(amount) for reason, amount in month.differences.items()},
                    "api": in_full(month.api),
                    "agrees": month.agrees,
                }
                for month in self.months
            ],
            "wrong": list(self.wrong),
        }


def in_full(amount: Decimal) -> str:
    """Return *amount* with all its decimals, at least two."""
    return str(amount + PENNIES)


def rate(orders: int, seconds: float) -> float:
    """Return orders per second."""
    return round(orders / seconds, 1) if seconds else 0.0


def reported(plan: Plan, outcome: Outcome, kept: Mapping[str, Kept]) -> Report:
    """Return what became of *plan*, given every order that the API has."""
    reckoning = Reckoning(plan, {(refusal.what, refusal.ref): refusal.code for refusal in outcome.refusals})
    reckoning.without_orders()
    for sale in plan.sales:
        reckoning.sale(sale, kept.get(sale.invoice))
    for correction in plan.corrections:
        reckoning.correction(correction, done=(correction.invoice, correction.kind.value) in outcome.corrected)
    return Report(
        plan=plan,
        outcome=outcome,
        months=reckoning.told(),
        rows=reckoning.rows,
        wrong=reckoning.wrong,
        orders=reckoning.orders,
        delivered=reckoning.delivered,
    )


class Reckoning:
    """Adds up, row by row, what became of a plan; *refused* holds the reasons of the API."""

    def __init__(self, plan: Plan, refused: Mapping[tuple[str, str], str]) -> None:
        self.plan = plan
        self.refused = refused
        self.rows: dict[Fate, Counter[str]] = {fate: Counter() for fate in Fate}
        self.gross: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.differences: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self.wrong: list[str] = []
        self.orders = self.delivered = 0

    def without_orders(self) -> None:
        """Take the rows that were never meant for the API."""
        for kind, tally in self.plan.kinds.items():
            if kind.fate in {Fate.WAITING, Fate.REFUSED}:
                self.rows[kind.fate][kind] += tally.rows
        for (month, kind), tally in self.plan.refused.items():
            self.differences[month][kind] += tally.amount

    def sale(self, sale: Sale, order: Kept | None) -> None:
        """Take an invoice and the order it became, if it did."""
        money = money_of(sale)
        self.differences[sale.month][ROUNDING] += money.lost
        if order is None:
            if (reason := self.refused.get((ORDER, sale.invoice))) is not None:
                self.rows[Fate.REFUSED][reason] += len(sale.rows)
                self.differences[sale.month][reason] += money.gross
            return
        self.orders += 1
        self.delivered += order.arrived
        self.gross[month_of(order.placed_at)] += order.goods + order.shipping
        self.rows[Fate.PLACED].update(kind for kind, _ in sale.rows)
        if not order.holds(money, sale.placed_at):
            self.wrong.append(f"invoice {sale.invoice} is {order}, not {money} at {sale.placed_at}")
        elif not order.arrived:
            self.wrong.append(f"invoice {sale.invoice} is not delivered")

    def correction(self, correction: Correction, *, done: bool) -> None:
        """Take a correction of stock."""
        if done:
            self.rows[Fate.ADJUSTED][correction.kind] += correction.rows
        elif (reason := self.refused.get((CORRECTION, correction.invoice))) is not None:
            self.rows[Fate.REFUSED][reason] += correction.rows

    def told(self) -> list[Month]:
        """Return each month; differences of nothing are left out."""
        return [
            Month(
                month=month,
                file=file,
                differences={reason: amount for reason, amount in self.differences[month].items() if amount},
                api=self.gross[month],
            )
            for month, file in self.plan.gross.items()
        ]
