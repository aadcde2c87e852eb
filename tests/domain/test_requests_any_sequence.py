"""Whatever suppliers answer and merchants do, in any sequence: units, money, stock, purchase orders and the ledger agree."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_api.db.connections import Pool
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.states import LocationKind
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.orders.changes.wanted import SetQuantity
from oms_api.domain.orders.states import CanceledStock
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import FulfillmentOrderId, FulfillmentOrderLineId, OrderId
from oms_api.workflows.start_fulfillment import FulfillmentToChange, put_back_fulfillment
from tests.factories.database import Database
from tests.factories.explaining import unexplained
from tests.factories.given import SYSTEM, Given
from tests.factories.holding import hold, release, sweep
from tests.factories.keeping import Keeper
from tests.factories.rearranging import Floor, settle
from tests.factories.requesting import Desk
from tests.factories.trading import Shop, findings, line

ACTS = (
    *("ask", "accept", "accept", "answer", "ship") * 3,
    *("accept_some", "reject", "reject_some", "take_back", "take_back_and_move", "submit", "silence"),
    *("follow", "place", "cancel", "edit", "move", "split", "merge", "again", "reject_work", "start", "put_back", "pack"),
    *("ship_by_hand", "undo", "lose", "find", "hold", "stock", "fill"),
)
LATE = timedelta(minutes=31)


@dataclass
class Bench:
    """A shop with two locations of suppliers, a warehouse, and the dice by which things are done there."""

    shop: Shop
    desks: dict[object, Desk]
    goods: tuple[SkuRow, ...]
    database: Database
    dice: Random
    orders: list[OrderId] = field(default_factory=list)

    async def place(self) -> None:
        lines = [line(sku, self.dice.randint(1, 4)) for sku in self.goods]
        self.orders.append((await self.shop.place(*lines)).id)

    async def request(self, *statuses: str) -> tuple[Desk, FulfillmentRequestRow]:
        """Return a request, mostly one with a status of *statuses*, and the desk that it lies on."""
        any_desk = next(iter(self.desks.values()))
        found = [each for order in self.orders for each in await any_desk.requests(order)]
        wanted = [each for each in found if each.status in statuses]
        chosen = self.dice.choice(wanted if wanted and self.dice.random() < 0.9 else found)
        return self.desks[chosen.location_id], chosen

    async def some(self, request: FulfillmentRequestRow) -> list[tuple[FulfillmentOrderLineId, int]]:
        parts = await self.shop.work_lines(request.fulfillment_order_id)
        return [(part.id, self.dice.randint(1, 2)) for part in parts if self.dice.random() < 0.6]

    async def works(self) -> list[FulfillmentOrderId]:
        works = [work.id for work in await self.shop.works(self.dice.choice(self.orders)) if work.status != "CLOSED"]
        self.dice.shuffle(works)
        return works

    async def ask(self) -> None:
        await next(iter(self.desks.values())).sweep()

    async def silence(self, after: timedelta = LATE) -> None:
        await next(iter(self.desks.values())).sweep(at=self.shop.work.clock() + after)

    async def accept(self) -> None:
        desk, request = await self.request("SUBMITTED")
        await desk.accept(request.id)

    async def accept_some(self) -> None:
        desk, request = await self.request("SUBMITTED")
        reason = self.dice.choice(["NO_CAPACITY", "DAMAGED", "NOT_FOUND"])
        await desk.accept(request.id, *await self.some(request), reason=reason)

    async def reject(self) -> None:
        desk, request = await self.request("SUBMITTED", "ACCEPTED")
        await desk.reject(request.id)

    async def reject_some(self) -> None:
        desk, request = await self.request("ACCEPTED", "CANCELLATION_REQUESTED")
        await desk.reject(request.id, *await self.some(request), reason=self.dice.choice(["DAMAGED", "NOT_FOUND"]))

    async def take_back(self) -> None:
        desk, request = await self.request("SUBMITTED", "ACCEPTED", "CANCELLATION_REJECTED")
        await desk.ask_to_cancel(request.id)

    async def take_back_and_move(self) -> None:
        desk, request = await self.request("SUBMITTED", "ACCEPTED")
        await desk.ask_to_cancel(request.id, source_elsewhere=True)

    async def answer(self) -> None:
        desk, request = await self.request("CANCELLATION_REQUESTED")
        await (desk.stop if self.dice.random() < 0.6 else desk.go_on)(request.id)

    async def submit(self) -> None:
        desk, request = await self.request("UNSUBMITTED", "CANCELLATION_ACCEPTED")
        await desk.submit(request.id)

    async def ship(self) -> None:
        desk, request = await self.request("ACCEPTED", "CANCELLATION_REQUESTED", "CANCELLATION_REJECTED")
        await desk.ship(request.id, *(await self.some(request) if self.dice.random() < 0.6 else []))

    async def follow(self) -> None:
        await settle(self.shop.work, self.database)

    async def cancel(self) -> None:
        order = self.dice.choice(self.orders)
        lines = [(each.id, 1) for each in await self.shop.lines(order)][: self.dice.randint(0, 2)]
        await self.shop.cancel(order, *lines, stock=self.dice.choice([None, CanceledStock.NOT_FOUND]))

    async def edit(self) -> None:
        order = self.dice.choice(self.orders)
        first = self.dice.choice(await self.shop.lines(order))
        await self.shop.edit(order, SetQuantity(line_id=first.id, quantity=self.dice.randint(0, 6)))

    async def move(self) -> None:
        await Floor(self.shop.work).move((await self.works())[0], self.dice.choice(self.shop.locations))

    async def split(self) -> None:
        works = await self.works()
        parts = await self.shop.work_lines(works[0])
        await Floor(self.shop.work).split(works[0], *[(part.line_id, 1) for part in parts[: self.dice.randint(1, 2)]])

    async def merge(self) -> None:
        await Floor(self.shop.work).merge(*(await self.works())[:3])

    async def again(self) -> None:
        await Floor(self.shop.work).again(self.dice.choice(self.orders), ask_again=self.dice.random() < 0.5)

    async def reject_work(self) -> None:
        await Floor(self.shop.work).reject((await self.works())[0])

    async def start(self) -> None:
        await self.shop.start((await self.works())[0])

    async def put_back(self) -> None:
        command = FulfillmentToChange(idempotency_key="", fulfillment_order_id=(await self.works())[0])
        await self.shop.work.execute(SYSTEM, put_back_fulfillment, command)

    async def pack(self) -> None:
        await self.shop.pack((await self.works())[0])

    async def ship_by_hand(self) -> None:
        await self.shop.ship((await self.works())[0])

    async def undo(self) -> None:
        package = self.dice.choice(await self.shop.packages(self.dice.choice(self.orders)))
        assert package.shipment_id is not None
        await self.shop.cancel_shipment(package.shipment_id)

    async def lose(self) -> None:
        await self.shop.mark_lost(self.dice.choice(await self.shop.packages(self.dice.choice(self.orders))).id)

    async def find(self) -> None:
        await self.shop.mark_found(self.dice.choice(await self.shop.packages(self.dice.choice(self.orders))).id)

    async def hold(self) -> None:
        order = self.dice.choice(self.orders)
        await (release if (await self.shop.order(order)).on_hold else hold)(self.shop.work, order)

    async def stock(self) -> None:
        keeper = Keeper(self.shop.work, self.dice.choice(self.shop.locations))
        await keeper.adjust(self.dice.choice(self.goods), self.dice.choice([-2, -1, 2, 3]))

    async def fill(self) -> None:
        await sweep(self.shop.work, "fill_waiting")


@dataclass(frozen=True)
class Built:
    loop: asyncio.AbstractEventLoop
    work: UnitOfWork
    database: Database


@pytest.fixture(scope="module")
def built(database: Database) -> Iterator[Built]:
    loop, pool = asyncio.new_event_loop(), Pool(database.app_url, size=4)
    work = UnitOfWork(pool)
    yield Built(loop, work, database)
    assert loop.run_until_complete(unexplained(work)) == []
    loop.run_until_complete(pool.close())
    loop.close()


async def story(built: Built, seed: int) -> None:
    dice, work = Random(seed), built.work
    own = await Desk.open(work, minutes=30)
    ours = await Desk.open(work, minutes=30, kind=LocationKind.WAREHOUSE, submits=dice.random() < 0.7)
    places = (own.location, ours.location, await Given(work).location())
    shop = Shop(work, await Given(work).channel(locations=places), places)
    goods = (await own.buyer.supplied(await shop.stocked(6, 4, 3)), await own.buyer.supplied(await shop.stocked(5, 0, 7)))
    bench = Bench(shop, {each.location.id: each for each in (own, ours)}, goods, built.database, dice)
    for _ in range(3):
        await bench.place()
    await bench.ask()
    for _ in range(20):
        with suppress(OmsError, IndexError, AssertionError):
            await getattr(bench, dice.choice(ACTS))()
    assert await findings(work) == [], f"seed {seed}"
    waiting = [each.id for order in bench.orders for each in await own.requests(order) if each.status == "SUBMITTED"]
    await bench.silence(LATE * 2)  # what a silence before asked for has its deadline later, too
    await bench.follow()
    after = {each.id: each.status for order in bench.orders for each in await own.requests(order)}
    assert [after[key] for key in waiting] == ["REJECTED"] * len(waiting), f"seed {seed}"
    assert await findings(work) == [], f"seed {seed}"


@settings(max_examples=settings().max_examples // 6)
@given(seed=st.integers(0, 2**32))
def test_units_and_purchase_orders_agree_whatever_is_asked_and_answered(built: Built, seed: int) -> None:
    built.loop.run_until_complete(story(built, seed))
