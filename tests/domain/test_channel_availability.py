"""What channels are told that they can sell: told when it changes, less the buffer, and no more than an order could take."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms_api.db.outbox import FeedEvent
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.channels.policies import ChannelChanges, LocationChanges
from oms_api.domain.channels.states import Activity
from oms_api.domain.inventory.commands.set_safety_stock import SetSafetyStock, Target, set_safety_stock
from oms_api.domain.inventory.errors import InsufficientStock
from oms_api.domain.inventory.summary import channel_availability
from oms_api.jobs.tasks import react
from oms_api.workflows.publish_availability import MOVING
from oms_api.workflows.subscribers import SUBSCRIBERS, Subscribers
from tests.factories.database import Database
from tests.factories.feed import feed, relay_all
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper
from tests.factories.stirring import stir
from tests.factories.trading import Shop, line

TELLING = SUBSCRIBERS.reactions["channel_availability"]


class Told:
    """What the channel of a shop was told of a SKU."""

    def __init__(self, shop: Shop, database: Database) -> None:
        self.shop = shop
        self.database = database

    async def events(self) -> list[FeedEvent]:
        await relay_all(self.database.owner_url, Subscribers())
        while await react(self.shop.work, TELLING):
            pass
        await relay_all(self.database.owner_url, Subscribers())
        told = [event for event in await feed(self.shop.work) if event.type == "CHANNEL_AVAILABILITY_CHANGED"]
        return [event for event in told if event.channel_id == self.shop.channel.id]

    async def of(self, sku: SkuRow) -> list[tuple[int, int]]:
        """Return what was, and what is, of each time that it changed."""
        changes: list[Any] = [event.changes for event in await self.events() if event.subject_id == sku.id]
        return [tuple(change["channelAvailability.available"]) for change in changes]

    async def change(self, **changes: Any) -> None:
        command = UpdateChannel(channel_id=self.shop.channel.id, changes=ChannelChanges(**changes))  # type: ignore[typeddict-item]
        await self.shop.work.execute(SYSTEM, update_channel, command)


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=2)


@pytest.fixture
def told(shop: Shop, database: Database) -> Told:
    return Told(shop, database)


async def keep_back(shop: Shop, sku: SkuRow, units: int) -> None:
    targets = (Target(SkuRef(id=sku.id), shop.locations[0].id, units),)
    await shop.work.execute(SYSTEM, set_safety_stock, SetSafetyStock(targets=targets))


async def test_a_channel_is_told_what_its_locations_can_sell(shop: Shop, told: Told) -> None:
    sku = await shop.stocked(5, 4)
    assert await told.of(sku) == [(0, 9)]
    order = await shop.place(line(sku, 6))
    assert await told.of(sku) == [(0, 9), (9, 3)]
    await shop.ship((await shop.works(order.id))[0].id)
    await Keeper(shop.work, shop.locations[1]).adjust(sku, -2)
    assert await told.of(sku) == [(0, 9), (9, 3), (3, 1)]
    (only,) = await shop.lines(order.id)
    await shop.cancel(order.id, (only.id, 1))
    assert (await told.of(sku))[-1] == (1, 2)


async def test_what_changes_twice_before_it_is_told_is_told_once(shop: Shop, told: Told) -> None:
    sku = await shop.stocked(5)
    order = await shop.place(line(sku, 5))
    assert await told.of(sku) == []
    await shop.cancel(order.id)
    assert await told.of(sku) == [(0, 5)]
    keeper = Keeper(shop.work, shop.locations[0])
    await keeper.adjust(sku, 1)
    await keeper.adjust(sku, -1)
    assert await told.of(sku) == [(0, 5)]


async def test_settings_change_what_can_be_sold(shop: Shop, told: Told) -> None:
    sku, other = await shop.stocked(5, 4), await shop.stocked(2)
    await told.events()
    await keep_back(shop, sku, 3)
    assert (await told.of(sku))[-1] == (9, 6)
    await told.change(buffer=2)
    assert ((await told.of(sku))[-1], (await told.of(other))[-1]) == ((6, 4), (2, 0))
    await told.change(sells_safety_stock=True, buffer=0)
    assert ((await told.of(sku))[-1], (await told.of(other))[-1]) == ((4, 9), (0, 2))
    command = UpdateLocation(location_id=shop.locations[1].id, changes=LocationChanges(status=Activity.INACTIVE))
    await shop.work.execute(SYSTEM, update_location, command)
    assert (await told.of(sku))[-1] == (9, 5)
    await told.change(status=Activity.INACTIVE)
    assert ((await told.of(sku))[-1], (await told.of(other))[-1]) == ((5, 0), (2, 0))


async def test_whatever_moves_units_that_can_be_sold_is_told(shop: Shop, told: Told) -> None:
    """After each transaction: told of together, the next one would cover for one that is not followed."""
    sku = await shop.stocked(20)
    await told.events()
    async for act in stir(shop, sku):
        assert (await told.of(sku))[-1][1] == await availability(shop, sku), act
    heard = {event.type for event in await feed(shop.work)}
    assert {event.type for event in MOVING} <= heard


async def availability(shop: Shop, sku: SkuRow) -> int:
    async with shop.work.reads(SYSTEM) as read:
        return (await channel_availability(read, [shop.channel.id], [sku.id]))[shop.channel.id, sku.id]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    levels=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), min_size=2, max_size=2),
    sells_safety_stock=st.booleans(),
    ordered=st.integers(0, 5),
)
async def test_an_order_can_take_what_is_told_and_not_one_more(
    work: UnitOfWork, levels: list[tuple[int, int]], sells_safety_stock: bool, ordered: int
) -> None:
    shop = await Shop.open(work, locations=2)
    changes = ChannelChanges(sells_safety_stock=sells_safety_stock)
    await work.execute(SYSTEM, update_channel, UpdateChannel(channel_id=shop.channel.id, changes=changes))
    sku = await shop.stocked(*(units for units, _ in levels))
    targets = tuple(
        Target(SkuRef(id=sku.id), place.id, target) for place, (_, target) in zip(shop.locations, levels, strict=True)
    )
    await work.execute(SYSTEM, set_safety_stock, SetSafetyStock(targets=targets))
    if 0 < ordered <= await availability(shop, sku):
        await shop.place(line(sku, ordered))
    units = await availability(shop, sku)
    with pytest.raises(InsufficientStock):
        await shop.place(line(sku, units + 1))
    if units:
        await shop.place(line(sku, units))
        assert await availability(shop, sku) == 0


async def test_unknown_channels_and_skus_have_nothing(shop: Shop, work: UnitOfWork) -> None:
    sku = await Given(work).sku()
    nobody = UUID(int=7)
    async with work.reads(SYSTEM) as read:
        found = await channel_availability(read, [shop.channel.id, nobody], [sku.id])
    assert found == {(shop.channel.id, sku.id): 0, (nobody, sku.id): 0}
