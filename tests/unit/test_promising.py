"""Promises take stock first, then what comes, and never the same unit twice."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.channels.calendar import Calendar, DeliveryDays
from oms_api.domain.inventory.promised_days import Incoming, Promisable, Promising, Site, SupplyKind
from oms_api.domain.inventory.sourcing import Demand
from oms_api.kernel.ids import LocationId, SkuId

NORTH, SOUTH, ELSEWHERE = (LocationId(UUID(int=n)) for n in range(1, 4))
SHIRT = SkuId(UUID(int=4))
SITE = Site(Calendar(delivery=(DeliveryDays(None, 2),)), ZoneInfo("Europe/London"))
PLACES = [NORTH, SOUTH]
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def supply(number: int, units: int, day: date | None, location: LocationId = NORTH) -> Incoming:
    kind, key = SupplyKind.PURCHASE_ORDER, UUID(int=number)
    at = None if day is None else datetime.combine(day, time(), UTC)
    return Incoming(kind=kind, line_id=key, sku_id=SHIRT, location_id=location, quantity=units, expected_at=at)


def promised(stock: dict[LocationId, int], demand: Demand, *incoming: Incoming, at: datetime = MONDAY) -> Promisable:
    return promising(stock, *incoming, at=at).promise(demand, PLACES, "GB")


def promising(stock: dict[LocationId, int], *incoming: Incoming, at: datetime = MONDAY) -> Promising:
    levels = {(SHIRT, location): units for location, units in stock.items()}
    return Promising(dict.fromkeys(PLACES, SITE), levels, list(incoming), at)


def test_what_lies_there_leaves_today_from_the_first_location() -> None:
    promise = promised({NORTH: 5, SOUTH: 5}, Demand(0, SHIRT, 4))
    assert [(part.kind, part.location_id, part.quantity) for part in promise.parts] == [(SupplyKind.STOCK, NORTH, 4)]
    assert (promise.ships_on, promise.arrives_on, promise.missing) == (date(2026, 11, 23), date(2026, 11, 25), 0)


def test_the_rest_waits_for_the_earliest_supply() -> None:
    late, early = supply(1, 5, date(2026, 12, 7)), supply(2, 2, date(2026, 12, 1), SOUTH)
    promise = promised({NORTH: 1}, Demand(0, SHIRT, 4), late, early)
    assert [(part.location_id, part.quantity, part.line_id) for part in promise.parts] == [
        (NORTH, 1, None),
        (SOUTH, 2, UUID(int=2)),
        (NORTH, 1, UUID(int=1)),
    ]
    assert promise.ships_on == date(2026, 12, 7)


def test_a_demand_of_which_some_has_no_supply_has_no_day() -> None:
    promise = promised({NORTH: 1}, Demand(0, SHIRT, 4), supply(1, 2, date(2026, 12, 1)))
    assert ([part.quantity for part in promise.parts], promise.missing) == ([1, 2], 1)
    assert (promise.ships_on, promise.arrives_on) == (None, None)


def test_supply_without_a_day_or_at_another_place_promises_nothing() -> None:
    nowhere = supply(1, 5, date(2026, 12, 1), ELSEWHERE)
    promise = promised({}, Demand(0, SHIRT, 3), supply(2, 5, None), nowhere)
    assert (promise.parts, promise.missing, promise.ships_on, promise.arrives_on) == ((), 3, None, None)


def test_supply_of_today_is_promised_and_what_is_overdue_promises_nothing() -> None:
    promise = promised({}, Demand(0, SHIRT, 3), supply(1, 5, date(2026, 11, 23)))
    assert promise.ships_on == date(2026, 11, 23)
    assert promised({}, Demand(0, SHIRT, 3), supply(1, 5, date(2026, 11, 22))).missing == 3


def test_goods_that_come_after_the_cut_off_leave_the_next_day() -> None:
    noon = Site(Calendar(cut_off=time(12)), ZoneInfo("Europe/London"))
    late = replace(supply(1, 5, None), expected_at=datetime(2026, 11, 24, 17, tzinfo=UTC))
    promise = Promising({NORTH: noon}, {}, [late], MONDAY).promise(Demand(0, SHIRT, 3), [NORTH], None)
    assert promise.ships_on == date(2026, 11, 25)


def test_a_demand_for_one_location_waits_there() -> None:
    promise = promised({NORTH: 9}, Demand(0, SHIRT, 3, SOUTH), supply(1, 5, date(2026, 12, 1), SOUTH))
    assert [(part.kind, part.location_id) for part in promise.parts] == [(SupplyKind.PURCHASE_ORDER, SOUTH)]


days = st.none() | st.dates(date(2026, 11, 1), date(2027, 1, 31))


@given(
    st.dictionaries(st.sampled_from([NORTH, SOUTH]), st.integers(0, 9)),
    st.lists(st.tuples(st.integers(1, 9), days, st.sampled_from([NORTH, SOUTH, ELSEWHERE])), max_size=5),
    st.lists(st.tuples(st.integers(1, 12), st.sampled_from([None, NORTH, SOUTH])), min_size=1, max_size=5),
)
def test_no_unit_is_promised_twice(
    stock: dict[LocationId, int],
    supplies: list[tuple[int, date | None, LocationId]],
    demands: list[tuple[int, LocationId | None]],
) -> None:
    incoming = [supply(number, units, day, place) for number, (units, day, place) in enumerate(supplies, 100)]
    asked = promising(dict(stock), *incoming)
    promises = [asked.promise(Demand(line, SHIRT, units, place), PLACES, None) for line, (units, place) in enumerate(demands)]
    for promise in promises:
        assert promise.missing + sum(part.quantity for part in promise.parts) == promise.demand.quantity
    parts = [part for promise in promises for part in promise.parts]
    for location, units in stock.items():
        assert sum(p.quantity for p in parts if p.location_id == location and p.kind is SupplyKind.STOCK) <= units
    for one in incoming:
        assert sum(part.quantity for part in parts if part.line_id == one.line_id) <= one.quantity
    usable = {one.line_id for one in incoming if one.expected_at is not None and one.location_id != ELSEWHERE}
    assert {part.line_id for part in parts} - {None} <= usable
