import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.db.direct import direct_connection
from oms_api.db.outbox import FeedEvent
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.events import SkuChanged
from oms_api.domain.events.cursors import FeedPlace, cursor_of
from oms_api.domain.events.epoch import begin_epoch
from oms_api.domain.events.errors import CursorExpired, ReaderTooSlow
from oms_api.domain.events.live import LiveFeed
from oms_api.domain.events.queries import EVERYTHING, EventFilter, events_after, head, visible
from oms_api.domain.inventory.events import SafetyStockChanged
from oms_api.domain.purchasing.events import PurchaseOrderCreated
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import ChannelId, LocationId, OrderId, SupplierId, new_uuid
from oms_api.kernel.paging import InvalidCursor
from oms_api.kernel.secrets import Secrets
from tests.factories.database import Database
from tests.factories.feed import SYSTEM, emit, event, feed, relay_all, relaying
from tests.factories.loop_turns import LoopTurns

SECRETS = Secrets(("x" * 32,))
POOL: list[Any] = [UUID(int=n) for n in range(1, 4)]
"""Three ids for whatever is wanted: of an order, a channel, a location, a SKU."""


@pytest.fixture
async def live(fresh_database: Database, fresh_work: UnitOfWork) -> AsyncIterator[LiveFeed]:
    async with LiveFeed(fresh_database.app_url, fresh_work, SECRETS) as running:
        yield running


async def start_of(work: UnitOfWork) -> str:
    async with work.reads(SYSTEM) as read:
        return cursor_of(SECRETS, replace(await head(read), position=0))


async def take(
    live: LiveFeed,
    count: int,
    after: str | None = None,
    *,
    where: EventFilter = EVERYTHING,
    principal: Principal = SYSTEM,
    pause_s: float = 0,
) -> list[tuple[str, FeedEvent]]:
    """Follow until *count* events came, or none came for half a second."""
    found: list[tuple[str, FeedEvent]] = []
    async with aclosing(live.follow(principal, where, after)) as following:
        while len(found) < count:
            try:
                found.append(await asyncio.wait_for(anext(following), 3))
            except (TimeoutError, StopAsyncIteration):
                break
            await asyncio.sleep(pause_s)
    return found


async def test_resuming_from_each_cursor_gives_exactly_the_rest(
    live: LiveFeed, fresh_work: UnitOfWork, fresh_database: Database
) -> None:
    await emit(fresh_work, *(event() for _ in range(12)))
    await relay_all(fresh_database.app_url, batch=5)
    everything = await take(live, 12, await start_of(fresh_work))
    assert [e.position for _, e in everything] == list(range(1, 13))
    for index, (cursor, _) in enumerate(everything[:-1]):
        rest = await take(live, 11 - index, cursor)
        assert [e.position for _, e in rest] == list(range(index + 2, 13))


async def test_without_a_cursor_only_what_comes_from_now_on(
    live: LiveFeed, fresh_work: UnitOfWork, fresh_database: Database
) -> None:
    await emit(fresh_work, event(), event())
    await relay_all(fresh_database.app_url)
    following = asyncio.create_task(take(live, 1))
    await asyncio.sleep(0.2)
    await emit(fresh_work, event())
    await relay_all(fresh_database.app_url)
    assert [e.position for _, e in await following] == [3]


