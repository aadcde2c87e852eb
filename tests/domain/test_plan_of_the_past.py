"""A plan of a past day knows what was on its way then, by what purchase orders and transfers keep of their own past."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.inventory.tables import InventoryLevelRow
from oms_api.domain.inventory.transfers.states import TransferResolution
from oms_api.domain.planning.commands.create_plan import CreatePlan, create_plan
from oms_api.domain.planning.plan import Supply
from oms_api.domain.planning.supplies import supplies_of
from oms_api.domain.planning.tables import StockPlanLineRow
from oms_api.domain.purchasing.commands.confirm import LineToConfirm
from oms_api.jobs.tasks import Tries, carry_out
from oms_api.kernel.ids import LocationId
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.factories.given import SYSTEM, Given
from tests.factories.moving import Road, move_about
from tests.factories.ports import ports_of
from tests.factories.purchasing import Buyer, came, line
from tests.factories.raw import raw
from tests.factories.requesting import Desk
from tests.factories.trading import Shop
from tests.factories.trading import line as wanted

NOW = datetime.now(UTC)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


async def supply(work: UnitOfWork, sku: SkuRow, location: LocationId, then: datetime) -> Supply:
    """Return how a plan takes the level to be supplied at *then*."""

    async def known(tx: Tx, then: datetime) -> Supply:
        mine = (InventoryLevelRow.sku_id == sku.id, InventoryLevelRow.location_id == location)
        level = await tx.value(raw(select(InventoryLevelRow.id).where(*mine)))
        assert level is not None
        return (await supplies_of(tx, [level], then=then))[level]

    return await work.execute(SYSTEM, known, then)


async def incoming(work: UnitOfWork, sku: SkuRow, location: LocationId, then: datetime) -> int:
    """Return what a plan of the level at *then* takes to be on its way."""
    return (await supply(work, sku, location, then)).incoming


async def test_a_purchase_order_comes_from_its_ordering_to_its_end_less_what_came_before(work: UnitOfWork) -> None:
    buyer = await Buyer.open(work)
    cup = await buyer.supplied()
    order = (await buyer.write(line(cup, 10), occurred_at=ago(40))).value
    await buyer.submit(order.id, occurred_at=ago(30))
    (cups,) = await buyer.lines(order.id)
    await buyer.confirm(order.id, LineToConfirm(line_id=cups.id, quantity=8), occurred_at=ago(25))
    await buyer.receive(order.id, came(cups.id, 2, 1, reject_reason="DAMAGED"), occurred_at=ago(20))
    await buyer.close(order.id, occurred_at=ago(10))
    seen = [await incoming(work, cup, buyer.location.id, ago(days)) for days in (35, 30, 28, 22, 20, 15, 10, 5)]
    assert seen == [0, 0, 10, 8, 8, 5, 5, 0]


async def test_a_purchase_order_that_was_called_off_was_on_its_way_until_then(work: UnitOfWork) -> None:
    buyer = await Buyer.open(work)
    cup = await buyer.supplied()
    await buyer.receive((await buyer.order(line(cup, 1))).id)
    order = (await buyer.write(line(cup, 7), occurred_at=ago(9))).value
    await buyer.submit(order.id, occurred_at=ago(8))
    await buyer.cancel(order.id, occurred_at=ago(6))
    assert [await incoming(work, cup, buyer.location.id, ago(days)) for days in (8.5, 7, 5)] == [0, 7, 0]


async def test_a_draft_counts_from_its_writing_to_its_ordering_or_end(work: UnitOfWork) -> None:
    buyer = await Buyer.open(work)
    cup = await buyer.supplied()
    await buyer.receive((await buyer.order(line(cup, 1))).id)
    bought, dropped = [(await buyer.write(line(cup, units), occurred_at=ago(9))).value for units in (7, 4)]
    await buyer.submit(bought.id, occurred_at=ago(6))
    await buyer.cancel(dropped.id, occurred_at=ago(3))
    drafted = [(await supply(work, cup, buyer.location.id, ago(days))).drafted for days in (10, 8, 5, 2)]
    assert drafted == [0, 11, 4, 0]


async def test_a_transfer_comes_from_when_it_was_ready_less_what_became_of_it_before(work: UnitOfWork) -> None:
    road = await Road.build(work)
    cup, plate = await road.goods(9, 9)
    there = (await road.plan((cup, 6), ready=False, occurred_at=ago(30))).id
    await road.ready(there, occurred_at=ago(28))
    await road.ship(there, (cup, 4), occurred_at=ago(20))
    await road.receive(there, (cup, 2, 0, 1), occurred_at=ago(15))
    await road.ship(there, occurred_at=ago(12))
    await road.receive(there, occurred_at=ago(10))
    seen = [await incoming(work, cup, road.destination.id, ago(days)) for days in (29, 25, 17, 13, 11, 5)]
    assert seen == [0, 6, 6, 3, 3, 0]
    called_off = (await road.plan((plate, 3), occurred_at=ago(9))).id
    await road.ship(called_off, (plate, 1), occurred_at=ago(8))
    await road.cancel(called_off, TransferResolution.WRITE_OFF, occurred_at=ago(6))
    assert [await incoming(work, plate, road.destination.id, ago(days)) for days in (10, 8.5, 7, 5)] == [0, 3, 3, 0]
    assert await incoming(work, plate, road.origin.id, ago(7)) == 0


async def test_what_was_on_its_way_until_now_is_what_is_on_its_way(work: UnitOfWork) -> None:
    await move_about(work)
    buyer = await Buyer.open(work)
    cups = [await buyer.supplied() for _ in range(3)]
    for sku in cups:
        await buyer.receive((await buyer.order(line(sku, 4))).id)
        order = await buyer.order(line(sku, 9))
        (mine,) = await buyer.lines(order.id)
        await buyer.receive(order.id, came(mine.id, 2))

    async def both(tx: Tx, _: None) -> Sequence[dict[UUID, int]]:
        levels = await tx.values(raw(select(InventoryLevelRow.id)))
        soon = tx.now + timedelta(seconds=1)
        supplies = [await supplies_of(tx, levels, then=then) for then in (None, soon)]
        return [{level: supply.incoming for level, supply in found.items()} for found in supplies]

    now, then = await work.execute(SYSTEM, both, None)
    assert now == then
    assert sum(units == 7 for units in now.values()) >= 3


async def test_a_plan_of_the_past_orders_what_was_not_on_its_way_already(work: UnitOfWork) -> None:
    buyer = await Buyer.open(work)
    cup = await buyer.supplied()
    await buyer.receive((await buyer.order(line(cup, 1))).id)
    order = (await buyer.write(line(cup, 50), occurred_at=ago(9))).value
    await buyer.submit(order.id, occurred_at=ago(8))
    found = []
    for days in (8.5, 7):
        plan = await work.execute(SYSTEM, create_plan, CreatePlan(at=ago(days)))
        await carry_out(work, ports_of(work), SUBSCRIBERS.job_kinds, plan.job_id, Tries(0))
        async with work.reads(SYSTEM) as read:
            mine = (StockPlanLineRow.plan_id == plan.id, StockPlanLineRow.sku_id == cup.id)
            found.append((await read.one(raw(select(StockPlanLineRow).where(*mine)))).incoming)
    assert found == [0, 50]


async def test_what_suppliers_send_to_customers_was_never_on_its_way_to_a_location(work: UnitOfWork) -> None:
    desk = await Desk.open(work)
    shop = Shop(work, await Given(work).channel(locations=(desk.location,)), (desk.location,))
    cup = await shop.stocked(9)
    asked = await desk.asked((await shop.place(wanted(cup, 2))).id)
    await desk.accept(asked.id)
    assert (await desk.bought(asked.id)).status == "CONFIRMED"
    assert await incoming(work, cup, desk.location.id, datetime.now(UTC)) == 0
