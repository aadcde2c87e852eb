"""From which lots units are taken: first expired first out, and never more than is there."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.inventory.ledger import changes_by_lot, levels_to_fit
from oms_api.domain.inventory.lots.policies import (
    HeldLot,
    Shelf,
    by_lot,
    first_expired_first,
    share_out,
    still_sellable,
)
from oms_api.domain.inventory.lots.shelves import expired
from oms_api.domain.inventory.lots.states import LEAVING, Leaving
from oms_api.domain.inventory.moves import Move, changes_by_level
from oms_api.domain.inventory.states import ASIDE, Account, CauseKind, MovementKind
from oms_api.kernel.ids import LocationId, SkuId

TODAY = date(2026, 7, 1)
SKU, CAUSE = SkuId(UUID(int=1)), UUID(int=4)
PLACE, ELSEWHERE = LocationId(UUID(int=2)), LocationId(UUID(int=3))
KEY = (SKU, PLACE)


def held(code: str, units: int, days: int | None = None) -> HeldLot:
    expires_on = None if days is None else TODAY + timedelta(days=days)
    return HeldLot(code, units, expires_on, expired=days is not None and days < 0)


def shelf(without_lot: int = 0, *lots: HeldLot) -> Shelf:
    return Shelf(without_lot, list(lots))


def move(quantity: int, source: Account, target: Account, kind: MovementKind, lot: str | None = None) -> Move:
    return Move(
        sku_id=SKU,
        location_id=PLACE,
        quantity=quantity,
        source=source,
        target=target,
        kind=kind,
        cause_kind=CauseKind.SHIPMENT_LINE,
        cause_id=CAUSE,
        lot=lot,
    )


def shipped(quantity: int, lot: str | None = None) -> Move:
    return move(quantity, Account.COMMITTED, Account.CUSTOMER, MovementKind.SHIP, lot)


def missed(quantity: int, lot: str | None = None) -> Move:
    return move(quantity, Account.FREE, Account.ADJUSTMENT, MovementKind.NOT_FOUND, lot)


def test_what_expires_first_comes_first_and_what_never_does_last() -> None:
    never, late, soon, also_soon = held("N", 1), held("L", 1, 9), held("S", 1, 2), held("A", 1, 2)
    assert first_expired_first([never, late, soon, also_soon]) == [soon, also_soon, late, never]


def test_what_has_expired_can_be_sold_until_it_is_known_to_be_set_aside() -> None:
    part, whole = replace(held("P", 5, -1), set_aside=2), replace(held("W", 4, -9), set_aside=4)
    assert still_sellable([held("G", 3, 0), part, held("O", 2, -7), whole, held("N", 1)]) == {"O": 2, "P": 3}


@given(units=st.integers(0, 30), wanted=st.dictionaries(st.text("abc", min_size=1), st.integers(0, 9)))
def test_shares_are_all_there_is_for_those_that_come_first(units: int, wanted: Mapping[str, int]) -> None:
    shares = share_out(units, wanted)
    assert sum(shares.values()) == min(units, sum(wanted.values()))
    short = [code for code, wants in wanted.items() if shares.get(code, 0) < wants]
    assert all(code not in shares for code in short[1:])


@given(
    lots=st.dictionaries(st.sampled_from("ABC"), st.integers(0, 5), min_size=1),
    unnamed=st.integers(0, 5),
    moves=st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from([Account.FREE, *ASIDE]), st.sampled_from([Account.FREE, *ASIDE]),
                  st.sampled_from([None, "A", "B", "C"])), max_size=6),
)  # fmt: skip
def test_a_level_is_looked_at_again_where_its_lots_may_have_more_set_aside_than_it(
    lots: dict[str, int], unnamed: int, moves: list[tuple[int, Account, Account, str | None]]
) -> None:
    done = [move(units, source, target, MovementKind.MOVE, lot) for units, source, target, lot in moves if source != target]
    (changes, _), of_lots = changes_by_level(done), changes_by_lot(done)
    room = sum(lots.values()) + unnamed + sum(each.aside for each in done)
    after = {
        code: max(units + (of_lots[*KEY, code].aside if (*KEY, code) in of_lots else 0), 0) for code, units in lots.items()
    }
    after |= {code: max(change.aside, 0) for (_, _, code), change in of_lots.items() if code not in lots}
    if sum(after.values()) > room:
        assert levels_to_fit(changes, of_lots) == [KEY]


@pytest.mark.parametrize(
    ("leaving", "units", "parts"),
    [
        (Leaving.TO_CUSTOMER, 4, [("soon", 3), ("late", 1)]),
        (Leaving.TO_CUSTOMER, 9, [("soon", 3), ("late", 3), ("never", 1), (None, 2)]),
        (Leaving.TO_CUSTOMER, 10, [("soon", 3), ("late", 3), ("never", 1), (None, 2)]),
        (Leaving.ELSEWHERE, 4, [("soon", 3), ("late", 1)]),
        (Leaving.ELSEWHERE, 11, [("soon", 3), ("late", 3), ("never", 1), (None, 2), ("old", 2)]),
        (Leaving.MISSING, 1, [(None, 1)]),
        (Leaving.MISSING, 6, [(None, 2), ("old", 4)]),
        (Leaving.MISSING, 13, [(None, 2), ("old", 4), ("soon", 3), ("late", 3), ("never", 1)]),
    ],
)
def test_each_way_of_leaving_takes_its_own_units_first(
    leaving: Leaving, units: int, parts: list[tuple[str | None, int]]
) -> None:
    lots = shelf(2, held("never", 1), held("late", 3, 30), held("old", 4, -1), held("soon", 3, 5))
    assert lots.take(units, leaving) == parts


def test_only_shipping_and_sending_care_for_expiry() -> None:
    assert LEAVING == {MovementKind.SHIP: Leaving.TO_CUSTOMER, MovementKind.SEND: Leaving.ELSEWHERE}


def test_two_lines_of_one_level_share_its_lots() -> None:
    lots = {KEY: shelf(0, held("A", 3, 1), held("B", 9, 2))}
    parts = [(one.lot, one.quantity) for one in by_lot([shipped(2), shipped(4)], lots)]
    assert parts == [("A", 2), ("A", 1), ("B", 3)]


def test_what_names_its_lot_gets_it_though_it_comes_last() -> None:
    lots = {KEY: shelf(0, held("A", 3, 1), held("B", 9, 2))}
    parts = [(one.lot, one.quantity) for one in by_lot([missed(4), missed(2, "A")], lots)]
    assert parts == [("A", 1), ("B", 3), ("A", 2)]


def test_what_stays_in_its_level_or_comes_is_of_no_lot_unless_named() -> None:
    lots = {KEY: shelf(0, held("A", 9, 1))}
    found = move(3, Account.ADJUSTMENT, Account.FREE, MovementKind.FOUND)
    named = move(3, Account.SUPPLIER, Account.FREE, MovementKind.RECEIVE, "B")
    released = move(3, Account.COMMITTED, Account.FREE, MovementKind.RELEASE)
    other = replace(shipped(3), location_id=ELSEWHERE)
    assert by_lot([found, named, released, other], lots) == [found, named, released, other]


def test_what_no_lot_is_found_for_stays_of_none() -> None:
    lots = {KEY: shelf(1, held("A", 2, 1), held("B", 2, -1))}
    assert [(one.lot, one.quantity) for one in by_lot([shipped(9)], lots)] == [("A", 2), (None, 7)]


@pytest.mark.parametrize(
    ("at", "zone", "over"),
    [
        ("2026-07-01T12:00:00Z", "Europe/London", False),
        ("2026-07-01T23:30:00Z", "UTC", False),
        ("2026-07-01T23:30:00Z", "Europe/London", True),
        ("2026-07-01T14:00:00Z", "Pacific/Kiritimati", True),
        ("2026-07-02T09:00:00Z", "Pacific/Honolulu", False),
        ("2026-07-02T00:00:00Z", "UTC", True),
    ],
)
def test_the_last_good_day_is_over_by_the_clock_of_the_location(at: str, zone: str, over: bool) -> None:
    assert expired(TODAY, zone, datetime.fromisoformat(at)) is over
    assert not expired(None, zone, datetime.fromisoformat(at))


lots_held = st.lists(st.tuples(st.integers(1, 20), st.none() | st.integers(-3, 3)), max_size=6).map(
    lambda rows: [held(f"L{place}", units, days) for place, (units, days) in enumerate(rows)]
)


def test_units_on_the_shelf_are_never_of_a_lot_that_is_set_aside() -> None:
    here = Shelf(0, [replace(held("A", 5, 1), set_aside=5), held("B", 5, 9)], aside=5)
    assert here.take(5, Leaving.TO_CUSTOMER) == [("B", 5)]
    assert here.take(1, Leaving.TO_CUSTOMER) == []


def test_units_set_aside_are_of_the_lots_known_to_lie_there_first() -> None:
    here = Shelf(10, [replace(held("X", 5, -1), set_aside=5)], aside=6)
    assert here.take(7, Leaving.MISSING, aside=True) == [("X", 5), (None, 2)]


def test_what_is_thrown_away_from_quality_control_is_what_lies_there() -> None:
    lots = {KEY: Shelf(10, [replace(held("X", 5, -1), set_aside=5)], aside=5)}
    scrapped = move(5, Account.DAMAGED, Account.ADJUSTMENT, MovementKind.SCRAP)
    assert [(one.lot, one.quantity) for one in by_lot([scrapped], lots)] == [("X", 5)]


def test_a_lot_is_held_where_it_is_known_to_lie_or_may() -> None:
    here = Shelf(0, [replace(held("A", 5), set_aside=2), held("B", 5)], aside=4)
    assert [here.held(code, aside=False) for code in "AB"] == [3, 5]
    assert [here.held(code, aside=True) for code in "AB"] == [4, 2]


@given(st.integers(0, 9), lots_held, st.lists(st.integers(1, 15), max_size=5), st.sampled_from(Leaving))
def test_nothing_is_taken_twice_or_out_of_turn(
    without_lot: int, lots: list[HeldLot], wanted: list[int], leaving: Leaving
) -> None:
    here = shelf(without_lot, *lots)
    may = {code: units for code, units in here.left.items() if code in here.order(leaving)}
    taken: Counter[str | None] = Counter()
    for units in wanted:
        parts = here.take(units, leaving)
        assert sum(each for _, each in parts) == min(units, sum(may.values()) - sum(taken.values()))
        assert all(each > 0 for _, each in parts)
        for code, each in parts:
            earlier = here.order(leaving)[: here.order(leaving).index(code)]
            taken[code] += each
            assert all(taken[other] == may[other] for other in earlier)
    assert all(taken[code] <= units for code, units in may.items())
    if leaving is Leaving.TO_CUSTOMER:
        assert not any(lot.expired for lot in lots if taken[lot.code])
