"""What rules would have matched among past orders."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from oms_api.db.outbox import JobRow
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.commands.upsert_skus import upsert_sku
from oms_api.domain.catalog.given import SkuChanges, UpsertSku
from oms_api.domain.events.errors import JobOvertaken
from oms_api.domain.events.jobs import JobRun, cancel_job, finish_job, job_by_id, run_job, validate_job
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.rules.commands.simulate import SimulateRule, simulate_rule
from oms_api.domain.rules.queries import simulation_by_id
from oms_api.domain.rules.states import RuleMode
from oms_api.domain.rules.tables import OrderRuleRow, OrderRuleSimulationRow
from oms_api.kernel.address import Address, Contact
from oms_api.kernel.errors import InvalidValue, NotFound
from oms_api.kernel.ids import IdKind, OrderRuleId, new_uuid, text_id
from oms_api.workflows.rule_orders import simulate as job
from oms_api.workflows.rule_orders.simulate import simulate
from tests.factories.asking import Ask
from tests.factories.given import SYSTEM, Given
from tests.factories.ports import ports_of
from tests.factories.raw import raw
from tests.factories.ruling import K, Rules, act
from tests.factories.trading import Shop, line

SHOWN = """
query ($id: OrderRuleSimulationID!) { orderRuleSimulation(id: $id) {
  asked matched failed firstError amounts { amount currencyCode } months { month asked matched amounts { amount } }
  samples { id } finishedAt rule { code } job { kind status done total }
} }
""".replace("OrderRuleSimulationID!", "ID!")


NOW = datetime.now(UTC)


def ago(days: float) -> datetime:
    """Return a moment so many days back."""
    return NOW - timedelta(days=days)


async def begun(work: UnitOfWork, rule: OrderRuleRow, since: datetime, until: datetime) -> OrderRuleSimulationRow:
    command = SimulateRule(rule_id=rule.id, since=since, until=until)
    row = await work.execute(SYSTEM, simulate_rule, command)
    for step in (validate_job, run_job):
        await work.execute(SYSTEM, step, row.job_id)
    return row


async def attempt(work: UnitOfWork, row: OrderRuleSimulationRow) -> Any:
    async with work.reads(SYSTEM) as read:
        found: JobRow = await job_by_id(read, row.job_id)
    return await simulate(JobRun(work, ports_of(work), SYSTEM, found))


async def simulated(work: UnitOfWork, rule: OrderRuleRow, since: datetime, until: datetime) -> OrderRuleSimulationRow:
    row = await begun(work, rule, since, until)
    await attempt(work, row)
    async with work.reads(SYSTEM) as read:
        return await simulation_by_id(read, row.id)


async def test_a_simulation_counts_what_would_have_matched_then(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    rules, cup, ada = Rules(work, shop.channel), await shop.stocked(99, at=ago(400)), await Given(work).customer()
    to = Address(country="GB", postal_code=Given.code("P"), line1="1 High Street")
    said: dict[str, Any] = {"shipping_address": to, "contact": Contact(email="ada@example.com"), "customer_id": ada.id}
    for days, units in ((100, 1), (99.5, 2), (40, 3), (39.9, 4), (1, 5)):
        await shop.place(line(cup, units), at=ago(days), **said)
    await shop.place(line(cup), at=ago(50))
    cases: dict[str, list[int]] = {
        "order.total > 25.0": [3, 4, 5],
        "customer.known && customer.orders == 2": [3],
        "order.sameAddressOrders24h >= 1": [2, 4],
        "customer.spent > 29.0 && customer.daysSinceFirstOrder > 50": [3, 4, 5],
        f'lines.exists(line, line.sku == "{cup.code}" && line.quantity == 2)': [2],
        'order.emailDomain == "example.com" && order.country == "GB"': [1, 2, 3, 4, 5],
        "!customer.known": [1],
    }
    for condition, expected in cases.items():
        rule = await rules.write(condition)
        row = await simulated(work, rule, ago(200), ago(0))
        assert (row.asked, row.matched, row.failed) == (6, len(expected), 0), condition
        assert row.amounts == {"GBP": sum(expected) * 999}
        assert (sum(each["asked"] for each in row.months.values()), len(row.samples)) == (6, len(expected))
        assert row.finished_at is not None
    part = await simulated(work, await rules.write("true"), ago(60), ago(39.95))
    assert (part.asked, part.amounts) == (2, {"GBP": 4 * 999})
    assert await rules.rulings(ada.id) == []  # type: ignore[arg-type]


async def test_a_simulation_equals_what_was_matched_when_orders_were_placed(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    rules, cup, ada = Rules(work, shop.channel), await shop.stocked(99), await Given(work).customer()
    conditions = [
        "order.total > 15.0 && order.lineCount == 1",
        "customer.orders >= 2",
        "order.sameAddressOrders24h == 1",
        "lines.all(line, line.total < 20.0)",
        "order.weightKg >= 2.5",
        "lines[1].quantity == 1",
    ]
    weighed = UpsertSku(idempotency_key=new_uuid().hex, code=cup.code, changes=SkuChanges(weight_g=1_250))
    await work.execute(SYSTEM, upsert_sku, weighed)
    written = [await rules.active(condition, act(K.TAG, tags=("a",)), mode=RuleMode.SHADOW) for condition in conditions]
    to = Address(country="GB", postal_code=Given.code("P"))
    for lines in ([1], [2], [1, 1], [3], [1]):
        await shop.place(*(line(cup, units) for units in lines), customer_id=ada.id, shipping_address=to)
    async with work.reads(SYSTEM) as read:
        orders = await read.all(raw(select(OrderRow).where(OrderRow.customer_id == ada.id)))
    live = [match for order in list(orders) for match in await rules.matches(order.id)]
    for rule in written:
        mine = [match for match in live if match.rule_id == rule.id]
        row = await simulated(work, rule, ago(1), ago(-1))
        assert (row.asked, row.matched) == (5, sum(not match.error for match in mine))
        assert row.failed == sum(bool(match.error) for match in mine)
    assert row.first_error == "Index error: index=1 size=1"


async def test_an_interrupted_simulation_goes_on_and_a_canceled_one_ends(
    work: UnitOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = await Shop.open(work)
    rules, cup = Rules(work, shop.channel), await shop.stocked(99)
    for _ in range(7):
        await shop.place(line(cup))
    monkeypatch.setattr(job, "PIECE", 2)
    rule, done = await rules.write("order.units == 1"), job._piece
    row = await begun(work, rule, ago(1), ago(-1))
    left = iter([True, True, False])

    async def stumbles(*given: Any, **said: Any) -> Any:
        if not next(left):
            raise ConnectionError("pulled")
        return await done(*given, **said)

    monkeypatch.setattr(job, "_piece", stumbles)
    with pytest.raises(ConnectionError):
        await attempt(work, row)
    monkeypatch.setattr(job, "_piece", done)
    assert await attempt(work, row) == {"asked": 7, "matched": 7, "failed": 0}
    ask = Ask(work, SYSTEM)
    shown = (await ask(SHOWN, id=text_id(IdKind.ORDER_RULE_SIMULATION, row.id)))["orderRuleSimulation"]
    assert (shown["asked"], shown["amounts"], shown["rule"]["code"]) == (
        7,
        [{"amount": "69.93", "currencyCode": "GBP"}],
        rule.code,
    )
    assert (shown["job"]["done"], shown["job"]["total"], len(shown["samples"])) == (7, 7, 7)
    assert [(each["asked"], each["matched"]) for each in shown["months"]] == [(7, 7)]
    await work.execute(SYSTEM, lambda tx, key: finish_job(tx, key, None), row.job_id)
    other = await begun(work, rule, ago(1), ago(-1))
    await work.execute(SYSTEM, cancel_job, other.job_id)
    with pytest.raises(JobOvertaken):
        await attempt(work, other)


async def test_bad_input_of_a_simulation(work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    rule = await Rules(work, shop.channel).write("true")
    with pytest.raises(InvalidValue) as wrong:
        await begun(work, rule, ago(1), ago(1) - timedelta(days=1))
    assert wrong.value.field == ("until",)
    for changes, field in (({"rule_id": OrderRuleId(new_uuid())}, ("ruleId",)), ({"number": 7}, ("number",))):
        said: Any = {"rule_id": rule.id, "since": ago(2), "until": ago(1), **changes}
        with pytest.raises(NotFound) as missing:
            await work.execute(SYSTEM, simulate_rule, SimulateRule(**said))
        assert missing.value.field == field
