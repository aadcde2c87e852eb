"""Orders that are sourced by a profile: as they are placed, edited and sourced again, with the reason on record."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.channels.commands.set_oversell import SetOversell, set_oversell
from oms_api.domain.channels.states import Oversell
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.inventory.errors import InsufficientStock
from oms_api.domain.orders.changes.wanted import SetQuantity
from oms_api.domain.orders.given import PlaceOrder
from oms_api.domain.promising.commands.create_reservation import CreateReservation, create_reservation
from oms_api.domain.promising.reserving import LineToReserve
from oms_api.domain.sourcing.commands.change_profile import CreateProfile, create_profile
from oms_api.domain.sourcing.profile import ShipmentRate, Step
from oms_api.domain.sourcing.queries import simulation_by_id
from oms_api.domain.sourcing.states import Otherwise, SourceBy, SourcingAct
from oms_api.jobs.tasks import Tries, carry_out
from oms_api.workflows.fill_waiting import fill_waiting
from oms_api.workflows.place_order import PlaceOrders, place_orders
from oms_api.workflows.simulate_sourcing import SimulateSourcing, simulate_sourcing
from oms_api.workflows.source_anew import SourceAgain, source_again
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper, waiting
from tests.factories.ports import ports_of
from tests.factories.ruling import K, Rules, act
from tests.factories.sourcing import BERLIN, CENT, HAMBURG, MUNICH, PARIS, Sourced, at
from tests.factories.trading import findings, line

COST = Step(name="cheapest", by=SourceBy.COST)
ANYWHERE = ShipmentRate(fixed=500 * CENT)


@pytest.fixture(autouse=True)
async def sound(work: UnitOfWork) -> AsyncIterator[None]:
    yield
    assert await findings(work) == []


@pytest.fixture
async def shop(work: UnitOfWork) -> Sourced:
    return await Sourced.of(work, north=HAMBURG, south=MUNICH, west=PARIS)


async def test_an_order_goes_where_it_is_nearest(shop: Sourced) -> None:
    await shop.sourced_by(Step(name="near", by=SourceBy.DISTANCE))
    sku = await shop.stock_at(north=5, south=5, west=5)
    order = await shop.place(line(sku, 2), shipping_address=at((48.4, 10.0)))
    assert await shop.served(order.id) == {"south": 2}
    (decision,) = await shop.decisions(order.id)
    assert (decision.act, decision.step, decision.bounded) == (SourcingAct.PLACED, "near", False)
    assert [each["units"] for each in decision.chosen] == [2]
    reasons = {each["rejected"] for each in decision.candidates}
    assert reasons == {None, "further away"}
    (promise,) = await shop.allocations(order.id)
    assert promise.reason.startswith("nearest of 3 locations by profile ")
    assert promise.reason.endswith(" km")


async def test_an_order_goes_where_it_is_cheapest_and_says_by_how_much(shop: Sourced) -> None:
    home = await shop.group("north")
    rates = (ShipmentRate(from_group=home, fixed=390 * CENT, per_unit=10 * CENT), ANYWHERE)
    profile = await shop.sourced_by(COST, rates=rates, split_penalty=200 * CENT)
    sku, mug = await shop.stock_at(north=1, south=5), await shop.stock_at(north=5)
    order = await shop.place(line(sku, 1), line(mug, 2))
    assert await shop.served(order.id) == {"north": 3}
    first, *_ = await shop.allocations(order.id)
    assert first.reason == f"cheapest of 2 locations by profile {profile.code}: 4.20"
    split = await shop.place(line(sku, 1), line(mug, 1))
    assert await shop.served(split.id) == {"south": 1, "north": 1}
    (decision,) = await shop.decisions(split.id)
    terms = {each["location"]: (each["cost"], dict(each["terms"])) for each in decision.candidates}
    assert terms[str(shop.named["north"].id)] == (400, {"shipment": 390, "handling": 10})
    assert terms[str(shop.named["south"].id)] == (700, {"shipment": 500, "split": 200})
    assert [each["rejected"] for each in decision.candidates if each["location"] == str(shop.named["west"].id)] == [
        "has none of it"
    ]


async def test_the_first_step_that_covers_the_order_wins(shop: Sourced) -> None:
    await shop.sourced_by(
        Step(name="one of ours", location_groups=(await shop.group("north", "south"),), may_split=False), Step(name="any")
    )
    sku, mug = await shop.stock_at(north=1, west=9, south=2), await shop.stock_at(north=1, west=9)
    alone = await shop.place(line(sku, 2))
    assert (await shop.served(alone.id), (await shop.decisions(alone.id))[0].step) == ({"south": 2}, "one of ours")
    both = await shop.place(line(sku, 3), line(mug, 2))
    assert (await shop.served(both.id), (await shop.decisions(both.id))[0].step) == ({"west": 5}, "any")


async def test_a_step_that_serves_part_leaves_the_rest_to_the_next(shop: Sourced) -> None:
    await shop.sourced_by(
        Step(name="north first", location_groups=(await shop.group("north"),), serves_part=True), Step(name="rest")
    )
    sku = await shop.stock_at(north=2, south=5)
    order = await shop.place(line(sku, 3))
    assert await shop.served(order.id) == {"north": 2, "south": 1}
    assert [each.step for each in await shop.decisions(order.id)] == ["north first", "rest"]
    complete = await shop.place(line(await shop.stock_at(north=2, south=5), 3), ship_complete=True)
    assert [each.step for each in await shop.decisions(complete.id)] == ["rest"]


@pytest.mark.parametrize("reserved", [0, 1])
async def test_steps_that_serve_a_line_from_one_location_make_one_promise(
    shop: Sourced, work: UnitOfWork, reserved: int
) -> None:
    await shop.sourced_by(Step(name="keeps back", keep_back=2, serves_part=True), Step(name="rest"))
    sku = await shop.stock_at(north=5 + reserved)
    named: dict[str, Any] = {}
    if reserved:
        lines = (LineToReserve(sku=SkuRef(code=sku.code), quantity=reserved),)
        command = CreateReservation(idempotency_key=uuid4().hex, channel_id=shop.channel.id, lines=lines)
        named["reservation_id"] = (await work.execute(SYSTEM, create_reservation, command)).id
    order = await shop.place(line(sku, 5 + reserved), **named)
    assert [promise.quantity for promise in await shop.allocations(order.id)] == [5 + reserved]
    with pytest.raises(InsufficientStock):
        await shop.place(line(sku, 1))


async def test_what_no_step_serves_is_refused_with_what_they_could_serve(shop: Sourced) -> None:
    await shop.sourced_by(Step(name="keeps back", keep_back=3, may_split=False))
    sku = await shop.stock_at(north=5, south=4)
    with pytest.raises(InsufficientStock) as caught:
        await shop.place(line(sku, 4))
    (short,) = caught.value.short
    assert (short.requested, short.available) == (4, 2)
    order = await shop.place(line(sku, 2))
    assert await shop.served(order.id) == {"north": 2}


async def test_what_no_step_serves_waits_where_the_profile_says_so(shop: Sourced, work: UnitOfWork) -> None:
    await shop.sourced_by(Step(name="any", serves_part=True), otherwise=Otherwise.WAIT)
    sku = await shop.stock_at(north=2)
    order = await shop.place(line(sku, 5))
    assert await waiting(work, order.id) == [(3, 0, 2)]
    assert [each.step for each in await shop.decisions(order.id)] == ["any", None]
    await Given(work).adjust(sku.id, shop.named["south"].id, 4)
    late = await shop.place(line(sku, 2))
    assert await waiting(work, late.id) == [(1, 0, 1)]
    while await work.execute(SYSTEM, fill_waiting, Batch(1)):
        pass
    assert await waiting(work, order.id) == [(0, 0, 5)]
    assert [(each.act, each.step) for each in await shop.decisions(order.id)][-1] == (SourcingAct.SOURCED_AGAIN, "any")


async def test_the_channels_rule_on_overselling_holds_for_what_no_step_serves(shop: Sourced, work: UnitOfWork) -> None:
    await shop.sourced_by(Step(name="any", serves_part=True), otherwise=Otherwise.WAIT)
    rule = SetOversell(channel_id=shop.channel.id, sku=None, policy=Oversell.BACKORDER)
    await work.execute(SYSTEM, set_oversell, rule)
    order = await shop.place(line(await shop.stock_at(north=2), 5))
    assert await waiting(work, order.id) == [(0, 3, 2)]


async def test_a_bundle_waits_with_its_components(shop: Sourced, work: UnitOfWork) -> None:
    await shop.sourced_by(Step(name="any", serves_part=True), otherwise=Otherwise.WAIT)
    shirt, mug = await shop.stock_at(north=9), await shop.stock_at(south=2)
    bundle = await Given(work).sku(kind=SkuKind.BUNDLE, components={shirt.code: 1, mug.code: 2})
    order = await shop.place(line(bundle, 3))
    assert [(each.unsourced, each.in_fulfillment) for each in await shop.lines(order.id)] == [(2, 1), (0, 3), (4, 2)]


async def test_lines_of_a_group_come_from_one_location(shop: Sourced) -> None:
    await shop.sourced_by(Step(name="any"))
    sku, mug, cap = [await shop.stock_at(**there) for there in ({"north": 1, "south": 1}, {"south": 1, "west": 1}, {"west": 1})]
    order = await shop.place(line(sku, ship_group="a"), line(mug, ship_group="a"), line(cap))
    assert await shop.served(order.id) == {"south": 2, "west": 1}
    torn = await shop.stock_at(north=1), await shop.stock_at(west=1)
    with pytest.raises(InsufficientStock):
        await shop.place(*(line(each, ship_group="b") for each in torn))


async def test_lines_of_a_group_come_from_one_location_without_a_profile_too(shop: Sourced) -> None:
    sku, mug = await shop.stock_at(north=2, south=1), await shop.stock_at(south=1)
    order = await shop.place(line(sku, ship_group="a"), line(mug, ship_group="a"), line(sku))
    assert await shop.served(order.id) == {"south": 2, "north": 1}
    assert (await shop.allocations(order.id))[0].reason == "first location with all of ship group a"
    assert await shop.decisions(order.id) == []


async def test_a_line_that_insists_on_a_location_is_served_there_whatever_the_steps_say(shop: Sourced) -> None:
    await shop.sourced_by(Step(name="north", location_groups=(await shop.group("north"),)))
    sku = await shop.stock_at(north=5, west=5)
    order = await shop.place(line(sku, 1, location_id=shop.named["west"].id), line(sku, 1))
    assert await shop.served(order.id) == {"north": 1, "west": 1}


async def test_a_batch_counts_what_its_orders_before_took(shop: Sourced, work: UnitOfWork) -> None:
    await shop.sourced_by(COST, rates=(ShipmentRate(from_location=shop.named["north"].code, fixed=100 * CENT), ANYWHERE))
    change = UpdateLocation(location_id=shop.named["south"].id, changes={"open_order_limit": 1})
    await work.execute(SYSTEM, update_location, change)
    sku = await shop.stock_at(north=2, south=9, west=9)
    given = tuple(PlaceOrder(idempotency_key=uuid4().hex, channel_id=shop.channel.id, lines=(line(sku, 1),)) for _ in range(5))
    placed = await work.execute(SYSTEM, place_orders, PlaceOrders(given))
    served = [await shop.served(each.id) for each in placed if each.id is not None]
    assert served == [{"north": 1}, {"north": 1}, {"south": 1}, {"west": 1}, {"west": 1}]


async def test_an_edit_is_sourced_by_the_profile_beside_what_ships_anyway(shop: Sourced) -> None:
    rates = (ShipmentRate(from_location=shop.named["north"].code, fixed=100 * CENT), ANYWHERE)
    await shop.sourced_by(COST, rates=rates, split_penalty=100 * CENT)
    sku = await shop.stock_at(south=2)
    order = await shop.place(line(sku, 1), shipping_address=at(BERLIN))
    await Given(shop.work).adjust(sku.id, shop.named["north"].id, 5)
    (only,) = await shop.lines(order.id)
    await shop.edit(order.id, SetQuantity(line_id=only.id, quantity=2))
    assert await shop.served(order.id) == {"south": 2}  # where it ships anyway, it costs nothing
    assert [each.act for each in await shop.decisions(order.id)] == [SourcingAct.PLACED, SourcingAct.EDITED]


async def test_lost_units_are_sourced_again_by_the_profile(shop: Sourced, work: UnitOfWork) -> None:
    await shop.sourced_by(Step(name="near", by=SourceBy.DISTANCE))
    sku = await shop.stock_at(north=3, south=5, west=5)
    order = await shop.place(line(sku, 3), shipping_address=at(HAMBURG))
    keeper = Keeper(work, shop.named["north"])
    await keeper.adjust(sku, -3)
    await keeper.source(order.id)
    assert await shop.served(order.id) == {"south": 3}
    assert (await shop.decisions(order.id))[-1].act is SourcingAct.SOURCED_AGAIN


async def test_a_version_decides_from_the_moment_it_is_activated(shop: Sourced) -> None:
    await shop.sourced_by(Step(name="first"))
    sku = await shop.stock_at(north=5, west=5)
    assert await shop.served((await shop.place(line(sku))).id) == {"north": 1}
    await shop.now_by(Step(name="west", location_groups=(await shop.group("west"),)))
    order = await shop.place(line(sku))
    assert await shop.served(order.id) == {"west": 1}


async def test_a_rule_routes_an_order_to_another_profile(shop: Sourced, work: UnitOfWork) -> None:
    other = await shop.sourced_by(Step(name="west", location_groups=(await shop.group("west"),)))
    await shop.sourced_by(Step(name="first"))
    rules = Rules(work, shop.channel)
    await rules.active("order.total > 50.0", act(K.ROUTE, profile=other.code))
    sku = await shop.stock_at(north=9, west=9)
    assert await shop.served((await shop.place(line(sku, 1))).id) == {"north": 1}
    big = await shop.place(line(sku, 6))
    assert await shop.served(big.id) == {"west": 6}
    assert [each.step for each in await shop.decisions(big.id)] == ["west"]


async def test_a_routed_order_is_sourced_again_as_it_was_routed(shop: Sourced, work: UnitOfWork) -> None:
    west = Step(name="west", location_groups=(await shop.group("west"),), serves_part=True)
    other = await shop.sourced_by(west, otherwise=Otherwise.WAIT)
    await shop.sourced_by(Step(name="first"), otherwise=Otherwise.WAIT)
    rules = Rules(work, shop.channel)
    await rules.active("order.total > 50.0", act(K.ROUTE, profile=other.code))
    sku = await shop.stock_at(west=2)
    big = await shop.place(line(sku, 6))
    await Given(work).adjust(sku.id, shop.named["north"].id, 9)
    while await work.execute(SYSTEM, fill_waiting, Batch(1)):
        pass
    assert await shop.served(big.id) == {"west": 2}
    small = await shop.place(line(sku, 1))
    assert await shop.served(small.id) == {"north": 1}  # the channel's own profile serves the others
    again = SourceAgain(idempotency_key=uuid4().hex, order_id=big.id, release_open=True)
    await work.execute(SYSTEM, source_again, again)
    assert await shop.served(big.id) == {"west": 2}
    await Given(work).adjust(sku.id, shop.named["west"].id, 9)
    while await work.execute(SYSTEM, fill_waiting, Batch(1)):
        pass
    assert await shop.served(big.id) == {"west": 6}
    assert {each.profile_version_id for each in await shop.decisions(big.id)} == {
        (await shop.decisions(big.id))[0].profile_version_id
    }


async def test_a_simulation_compares_a_draft_with_what_happened(shop: Sourced, work: UnitOfWork) -> None:
    began = datetime.now(UTC) - timedelta(days=3)
    skus = [await Given(work).sku() for _ in range(2)]
    for sku in skus:
        await Given(work).adjust(sku.id, shop.named["north"].id, 4, began)
        await Given(work).adjust(sku.id, shop.named["south"].id, 4, began)
    for day in (2, 1):
        when = datetime.now(UTC) - timedelta(days=day)
        await shop.place(line(skus[0], 3), line(skus[1], 1), at=when, shipping_address=at(MUNICH))
    rates = (ShipmentRate(from_location=shop.named["south"].code, fixed=300 * CENT), ShipmentRate(fixed=500 * CENT))
    create = CreateProfile(code=uuid4().hex, name="Draft", steps=(COST,), rates=rates, split_penalty=100 * CENT)
    draft = await work.execute(SYSTEM, create_profile, create)
    wanted = SimulateSourcing(channel_id=shop.channel.id, profile=draft.code, from_at=began, to_at=datetime.now(UTC))
    simulation = await work.execute(SYSTEM, simulate_sourcing, wanted)
    await carry_out(work, ports_of(work), SUBSCRIBERS.job_kinds, simulation.job_id, Tries(0))
    async with work.reads(SYSTEM) as read:
        result = (await simulation_by_id(read, simulation.id)).result
    assert result is not None
    then, instead = result["happened"], result["simulated"]
    assert (then["orders"], then["units"], then["shipments"], then["split_orders"], then["cost"]) == (2, 8, 3, 1, 1400)
    assert (instead["orders"], instead["units"], instead["shipments"], instead["split_orders"]) == (2, 8, 2, 0)
    assert (instead["cost"], instead["short_units"]) == (800, 0)
    assert instead["by_location"] == {shop.named["south"].code: 1, shop.named["north"].code: 1}
    assert then["kilometres"] > instead["kilometres"] > 0


async def test_those_who_can_be_served_are_found_behind_many_who_cannot(shop: Sourced, work: UnitOfWork) -> None:
    await shop.sourced_by(Step(name="whole", may_split=False), otherwise=Otherwise.WAIT)
    sku = await shop.stock_at()
    large = [await shop.place(line(sku, 9)) for _ in range(7)]
    small = await shop.place(line(sku, 2))
    await Given(work).adjust(sku.id, shop.named["north"].id, 3)
    while await work.execute(SYSTEM, fill_waiting, Batch(1)):
        pass
    assert await waiting(work, small.id) == [(0, 0, 2)]
    assert await waiting(work, large[0].id) == [(9, 0, 0)]
