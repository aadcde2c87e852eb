"""Simulating a rule: a job that asks it about past orders, piece by piece, and counts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import field
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from oms_api.db.columns import Json
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.db.statements import Query
from oms_api.domain.events.jobs import JobErrors, JobRun
from oms_api.domain.rules.conditions import Condition, ask, engine, kept
from oms_api.domain.rules.queries import simulation_by_id, versions_by_id
from oms_api.domain.rules.tables import OrderRuleSimulationRow
from oms_api.domain.rules.variables import mentioned
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import OrderRuleSimulationId, parse_id
from oms_api.workflows.rule_orders.past_orders import PastOrder, past_orders

PIECE = 500
MOST_SAMPLES = 20
AMONG = "(:all::boolean OR channel_id = ANY (:channels::uuid[]))"
COUNT = Sql(f"""
SELECT count(*) FROM orders WHERE placed_at >= :since::timestamptz AND placed_at < :until::timestamptz AND {AMONG}
""")  # noqa: S608 - made of constants
NEXT = Sql(f"""
SELECT id FROM orders WHERE placed_at < :until::timestamptz AND placed_at >= :since::timestamptz AND {AMONG}
  AND (:reached_id::uuid IS NULL OR (placed_at, id) > (:reached_at::timestamptz, :reached_id::uuid))
ORDER BY placed_at, id LIMIT :size::int
""")  # noqa: S608 - as above
FINISH = Sql("UPDATE order_rule_simulation SET finished_at = :now WHERE id = :id::uuid AND finished_at IS NULL")


@dataclass(slots=True)
class RuleTally:
    """The totals of a piece of orders; amounts in minor units, by currency."""

    asked: int = 0
    matched: int = 0
    failed: int = 0
    amounts: Counter[str] = field(default_factory=Counter)
    months: dict[str, dict[str, Any]] = field(default_factory=dict)
    samples: list[str] = field(default_factory=list)
    first_error: str | None = None

    def add(self, order: PastOrder, condition: Condition, facts: Any) -> None:  # noqa: ANN401 - see `Facts`
        """Ask about one order and count it."""
        answer = ask(condition, engine().activation(facts))
        month = self.months.setdefault(
            f"{order.placed_at.astimezone(ZoneInfo(order.time_zone)):%Y-%m}", {"asked": 0, "matched": 0, "amounts": {}}
        )
        self.asked, month["asked"] = self.asked + 1, month["asked"] + 1
        if answer.error is not None:
            self.failed += 1
            self.first_error = self.first_error or answer.error
        elif answer.holds:
            self.matched, month["matched"] = self.matched + 1, month["matched"] + 1
            self.amounts[order.currency] += order.total
            month["amounts"][order.currency] = month["amounts"].get(order.currency, 0) + order.total
            self.samples.append(str(order.id))

    def onto(self, row: OrderRuleSimulationRow) -> dict[str, Any]:
        """Return the columns of a simulation that has counted this piece, too."""
        months = {name: {**each, "amounts": dict(each["amounts"])} for name, each in row.months.items()}
        for name, each in self.months.items():
            month = months.setdefault(name, {"asked": 0, "matched": 0, "amounts": {}})
            month["asked"] += each["asked"]
            month["matched"] += each["matched"]
            month["amounts"] = dict(Counter(month["amounts"]) + Counter(each["amounts"]))
        return {
            "asked": row.asked + self.asked,
            "matched": row.matched + self.matched,
            "failed": row.failed + self.failed,
            "amounts": dict(Counter(row.amounts) + self.amounts),
            "months": months,
            "samples": [*row.samples, *self.samples][:MOST_SAMPLES],
            "first_error": row.first_error or self.first_error,
        }


async def simulate(run: JobRun) -> Json:
    """Ask a version of a rule about the orders of a time, as they were agreed, and return what it came to."""
    key = parse_id(OrderRuleSimulationId, run.arguments["simulation"])
    async with run.work.reads(run.principal) as read:
        row = await simulation_by_id(read, key)
        condition = kept((await versions_by_id.known(read, row.version_id)).condition)
        total = await read.value(Query[int](*COUNT(since=row.since, until=row.until, **_among(row)))) or 0
    while piece := await _next(run, key):
        await run.step(partial(_piece, key=key, ids=piece, condition=condition), rows=len(piece), total=max(total, run.done))
    await run.work.execute(run.principal, _finish, key)
    async with run.work.reads(run.principal) as read:
        row = await simulation_by_id(read, key)
    return {"asked": row.asked, "matched": row.matched, "failed": row.failed}


def _among(row: OrderRuleSimulationRow) -> dict[str, object]:
    return {"all": row.channel_ids is None, "channels": array(row.channel_ids or ())}


async def _next(run: JobRun, key: OrderRuleSimulationId) -> Sequence[UUID]:
    """Return the orders to ask about next, behind those that were."""
    async with run.work.reads(run.principal) as read:
        row = await simulation_by_id(read, key)
        reached = {"reached_at": row.reached_at, "reached_id": row.reached_id}
        return await read.values(Query[UUID](*NEXT(since=row.since, until=row.until, size=PIECE, **reached, **_among(row))))


async def _piece(tx: Tx, *, key: OrderRuleSimulationId, ids: Sequence[UUID], condition: Condition) -> JobErrors:
    """Ask about some orders, and add them up."""
    needs = mentioned(iter([condition.text]))
    row, (orders, known), tally = await simulation_by_id(tx, key), await past_orders(tx, ids, needs), RuleTally()
    for order in orders:
        tally.add(order, condition, order.facts(needs, known))
    last = orders[-1]
    reached = {"reached_at": last.placed_at, "reached_id": last.id}
    await tx.updated(OrderRuleSimulationRow, {"id": key, **tally.onto(row), **reached})
    return ()


async def _finish(tx: Tx, key: OrderRuleSimulationId) -> None:
    await tx.fetch(FINISH(id=key, now=tx.now))
