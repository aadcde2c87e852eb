"""Stock counts: what was counted is compared with what was on hand then, and later movements survive."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from oms_api.db.records import changed
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.inventory.commands.set_levels import Counted, SetInventory, set_inventory
from oms_api.domain.inventory.counts.queries import compared_lines, pages_of_differences, summaries
from oms_api.domain.inventory.counts.states import StockCountOutcome, StockCountStatus
from oms_api.domain.inventory.states import OnShortfall
from oms_api.domain.inventory.tables import StockMovementRow
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import CountId, SkuId
from oms_api.kernel.paging import PageRequest
from tests.factories.counting import Shelf
from tests.factories.given import SYSTEM, Given
from tests.factories.raw import raw
from tests.factories.trading import Shop, findings, line

S, O = StockCountStatus, StockCountOutcome  # noqa: E741 - short in many lines


@pytest.fixture
async def shelf(work: UnitOfWork) -> Shelf:
    return await Shelf.build(work)


async def refused(doing: Any) -> list[tuple[str, str]]:
    """Return code and path of each error that *doing* ends with."""
    with pytest.raises(OmsError) as error:
        await doing
    return [(cause.code, ".".join(cause.field)) for cause in error.value.causes]


async def set_to(work: UnitOfWork, shelf: Shelf, sku: Any, units: int) -> None:
    """Tell by hand how many units are there."""
    row = Counted(SkuRef(id=sku.id), shelf.location.id, units)
    await work.execute(SYSTEM, set_inventory, SetInventory(sets=(row,), reason="OTHER"))


async def test_what_differs_is_posted_and_what_matches_is_marked(shelf: Shelf) -> None:
    more, fewer, same, none, skipped = await shelf.goods(5, 5, 5, 0, 5)
    count = await shelf.open(more, fewer, same, none, skipped)
    assert (count.status, count.whole, count.version) == (S.OPEN, False, 1)
    counting = await shelf.submit(count.id, (more, 6), (fewer, 9))
    assert counting.status is S.COUNTING
    review = await shelf.submit(count.id, (fewer, 2), (same, 5), (none, 4), complete=True, leave_uncounted=True)
    assert review.status is S.REVIEW
    async with shelf.work.reads(SYSTEM) as read:
        rows = await shelf.lines(count.id)
        found = await compared_lines(read, [row.id for row in rows])
        assert [found[row.id].variance for row in rows] == [1, -3, 0, 4, None]
        summary = (await summaries(read, [count.id]))[count.id]
        pages = await pages_of_differences(read, [count.id], PageRequest())
    assert (summary.lines, summary.counted, summary.units_found, summary.units_missing) == (5, 4, 5, 3)
    assert [row.sku_id for row in pages[count.id].items] == [more.id, fewer.id, none.id]
    assert await shelf.on_hand(more) == (5, 5, 0)
    posted = (await shelf.post(count.id, note="shelf 4")).value
    assert (posted.status, posted.note) == (S.POSTED, "shelf 4")
    assert [(await shelf.on_hand(sku))[0] for sku in (more, fewer, same, none, skipped)] == [6, 2, 5, 4, 5]
    assert [(row.outcome, row.variance) for row in await shelf.lines(count.id)] == [
        (O.FOUND, 1),
        (O.NOT_FOUND, -3),
        (O.MATCHED, 0),
        (O.FOUND, 4),
        (O.NOT_COUNTED, None),
    ]
    assert (await shelf.work.execute(SYSTEM, moved_by, count.id)) == [("FOUND", 1), ("FOUND", 4), ("NOT_FOUND", 3)]
    assert await findings(shelf.work) == []


async def moved_by(tx: Any, count: Any) -> list[tuple[str, int]]:
    """Return the movements that the lines of a count caused."""
    caused = "SELECT id FROM stock_count_line WHERE count_id = $1"
    ids = [row[0] for row in await tx.fetch((caused, (count,)))]
    rows = await tx.all(raw(select(StockMovementRow).where(StockMovementRow.cause_id.in_(ids))))
    return sorted((row.kind.value, row.quantity) for row in rows)


async def test_a_count_is_not_posted_before_it_was_counted_by_one_who_began_before(shelf: Shelf) -> None:
    (cup,) = await shelf.goods(5)
    began = datetime.now(UTC)
    count = await shelf.counted((cup, 4))
    slow = replace(shelf, work=UnitOfWork(shelf.work.pool, lambda: began))  # it waited for the lock of the count
    posted = (await slow.post(count.id)).value
    (line,) = await shelf.lines(count.id)
    assert posted.closed_at == line.counted_at
    assert await findings(shelf.work) == []


async def test_later_movements_survive(shelf: Shelf) -> None:
    (cup,) = await shelf.goods(10)
    count = await shelf.counted((cup, 8))
    await Given(shelf.work).adjust(cup.id, shelf.location.id, 5)
    await Given(shelf.work).adjust(cup.id, shelf.location.id, -1)
    await shelf.post(count.id)
    assert (await shelf.on_hand(cup))[0] == 12


async def test_each_line_is_as_of_when_it_was_counted(shelf: Shelf) -> None:
    given_ = Given(shelf.work)
    (cup,) = await shelf.goods(10)
    count = await shelf.open(cup)
    before = datetime.now(UTC)
    await given_.adjust(cup.id, shelf.location.id, -4)
    await shelf.submit(count.id, (cup, 9, before), complete=True)
    await shelf.post(count.id)
    assert (await shelf.on_hand(cup))[0] == 5
    (only,) = await shelf.lines(count.id)
    assert (only.expected, only.variance, only.counted_at) == (10, -1, before)
    async with shelf.work.reads(SYSTEM) as read:
        moved = await read.one(raw(select(StockMovementRow).where(StockMovementRow.cause_id == only.id)))
    assert moved.occurred_at == before


async def test_of_two_counts_of_one_shelf_the_later_look_counts(shelf: Shelf) -> None:
    (cup,) = await shelf.goods(10)
    first, second = await shelf.counted((cup, 8)), await shelf.counted((cup, 8))
    await shelf.post(first.id)
    await shelf.post(second.id)
    assert (await shelf.on_hand(cup))[0] == 8
    earlier, later = await shelf.counted((cup, 5)), await shelf.counted((cup, 8))
    await shelf.post(later.id)
    await shelf.post(earlier.id)
    assert (await shelf.on_hand(cup))[0] == 8
    (only,) = await shelf.lines(earlier.id)
    assert only.outcome is O.SUPERSEDED
    by_hand = await shelf.counted((cup, 3))
    await set_to(shelf.work, shelf, cup, 7)
    await shelf.post(by_hand.id)
    assert (await shelf.on_hand(cup))[0] == 7
    assert await findings(shelf.work) == []


async def test_the_whole_location_is_counted_and_strays_are_found(shelf: Shelf) -> None:
    skus = await shelf.goods(1, 2)
    (stray,) = await (await Shelf.build(shelf.work)).goods(3)
    count = await shelf.open(blind=True)
    assert (count.whole, count.blind) == (True, True)
    assert {row.sku_id for row in await shelf.lines(count.id)} == {sku.id for sku in skus}
    await shelf.submit(count.id, (skus[0], 1), (skus[1], 2), (stray, 1), complete=True)
    await shelf.post(count.id)
    assert await shelf.on_hand(stray) == (1, 1, 0)
    empty = await Shelf.build(shelf.work)
    assert await refused(empty.open()) == [("NOTHING_TO_COUNT", "skus")]


async def test_promised_units_are_refused_or_deallocated(shelf: Shelf, work: UnitOfWork) -> None:
    shop = Shop(work, await Given(work).channel(locations=(shelf.location,)), (shelf.location,))
    cup, pot = await shelf.goods(10, 10)
    order = await shop.place(line(cup, 6), line(pot, 4))
    count = await shelf.counted((cup, 3), (pot, 9))
    assert await refused(shelf.post(count.id, on_shortfall=OnShortfall.REFUSE)) == [("BELOW_ZERO", "stockCountId")]
    assert (await shelf.on_hand(cup), await shelf.on_hand(pot)) == ((10, 4, 6), (10, 6, 4))
    assert [row.outcome for row in await shelf.lines(count.id)] == [None, None]
    await shelf.post(count.id)
    on_hand, free, committed = await shelf.on_hand(cup)
    assert (on_hand, free + committed) == (3, 3)
    first, _ = await shop.lines(order.id)
    assert first.unsourced == 6 - committed
    assert await shelf.on_hand(pot) == (9, 5, 4)
    assert await findings(work) == []


async def test_everything_wrong_is_named_and_nothing_is_done(shelf: Shelf, work: UnitOfWork) -> None:
    cup, pot = await shelf.goods(5, 5)
    service = await Given(work).sku(kind=SkuKind.SERVICE)
    unknown = await Given(work).sku()
    unknown = changed(unknown, code="no such thing", id=SkuId(uuid4()))
    assert await refused(shelf.open(cup, unknown, service, cup)) == [
        ("UNKNOWN_SKU", "skus.1.code"),
        ("NOT_STOCKED", "skus.2"),
        ("LINE_TWICE", "skus.3"),
    ]
    assert await refused(shelf.open(skus=())) == [("INVALID_VALUE", "skus")]
    assert await refused(shelf.open(*[cup] * 1_001)) == [("TOO_MANY_ITEMS", "skus")]
    assert await refused(shelf.open(cup, location_id=uuid4())) == [("NOT_FOUND", "locationId")]
    assert await refused(shelf.open(cup, note="x" * 10_001)) == [("INVALID_VALUE", "note")]
    count = await shelf.open(cup)
    assert await refused(shelf.post(count.id)) == [("ILLEGAL_MOVE", "stockCountId")]
    now = datetime.now(UTC)
    rows = [(pot, 1), (service, 1), (cup, -1), (unknown, 1), (cup, 1, now + timedelta(hours=1)), (cup, 1, now - timedelta(1))]
    assert await refused(shelf.submit(count.id, *rows)) == [
        ("NOT_IN_COUNT", "lines.0.sku"),
        ("NOT_STOCKED", "lines.1.sku"),
        ("INVALID_VALUE", "lines.2.quantity"),
        ("NOT_FOUND", "lines.3.sku.id"),
        ("AS_OF_IN_FUTURE", "lines.4.countedAt"),
        ("OCCURRED_TOO_EARLY", "lines.5.countedAt"),
    ]
    assert await refused(shelf.submit(count.id, (cup, 1), (cup, 2))) == [("LINE_TWICE", "lines.1.sku")]
    assert await refused(shelf.submit(count.id)) == [("INVALID_VALUE", "lines")]
    assert await refused(shelf.submit(count.id, complete=True)) == [("LINES_UNCOUNTED", "complete")]
    assert await refused(shelf.submit(count.id, (cup, 1), expected_version=9)) == [("VERSION_CONFLICT", "expectedVersion")]
    assert await refused(shelf.submit(CountId(uuid4()), (cup, 1))) == [("NOT_FOUND", "stockCountId")]
    (only,) = await shelf.lines(count.id)
    assert only.counted is None
    await shelf.submit(count.id, (cup, 4), complete=True)
    assert await refused(shelf.submit(count.id, (cup, 5))) == [("ILLEGAL_MOVE", "stockCountId")]
    early = now - timedelta(days=1)
    assert await refused(shelf.post(count.id, occurred_at=early)) == [("OCCURRED_TOO_EARLY", "occurredAt")]
    assert await refused(shelf.cancel(count.id, occurred_at=early)) == [("OCCURRED_TOO_EARLY", "occurredAt")]
    assert (await shelf.cancel(count.id)).status is S.CANCELED
    assert await refused(shelf.cancel(count.id)) == [("ILLEGAL_MOVE", "stockCountId")]
    assert await refused(shelf.post(count.id)) == [("ILLEGAL_MOVE", "stockCountId")]
    assert await shelf.on_hand(cup) == (5, 5, 0)


async def test_more_than_a_level_holds_is_refused(shelf: Shelf) -> None:
    (cup,) = await shelf.goods(5)
    count = await shelf.counted((cup, 2**31 - 1))
    await Given(shelf.work).adjust(cup.id, shelf.location.id, 1)
    assert await refused(shelf.post(count.id)) == [("TOO_MUCH_STOCK", "stockCountId")]


async def test_a_retry_answers_with_what_was_done(shelf: Shelf) -> None:
    (cup,) = await shelf.goods(5)
    count = await shelf.counted((cup, 4))
    first = await shelf.post(count.id, idempotency_key="the same")
    again = await shelf.post(count.id, idempotency_key="the same")
    assert (first.replayed, again.replayed, again.value.status) == (False, True, S.POSTED)
    assert (await shelf.on_hand(cup))[0] == 4


async def test_counts_of_other_locations_are_not_there(shelf: Shelf, work: UnitOfWork) -> None:
    (cup,) = await shelf.goods(5)
    count = await shelf.open(cup)
    elsewhere = await Given(work).location()
    stranger = replace(shelf, principal=replace(SYSTEM, locations=frozenset({elsewhere.id})))
    for doing in (stranger.submit(count.id, (cup, 1)), stranger.post(count.id), stranger.cancel(count.id)):
        assert await refused(doing) == [("NOT_FOUND", "stockCountId")]
    assert await refused(stranger.open(cup)) == [("NOT_FOUND", "locationId")]


async def test_two_who_post_at_once_correct_once(shelf: Shelf) -> None:
    skus = await shelf.goods(*[10] * 4)
    for _ in range(4):
        units = [(await shelf.on_hand(sku))[0] - 1 for sku in skus]
        counts = [
            await shelf.counted(*zip(order, told, strict=True)) for order, told in ((skus, units), (skus[::-1], units[::-1]))
        ]
        attempts = [shelf.post(count.id) for count in counts for _ in range(2)]
        outcomes = await asyncio.gather(*attempts, return_exceptions=True)
        assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 2
        assert [(await shelf.on_hand(sku))[0] for sku in skus] == units
    assert await findings(shelf.work) == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    on_hand=st.integers(0, 9),
    before=st.integers(-3, 3),
    counted=st.integers(0, 12),
    after=st.lists(st.integers(-3, 3), max_size=3),
)
async def test_posting_adds_what_was_counted_less_what_was_there_then(
    work: UnitOfWork, on_hand: int, before: int, counted: int, after: list[int]
) -> None:
    shelf = await Shelf.build(work)
    (cup,) = await shelf.goods(on_hand)
    now = on_hand
    count = await shelf.open(cup)
    now += await moved(shelf, cup, before, now)
    then = now
    await shelf.submit(count.id, (cup, counted), complete=True)
    for delta in after:
        now += await moved(shelf, cup, delta, now)
    expected = now + counted - then
    if expected < 0:
        assert await refused(shelf.post(count.id)) == [("BELOW_ZERO", "stockCountId")]
        return
    await shelf.post(count.id)
    assert (await shelf.on_hand(cup))[0] == expected
    assert await findings(work) == []


async def moved(shelf: Shelf, sku: Any, delta: int, now: int) -> int:
    """Adjust, unless it would take what is not there; return what it came to."""
    if not delta or now + delta < 0:
        return 0
    await Given(shelf.work).adjust(sku.id, shelf.location.id, delta)
    return delta
