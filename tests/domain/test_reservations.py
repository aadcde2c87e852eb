"""What reservations promise: units held are held, until their deadline and not a moment longer."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from oms_api.db.outbox import StagedEvent
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.channels.policies import ChannelChanges
from oms_api.domain.inventory.errors import InsufficientStock
from oms_api.domain.inventory.reservations.states import ReservationStatus
from oms_api.domain.inventory.tables import StockMovementRow
from oms_api.domain.orders.given import OnFailure, PlaceOrder
from oms_api.domain.promising.reserving import LineToReserve
from oms_api.jobs.sweeping import run_sweep
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import ChannelId, IntegrationId, LocationId, ReservationId, SkuId, new_uuid
from oms_api.kernel.occurrence import text_time
from oms_api.workflows.place_order import PlaceOrders, place_order, place_orders
from oms_api.workflows.sweeps import SWEEPS
from tests.factories.database import Database
from tests.factories.given import SYSTEM, Given
from tests.factories.purchasing import Buyer
from tests.factories.purchasing import line as purchased
from tests.factories.raw import raw
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import Shop, by_hand, fee, findings, line

ACTIVE, CONVERTED, EXPIRED, RELEASED = ReservationStatus
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=2)


@pytest.fixture
async def checkouts(shop: Shop) -> Checkouts:
    return Checkouts(shop)


@pytest.fixture(autouse=True)
async def sound(work: UnitOfWork) -> Any:
    yield
    assert await findings(work) == []


async def refused(attempt: Any) -> list[tuple[str, str]]:
    with pytest.raises(OmsError) as caught:
        await attempt
    return [(error.code, ".".join(error.field)) for error in caught.value.causes]


async def told(work: UnitOfWork, reservation: ReservationId) -> list[StagedEvent]:
    async with work.reads(SYSTEM) as read:
        found = select(StagedEvent).where(StagedEvent.subject_id == reservation).order_by(StagedEvent.stage)
        return list(await read.all(raw(found)))


async def ledger(work: UnitOfWork, *causes: UUID) -> list[tuple[str, str, str, int]]:
    table = StockMovementRow
    async with work.reads(SYSTEM) as read:
        rows = await read.all(raw(select(table).where(table.cause_id.in_(causes)).order_by(table.id)))
    return [(row.kind.value, row.source.value, row.target.value, row.quantity) for row in rows]


async def policies(shop: Shop, **changes: Any) -> None:
    command = UpdateChannel(channel_id=shop.channel.id, changes=ChannelChanges(**changes))  # type: ignore[typeddict-item]
    await shop.work.execute(SYSTEM, update_channel, command)


async def test_a_checkout_holds_units_over_the_locations_and_becomes_an_order(checkouts: Checkouts, work: UnitOfWork) -> None:
    sku = await checkouts.shop.stocked(3, 9)
    held = await checkouts.reserve(wanted(sku, 5), external_ref="cart 1")
    assert (held.status, held.expires_at - held.created_at) == (ACTIVE, 30 * MINUTE)
    assert [await checkouts.stock(sku, place) for place in (0, 1)] == [(0, 3, 0), (7, 2, 0)]
    order = await checkouts.order(held.id, line(sku, 5))
    assert [await checkouts.stock(sku, place) for place in (0, 1)] == [(0, 0, 3), (7, 0, 2)]
    now = await checkouts.now(held.id)
    assert (now.status, now.order_id) == (CONVERTED, order.id)
    assert now.closed_at is not None
    assert await checkouts.lines(held.id) == [(3, 0, 3, 0), (2, 0, 2, 0)]
    (only,) = await checkouts.shop.lines(order.id)
    assert sorted(await ledger(work, only.id)) == [("CLAIM", "reserved", "committed", n) for n in (2, 3)]
    events = await told(work, held.id)
    assert [(event.type, event.order_id) for event in events] == [
        ("RESERVATION_CREATED", None),
        ("RESERVATION_CONVERTED", order.id),
    ]
    assert events[1].changes == {"status": ["ACTIVE", "CONVERTED"]}
    assert {event.channel_id for event in events} == {checkouts.shop.channel.id}
    assert all(event.location_ids == sorted(place.id for place in checkouts.shop.locations) for event in events)
    first, second = await checkouts.shop.works(order.id)
    await checkouts.shop.deliver((await checkouts.shop.ship(first.id)).value.id)
    await checkouts.shop.cancel(order.id, (only.id, 2))
    assert [await checkouts.stock(sku, place) for place in (0, 1)] == [(0, 0, 0), (9, 0, 0)]
    assert second.location_id == checkouts.shop.locations[1].id


async def test_an_order_takes_what_it_wants_of_it_sources_the_rest_and_frees_what_is_left(checkouts: Checkouts) -> None:
    more, less, other, unheld = [await checkouts.shop.stocked(10, 10) for _ in range(4)]
    held = await checkouts.reserve(wanted(more, 4), wanted(less, 6), wanted(other, 2))
    order = await checkouts.order(held.id, line(more, 7), line(less, 1), line(unheld, 3), line(more, 5), fee())
    assert await checkouts.stock(more) == (0, 0, 10)
    assert await checkouts.stock(more, 1) == (8, 0, 2)
    assert await checkouts.stock(less) == (9, 0, 1)
    assert await checkouts.stock(other) == (10, 0, 0)
    assert await checkouts.stock(unheld) == (7, 0, 3)
    assert sorted(await checkouts.lines(held.id)) == [(2, 0, 0, 2), (4, 0, 4, 0), (6, 0, 1, 5)]
    (first, second) = await checkouts.shop.works(order.id)
    assert [work_line.quantity for work_line in await checkouts.shop.work_lines(second.id)] == [2]
    assert sum(work_line.quantity for work_line in await checkouts.shop.work_lines(first.id)) == 14


async def test_a_line_is_shipped_as_one_where_part_of_it_was_held(checkouts: Checkouts) -> None:
    sku = await checkouts.shop.stocked(10)
    held = await checkouts.reserve(wanted(sku, 4))
    order = await checkouts.order(held.id, line(sku, 7))
    (todo,), (only,) = await checkouts.shop.works(order.id), await checkouts.shop.lines(order.id)
    assert [work_line.quantity for work_line in await checkouts.shop.work_lines(todo.id)] == [7]
    await checkouts.shop.ship(todo.id, (only.id, 7))


async def test_a_line_that_insists_on_a_location_chooses_first(checkouts: Checkouts) -> None:
    sku = await checkouts.shop.stocked(2, 4)
    first, second = checkouts.shop.locations
    held = await checkouts.reserve(wanted(sku, 2, first.id), wanted(sku, 2, second.id))
    await checkouts.order(held.id, line(sku, 2), line(sku, 2, location_id=first.id))
    assert [await checkouts.stock(sku, place) for place in (0, 1)] == [(0, 0, 2), (2, 0, 2)]
    elsewhere = await checkouts.reserve(wanted(sku, 2))
    refusal = checkouts.order(elsewhere.id, line(sku, 1, location_id=first.id))
    assert await refused(refusal) == [("INSUFFICIENT_STOCK", "lines")]
    assert await checkouts.stock(sku, 1) == (0, 2, 2)


async def test_bundles_hold_their_components(checkouts: Checkouts, work: UnitOfWork) -> None:
    cup, spoon = await checkouts.shop.stocked(9), await checkouts.shop.stocked(9)
    tea = await Given(work).sku(kind=SkuKind.BUNDLE, components={cup.code: 1, spoon.code: 2})
    held = await checkouts.reserve(wanted(tea, 2), wanted(spoon, 1))
    assert (await checkouts.stock(cup), await checkouts.stock(spoon)) == ((7, 2, 0), (4, 5, 0))
    await checkouts.order(held.id, line(tea, 3), line(spoon, 1))
    assert (await checkouts.stock(cup), await checkouts.stock(spoon)) == ((6, 0, 3), (2, 0, 7))
    assert await refused(checkouts.reserve(wanted(tea, 2))) == [("INSUFFICIENT_STOCK", "lines")]


async def test_lines_of_one_sku_are_one_demand_and_all_that_is_short_is_named(checkouts: Checkouts) -> None:
    some, few, enough = await checkouts.shop.stocked(4, 3), await checkouts.shop.stocked(1), await checkouts.shop.stocked(9)
    with pytest.raises(InsufficientStock) as caught:
        await checkouts.reserve(wanted(some, 4), wanted(few, 2), wanted(enough, 9), wanted(some, 4))
    short = {each.sku_code: (each.requested, each.available) for each in caught.value.short}
    assert short == {some.code: (8, 7), few.code: (2, 1)}
    assert [await checkouts.stock(sku) for sku in (some, few, enough)] == [(4, 0, 0), (1, 0, 0), (9, 0, 0)]
    held = await checkouts.reserve(wanted(some, 4), wanted(some, 3))
    assert sorted(await checkouts.lines(held.id)) == [(3, 3, 0, 0), (4, 4, 0, 0)]


async def test_what_is_overdue_by_the_moment_of_the_sale_is_not_expected_next(checkouts: Checkouts) -> None:
    sku, shop = await checkouts.shop.stocked(1), checkouts.shop
    buyer = replace(await Buyer.open(shop.work), location=shop.locations[0])
    soon, later = (datetime.now(UTC) + timedelta(days=days) for days in (1, 3))
    await buyer.supplied(sku)
    for at in (soon, later):
        await buyer.order(purchased(sku, 9, expected_at=at))

    for moment, expected in ((checkouts, soon), (checkouts.after(2 * 24 * 60), later)):
        for selling in (moment.order(None, line(sku, 5)), moment.reserve(wanted(sku, 5))):
            with pytest.raises(InsufficientStock) as short:
                await selling
            assert [each.next_available_at for each in short.value.short] == [expected]


async def test_safety_stock_is_held_only_for_channels_that_sell_it(checkouts: Checkouts, database: Database) -> None:
    sku = await checkouts.shop.stocked(5)
    by_hand(database.admin_url, f"UPDATE inventory_level SET safety_stock_target = 3 WHERE sku_id = '{sku.id}'")
    assert await refused(checkouts.reserve(wanted(sku, 3))) == [("INSUFFICIENT_STOCK", "lines")]
    held = await checkouts.reserve(wanted(sku, 2))
    late = checkouts.after(31)
    assert await refused(late.reserve(wanted(sku, 3))) == [("INSUFFICIENT_STOCK", "lines")]
    assert await refused(late.order(None, line(sku, 3))) == [("INSUFFICIENT_STOCK", "lines")]
    await policies(checkouts.shop, sells_safety_stock=True)
    await late.reserve(wanted(sku, 5))
    assert (await checkouts.stock(sku), (await checkouts.now(held.id)).status) == ((0, 5, 0), EXPIRED)


async def test_an_overdue_hold_keeps_nothing_from_an_order_although_no_job_runs(checkouts: Checkouts, work: UnitOfWork) -> None:
    sku, beside = await checkouts.shop.stocked(3, 2), await checkouts.shop.stocked(6)
    held = await checkouts.reserve(wanted(sku, 5), wanted(beside, 4))
    assert await refused(checkouts.order(None, line(sku, 1))) == [("INSUFFICIENT_STOCK", "lines")]
    just_before = checkouts.after(29.5)
    assert await refused(just_before.order(None, line(sku, 1))) == [("INSUFFICIENT_STOCK", "lines")]
    late = checkouts.after(30)
    assert await refused(late.order(None, line(sku, 6))) == [("INSUFFICIENT_STOCK", "lines")]
    assert (await checkouts.now(held.id)).status is ACTIVE
    await late.order(None, line(sku, 4))
    assert [await checkouts.stock(sku, place) for place in (0, 1)] == [(0, 0, 3), (1, 0, 1)]
    assert await checkouts.stock(beside) == (6, 0, 0)
    assert (await checkouts.now(held.id)).status is EXPIRED
    assert await checkouts.lines(held.id) == [(3, 0, 0, 3), (2, 0, 0, 2), (4, 0, 0, 4)]
    assert [event.type for event in await told(work, held.id)] == ["RESERVATION_CREATED", "RESERVATION_EXPIRED"]


async def test_an_overdue_hold_keeps_nothing_from_another_checkout(checkouts: Checkouts) -> None:
    sku = await checkouts.shop.stocked(5)
    overdue = [await checkouts.reserve(wanted(sku, n)) for n in (2, 3)]
    late = checkouts.after(30)
    held = await late.reserve(wanted(sku, 4))
    assert await checkouts.stock(sku) == (1, 4, 0)
    assert [(await checkouts.now(each.id)).status for each in (*overdue, held)] == [EXPIRED, EXPIRED, ACTIVE]


async def test_the_deadline_of_one_ends_nobody_elses_hold(checkouts: Checkouts) -> None:
    sku = await checkouts.shop.stocked(4)
    short, long = await checkouts.reserve(wanted(sku, 2), minutes=1), await checkouts.reserve(wanted(sku, 2), minutes=60)
    late = checkouts.after(30)
    assert await refused(late.order(None, line(sku, 3))) == [("INSUFFICIENT_STOCK", "lines")]
    await late.order(None, line(sku, 2))
    assert [(await checkouts.now(each.id)).status for each in (short, long)] == [EXPIRED, ACTIVE]
    await late.order(long.id, line(sku, 2))
    assert await checkouts.stock(sku) == (0, 0, 4)


async def test_a_worker_expires_what_is_overdue_in_bounded_batches(checkouts: Checkouts, fresh_work: UnitOfWork) -> None:
    checkouts = Checkouts(await Shop.open(fresh_work))
    sku = await checkouts.shop.stocked(20)
    held = [await checkouts.reserve(wanted(sku, 1), minutes=n) for n in range(1, 8)]
    late = checkouts.after(5)
    assert [await late.expire(2), await late.expire(2)] == [2, 2]
    assert [(await late.now(each.id)).status for each in held] == [EXPIRED] * 4 + [ACTIVE] * 3
    (sweep,) = [sweep for sweep in SWEEPS if sweep.name == "reservation_expiry"]
    assert await run_sweep(checkouts.after(6).work, replace(sweep, size=1), asyncio.Event()) == 2
    assert await run_sweep(checkouts.after(6).work, sweep, asyncio.Event()) == 0
    assert await checkouts.stock(sku) == (19, 1, 0)
    assert [event.type for event in await told(fresh_work, held[0].id)] == ["RESERVATION_CREATED", "RESERVATION_EXPIRED"]
    assert await findings(fresh_work) == []


async def test_what_is_expired_over_or_another_s_makes_no_order(checkouts: Checkouts, work: UnitOfWork) -> None:
    sku, shop = await checkouts.shop.stocked(20), checkouts.shop
    overdue, released, used, good = [await checkouts.reserve(wanted(sku, 2)) for _ in range(4)]
    await checkouts.release(released.id)
    await checkouts.order(used.id, line(sku, 2))
    other = Checkouts(await Shop.open(work))
    elsewhere = await other.reserve(wanted(await other.shop.stocked(2), 2))
    before = await checkouts.stock(sku)
    late = checkouts.after(30)
    assert await refused(late.order(overdue.id, line(sku, 1))) == [("RESERVATION_EXPIRED", "reservationId")]
    assert (await checkouts.now(overdue.id)).status is ACTIVE
    assert await refused(checkouts.order(released.id, line(sku, 1))) == [("RESERVATION_NOT_ACTIVE", "reservationId")]
    assert await refused(checkouts.order(used.id, line(sku, 1))) == [("RESERVATION_NOT_ACTIVE", "reservationId")]
    assert await refused(checkouts.order(elsewhere.id, line(sku, 1))) == [("NOT_FOUND", "reservationId")]
    assert await refused(checkouts.order(ReservationId(new_uuid()), line(sku, 1))) == [("NOT_FOUND", "reservationId")]
    another = Checkouts(replace(shop, principal=replace(SYSTEM, client_id=IntegrationId(uuid4()))))
    assert await refused(another.order(good.id, line(sku, 1))) == [("NOT_FOUND", "reservationId")]
    too_early = good.created_at - MINUTE
    assert await refused(checkouts.order(good.id, line(sku, 1), occurred_at=too_early)) == [
        ("OCCURRED_TOO_EARLY", "occurredAt")
    ]
    assert await refused(checkouts.order(good.id, line("nothing", 1))) == [("UNKNOWN_SKU", "lines.0.sku")]
    assert await refused(checkouts.order(good.id, line(sku, 19))) == [("INSUFFICIENT_STOCK", "lines")]
    assert await checkouts.stock(sku) == before
    assert await late.expire() >= 1
    assert await refused(checkouts.order(overdue.id, line(sku, 1))) == [("RESERVATION_EXPIRED", "reservationId")]


async def test_what_is_short_counts_what_the_order_holds(checkouts: Checkouts) -> None:
    sku = await checkouts.shop.stocked(6)
    held = await checkouts.reserve(wanted(sku, 4))
    with pytest.raises(InsufficientStock) as caught:
        await checkouts.order(held.id, line(sku, 7))
    assert [(short.requested, short.available) for short in caught.value.short] == [(7, 6)]
    await checkouts.order(held.id, line(sku, 6))


async def test_in_a_batch_each_order_takes_its_own(checkouts: Checkouts) -> None:
    sku, shop = await checkouts.shop.stocked(6), checkouts.shop
    first, second = await checkouts.reserve(wanted(sku, 2)), await checkouts.reserve(wanted(sku, 2))
    late = Checkouts(shop, timedelta(minutes=-40))
    overdue = await late.reserve(wanted(sku, 2))

    async def batch(*reservations: ReservationId | None) -> list[str | None]:
        orders = tuple(
            PlaceOrder(idempotency_key=uuid4().hex, channel_id=shop.channel.id, lines=(line(sku, 2),), reservation_id=each)
            for each in reservations
        )
        placed = await shop.work.execute(SYSTEM, place_orders, PlaceOrders(orders, OnFailure.REJECT_FAILED))
        return [each.error.causes[0].code if each.error else None for each in placed]

    outcomes = await batch(second.id, first.id, first.id, overdue.id, None, None)
    assert outcomes == [None, None, "RESERVATION_NOT_ACTIVE", "RESERVATION_EXPIRED", None, "INSUFFICIENT_STOCK"]
    assert await checkouts.stock(sku) == (0, 0, 6)
    assert [(await checkouts.now(each.id)).status for each in (first, second, overdue)] == [CONVERTED, CONVERTED, EXPIRED]


async def test_more_minutes_count_from_the_deadline_and_not_for_ever(checkouts: Checkouts, work: UnitOfWork) -> None:
    sku = await checkouts.shop.stocked(6)
    held = await checkouts.reserve(wanted(sku, 2), minutes=10)
    extended = await checkouts.extend(held.id, 20, key="more")
    assert extended.expires_at == held.expires_at + 20 * MINUTE
    assert (await checkouts.extend(held.id, 20, key="more")).expires_at == extended.expires_at
    assert [event.type for event in await told(work, held.id)] == ["RESERVATION_CREATED", "RESERVATION_EXTENDED"]
    late = checkouts.after(20)
    assert await refused(late.order(None, line(sku, 5))) == [("INSUFFICIENT_STOCK", "lines")]
    for minutes in (0, -1, 43_201):
        assert await refused(late.extend(held.id, minutes)) == [("INVALID_VALUE", "minutes")]
    assert await refused(late.extend(held.id, 43_200)) == [("RESERVATION_TOO_LONG", "minutes")]
    assert (await late.extend(held.id, 43_200 - 30)).expires_at == held.created_at + timedelta(days=30)
    assert await refused(checkouts.after(43_200).extend(held.id, 1)) == [("RESERVATION_EXPIRED", "reservationId")]
    assert await refused(checkouts.extend(ReservationId(new_uuid()), 1)) == [("NOT_FOUND", "reservationId")]
    await checkouts.release(held.id)
    assert await refused(checkouts.extend(held.id, 1)) == [("RESERVATION_NOT_ACTIVE", "reservationId")]
    assert await checkouts.stock(sku) == (6, 0, 0)


async def test_a_release_frees_everything_once_also_when_overdue(checkouts: Checkouts, work: UnitOfWork) -> None:
    sku = await checkouts.shop.stocked(3, 3)
    held = await checkouts.reserve(wanted(sku, 5))
    assert (await checkouts.release(held.id, key="go")).status is RELEASED
    assert (await checkouts.release(held.id, key="go")).status is RELEASED
    assert await refused(checkouts.release(held.id)) == [("RESERVATION_NOT_ACTIVE", "reservationId")]
    assert [await checkouts.stock(sku, place) for place in (0, 1)] == [(3, 0, 0), (3, 0, 0)]
    assert [event.type for event in await told(work, held.id)] == ["RESERVATION_CREATED", "RESERVATION_RELEASED"]
    overdue, expired = await checkouts.reserve(wanted(sku, 1)), await checkouts.reserve(wanted(sku, 1))
    late = checkouts.after(30)
    assert (await late.release(overdue.id)).status is RELEASED
    await late.expire()
    assert await refused(late.release(expired.id)) == [("RESERVATION_EXPIRED", "reservationId")]
    assert await refused(late.release(ReservationId(new_uuid()))) == [("NOT_FOUND", "reservationId")]


async def test_limits_of_channels_and_locations_hide_a_reservation(checkouts: Checkouts) -> None:
    sku, shop = await checkouts.shop.stocked(1, 9), checkouts.shop
    held = await checkouts.reserve(wanted(sku, 4))
    first, second = shop.locations
    strangers = [
        replace(SYSTEM, channels=frozenset({ChannelId(new_uuid())})),
        replace(SYSTEM, locations=frozenset({first.id})),
    ]
    for stranger in strangers:
        theirs = Checkouts(replace(shop, principal=stranger))
        assert await refused(theirs.release(held.id)) == [("NOT_FOUND", "reservationId")]
        assert await refused(theirs.extend(held.id, 5)) == [("NOT_FOUND", "reservationId")]
    foreign = Checkouts(replace(shop, principal=strangers[0]))
    assert await refused(foreign.reserve(wanted(sku, 1))) == [("NOT_FOUND", "channelId")]
    both = Checkouts(replace(shop, principal=replace(SYSTEM, locations=frozenset({first.id, second.id}))))
    await both.extend(held.id, 5)


async def test_each_mistake_is_named_and_nothing_is_held(checkouts: Checkouts, work: UnitOfWork) -> None:
    given, shop = Given(work), checkouts.shop
    sku, gone, service = await shop.stocked(5), await given.sku(), await given.sku(kind=SkuKind.SERVICE)
    elsewhere = await given.location()
    cases: list[tuple[LineToReserve, str, str]] = [
        (wanted(sku, 0), "INVALID_QUANTITY", "quantity"),
        (wanted(sku, -3), "INVALID_QUANTITY", "quantity"),
        (wanted(sku, 2**31), "INVALID_QUANTITY", "quantity"),
        (LineToReserve(SkuRef(code="nothing"), 1), "UNKNOWN_SKU", "sku.code"),
        (LineToReserve(SkuRef(code="nul\0"), 1), "UNKNOWN_SKU", "sku.code"),
        (LineToReserve(SkuRef(id=SkuId(new_uuid())), 1), "NOT_FOUND", "sku.id"),
        (wanted(service), "NOT_STOCKED", "sku"),
        (wanted(sku, 1, elsewhere.id), "LOCATION_NOT_IN_CHANNEL", "locationId"),
        (wanted(sku, 1, LocationId(new_uuid())), "LOCATION_NOT_IN_CHANNEL", "locationId"),
    ]
    for bad, code, path in cases:
        assert await refused(checkouts.reserve(wanted(sku, 1), bad)) == [(code, f"lines.1.{path}")]
    assert await refused(checkouts.reserve(wanted(gone, 1))) == [("INSUFFICIENT_STOCK", "lines")]
    assert await refused(checkouts.reserve()) == [("INVALID_VALUE", "lines")]
    assert await refused(checkouts.reserve(*[wanted(sku)] * 1_001)) == [("TOO_MANY_ITEMS", "lines")]
    for minutes, code in ((0, "INVALID_VALUE"), (-5, "INVALID_VALUE"), (43_201, "INVALID_VALUE")):
        assert await refused(checkouts.reserve(wanted(sku), minutes=minutes)) == [(code, "minutes")]
    for reference in ("", " x", "x" * 256, "nul\0"):
        assert await refused(checkouts.reserve(wanted(sku), external_ref=reference)) == [("INVALID_VALUE", "externalRef")]
    assert await refused(checkouts.reserve(wanted(sku), channel_id=new_uuid())) == [("NOT_FOUND", "channelId")]
    assert await checkouts.stock(sku) == (5, 0, 0)


async def test_what_is_inactive_is_not_held_but_what_was_held_stays(checkouts: Checkouts, database: Database) -> None:
    sku, part = await checkouts.shop.stocked(5), await checkouts.shop.stocked(5)
    tea = await Given(checkouts.shop.work).sku(kind=SkuKind.BUNDLE, components={part.code: 2})
    held = await checkouts.reserve(wanted(sku, 2), wanted(tea, 1))
    by_hand(database.admin_url, f"UPDATE sku SET status = 'INACTIVE' WHERE id IN ('{sku.id}', '{part.id}')")
    assert await refused(checkouts.reserve(wanted(sku), wanted(tea))) == [
        ("SKU_INACTIVE", "lines.0.sku"),
        ("SKU_INACTIVE", "lines.1.sku"),
    ]
    by_hand(database.admin_url, f"UPDATE channel SET status = 'INACTIVE' WHERE id = '{checkouts.shop.channel.id}'")
    assert await refused(checkouts.reserve(wanted(sku))) == [("CHANNEL_INACTIVE", "channelId")]
    await checkouts.extend(held.id, 5)
    assert (await checkouts.stock(sku), await checkouts.stock(part)) == ((3, 2, 0), (3, 2, 0))
    await checkouts.release(held.id)
    assert (await checkouts.stock(sku), await checkouts.stock(part)) == ((5, 0, 0), (5, 0, 0))


async def test_two_active_checkouts_of_a_channel_have_references_of_their_own(checkouts: Checkouts) -> None:
    sku = await checkouts.shop.stocked(9)
    first = await checkouts.reserve(wanted(sku, 1), external_ref="cart")
    assert await refused(checkouts.reserve(wanted(sku, 1), external_ref="cart")) == [
        ("DUPLICATE_RESERVATION_REF", "externalRef")
    ]
    await checkouts.release(first.id)
    second = await checkouts.reserve(wanted(sku, 1), external_ref="cart")
    later = await checkouts.after(30).reserve(wanted(sku, 2), external_ref="cart")
    assert [(await checkouts.now(each.id)).status for each in (first, second, later)] == [RELEASED, EXPIRED, ACTIVE]
    assert await checkouts.stock(sku) == (7, 2, 0)


async def test_the_same_key_holds_once(checkouts: Checkouts) -> None:
    sku = await checkouts.shop.stocked(9)
    first = await checkouts.reserving(wanted(sku, 2), key="checkout")
    again = await checkouts.reserving(wanted(sku, 2), key="checkout")
    assert (again.value.id, again.replayed) == (first.value.id, True)
    assert await refused(checkouts.reserving(wanted(sku, 3), key="checkout")) == [("IDEMPOTENCY_KEY_REUSED", "idempotencyKey")]
    assert await checkouts.stock(sku) == (7, 2, 0)


async def test_a_hold_is_honored_where_the_channel_is_served_from_no_more(checkouts: Checkouts) -> None:
    sku, shop = await checkouts.shop.stocked(2, 5), checkouts.shop
    held = await checkouts.reserve(wanted(sku, 3))
    command = UpdateChannel(channel_id=shop.channel.id, location_ids=(shop.locations[1].id,))
    await shop.work.execute(SYSTEM, update_channel, command)
    await checkouts.order(held.id, line(sku, 4))
    assert [await checkouts.stock(sku, place) for place in (0, 1)] == [(0, 0, 2), (3, 0, 2)]


async def test_an_order_without_a_reservation_sends_what_it_sent_before(checkouts: Checkouts, work: UnitOfWork) -> None:
    sent: list[int] = []

    async def place(tx: Any, given: PlaceOrder) -> Any:
        flush = tx.flush

        async def counted(statements: Any, **options: Any) -> Any:
            sent.append(len(statements))
            return await flush(statements, **options)

        tx.flush = counted
        return await place_order(tx, given)

    sku = await checkouts.shop.stocked(9)
    given = PlaceOrder(idempotency_key=uuid4().hex, channel_id=checkouts.shop.channel.id, lines=(line(sku, 2),))
    await work.execute(SYSTEM, place, given)
    assert sent == [2, 2]  # key and snapshot; order and outbox


async def test_only_who_may_import_says_when_an_order_of_a_reservation_was_placed(checkouts: Checkouts) -> None:
    sku = await checkouts.shop.stocked(3)
    held = await checkouts.reserve(wanted(sku, 2))
    at = held.created_at + timedelta(milliseconds=1)
    limited = replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.ORDERS_IMPORT})
    refusal = Checkouts(replace(checkouts.shop, principal=limited)).order(held.id, line(sku, 2), occurred_at=at)
    assert await refused(refusal) == [("MISSING_SCOPE", "occurredAt")]
    order = await checkouts.order(held.id, line(sku, 2), occurred_at=at)
    assert order.placed_at == at


async def test_events_name_moments_as_the_schema_does(shop: Shop, work: UnitOfWork) -> None:
    held = await Checkouts(shop).reserve(wanted(await shop.stocked(1)))
    (made,) = await told(work, held.id)
    assert made.changes is not None
    assert made.changes["expiresAt"] == [None, text_time(held.expires_at)]
    assert made.changes["expiresAt"][1].endswith("Z")
