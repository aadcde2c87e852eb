"""Plans of what to have and to order, from the ledger up to a moment, and the alerts that follow them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.commands.upsert_skus import upsert_sku
from oms_api.domain.catalog.given import CostGiven, SkuChanges, UpsertSku
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuStatus
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Activity, Oversell
from oms_api.domain.inventory.tables import InventoryLevelRow
from oms_api.domain.planning.commands.create_plan import CreatePlan, create_plan
from oms_api.domain.planning.commands.set_bands import Band, SetBands, set_bands
from oms_api.domain.planning.history import histories
from oms_api.domain.planning.queries import newest_plan, plan_by_id
from oms_api.domain.planning.states import AbcClass, AlertKind, SupplierReason, XyzClass
from oms_api.domain.planning.tables import InventoryAlertRow, StockBandRow, StockPlanLineRow, StockPlanRow
from oms_api.domain.planning.watch import watch_stock
from oms_api.domain.purchasing.given import UnitCost
from oms_api.jobs.tasks import Tries, carry_out
from oms_api.kernel.errors import LimitedKey, NotFound, Refused
from oms_api.kernel.ids import LocationId, StockPlanId, new_uuid
from oms_api.workflows.plan_stock import plan_daily
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import staged
from tests.factories.lots import Pantry, lot
from tests.factories.ports import ports_of
from tests.factories.purchasing import Buyer
from tests.factories.purchasing import line as bought
from tests.factories.raw import raw
from tests.factories.trading import Shop, line

NOW = datetime.now(UTC)


async def planned(work: UnitOfWork, **options: Any) -> StockPlanRow:
    """Make a plan, and let the worker's part happen."""
    plan = await work.execute(SYSTEM, create_plan, CreatePlan(**options))
    await carry_out(work, ports_of(work), SUBSCRIBERS.job_kinds, plan.job_id, Tries(0))
    async with work.reads(SYSTEM) as read:
        return await plan_by_id(read, plan.id)


async def line_of(work: UnitOfWork, plan: StockPlanRow, sku: SkuRow, location: LocationId | None = None) -> StockPlanLineRow:
    async with work.reads(SYSTEM) as read:
        table = StockPlanLineRow
        found = await read.all(raw(select(table).where(table.plan_id == plan.id, table.sku_id == sku.id)))
        return next(row for row in found if location in {None, row.location_id})


async def alerts_of(work: UnitOfWork, sku: SkuRow) -> dict[AlertKind, bool]:
    """Return each alert of *sku*, and whether it is open."""
    async with work.reads(SYSTEM) as read:
        rows: Sequence[InventoryAlertRow] = await read.all(
            raw(select(InventoryAlertRow).where(InventoryAlertRow.sku_id == sku.id))
        )
        return {row.kind: row.resolved_at is None for row in rows}


async def sold(shop: Shop, sku: SkuRow, *units: int, until: datetime = NOW) -> None:
    """Sell so many units a week, the last of them in the week before *until*."""
    for week, quantity in enumerate(reversed(units)):
        if quantity:
            await shop.place(line(sku, quantity), at=until - timedelta(days=7 * week + 3))


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=2)