async def test_readers_who_join_in_the_middle_of_a_stream_see_each_event_once(
    live: LiveFeed, fresh_work: UnitOfWork, fresh_database: Database
) -> None:
    total, orders = 400, [OrderId(new_uuid()) for _ in range(4)]

    async def write(part: int) -> None:
        for _ in range(total // 4):
            await emit(fresh_work, event(order=orders[part]))

    beginning = await start_of(fresh_work)
    async with relaying(fresh_database.app_url, batch=9):
        writers = [asyncio.create_task(write(part)) for part in range(4)]
        readers = []
        for number in range(12):
            where = EventFilter(order_ids=frozenset({orders[number % 4]})) if number % 2 else EVERYTHING
            count = total // 4 if number % 2 else total
            readers.append((where, asyncio.create_task(take(live, count, beginning, where=where))))
            await asyncio.sleep(0.03)
        await asyncio.gather(*writers)
        seen = [(where, await reader) for where, reader in readers]
    events = await feed(fresh_work)
    assert len(events) == total
    for where, found in seen:
        assert [e.position for _, e in found] == [e.position for e in events if visible(e, SYSTEM, where)]


async def test_a_reader_out_of_room_falls_back_to_the_backlog_and_misses_nothing(
    fresh_work: UnitOfWork, fresh_database: Database
) -> None:
    async with LiveFeed(fresh_database.app_url, fresh_work, SECRETS, capacity=3, patience=1_000) as live:
        following = asyncio.create_task(take(live, 200, pause_s=0.002))
        await asyncio.sleep(0.2)
        async with relaying(fresh_database.app_url):
            for _ in range(20):
                await emit(fresh_work, *(event() for _ in range(10)))
            assert [e.position for _, e in await following] == list(range(1, 201))


async def test_what_many_follow_leaves_room_for_everything_else(
    live: LiveFeed, fresh_work: UnitOfWork, fresh_database: Database
) -> None:
    counted = LoopTurns()

    async def one() -> None:
        await take(live, 1)
        counted.note()

    readers = [asyncio.create_task(one()) for _ in range(200)]
    await asyncio.sleep(0.5)
    await emit(fresh_work, event())
    await relay_all(fresh_database.app_url)
    await asyncio.gather(counted.until(200), *readers)
    assert counted.different > 100, "readers were served many in one turn"


async def test_a_reader_too_slow_for_the_backlog_is_closed_with_its_cursor(
    fresh_work: UnitOfWork, fresh_database: Database
) -> None:
    async with LiveFeed(fresh_database.app_url, fresh_work, SECRETS, capacity=2, patience=2) as live:
        async with aclosing(live.follow(SYSTEM, EVERYTHING, await start_of(fresh_work))) as following:

            async def take_one_of_ten() -> int:
                for taken in range(1_000):
                    await emit(fresh_work, *(event() for _ in range(4)))
                    await relay_all(fresh_database.app_url)
                    await asyncio.sleep(0.05)
                    try:
                        await anext(following)
                    except ReaderTooSlow as closed:
                        cursors.append(closed.cursor)
                        return taken
                return -1

            cursors: list[str] = []
            taken = await take_one_of_ten()
        rest = await take(live, 1, cursors[0])
        assert rest[0][1].position == taken + 1


async def test_the_poll_stands_behind_a_lost_listener(live: LiveFeed, fresh_work: UnitOfWork, fresh_database: Database) -> None:
    following = asyncio.create_task(take(live, 2))
    await asyncio.sleep(0.3)
    for _ in range(2):
        async with direct_connection(fresh_database.admin_url, name="saboteur", settings={}) as saboteur:
            await saboteur.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'oms-feed'")
        await emit(fresh_work, event())
        await relay_all(fresh_database.app_url)
        await asyncio.sleep(0.2)
    assert [e.position for _, e in await following] == [1, 2]


async def test_a_cursor_that_is_damaged_or_not_ours_is_refused(live: LiveFeed) -> None:
    ours = await live.now()
    place = FeedPlace(new_uuid(), 1)
    other = cursor_of(Secrets(("y" * 32,)), place)
    damaged = ("A" if ours[0] != "A" else "B") + ours[1:]
    for cursor in (other, damaged, ours[:-1], ours + "!", "", "é", "0"):
        with pytest.raises(InvalidCursor):
            await take(live, 1, cursor)


async def test_a_cursor_of_another_epoch_or_beyond_the_head_has_expired(live: LiveFeed, fresh_work: UnitOfWork) -> None:
    async with fresh_work.reads(SYSTEM) as read:
        now = await head(read)
    for place in (FeedPlace(new_uuid(), 0), replace(now, position=now.position + 1)):
        with pytest.raises(CursorExpired):
            await take(live, 1, cursor_of(SECRETS, place))


async def test_a_new_epoch_closes_everybody(live: LiveFeed, fresh_work: UnitOfWork) -> None:
    async def begin(tx: object, _: None) -> None:
        await begin_epoch(tx)  # type: ignore[arg-type]

    before = await live.now()
    following = asyncio.create_task(take(live, 1))
    await asyncio.sleep(0.2)
    await fresh_work.execute(SYSTEM, begin, None)
    with pytest.raises(CursorExpired):
        await following
    with pytest.raises(CursorExpired):
        await take(live, 1, before)


async def test_stopping_ends_every_reader(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    live = LiveFeed(fresh_database.app_url, fresh_work, SECRETS)
    await live.start()
    readers = [asyncio.create_task(take(live, 1)) for _ in range(3)]
    await asyncio.sleep(0.2)
    late = asyncio.create_task(take(live, 1))
    await asyncio.sleep(0)  # it is about to look where the feed is
    await live.stop()
    assert await asyncio.wait_for(late, 1) == []
    assert await asyncio.wait_for(asyncio.gather(*readers), 1) == [[], [], []]


def test_a_rotated_key_still_verifies_and_no_purpose_stands_in_for_another() -> None:
    old, new = Secrets(("a" * 32,)), Secrets(("b" * 32, "a" * 32))
    assert new.verify("p", b"data", old.sign("p", b"data"))
    assert new.sign("p", b"data") != old.sign("p", b"data")
    assert not old.verify("p", b"data", new.sign("p", b"data"))
    assert not new.verify("q", b"data", new.sign("p", b"data"))
    with pytest.raises(ValueError, match="secret"):
        Secrets(())


@pytest.fixture(scope="module")
async def mixed(work: UnitOfWork, database: Database) -> list[FeedEvent]:
    """Give a feed with an event of every combination of channel, locations and order; some of purchase orders and of SKUs.

    Of purchase orders those of one supplier, of two and, as they were recorded before, of none.
    """
    some_locations: list[list[LocationId]] = [[], [POOL[0]], [POOL[1], POOL[2]], [POOL[0], POOL[1]]]
    combinations = [(c, ls, o) for c in (None, *POOL[:2]) for ls in some_locations for o in (None, POOL[0], POOL[1])]
    await emit(
        work, *(event(channel=c, locations=ls, order=o, subject=POOL[i % 3]) for i, (c, ls, o) in enumerate(combinations))
    )
    for of in ((), POOL[:1], POOL[1:]):
        bought = (
            PurchaseOrderCreated(subject_id=POOL[0], location_ids=tuple(ls), supplier_ids=tuple(of)) for ls in some_locations
        )
        await emit(work, *bought)
    await emit(work, *(SafetyStockChanged(subject_id=POOL[0], sku_id=sku, location_ids=(POOL[1],)) for sku in POOL))
    await emit(work, *(SkuChanged(subject_id=sku) for sku in POOL[:2]))
    await relay_all(database.app_url)
    return list(await feed(work))


ids = st.none() | st.frozensets(st.sampled_from(POOL))
perhaps = st.none() | st.booleans()
plain: dict[str, st.SearchStrategy[Any]] = {
    "types": st.none() | st.frozensets(st.sampled_from(["JOB_PROGRESSED", "ORDER_PLACED"])),
    **dict.fromkeys(("order_ids", "channel_ids", "subject_ids", "sku_ids", "location_ids"), ids),
}
inner = st.lists(
    st.builds(EventFilter, **plain, has_order=perhaps, has_channel=perhaps, has_sku=perhaps, has_locations=perhaps), max_size=2
)
filters = st.builds(EventFilter, **plain) | st.builds(
    EventFilter, channel_ids=ids, **dict.fromkeys(("every", "some", "none"), inner.map(tuple))
)


@given(channels=ids, locations=ids, suppliers=ids, where=filters)
async def test_the_rule_in_memory_is_the_rule_in_sql(
    work: UnitOfWork,
    mixed: list[FeedEvent],
    channels: frozenset[ChannelId] | None,
    locations: frozenset[LocationId] | None,
    suppliers: frozenset[SupplierId] | None,
    where: EventFilter,
) -> None:
    principal = replace(SYSTEM, channels=channels, locations=locations, suppliers=suppliers)
    async with work.reads(principal) as read:
        in_sql = [e.position for e in await events_after(read, 0, where, 1_000)]
    assert in_sql == [e.position for e in mixed if visible(e, principal, where)]


def test_a_caller_with_limits_sees_what_names_something_within_them(mixed: list[FeedEvent]) -> None:
    def seen(**limits: frozenset[UUID] | None) -> set[tuple[UUID | None, tuple[UUID, ...]]]:
        principal = replace(SYSTEM, **limits)  # type: ignore[arg-type]
        return {(e.channel_id, tuple(e.location_ids)) for e in mixed if e.subject_kind == "job" and visible(e, principal)}

    mine, other = frozenset({POOL[0]}), (POOL[1], POOL[2])
    assert len(seen()) == 12
    assert seen(locations=frozenset()) == set()
    assert seen(channels=frozenset()) == {(c, ls) for c, ls in seen() if c is None and ls}
    assert seen(channels=mine) == {(POOL[0], ls) for _, ls in seen()} | seen(channels=frozenset())
    assert seen(locations=mine) == {(c, ls) for c, ls in seen() if POOL[0] in ls}
    assert seen(channels=frozenset(), locations=frozenset()) == set()
    both = seen(channels=mine, locations=mine)
    assert (None, ()) not in both
    assert (POOL[0], ()) in both
    assert (None, (POOL[0],)) in both
    assert (POOL[0], other) not in both
    assert (POOL[1], (POOL[0],)) not in both


def test_a_caller_limited_by_supplier_sees_of_purchasing_what_names_its_suppliers(mixed: list[FeedEvent]) -> None:
    def seen(**limits: frozenset[UUID] | None) -> set[tuple[str, tuple[UUID, ...] | None]]:
        principal = replace(SYSTEM, **limits)  # type: ignore[arg-type]
        found = [e for e in mixed if visible(e, principal)]
        return {(e.subject_kind, None if e.supplier_ids is None else tuple(e.supplier_ids)) for e in found}

    mine = frozenset({POOL[0]})
    one, two, none = ("po", (POOL[0],)), ("po", (POOL[1], POOL[2])), ("po", None)
    assert seen() == {("job", None), ("level", None), ("sku", None), one, two, none}
    assert seen(locations=mine) == {("job", None), one, two, none}
    assert seen(channels=mine) == {("job", None), ("level", None), one, two, none}
    assert seen(suppliers=mine) == {one}
    assert seen(suppliers=frozenset({POOL[2]})) == {two}
    assert seen(suppliers=frozenset()) == set()
    assert seen(locations=mine, suppliers=mine) == {("job", None), one}
    assert seen(channels=mine, suppliers=mine) == {("job", None), ("level", None), one}
    assert [e.location_ids for e in mixed if visible(e, replace(SYSTEM, locations=frozenset(), suppliers=mine))] == [[]]


def test_an_event_is_found_by_the_sku_that_it_is_about(mixed: list[FeedEvent]) -> None:
    where = EventFilter(sku_ids=frozenset({POOL[0]}))
    assert [e.type for e in mixed if visible(e, SYSTEM, where)] == ["SAFETY_STOCK_CHANGED", "SKU_CHANGED"]


async def test_a_live_reader_of_one_sku_or_location_hears_of_no_other(
    live: LiveFeed, fresh_work: UnitOfWork, fresh_database: Database
) -> None:
    beginning = await start_of(fresh_work)
    wanted = [EventFilter(sku_ids=frozenset({POOL[0]})), EventFilter(location_ids=frozenset({POOL[0]}))]
    following = [asyncio.create_task(take(live, 2, where=where)) for where in wanted]
    await asyncio.sleep(0.2)
    changed = [SafetyStockChanged(subject_id=new_uuid(), sku_id=s, location_ids=(at,)) for s in POOL[:2] for at in POOL[:2]]
    await emit(fresh_work, *changed)
    await relay_all(fresh_database.app_url)
    assert [[e.position for _, e in await each] for each in following] == [[1, 2], [1, 3]]
    assert [[e.position for _, e in await take(live, 2, beginning, where=where)] for where in wanted] == [[1, 2], [1, 3]]


async def test_a_live_reader_sees_only_what_it_may(live: LiveFeed, fresh_work: UnitOfWork, fresh_database: Database) -> None:
    limited = replace(SYSTEM, channels=frozenset({POOL[0]}))
    beginning = await start_of(fresh_work)
    following = asyncio.create_task(take(live, 2, principal=limited))
    await asyncio.sleep(0.2)
    await emit(fresh_work, *(event(channel=c) for c in (POOL[0], POOL[1], None, POOL[0])))
    await relay_all(fresh_database.app_url)
    assert [e.position for _, e in await following] == [1, 4]
    assert [e.position for _, e in await take(live, 2, beginning, principal=limited)] == [1, 4]
