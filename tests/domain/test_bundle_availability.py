"""A bundle is as available as an order could take of it: what its components make, wherever each of them lies."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.commands.deactivate_sku import DeactivateSku, deactivate_sku
from oms_api.domain.catalog.commands.upsert_skus import upsert_sku
from oms_api.domain.catalog.given import ComponentGiven, SkuChanges, UpsertSku
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.channels.policies import ChannelChanges
from oms_api.domain.inventory.commands.set_safety_stock import SetSafetyStock, Target, set_safety_stock
from oms_api.domain.inventory.errors import InsufficientStock
from oms_api.domain.inventory.summary import StockSum, channel_availability, stock_by_sku
from oms_api.jobs.tasks import react
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from oms_api.workflows.subscribers import SUBSCRIBERS, Subscribers
from tests.factories.asking import Ask, counted_statements
from tests.factories.database import Database
from tests.factories.feed import feed, relay_all
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper
from tests.factories.trading import Shop, line


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=2)


async def bundle_of(shop: Shop, **components: int) -> SkuRow:
    return await Given(shop.work).sku(kind=SkuKind.BUNDLE, components=components)


async def sellable(shop: Shop, sku: SkuRow) -> int:
    async with shop.work.reads(SYSTEM) as read:
        return (await channel_availability(read, [shop.channel.id], [sku.id]))[shop.channel.id, sku.id]


async def sets(shop: Shop, sku: SkuRow, location: int | None = None) -> int:
    place = None if location is None else shop.locations[location].id
    async with shop.work.reads(SYSTEM) as read:
        found = (await stock_by_sku(read, [sku.id], place)).get(sku.id, StockSum())
    assert found == StockSum(available=found.available)
    return int(found.available)


async def change(shop: Shop, **changes: Any) -> None:
    command = UpdateChannel(channel_id=shop.channel.id, changes=ChannelChanges(**changes))  # type: ignore[typeddict-item]
    await shop.work.execute(SYSTEM, update_channel, command)


async def made_of(shop: Shop, bundle: SkuRow, **components: int) -> None:
    parts = tuple(ComponentGiven(code, quantity) for code, quantity in components.items())
    command = UpsertSku(idempotency_key=uuid4().hex, code=bundle.code, kind=None, changes=SkuChanges(), components=parts)
    await shop.work.execute(SYSTEM, upsert_sku, command)


async def test_sets_are_made_of_components_from_several_locations(shop: Shop) -> None:
    cup, pot = await shop.stocked(5, 4), await shop.stocked(0, 3)
    tea = await bundle_of(shop, **{cup.code: 2, pot.code: 1})
    assert (await sellable(shop, tea), await sets(shop, tea)) == (3, 3)
    assert (await sets(shop, tea, 0), await sets(shop, tea, 1)) == (0, 2)
    await change(shop, buffer=1)
    assert (await sellable(shop, tea), await sets(shop, tea)) == (2, 3)
    await shop.place(line(tea, 3))
    assert (await sellable(shop, tea), await sets(shop, tea)) == (0, 0)


async def test_a_bundle_with_a_component_that_nobody_has_or_may_sell_has_no_sets(shop: Shop) -> None:
    cup, pot = await shop.stocked(5), await Given(shop.work).sku()
    tea = await bundle_of(shop, **{cup.code: 1, pot.code: 1})
    assert (await sellable(shop, tea), await sets(shop, tea)) == (0, 0)
    await made_of(shop, tea, **{cup.code: 2})
    assert (await sellable(shop, tea), await sets(shop, tea)) == (2, 2)
    await shop.work.execute(SYSTEM, deactivate_sku, DeactivateSku(sku_id=cup.id))
    assert (await sellable(shop, tea), await sellable(shop, cup)) == (0, 0)
    assert await sets(shop, tea) == 2


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stock=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(0, 3)), min_size=2, max_size=2),
    quantities=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    sells_safety_stock=st.booleans(),
)
async def test_an_order_can_take_the_sets_that_are_told_and_not_one_more(
    work: UnitOfWork, stock: list[tuple[int, int, int]], quantities: tuple[int, int], sells_safety_stock: bool
) -> None:
    shop = await Shop.open(work, locations=2)
    await change(shop, sells_safety_stock=sells_safety_stock)
    parts = [await shop.stocked(first, second) for first, second, _ in stock]
    targets = tuple(
        Target(SkuRef(id=part.id), shop.locations[0].id, kept) for part, (*_, kept) in zip(parts, stock, strict=True)
    )
    await work.execute(SYSTEM, set_safety_stock, SetSafetyStock(targets=targets))
    codes = {part.code: quantity for part, quantity in zip(parts, quantities, strict=True)}
    whole = await bundle_of(shop, **codes)
    units = await sellable(shop, whole)
    with pytest.raises(InsufficientStock):
        await shop.place(line(whole, units + 1))
    if units:
        await shop.place(line(whole, units))
    assert await sellable(shop, whole) == 0


async def test_a_channel_is_told_of_a_bundle_when_its_components_or_what_it_is_made_of_change(
    shop: Shop, database: Database
) -> None:
    async def told(sku: SkuRow) -> list[Any]:
        await relay_all(database.owner_url, Subscribers())
        while await react(shop.work, SUBSCRIBERS.reactions["channel_availability"]):
            pass
        await relay_all(database.owner_url, Subscribers())
        events = [event for event in await feed(shop.work) if event.type == "CHANNEL_AVAILABILITY_CHANGED"]
        mine = [event for event in events if event.channel_id == shop.channel.id and event.subject_id == sku.id]
        return [tuple((event.changes or {})["channelAvailability.available"]) for event in mine]

    cup, pot = await shop.stocked(6), await shop.stocked(6)
    tea, dear = await bundle_of(shop, **{cup.code: 2, pot.code: 1}), await bundle_of(shop, **{cup.code: 6})
    assert (await told(tea), await told(dear)) == ([(0, 3)], [(0, 1)])
    await Keeper(shop.work, shop.locations[0]).adjust(cup, -1)
    assert (await told(tea), await told(dear)) == ([(0, 3), (3, 2)], [(0, 1), (1, 0)])
    await made_of(shop, tea, **{cup.code: 1, pot.code: 1})
    assert (await told(tea))[-1] == (2, 5)
    await change(shop, buffer=2)
    assert (await told(tea))[-1] == (5, 3)
    await shop.work.execute(SYSTEM, deactivate_sku, DeactivateSku(sku_id=pot.id))
    assert ((await told(tea))[-1], (await told(pot))[-1]) == ((3, 0), (4, 0))


async def test_a_batch_of_bundles_takes_no_more_statements_than_one(shop: Shop, work: UnitOfWork) -> None:
    ask, cup = Ask(work, SYSTEM), await shop.stocked(9, 3)
    bundles = [await bundle_of(shop, **{cup.code: count}) for count in range(1, 7)]
    document = """query ($channel: ID!, $at: ID!, $skus: [SkuByInput!]!) {
        channelAvailability(channelId: $channel, skus: $skus) {
            available sku { inventory { available onHand } here: inventory(locationId: $at) { available } } } }"""
    ids = {
        "channel": text_id(IdKind.CHANNEL, shop.channel.id), "at": text_id(IdKind.LOCATION, shop.locations[1].id),
    }  # fmt: skip
    counts = []
    for some in (bundles[:1], bundles):
        with counted_statements() as sent:
            data = await ask(document, **ids, skus=[{"code": sku.code} for sku in some])
        counts.append(len(sent))
    assert counts[0] == counts[1]
    seen = data["channelAvailability"]
    assert [row["available"] for row in seen] == [12, 6, 4, 3, 2, 2]
    assert [row["sku"]["inventory"] for row in seen] == [{"available": row["available"], "onHand": 0} for row in seen]
    assert [row["sku"]["here"]["available"] for row in seen] == [3, 1, 1, 0, 0, 0]


async def test_a_channel_is_told_which_skus_are_not_known(shop: Shop, work: UnitOfWork) -> None:
    cup, nobody = await shop.stocked(4), text_id(IdKind.SKU, new_uuid())
    document = """query ($channel: ID!, $skus: [SkuByInput!]!) {
        channelAvailability(channelId: $channel, skus: $skus) { sku { code } unknown available } }"""
    asked = [{"code": "NO SUCH"}, {"code": cup.code}, {"id": nobody}, {"id": text_id(IdKind.SKU, cup.id)}]
    data = await Ask(work, SYSTEM)(document, channel=text_id(IdKind.CHANNEL, shop.channel.id), skus=asked)
    known = {"sku": {"code": cup.code}, "unknown": None, "available": 4}
    assert data["channelAvailability"] == [
        {"sku": None, "unknown": "NO SUCH", "available": 0},
        known,
        {"sku": None, "unknown": nobody, "available": 0},
        known,
    ]


async def test_what_a_key_does_not_see_makes_no_sets(shop: Shop, work: UnitOfWork) -> None:
    cup = await shop.stocked(4, 3)
    tea = await bundle_of(shop, **{cup.code: 1})
    limited = replace(SYSTEM, locations=frozenset({shop.locations[1].id}))
    async with work.reads(limited) as read:
        assert (await stock_by_sku(read, [tea.id]))[tea.id].available == 3
        assert (await stock_by_sku(read, [tea.id], shop.locations[0].id))[tea.id].available == 0
        assert await channel_availability(read, [shop.channel.id], [tea.id]) == {(shop.channel.id, tea.id): 3}