async def test_what_sells_steadily_is_ordered_up_to_the_level_that_its_demand_asks_for(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(105)
    await sold(shop, sku, *[10] * 10)
    found = await line_of(work, await planned(work), sku)
    assert (found.weekly, found.deviation, found.wape) == (Decimal(10), Decimal(0), Decimal(0))
    assert (found.on_hand, found.available, found.xyz) == (105, 5, XyzClass.X)
    assert found.lead_days == 14
    assert (found.reorder_point, found.order_up_to) == (30 + found.safety_stock, 40 + found.safety_stock)
    assert found.suggested == found.order_up_to - 5
    assert found.urgency == 3


async def test_what_was_canceled_is_no_demand(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(200)
    order = await shop.place(line(sku, 40), at=NOW - timedelta(days=2))
    await sold(shop, sku, *[10] * 9)
    await shop.cancel(order.id, occurred_at=NOW - timedelta(days=1))
    assert (await line_of(work, await planned(work), sku)).weekly == Decimal("10.0000")


async def test_a_plan_knows_nothing_of_what_comes_after_its_moment(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(500)
    then = NOW - timedelta(days=70)
    await sold(shop, sku, *[4] * 9, until=then)
    await sold(shop, sku, *[50] * 8)
    early, late = await planned(work, at=then), await planned(work)
    assert (await line_of(work, early, sku)).weekly == 4
    assert (await line_of(work, late, sku)).weekly > 20


async def stocked_then(shop: Shop, work: UnitOfWork, units: int, *, weeks: float) -> SkuRow:
    """Return a SKU of which so many units came that many weeks ago."""
    buyer = replace(await Buyer.open(work), location=shop.locations[0])
    sku, then = await buyer.supplied(), NOW - timedelta(weeks=weeks)
    order = (await buyer.write(bought(sku, units), occurred_at=then)).value
    await buyer.submit(order.id, occurred_at=then)
    await buyer.receive(order.id, occurred_at=then)
    return sku


async def test_weeks_without_stock_do_not_say_that_nobody_wants_it(shop: Shop, work: UnitOfWork) -> None:
    out, there = [await stocked_then(shop, work, units, weeks=20) for units in (50, 51)]
    for sku in (out, there):
        await sold(shop, sku, *[5] * 10, until=NOW - timedelta(weeks=8))
    plan = await planned(work)
    sold_out, unwanted = await line_of(work, plan, out), await line_of(work, plan, there)
    assert (sold_out.weekly, sold_out.deviation, sold_out.available) == (Decimal(5), Decimal(0), 0)
    assert sold_out.alerts == [AlertKind.STOCKOUT]
    assert unwanted.weekly < 4


async def test_after_a_quarter_without_stock_it_is_taken_for_given_up(shop: Shop, work: UnitOfWork) -> None:
    recent, gone = await stocked_then(shop, work, 50, weeks=29), await stocked_then(shop, work, 50, weeks=60)
    await sold(shop, recent, *[5] * 10, until=NOW - timedelta(weeks=13))
    await sold(shop, gone, *[5] * 10, until=NOW - timedelta(weeks=45))
    plan = await planned(work)
    assert (await line_of(work, plan, recent)).weekly == 5
    assert (await line_of(work, plan, gone)).weekly < 1


async def test_a_week_in_which_some_stock_came_or_was_given_back_is_known(shop: Shop, work: UnitOfWork) -> None:
    sku = await stocked_then(shop, work, 50, weeks=20)
    await sold(shop, sku, *[5] * 9, until=NOW - timedelta(weeks=8))
    order = await shop.place(line(sku, 5), at=NOW - timedelta(weeks=7.5))
    await shop.cancel(order.id, occurred_at=NOW - timedelta(weeks=2.5))
    async with work.reads(SYSTEM) as read:
        mine = (InventoryLevelRow.sku_id == sku.id, InventoryLevelRow.location_id == shop.locations[0].id)
        (level,) = await read.values(raw(select(InventoryLevelRow.id).where(*mine)))

    async def demand(tx: Tx, _: None) -> list[int | None]:
        return (await histories(tx, [level], NOW))[level].demand

    assert (await work.execute(SYSTEM, demand, None))[-9:] == [5, 0, None, None, None, None, 0, 0, 0]


async def test_sales_recorded_before_their_stock_do_not_say_that_there_was_none(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(60)
    await sold(shop, sku, *[5] * 10, until=NOW - timedelta(weeks=8))
    assert (await line_of(work, await planned(work), sku)).weekly < 4


async def test_the_preferred_supplier_is_asked_first_then_the_cheapest_then_the_fastest(shop: Shop, work: UnitOfWork) -> None:
    one, two, three = [await Buyer.open(work) for _ in range(3)]
    sku = await one.supplied(await shop.stocked(1), cost=UnitCost(Decimal(3)), lead_time_mean_days=Decimal(1))

    async def chosen() -> tuple[UUID | None, SupplierReason | None]:
        found = await line_of(work, await planned(work), sku)
        return found.supplier_id, found.supplier_reason

    assert await chosen() == (one.supplier.id, SupplierReason.ONLY)
    await two.supplied(sku, cost=UnitCost(Decimal(2)), lead_time_mean_days=Decimal(9))
    assert await chosen() == (two.supplier.id, SupplierReason.CHEAPEST)
    await three.supplied(sku, cost=UnitCost(Decimal(2)), lead_time_mean_days=Decimal(8))
    assert await chosen() == (three.supplier.id, SupplierReason.FASTEST)
    await one.supply(sku, preferred=True)
    assert await chosen() == (one.supplier.id, SupplierReason.PREFERRED)
    await one.supply(sku, status=Activity.INACTIVE)
    assert await chosen() == (three.supplier.id, SupplierReason.FASTEST)


async def test_costs_are_compared_in_the_currency_of_the_sku(shop: Shop, work: UnitOfWork) -> None:
    pounds, euros, yen = await Buyer.open(work), await Buyer.open(work, currency="EUR"), await Buyer.open(work, currency="JPY")
    sku = await yen.supplied(await shop.stocked(1), cost=UnitCost(Decimal(100)), lead_time_mean_days=Decimal(5))
    await pounds.supplied(sku, cost=UnitCost(Decimal(90)), lead_time_mean_days=Decimal(30))

    async def chosen() -> tuple[UUID | None, SupplierReason | None]:
        found = await line_of(work, await planned(work), sku)
        return found.supplier_id, found.supplier_reason

    assert await chosen() == (yen.supplier.id, SupplierReason.FASTEST)
    changes: SkuChanges = {"cost": CostGiven(amount=Decimal(80), currency="GBP")}
    await work.execute(SYSTEM, upsert_sku, UpsertSku(idempotency_key=uuid4().hex, code=sku.code, changes=changes))
    assert await chosen() == (pounds.supplier.id, SupplierReason.CHEAPEST)
    await euros.supplied(sku, cost=UnitCost(Decimal(1)), lead_time_mean_days=Decimal(1))
    assert await chosen() == (pounds.supplier.id, SupplierReason.CHEAPEST)
    await pounds.supply(sku, status=Activity.INACTIVE)
    assert await chosen() == (euros.supplier.id, SupplierReason.FASTEST)


async def test_safety_stock_grows_with_the_service_level(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(500)
    await sold(shop, sku, 5, 15, 2, 20, 9, 11, 3, 18, 10, 7)
    low = await line_of(work, await planned(work, service_level=Decimal("0.8")), sku)
    high = await line_of(work, await planned(work, service_level=Decimal("0.99")), sku)
    assert 0 < low.safety_stock < high.safety_stock


async def test_what_sold_most_is_class_a_and_what_sold_nothing_class_c(shop: Shop, work: UnitOfWork) -> None:
    best, none = await shop.stocked(10_000), await shop.stocked(10)
    await sold(shop, best, *[900] * 9)
    plan = await planned(work)
    assert (await line_of(work, plan, best)).abc is AbcClass.A
    idle = await line_of(work, plan, none)
    assert (idle.abc, idle.weekly, idle.suggested, idle.reorder_point) == (AbcClass.C, Decimal(0), 0, -1)


async def test_alerts_come_and_go_with_the_stock(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(90)
    await sold(shop, sku, *[10] * 9)
    plan = await planned(work)
    assert (await line_of(work, plan, sku)).alerts == [AlertKind.STOCKOUT]
    assert await alerts_of(work, sku) == {AlertKind.STOCKOUT: True}
    place = shop.locations[0].id
    await Given(work).adjust(sku.id, place, 5)
    await work.execute(SYSTEM, watch_stock, 1_000)
    assert await alerts_of(work, sku) == {AlertKind.STOCKOUT: False, AlertKind.LOW_STOCK: True}
    await Given(work).adjust(sku.id, place, 45)
    await work.execute(SYSTEM, watch_stock, 1_000)
    assert await alerts_of(work, sku) == {AlertKind.STOCKOUT: False, AlertKind.LOW_STOCK: False}
    await Given(work).adjust(sku.id, place, 5_000)
    await work.execute(SYSTEM, watch_stock, 1_000)
    assert (await alerts_of(work, sku))[AlertKind.OVERSTOCK]
    assert await work.execute(SYSTEM, watch_stock, 1_000) == 0


async def test_the_largest_stock_is_watched_like_any_other(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(90)
    await sold(shop, sku, *[10] * 9)
    await Given(work).adjust(sku.id, shop.locations[0].id, 2**31 - 91)
    await planned(work)
    assert await alerts_of(work, sku) == {AlertKind.OVERSTOCK: True}


async def test_an_error_of_any_size_beside_next_to_no_demand_is_planned(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(2**31 - 1)
    await sold(shop, sku, 2**30, *[0] * 12, 1)
    assert (await line_of(work, await planned(work), sku)).naive_wape == 2**30 + 1


async def test_expired_units_that_are_not_set_aside_yet_are_no_stock_to_an_alert(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(90)
    await sold(shop, sku, *[10] * 9)
    await planned(work)
    await Pantry(shop).bring(sku, 45, lot("old", -2))
    await work.execute(SYSTEM, watch_stock, 1_000)
    assert await alerts_of(work, sku) == {AlertKind.STOCKOUT: True}


async def test_an_alert_follows_what_comes_and_what_waits_as_it_is_now(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(91)
    await sold(shop, sku, *[10] * 9)
    buyer = replace(await Buyer.open(work), location=shop.locations[0])
    await buyer.supplied(sku)
    order = (await buyer.write(bought(sku, 60))).value

    async def low() -> bool:
        await work.execute(SYSTEM, watch_stock, 1_000)
        return (await alerts_of(work, sku)).get(AlertKind.LOW_STOCK, False)

    reorder_point = (await line_of(work, await planned(work), sku)).reorder_point
    assert await low()
    await buyer.submit(order.id)
    assert not await low()
    await planned(work)
    await buyer.receive(order.id)
    assert not await low()
    await shop.place(line(sku, max(61 - reorder_point, 1)))
    assert await low()


async def test_goods_that_come_or_are_waited_for_where_there_never_were_any_are_planned(shop: Shop, work: UnitOfWork) -> None:
    buyer = replace(await Buyer.open(work), location=shop.locations[0])
    sku = await buyer.supplied()
    rule = SetOversell(channel_id=shop.channel.id, sku=SkuRef(id=sku.id), policy=Oversell.BACKORDER)
    await work.execute(SYSTEM, set_oversell, rule)
    await shop.place(line(sku, 50))
    found = await line_of(work, await planned(work), sku, shop.locations[0].id)
    assert (found.backordered, found.available, found.supplier_id) == (50, 0, buyer.supplier.id)
    assert found.suggested >= 50


async def test_a_sku_that_is_not_sold_any_more_is_not_suggested(shop: Shop, work: UnitOfWork) -> None:
    buyer, sku = await Buyer.open(work), await shop.stocked(100)
    await buyer.supplied(sku)
    await sold(shop, sku, *[10] * 10)
    assert (await line_of(work, await planned(work), sku)).suggested > 0
    changes: SkuChanges = {"status": SkuStatus.INACTIVE}
    await work.execute(SYSTEM, upsert_sku, UpsertSku(idempotency_key=uuid4().hex, code=sku.code, changes=changes))
    found = await line_of(work, await planned(work), sku)
    assert (found.weekly, found.suggested, found.alerts) == (Decimal(10), 0, [])


async def test_a_band_decides_what_is_too_much(shop: Shop, work: UnitOfWork) -> None:
    sku = await shop.stocked(150)
    await sold(shop, sku, *[10] * 9)
    found = await line_of(work, await planned(work), sku)
    assert AlertKind.OVERSTOCK not in await alerts_of(work, sku)
    before = await work.execute(SYSTEM, set_bands, SetBands((Band(found.abc, 30, 180),)))
    await work.execute(SYSTEM, watch_stock, 1_000)
    assert (await alerts_of(work, sku))[AlertKind.OVERSTOCK]
    assert {band.abc for band in before} == set(AbcClass)


async def test_who_sets_bands_is_told_with_what_they_were(work: UnitOfWork) -> None:
    async with work.reads(SYSTEM) as read:
        band = await read.one(raw(select(StockBandRow).where(StockBandRow.abc == AbcClass.C)))
    before = len(await staged(work, "STOCK_BAND_CHANGED", band.id))
    for _ in range(2):
        await work.execute(SYSTEM, set_bands, SetBands((Band(AbcClass.C, band.most_days + 1, band.dead_after_days),)))
    (event,) = (await staged(work, "STOCK_BAND_CHANGED", band.id))[before:]
    assert (event.actor, event.changes) == (SYSTEM.name, {"mostDays": [band.most_days, band.most_days + 1]})


async def test_stock_that_nobody_asked_for_in_a_long_time_is_dead(shop: Shop, work: UnitOfWork) -> None:
    sku, came_back, gone = [await shop.stocked(9, at=NOW - timedelta(days=700)) for _ in range(3)]
    for each, units in ((sku, 4), (came_back, 9), (gone, 9)):
        await shop.sent(line(each, units), at=NOW - timedelta(days=600))
    await Given(work).adjust(came_back.id, shop.locations[0].id, 5, NOW - timedelta(hours=3))
    plan = await planned(work)
    await Given(work).adjust(gone.id, shop.locations[0].id, 5)
    await work.execute(SYSTEM, watch_stock, 1_000)
    assert (await line_of(work, plan, sku)).alerts == [AlertKind.DEAD_STOCK]
    assert (await alerts_of(work, sku))[AlertKind.DEAD_STOCK]
    for new in (came_back, gone):
        assert (await line_of(work, plan, new)).alerts == []
        assert await alerts_of(work, new) == {}


async def test_a_key_limited_to_some_locations_decides_nothing_for_all(work: UnitOfWork, shop: Shop) -> None:
    limited = replace(SYSTEM, locations=frozenset({shop.locations[0].id}))
    with pytest.raises(LimitedKey):
        await work.execute(limited, create_plan, CreatePlan())
    with pytest.raises(LimitedKey):
        await work.execute(limited, set_bands, SetBands((Band(AbcClass.A, 1, 1),)))


async def test_a_plan_is_asked_for_once_a_day(work: UnitOfWork, shop: Shop) -> None:
    await shop.stocked(1)
    await work.execute(SYSTEM, plan_daily, 1)
    assert await work.execute(SYSTEM, plan_daily, 1) == 0


async def test_an_interrupted_plan_goes_on_where_it_was(shop: Shop, work: UnitOfWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oms_api.workflows.plan_stock.PIECE", 1)
    skus = [await shop.stocked(3) for _ in range(3)]
    plan = await work.execute(SYSTEM, create_plan, CreatePlan())
    calls = 0

    class Stopped(Exception):
        pass

    from oms_api.workflows import plan_stock as module  # noqa: PLC0415 - the module itself, to stop it in the middle

    whole = module.plan_piece

    async def stops(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise Stopped
        return await whole(*arguments, **named)

    monkeypatch.setattr(module, "plan_piece", stops)
    with pytest.raises(Stopped):
        await carry_out(work, ports_of(work), SUBSCRIBERS.job_kinds, plan.job_id, Tries(0))
    await carry_out(work, ports_of(work), SUBSCRIBERS.job_kinds, plan.job_id, Tries(1))
    for sku in skus:
        assert (await line_of(work, plan, sku)).on_hand == 3
    async with work.reads(SYSTEM) as read:
        lines = await read.all(raw(select(StockPlanLineRow).where(StockPlanLineRow.plan_id == plan.id)))
        assert len(lines) == len({row.level_id for row in lines}) == (await plan_by_id(read, plan.id)).levels


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"at": NOW + timedelta(days=1)}, "at"),
        ({"at": datetime(1969, 12, 31, tzinfo=UTC)}, "at"),
        ({"service_level": Decimal("0.5")}, "serviceLevel"),
        ({"service_level": Decimal(1)}, "serviceLevel"),
        ({"service_level": Decimal("0.50001")}, "serviceLevel"),
        ({"service_level": Decimal("0.95004")}, "serviceLevel"),
        ({"service_level": Decimal("NaN")}, "serviceLevel"),
        ({"review_days": 0}, "reviewDays"),
    ],
)
async def test_a_plan_that_makes_no_sense_is_refused(work: UnitOfWork, options: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as caught:
        await work.execute(SYSTEM, create_plan, CreatePlan(**options))
    assert [error.field for error in caught.value.causes] == [(field,)]


async def test_bands_are_days(work: UnitOfWork) -> None:
    with pytest.raises(Refused) as caught:
        await work.execute(SYSTEM, set_bands, SetBands((Band(AbcClass.A, 0, 5_000),)))
    assert [error.field for error in caught.value.causes] == [("bands", "0", "mostDays"), ("bands", "0", "deadAfterDays")]


async def test_an_unfinished_plan_suggests_nothing(work: UnitOfWork, shop: Shop) -> None:
    await shop.stocked(1)
    plan = await planned(work)
    waiting = await work.execute(SYSTEM, create_plan, CreatePlan())
    async with work.reads(SYSTEM) as read:
        assert (await newest_plan(read)).id == plan.id
        with pytest.raises(NotFound):
            await plan_by_id(read, StockPlanId(new_uuid()))
    assert waiting.finished_at is None
