"""Choosing what is taken back, purely: enough, in order, of those that may be chosen from, and never what is picked."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.inventory.commands.move import UnitsToMove, missing_free
from oms_api.domain.inventory.correcting import UnitsLeft
from oms_api.domain.inventory.counts.commands.post import moves
from oms_api.domain.inventory.counts.comparing import Compared
from oms_api.domain.inventory.deallocation import Promised, choose, losses_of
from oms_api.domain.inventory.levels import Level, Since
from oms_api.domain.inventory.shortfall import Covered, Missing, missing_to
from oms_api.domain.inventory.sourcing import Demand, LevelKey, in_key_order, source
from oms_api.domain.inventory.states import Account, Bucket, ReasonDirection
from oms_api.kernel.ids import AllocationId, CountId, CountLineId, LevelId, LocationId, SkuId

KEY = SkuId(UUID(int=1)), LocationId(UUID(int=2))
AT, COUNT, LINE = LevelId(UUID(int=3)), CountId(UUID(int=4)), CountLineId(UUID(int=5))
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def promise(number: int, units: int, picked: int = 0) -> Promised:
    return Promised(
        key=KEY,
        level_id=AT,
        units=units,
        holder=UUID(int=number),
        picked=picked,
        allocation_id=AllocationId(UUID(int=100 + number)),
    )


def needed(units: int, aside: int = 0) -> dict[LevelKey, Missing]:
    return {KEY: Missing(requested=units, units=units, aside=aside)}


def test_the_first_ones_lose_all_they_have() -> None:
    given_up = losses_of(5, [promise(1, 3), promise(2, 3), promise(3, 3)])
    assert [(loss.promise.holder.int, loss.units) for loss in given_up] == [(1, 3), (2, 2)]


def test_only_those_that_may_be_chosen_from_lose_something() -> None:
    promises = {KEY: [promise(1, 3), promise(2, 3)]}
    assert choose(needed(3), promises, {UUID(int=2)}).losses[0].promise.holder == UUID(int=2)
    beyond = choose(needed(4), promises, {UUID(int=2)})
    assert (beyond.unreached, beyond.losses, beyond.freed) == ({KEY}, [], {})


def test_what_is_picked_is_never_enough() -> None:
    choice = choose(needed(4), {KEY: [promise(1, 0, picked=9), promise(2, 3)]})
    assert (choice.too_little, choice.picked, choice.losses) == ({KEY}, {KEY: 9}, [])


def test_what_is_set_aside_makes_up_for_the_rest() -> None:
    choice = choose(needed(5, aside=2), {KEY: [promise(1, 3)]})
    assert (choice.freed, choice.too_little) == ({KEY: 3}, set())


@given(
    units=st.integers(1, 20),
    aside=st.integers(0, 5),
    promised=st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=6),
)
def test_a_choice_covers_all_or_says_why_not(units: int, aside: int, promised: list[tuple[int, bool]]) -> None:
    promises = [promise(number, held) for number, (held, _) in enumerate(promised)]
    holders = {each.holder for each, (_, locked) in zip(promises, promised, strict=True) if locked}
    choice = choose(needed(units, aside), {KEY: promises}, holders)
    total, reachable = sum(held for held, _ in promised), sum(held for held, locked in promised if locked)
    lost = sum(loss.units for loss in choice.losses)
    if total + aside < units:
        assert choice.too_little == {KEY}
    elif reachable < min(units, total):
        assert choice.unreached == {KEY}
    else:
        assert choice.freed == {KEY: lost}
        assert lost == min(units, total)
        assert lost + aside >= units
    assert all(0 < loss.units <= loss.promise.units for loss in choice.losses)
    assert {loss.promise.holder for loss in choice.losses} <= holders


@given(buckets=st.tuples(*[st.integers(0, 9)] * 5), quantity=st.integers(0, 40), since=st.integers(-9, 9))
def test_units_are_missed_from_free_then_control_then_damaged(buckets: tuple[int, ...], quantity: int, since: int) -> None:
    free, committed, reserved, control, damaged = buckets
    level = Level(AT, free, committed, reserved, control, damaged, 0, sum(buckets), since=Since(since))
    fewer = level.then - quantity
    missing = missing_to(level, quantity)
    short = Missing(requested=fewer, units=fewer - free, aside=control + damaged)
    assert missing == (short if fewer > free else None)
    if 0 < fewer <= sum(buckets):
        freed = 0 if missing is None else min(missing.units, committed + reserved)
        rest = fewer - min(fewer, free + freed)
        parts = {
            Account.FREE: fewer - rest,
            Account.QUALITY_CONTROL: min(rest, control),
            Account.DAMAGED: max(rest - control, 0),
        }
        assert dict(UnitsLeft.of(level, freed).miss(fewer)) == parts
        line = Compared(LINE, KEY[0], "A", level.then - fewer, NOW, level.then, superseded=False, count_id=COUNT)
        posted = moves(KEY, line, Covered({KEY: level}, locked=True, freed={KEY: freed}), now=NOW)
        assert {move.source: move.quantity for move in posted} == {bucket: units for bucket, units in parts.items() if units}


def moving(quantity: int, source_: Bucket, target: Bucket) -> UnitsToMove:
    return UnitsToMove(SkuRef(code="A"), KEY[1], quantity, source_, target)


def test_what_a_row_brings_a_later_one_may_take() -> None:
    level, free, control = Level(AT, free=2, quality_control=5), Bucket.FREE, Bucket.QUALITY_CONTROL
    assert missing_free(level, [moving(3, control, free), moving(5, free, control)]) is None
    assert missing_free(level, [moving(5, free, control), moving(3, control, free)]) == Missing(requested=5, units=3)


def test_keys_are_ordered_as_the_database_orders_them() -> None:
    numbers = ((3, 1), (1 << 63, 0), (3, 0), (0, 9), (3, 1))
    keys = [(SkuId(UUID(int=high << 64)), LocationId(UUID(int=low))) for high, low in numbers]
    assert in_key_order(keys) == sorted(set(keys), key=lambda key: (key[0].bytes, key[1].bytes))


def test_stock_that_does_not_suffice_serves_a_part_where_that_is_asked() -> None:
    demands = [Demand(0, KEY[0], 4), Demand(1, KEY[0], 4)]
    stock = {KEY: 5}
    sources, missing = source(demands, [KEY[1]], stock, partly=True)
    assert ([(taken_.line, taken_.quantity) for taken_ in sources], dict(missing)) == ([(0, 4), (1, 1)], {KEY[0]: 3})
    assert stock == {KEY: 0}
    assert source(demands, [KEY[1]], {KEY: 5}) == ([], {KEY[0]: 3})


def test_a_reason_explains_its_direction() -> None:
    told = {direction: [direction.explains(delta) for delta in (-1, 0, 1)] for direction in ReasonDirection}
    assert told == {
        ReasonDirection.MORE: [False, True, True],
        ReasonDirection.FEWER: [True, True, False],
        ReasonDirection.EITHER: [True, True, True],
    }
