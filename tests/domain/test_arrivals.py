"""When packages should arrive, and what of it was promised."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.carriers.commands.set_rates import GivenRate
from oms_api.domain.channels.calendar import Calendar, DeliveryDays, arrival
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.channels.policies import LocationChanges
from oms_api.domain.fulfillment.departures import date_departures
from oms_api.domain.shipping.tables import PackageRow
from oms_api.workflows.date_arrivals import date_arrivals
from oms_api.workflows.labels.buy import purchase_label
from oms_api.workflows.labels.request import PurchaseLabel
from tests.factories.carriage import Counter, ordered, packed, rated, shop_with_address
from tests.factories.database import Database
from tests.factories.fetching import Store
from tests.factories.given import SYSTEM
from tests.factories.trading import Shop, line

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
TWO_DAYS = Calendar(delivery=(DeliveryDays("GB", 2),))


async def calendar(shop: Shop, given: Calendar) -> None:
    changes: LocationChanges = {"calendar": given}
    await shop.work.execute(SYSTEM, update_location, UpdateLocation(location_id=shop.locations[0].id, changes=changes))


async def dated(work: UnitOfWork) -> None:
    for look in (date_departures, date_arrivals):
        while await work.execute(SYSTEM, look, 500):
            pass


async def left(shop: Shop, placed: datetime, leaves: datetime) -> PackageRow:
    """Return the package of an order that was placed and shipped at some moments, dated."""
    order = await ordered(shop, at=placed)
    (todo,) = await shop.works(order.id)
    await dated(shop.work)
    await shop.ship(todo.id, occurred_at=leaves)
    await dated(shop.work)
    (package,) = await shop.packages(order.id)
    return package


@pytest.mark.parametrize(
    ("days", "arrives"),
    [(0, date(2026, 3, 6)), (1, date(2026, 3, 7)), (2, date(2026, 3, 9)), (3, date(2026, 3, 10))],
)
def test_carriers_deliver_from_monday_to_saturday(days: int, arrives: date) -> None:
    assert arrival(date(2026, 3, 6), days, "GB") == arrives


async def test_what_leaves_late_is_expected_later_than_it_was_promised(work: UnitOfWork) -> None:
    shop = await shop_with_address(work)
    await calendar(shop, TWO_DAYS)
    on_time = await left(shop, MONDAY, MONDAY)
    late = await left(shop, MONDAY, MONDAY + timedelta(days=2))
    assert (on_time.promised_on, on_time.expected_on, on_time.country) == (date(2026, 3, 4), date(2026, 3, 4), "GB")
    assert (late.left_on, late.promised_on, late.expected_on) == (date(2026, 3, 4), date(2026, 3, 4), date(2026, 3, 6))


async def test_a_day_is_fixed_when_a_package_leaves(work: UnitOfWork) -> None:
    shop = await shop_with_address(work)
    await calendar(shop, TWO_DAYS)
    before = await left(shop, MONDAY, MONDAY)
    await calendar(shop, Calendar(delivery=(DeliveryDays("GB", 9),)))
    assert await work.execute(SYSTEM, date_arrivals, 500) == 0
    (again,) = await shop.packages(before.order_id)
    assert again.expected_on == before.expected_on


async def test_nothing_is_promised_where_the_way_is_not_known(work: UnitOfWork) -> None:
    package = await left(await shop_with_address(work), MONDAY, MONDAY)
    assert (package.dated, package.promised_on, package.expected_on) == (True, None, None)


async def test_what_has_not_left_has_no_day(work: UnitOfWork) -> None:
    shop = await shop_with_address(work)
    await calendar(shop, TWO_DAYS)
    key, order = await packed(shop)
    await dated(work)
    (todo,) = await shop.works(order.id)
    (package,) = await shop.packages_of(todo.id)
    assert (package.id, package.dated, package.expected_on) == (key, False, None)


async def test_the_service_of_a_label_says_how_long_the_way_takes(work: UnitOfWork, tmp_path: Path) -> None:
    counter = await Counter.open(work, tmp_path / "book.sqlite")
    await calendar(counter.shop, TWO_DAYS)
    price = Decimal(5)
    await rated(
        work,
        counter.account,
        GivenRate(service="express", name="Express", up_to_g=30_000, price=price, days=1),
        GivenRate(service="standard", name="Standard", up_to_g=30_000, price=price),
    )
    found = {}
    for service in ("express", "standard"):
        key, order = await packed(counter.shop)
        command = PurchaseLabel(package_id=key, account_id=counter.account.id, service=service)
        await purchase_label(counter.desk, command, key=f"{service} {key}")
        await counter.shop.ship_packages(key)
        await dated(work)
        (package,) = await counter.shop.packages(order.id)
        assert package.service == service
        found[service] = package
    today = datetime.now(UTC).astimezone().date()
    days = {service: package.expected_on for service, package in found.items()}
    assert days["express"] == arrival(today, 1, "GB")
    assert days["standard"] == arrival(today, 2, "GB")


async def test_nothing_is_promised_of_the_arrival_of_what_customers_fetch(work: UnitOfWork) -> None:
    """They fetch it when they like: no report counts it as late."""
    store = await Store.open(work)
    await calendar(store.shop, TWO_DAYS)
    pickup = await store.waiting(line(await store.shop.stocked(3)))
    await store.hand_over(pickup.id, pickup.code or "")
    await dated(work)
    (package,) = await store.shop.packages(pickup.order_id)
    assert package.left_on is not None
    assert (package.promised_on, package.expected_on) == (None, None)


async def test_no_version_is_given_twice_by_days_that_are_worked_out_beside_a_command(
    work: UnitOfWork, database: Database
) -> None:
    shop = await Shop.open(work)
    first, other = await shop.place(line(await shop.stocked(9))), await shop.sent(line(await shop.stocked(9)), delivered=False)

    async def versions() -> list[int]:
        (todo,), (package,) = await shop.works(first.id), await shop.packages(other.id)
        return [todo.version, package.version]

    before = await versions()
    with psycopg.connect(database.app_url) as busy:
        busy.execute("SELECT FROM orders WHERE id = ANY (%s) FOR UPDATE", ([first.id, other.id],))
        await dated(work)
        assert await versions() == before
    await dated(work)
    assert await versions() == [version + 1 for version in before]
