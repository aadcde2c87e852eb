"""The proof that nothing was lost: where each row went, and each month as the API reports it beside the file's. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from examples.online_retail.classify import Fate, Kind
from examples.online_retail.kept import Kept, KeptReturn
from examples.online_retail.matching import Return
from examples.online_retail.months import Calendar, Figures, Month, in_full
from examples.online_retail.orders import money_of
from examples.online_retail.outcome import CORRECTION, ORDER, RETURN, Outcome
from examples.online_retail.plan import Correction, Plan
from examples.online_retail.sales import Sale


@dataclass(frozen=True, slots=True)
class InApi:
    """What the API has of the plan, all runs together; `refunded` is GBP."""

    orders: int = 0
    paid: int = 0
    delivered: int = 0
    returns: int = 0
    received: int = 0
    refunded: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Report:
    """The end of a run."""

    plan: Plan
    outcome: Outcome
    months: Sequence[Month]
    rows: Mapping[Fate, Mapping[str, int]]
    """Rows by what became of them, and by kind or reason."""
    wrong: Sequence[str]
    """What the API has otherwise than it was sent, or not to its end."""
    in_api: InApi

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
        outcome, there, seconds = self.outcome, self.in_api, self.outcome.seconds
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
                "paymentEvents": outcome.payments,
                "shipped": outcome.shipped,
                "delivered": outcome.delivered,
                "inApi": there.orders,
                "paidInApi": there.paid,
                "deliveredInApi": there.delivered,
            },
            "creditNotes": credit_notes_of(self.plan),
            "returns": {
                "received": outcome.returned,
                "refunded": outcome.refunded,
                "inApi": there.returns,
                "receivedInApi": there.received,
                "refundedInApi": in_full(there.refunded),
                "planned": len(self.plan.returns),
                "cut": [cut(back) for back in self.plan.returns if back.granted < back.credited],
            },
            "corrections": len(outcome.corrected),
            "refused": [{"what": r.what, "ref": r.ref, "code": r.code, "message": r.message} for r in outcome.refusals],
            "askedAgain": outcome.asked_again,
            "seconds": {phase: round(taken, 1) for phase, taken in seconds.items()},
            "ordersPerSecond": {
                "placing": rate(outcome.placed, seconds.get("placing", 0)),
                "overall": rate(outcome.placed, sum(seconds.get(phase, 0) for phase in ("set-up", "replaying"))),
            },
            "months": [month.as_json() for month in self.months],
            "wrong": list(self.wrong),
        }


def credit_notes_of(plan: Plan) -> dict[str, Any]:
    """Return how many credit notes were matched, and what of them has which kind."""
    matched = plan.credits[Kind.RETURN].notes if Kind.RETURN in plan.credits else set[str]()
    others = set[str]().union(*(credit.notes for kind, credit in plan.credits.items() if kind is not Kind.RETURN))
    return {
        "all": len(matched | others),
        "matched": len(matched - others),
        "matchedInPart": len(matched & others),
        "unmatched": len(others - matched),
        "byReason": {
            str(kind): {
                "notes": len(credit.notes),
                "rows": credit.rows,
                "units": credit.units,
                "amount": in_full(credit.amount),
            }
            for kind, credit in sorted(plan.credits.items())
        },
    }


def cut(back: Return) -> dict[str, str]:
    """Return of which credit not all can be refunded, because the order was not paid that much."""
    return {"return": back.ref, "credited": in_full(back.credited), "refunded": in_full(back.granted)}


def rate(orders: int, seconds: float) -> float:
    """Return orders per second."""
    return round(orders / seconds, 1) if seconds else 0.0


def reported(
    plan: Plan, outcome: Outcome, kept: Mapping[str, Kept], returned: Mapping[str, KeptReturn], months: Mapping[str, Figures]
) -> Report:
    """Return what became of *plan*, given every order, return and month that the API has of the channel."""
    reckoning = Reckoning(plan, {(refusal.what, refusal.ref): refusal.code for refusal in outcome.refusals})
    reckoning.without_orders()
    for sale in plan.sales:
        reckoning.sale(sale, kept.get(sale.invoice))
    for back in plan.returns:
        reckoning.back(back, returned.get(back.ref))
    for correction in plan.corrections:
        reckoning.correction(correction, done=(correction.invoice, correction.kind.value) in outcome.corrected)
    if strange := len(kept.keys() - {sale.invoice for sale in plan.sales}):
        reckoning.wrong.append(f"the channel has {strange} orders that this run did not ask for: the months cannot agree")
    return Report(
        plan=plan,
        outcome=outcome,
        months=reckoning.calendar.told(months),
        rows=reckoning.rows,
        wrong=reckoning.wrong,
        in_api=reckoning.in_api(kept, returned),
    )


class Reckoning:
    """Adds up, row by row, what became of a plan; *refused* holds the reasons of the API."""

    def __init__(self, plan: Plan, refused: Mapping[tuple[str, str], str]) -> None:
        self.plan = plan
        self.refused = refused
        self.calendar = Calendar(plan)
        self.rows: dict[Fate, Counter[str]] = {fate: Counter() for fate in Fate}
        self.wrong: list[str] = []
        self.granted: defaultdict[str, Decimal] = defaultdict(Decimal)
        for back in plan.returns:
            self.granted[back.order] += back.granted

    def without_orders(self) -> None:
        """Take the rows that become no order and correct nothing: what the file says of them is all there is."""
        for kind, tally in self.plan.kinds.items():
            if kind.fate in {Fate.RETURNED, Fate.LISTED, Fate.REFUSED}:
                self.rows[kind.fate][kind] += tally.rows

    def sale(self, sale: Sale, order: Kept | None) -> None:
        """Take an invoice and the order it became, if it did."""
        if order is None:
            if (reason := self.refused.get((ORDER, sale.invoice))) is not None:
                self.rows[Fate.REFUSED][reason] += len(sale.rows)
                self.calendar.without_sale(sale, reason)
            return
        self.rows[Fate.PLACED].update(kind for kind, _ in sale.rows)
        money = money_of(sale)
        if not order.holds(money, sale.placed_at):
            self.wrong.append(f"invoice {sale.invoice} is {order}, not {money} at {sale.placed_at}")
        elif not order.arrived:
            self.wrong.append(f"invoice {sale.invoice} is not delivered")
        elif not order.paid:
            self.wrong.append(f"invoice {sale.invoice} is not paid: {order.captured} of {money.total}")
        elif order.refunded != self.granted[sale.invoice]:
            self.wrong.append(f"invoice {sale.invoice} has {order.refunded} refunded, not {self.granted[sale.invoice]}")

    def back(self, back: Return, kept: KeptReturn | None) -> None:
        """Take what a credit note takes back and the return it became, if it did."""
        if (kept is None or not kept.all_received) and (reason := self.refused.get((RETURN, back.ref))) is not None:
            self.calendar.without_return(back, reason)
        elif kept is None:
            self.wrong.append(f"return {back.ref} is not there")
        elif not kept.holds(back):
            self.wrong.append(f"return {back.ref} is {kept}, not {back}")

    def correction(self, correction: Correction, *, done: bool) -> None:
        """Take a correction of stock."""
        if done:
            self.rows[Fate.ADJUSTED][correction.kind] += correction.rows
        elif (reason := self.refused.get((CORRECTION, correction.invoice))) is not None:
            self.rows[Fate.REFUSED][reason] += correction.rows

    def in_api(self, kept: Mapping[str, Kept], returned: Mapping[str, KeptReturn]) -> InApi:
        """Return what the API has of the plan."""
        orders = [kept[sale.invoice] for sale in self.plan.sales if sale.invoice in kept]
        returns = [returned[back.ref] for back in self.plan.returns if back.ref in returned]
        return InApi(
            orders=len(orders),
            paid=sum(order.paid for order in orders),
            delivered=sum(order.arrived for order in orders),
            returns=len(returns),
            received=sum(back.all_received for back in returns),
            refunded=sum((back.refunded for back in returns), Decimal(0)),
        )
