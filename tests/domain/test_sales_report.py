from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, product
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.analytics.errors import InvalidRange
from oms_api.domain.analytics.periods import MOST_DAYS, Grain, periods
from oms_api.domain.analytics.sales import NUMBERS, SalesKey, SalesQuestion
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.channels.tables import ChannelRow
from oms_api.domain.events.checkpoints import Piece
from oms_api.domain.orders.given import Amount, DiscountGiven, LineGiven, PlaceOrder, ShippingGiven, TaxGiven
from oms_api.domain.orders.states import LineKind
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.payments.states import RefundPartKind, RefundReason
from oms_api.jobs.tasks import follow, react
from oms_api.kernel.access import Principal
from oms_api.kernel.address import Address
from oms_api.kernel.errors import InvalidValue, NotFound
from oms_api.kernel.ids import ChannelId, new_uuid
from oms_api.kernel.paging import InvalidCursor, PageRequest
from oms_api.workflows.place_order import place_order
from oms_api.workflows.refund import PartGiven
from oms_api.workflows.roll_up_sales import roll_up_sales
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM, Given
from tests.factories.sales import SALES, all_rows, ask, assert_exact, keyed, roll_up, told
from tests.factories.trading import Shop, fee, findings, line

ALL = tuple(SalesKey)
YEAR = SalesQuestion(start=date(2025, 1, 1), before=date(2026, 1, 1), grain=Grain.MONTH)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def money(value: str) -> Amount:
    return Amount(value=Decimal(value))


async def open_shop(work: UnitOfWork, **channel: Any) -> Shop:
    given = Given(work)
    place = await given.location()
    return Shop(work, await given.channel(locations=(place,), **channel), (place,))


async def sell(shop: Shop, *lines: LineGiven, at: str | datetime, country: str | None = None, **more: Any) -> OrderRow:
    moment = utc(at) if isinstance(at, str) else at
    address = None if country is None else Address(country=country, city="Somewhere")
    command = PlaceOrder(
        idempotency_key=uuid4().hex,
        channel_id=shop.channel.id,
        lines=lines,
        occurred_at=moment,
        shipping_address=address,
        **more,
    )
    return cast("OrderRow", (await shop.work.execute(SYSTEM, place_order, command)).order)


def of(shop: Shop, **changes: Any) -> SalesQuestion:
    return replace(YEAR, channel_id=shop.channel.id, **changes)


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Europe/London", "2025-03-29T23:59:59.999999", "2025-03-29"),
        ("Europe/London", "2025-03-30T00:00:00", "2025-03-30"),  # the hour that is left out comes at one
        ("Europe/London", "2025-03-30T22:59:59.999999", "2025-03-30"),
        ("Europe/London", "2025-03-30T23:00:00", "2025-03-31"),
        ("Europe/London", "2025-10-25T22:59:59.999999", "2025-10-25"),
        ("Europe/London", "2025-10-25T23:00:00", "2025-10-26"),  # a day of 25 hours
        ("Europe/London", "2025-10-26T23:59:59.999999", "2025-10-26"),
        ("Europe/London", "2025-10-27T00:00:00", "2025-10-27"),
        ("Europe/London", "2024-12-31T23:59:59.999999", None),
        ("America/New_York", "2025-11-02T03:59:59", "2025-11-01"),
        ("America/New_York", "2025-11-02T04:00:00", "2025-11-02"),
        ("America/New_York", "2025-11-03T04:59:59", "2025-11-02"),
        ("America/New_York", "2026-01-01T04:59:59", "2025-12-31"),
        ("America/New_York", "2026-01-01T05:00:00", None),
        ("Asia/Kathmandu", "2025-06-30T18:14:59", "2025-06-30"),
        ("Asia/Kathmandu", "2025-06-30T18:15:00", "2025-07-01"),
        ("Pacific/Kiritimati", "2024-12-31T10:00:00", "2025-01-01"),
        ("Pacific/Kiritimati", "2025-12-31T10:00:00", None),
        ("Asia/Beirut", "2025-03-29T21:59:59", "2025-03-29"),
        ("Asia/Beirut", "2025-03-29T22:00:00", "2025-03-30"),  # midnight is left out: the day begins at one
    ],
)
async def test_a_sale_counts_on_the_channels_own_day(
    work: UnitOfWork, database: Database, zone: str, at: str, day: str | None
) -> None:
    shop = await open_shop(work, time_zone=zone)
    await sell(shop, fee(), at=at)
    await roll_up(work, database)
    report = await ask(work, of(shop, grain=Grain.DAY))
    assert [row.start.isoformat() for row in report.rows.items] == ([] if day is None else [day])
    assert report.time_zones == [zone]
    await assert_exact(work, database, of(shop, grain=Grain.DAY), [shop.channel.id])


async def test_a_day_that_a_zone_left_out_has_no_sales(work: UnitOfWork, database: Database) -> None:
    shop = await open_shop(work, time_zone="Pacific/Apia")  # which went from 29 to 31 December 2011
    for at in ("2011-12-30T09:59:59", "2011-12-30T10:00:00"):
        await sell(shop, fee(), at=at)
    await roll_up(work, database)
    asked = of(shop, start=date(2011, 12, 1), before=date(2012, 1, 1), grain=Grain.DAY)
    assert [row.start.day for row in (await ask(work, asked)).rows.items] == [29, 31]


@pytest.mark.parametrize(("currency", "price", "minor"), [("JPY", "1250", 1250), ("KWD", "1.257", 1257), ("GBP", "9.99", 999)])
async def test_amounts_are_minor_units_of_their_currency(
    work: UnitOfWork, database: Database, currency: str, price: str, minor: int
) -> None:
    shop = await open_shop(work, currency=currency)
    await sell(shop, replace(fee(), unit_price=money(price), quantity=3), at="2025-05-05T12:00")
    await roll_up(work, database)
    (row,) = (await ask(work, of(shop))).rows.items
    assert (row.currency, row.other, row.gross, row.net) == (currency, 3 * minor, 3 * minor, 3 * minor)


async def test_currencies_are_never_added_up(work: UnitOfWork, database: Database) -> None:
    shops = [await open_shop(work, currency=currency) for currency in ("GBP", "JPY", "GBP")]
    for shop in shops:
        await sell(shop, replace(fee(), unit_price=money("100")), at="2025-05-05T12:00")
    await roll_up(work, database)
    limited = replace(SYSTEM, channels=frozenset(shop.channel.id for shop in shops))
    report = await ask(work, YEAR, principal=limited)
    assert [(row.currency, row.orders, row.other) for row in report.rows.items] == [("GBP", 2, 20_000), ("JPY", 1, 100)]
    assert [(total.currency, total.orders, total.gross) for total in report.totals] == [("GBP", 2, 20_000), ("JPY", 1, 100)]


async def test_every_sum_counts_what_it_says(work: UnitOfWork, database: Database) -> None:
    """A bundle, goods, a fee and a download with discounts, shipping and taxes; then some of it canceled, some returned."""
    shop = await open_shop(work, prices_include_tax=False)
    given = Given(work)
    cup, spoon = await shop.stocked(100), await shop.stocked(100)
    voucher = await given.sku(kind=SkuKind.GIFT_CARD)
    box = await given.sku(kind=SkuKind.BUNDLE, components={cup.code: 1, spoon.code: 2})
    order = await sell(
        shop,
        LineGiven(sku=box.code, quantity=4, unit_price=money("30.01"), taxes=(TaxGiven(title="VAT", amount=money("24.01")),)),
        LineGiven(
            sku=cup.code, quantity=3, unit_price=money("7.77"), discounts=(DiscountGiven(amount=money("1.00"), label="x"),)
        ),
        LineGiven(kind=LineKind.FEE, name="Wrapping", quantity=1, unit_price=money("2.50")),
        LineGiven(sku=voucher.code, quantity=2, unit_price=money("10")),
        at="2025-02-10T12:00",
        country="DE",
        discounts=(DiscountGiven(amount=money("10.00"), label="welcome"),),
        shipping=(ShippingGiven(title="Post", price=money("4.99"), taxes=(TaxGiven(title="VAT", amount=money("1.00")),)),),
    )
    await roll_up(work, database)
    (row,) = (await ask(work, of(shop))).rows.items
    assert told(row) == (1, 4 * 3 + 3 + 1 + 2, 12_004 + 2_331, 250 + 2_000, 499, 1_100, 2_501, *(0,) * 12)
    assert (row.gross, row.net) == (12_004 + 2_331 + 2_250 + 499, 12_004 + 2_331 + 2_250 + 499 - 1_100)

    lines = await shop.lines(order.id)
    bundle, cups, wrapping = lines[0], lines[3], lines[4]
    assert (bundle.kind, cups.sku_id, wrapping.kind) == (LineKind.BUNDLE, cup.id, LineKind.FEE)
    await shop.cancel(order.id, (bundle.id, 1), occurred_at=utc("2025-03-01T12:00"))
    await shop.cancel(order.id, (cups.id, 3), (wrapping.id, 1))
    for todo in await shop.works(order.id):
        shipment = (await shop.ship(todo.id, occurred_at=utc("2025-03-02T12:00"))).value
        await shop.deliver(shipment.id, occurred_at=utc("2025-03-03T12:00"))
    back = (await shop.return_(order.id, (bundle.id, 2), occurred_at=utc("2025-04-01T12:00"))).value
    await shop.take_back(back.id, occurred_at=utc("2025-04-30T22:59"))
    await roll_up(work, database)
    february, april = (await ask(work, of(shop))).rows.items
    assert (february.start, february.orders, february.units, february.returns) == (date(2025, 2, 1), 1, 9 + 2, 0)
    assert (april.start, told(april)[:7]) == (date(2025, 4, 1), (0,) * 7)
    assert april.net == -april.returns - april.returned_shipping < 0
    assert (april.returned_units, april.net_tax) == (6, -april.returned_tax)
    for by in ((), (SalesKey.SKU,), ALL):
        await assert_exact(work, database, of(shop, by=by), [shop.channel.id])
    skus = {row.sku_id: row for row in (await ask(work, of(shop, by=(SalesKey.SKU,)))).rows.items if row.start.month == 2}
    assert skus.keys() == {cup.id, spoon.id, voucher.id}  # nothing is left of the wrapping
    assert skus[cup.id].units == 3  # those in the bundles: the line of cups was canceled, its order still has some
    assert skus[cup.id].orders == 1
    assert await findings(work) == []


@pytest.mark.parametrize("taxed", [True, False])
async def test_an_order_that_came_back_whole_leaves_nothing(work: UnitOfWork, database: Database, taxed: bool) -> None:
    """Whatever was conceded of it before: of the order, of a line, of shipping."""
    shop = await open_shop(work, prices_include_tax=taxed)
    sku, other = await shop.stocked(100), await shop.stocked(100)
    vat = (TaxGiven(title="VAT", amount=money("3.33")),)
    post = (ShippingGiven(title="Post", price=money("4.99"), taxes=(TaxGiven(title="VAT", amount=money("0.83")),)),)
    lines = line(sku, 2, taxes=vat), line(other, 1)
    order = await sell(shop, *lines, at="2025-02-10T12:00", shipping=post)
    await shop.pay(order.id)
    for todo in await shop.works(order.id):
        shipment = (await shop.ship(todo.id, occurred_at=utc("2025-02-11T12:00"))).value
        await shop.deliver(shipment.id, occurred_at=utc("2025-02-12T12:00"))
    shirts, hats = await shop.lines(order.id)
    parts = (
        PartGiven(kind=RefundPartKind.LINE, amount=money("3.00"), line_id=shirts.id),
        PartGiven(kind=RefundPartKind.SHIPPING, amount=money("1.00")),
    )
    at: dict[str, Any] = {"occurred_at": utc("2025-03-01T12:00")}
    await shop.refund(order.id, reason=RefundReason.DAMAGED, parts=parts, **at)
    off = (await shop.refund(order.id, "2.00", RefundReason.GOODWILL, **at)).value
    await shop.refund(order.id, "1.00", RefundReason.GOODWILL, **at)
    await shop.cancel_refund(off.id, occurred_at=utc("2025-03-02T12:00"))
    back = (await shop.return_(order.id, (shirts.id, 1), occurred_at=utc("2025-04-01T12:00"))).value
    await shop.take_back(back.id, occurred_at=utc("2025-04-02T12:00"))
    await shop.refund(order.id, reason=RefundReason.RETURN, return_id=back.id, occurred_at=utc("2025-04-03T12:00"))
    await roll_up(work, database)
    february, march, april = (await ask(work, of(shop))).rows.items
    assert (february.orders, february.units, april.returned_units) == (1, 3, 1)
    assert march.conceded + march.conceded_shipping + (0 if taxed else march.conceded_tax) == 500 == march.refunds
    assert march.net == -march.conceded - march.conceded_shipping
    assert march.conceded_tax > 0
    rest = (await shop.return_(order.id, (shirts.id, 1), (hats.id, 1), occurred_at=utc("2025-04-05T12:00"))).value
    await shop.take_back(rest.id, occurred_at=utc("2025-04-06T12:00"))
    await roll_up(work, database)
    (total,) = (await ask(work, of(shop))).totals
    assert (total.net, total.net_tax, total.conceded, total.conceded_shipping, total.conceded_tax) == (0, 0, 0, 0, 0)
    assert (total.goods - total.returns, total.shipping - total.returned_shipping) == (0, 0)
    for by in ((), (SalesKey.SKU,), ALL):
        await assert_exact(work, database, of(shop, by=by), [shop.channel.id])
    assert await findings(work) == []


async def test_what_was_canceled_never_was_a_sale(work: UnitOfWork, database: Database) -> None:
    shop = await open_shop(work)
    sku, other = await shop.stocked(100), await shop.stocked(100)
    first = await sell(shop, line(sku, 3), line(sku, 2), line(other, 1), at="2025-01-31T12:00")
    await sell(shop, line(sku, 1), at="2025-01-31T13:00")
    ours = of(shop, by=(SalesKey.SKU,))

    async def now() -> list[tuple[UUID | None, int, int]]:
        await roll_up(work, database)
        await assert_exact(work, database, ours, [shop.channel.id])
        return [(row.sku_id, row.orders, row.units) for row in (await ask(work, ours)).rows.items]

    assert await now() == [(sku.id, 2, 6), (other.id, 1, 1)]
    three, two, one = await shop.lines(first.id)
    await shop.cancel(first.id, (three.id, 3))
    await shop.cancel(first.id, (two.id, 1))
    assert await now() == [(sku.id, 2, 2), (other.id, 1, 1)]
    await shop.cancel(first.id, (two.id, 1))
    assert await now() == [(sku.id, 1, 1), (other.id, 1, 1)]
    assert [total.orders for total in (await ask(work, ours)).totals] == [2]
    await shop.cancel(first.id, (one.id, 1))
    assert await now() == [(sku.id, 1, 1)]
    assert [total.orders for total in (await ask(work, ours)).totals] == [1]
    assert await findings(work) == []


async def test_a_day_with_nothing_left_is_not_told(work: UnitOfWork, database: Database) -> None:
    shop = await open_shop(work)
    order = await sell(shop, line(await shop.stocked(5), 5), fee(), at="2025-01-31T12:00")
    await shop.cancel(order.id)
    await roll_up(work, database)
    for by in ((), ALL):
        report = await ask(work, of(shop, by=by))
        assert (report.rows.items, report.totals) == ([], [])


async def shops_with_a_year(work: UnitOfWork, database: Database) -> tuple[list[ChannelId], Principal]:
    """Let two channels of two zones and currencies sell all over 2025."""
    shops = [
        await open_shop(work, time_zone=zone, currency=currency)
        for zone, currency in (("Europe/London", "GBP"), ("America/New_York", "USD"))
    ]
    skus = [(await shop.stocked(1_000), await shop.stocked(1_000), await shop.stocked(1_000)) for shop in shops]
    moment = utc("2024-12-30T21:30")
    for number in range(56):
        shop, (one, two, three) = shops[number % 2], skus[number % 2]
        lines = [line(one, 1 + number % 3), *([line(two, 2)] if number % 4 else [fee()]), line(three, 1)]
        order = await sell(shop, *lines, at=moment, country=(None, "GB", "FR", "DE")[number % 4])
        if number % 5 == 0:
            first, *_ = await shop.lines(order.id)
            await shop.cancel(order.id, (first.id, 1))
        moment += timedelta(days=6, hours=17, minutes=41)
    await roll_up(work, database)
    channels = [shop.channel.id for shop in shops]
    return channels, replace(SYSTEM, channels=frozenset(channels))


async def test_every_grain_and_grouping_agrees_with_the_rows(
    work: UnitOfWork, database: Database, request: pytest.FixtureRequest
) -> None:
    channels, seen = await shops_with_a_year(work, database)
    ranges = [
        (date(2025, 1, 1), date(2026, 1, 1)),
        (date(2025, 1, 15), date(2025, 11, 3)),
        (date(2025, 3, 31), date(2025, 4, 1)),
        (date(2016, 2, 29), date(2026, 2, 28)),
    ]
    groupings = [(), (SalesKey.SKU,), (SalesKey.CHANNEL,), (SalesKey.COUNTRY, SalesKey.SKU), ALL]
    questions = list(product(ranges, Grain, groupings))
    for (start, before), grain, by in questions if request.config.getoption("--soak") else questions[::7]:
        asked = SalesQuestion(start=start, before=before, grain=grain, by=by)
        await agree(work, database, asked, channels, seen)


async def agree(
    work: UnitOfWork, database: Database, asked: SalesQuestion, channels: Collection[ChannelId], seen: Principal
) -> None:
    """Prove that pages of any size, read either way, are the whole report."""
    whole = await all_rows(work, asked, size=250, principal=seen)
    for size, backwards in ((7, False), (7, True)):
        assert await all_rows(work, asked, size=size, backwards=backwards, principal=seen) == whole
    await assert_exact(work, database, asked, channels, principal=seen)


async def test_what_is_paid_by_many_pages_adds_up_however_it_is_cut(work: UnitOfWork, database: Database) -> None:
    channels, seen = await shops_with_a_year(work, database)
    asked = replace(YEAR, by=ALL)
    by_months = await all_rows(work, asked, size=250, principal=seen)
    by_days = await all_rows(work, replace(asked, grain=Grain.DAY), size=250, principal=seen)
    months: dict[Any, list[int]] = {}
    for row in by_days:
        sums = months.setdefault((row.start.replace(day=1), *keyed(row)[1:]), [0] * len(NUMBERS))
        sums[:] = [a + b for a, b in zip(sums, told(row), strict=True)]
    assert {keyed(row): told(row) for row in by_months} == {key: tuple(sums) for key, sums in months.items() if any(sums)}
    assert len(channels) == 2


async def test_a_channel_that_moves_to_another_zone_is_counted_anew(work: UnitOfWork, database: Database) -> None:
    shop, other = await open_shop(work), await open_shop(work)
    sku = await shop.stocked(50)
    for each in (shop, other):
        for at in ("2025-01-31T23:30", "2025-06-30T14:59", "2025-06-30T15:00", "2025-12-31T20:00"):
            await sell(each, *([line(sku, 2)] if each is shop else []), fee(), at=at)
    await roll_up(work, database)

    async def days(each: Shop) -> list[str]:
        report = await ask(work, of(each, grain=Grain.DAY, before=date(2026, 2, 1), by=(SalesKey.SKU,)))
        return sorted({row.start.isoformat()[2:] for row in report.rows.items})

    here = ["25-01-31", "25-06-30", "25-12-31"]
    assert (await days(shop), await days(other)) == (here, here)
    await move(work, shop.channel, "Asia/Tokyo")
    report = await ask(work, of(shop))
    assert (report.time_zones, report.up_to_date) == (["Europe/London"], False)  # what is shown is still of the old zone
    assert await days(shop) == here
    assert await findings(work) == []

    await roll_up(work, database)
    assert await days(shop) == ["25-02-01", "25-06-30", "25-07-01", "26-01-01"]
    assert await days(other) == here
    report = await ask(work, of(shop))
    assert (report.time_zones, report.up_to_date) == (["Asia/Tokyo"], True)
    await assert_exact(work, database, of(shop, before=date(2026, 2, 1), by=ALL), [shop.channel.id])
    await assert_exact(work, database, of(other, by=ALL), [other.channel.id])

    await move(work, shop.channel, "Europe/London")
    await sell(shop, fee(), at="2025-03-03T03:03")
    await roll_up(work, database)
    assert await days(shop) == ["25-01-31", "25-03-03", "25-06-30", "25-12-31"]
    await assert_exact(work, database, of(shop, by=ALL), [shop.channel.id])
    assert await findings(work) == []


async def move(work: UnitOfWork, channel: ChannelRow, zone: str) -> None:
    await work.execute(SYSTEM, update_channel, UpdateChannel(channel_id=channel.id, changes={"time_zone": zone}))


async def test_a_zone_that_the_database_does_not_know_is_refused(work: UnitOfWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oms_api.kernel.naming.available_timezones", lambda: {"Europe/Atlantis"})
    channel = (await open_shop_of_old(work, monkeypatch)).channel
    monkeypatch.setattr("oms_api.kernel.naming.available_timezones", lambda: {"Europe/Atlantis"})
    with pytest.raises(InvalidValue) as refused:
        await move(work, channel, "Europe/Atlantis")
    assert refused.value.field == ("timeZone",)
    with pytest.raises(InvalidValue):
        await Given(work).channel(locations=(), time_zone="Europe/Atlantis")


async def open_shop_of_old(work: UnitOfWork, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.undo()
    return await open_shop(work)


async def test_a_report_says_whether_it_counts_everything(work: UnitOfWork, database: Database) -> None:
    shop, other = await open_shop(work), await open_shop(work)

    async def current() -> list[bool]:
        return [(await ask(work, of(each))).up_to_date for each in (shop, other)]

    await roll_up(work, database)
    assert await current() == [True, True]
    await sell(shop, fee(), at="2025-05-05T12:00")
    assert await current() == [False, True]
    await relay_all(database.app_url)
    assert await current() == [False, True]
    assert await findings(work) == []  # what is not counted yet is not broken
    await react(work, SALES)
    assert await current() == [True, True]


async def test_a_crash_in_the_middle_counts_nothing_twice(work: UnitOfWork, database: Database) -> None:
    shop = await open_shop(work)
    sku = await shop.stocked(50)
    await roll_up(work, database)
    for day in range(1, 10):
        await sell(shop, line(sku, 1), fee(), at=f"2025-05-0{day}T12:00")
    await relay_all(database.app_url)
    fallen: list[int] = []

    async def fall(tx: Tx, piece: Piece) -> None:
        await roll_up_sales(tx, piece)
        fallen.append(piece.after)
        if len(fallen) % 2:
            raise ConnectionAbortedError

    clumsy = replace(SALES, run=fall, most=2)
    while True:
        try:
            if await work.execute(SYSTEM, follow, clumsy):
                break
        except ConnectionAbortedError:
            assert await findings(work) == []
    assert len(fallen) == 10
    await assert_exact(work, database, of(shop, grain=Grain.DAY, by=ALL), [shop.channel.id])
    assert await findings(work) == []


@pytest.mark.parametrize(
    ("start", "before"),
    [
        (date(2025, 1, 2), date(2025, 1, 1)),
        (date(2025, 1, 1), date(2025, 1, 1)),
        (date(2025, 1, 1), date(2025, 1, 1) + timedelta(MOST_DAYS + 1)),
        (date(1, 1, 1), date(9999, 12, 31)),
    ],
)
async def test_a_range_that_is_none_is_refused(work: UnitOfWork, start: date, before: date) -> None:
    with pytest.raises(InvalidRange) as refused:
        await ask(work, replace(YEAR, start=start, before=before))
    assert refused.value.field == ("range", "before")


@pytest.mark.parametrize(("start", "before"), [(date(9999, 12, 30), date(9999, 12, 31)), (date(1, 1, 1), date(1, 1, 2))])
@pytest.mark.parametrize("grain", Grain)
async def test_the_ends_of_the_calendar_are_days_too(work: UnitOfWork, start: date, before: date, grain: Grain) -> None:
    report = await ask(work, SalesQuestion(start=start, before=before, grain=grain, by=ALL))
    assert (report.rows.items, report.totals) == ([], [])


def test_ten_years_are_allowed() -> None:
    for year in range(1996, 2030):
        SalesQuestion(start=date(year, 1, 1), before=date(year + 10, 1, 1), grain=Grain.DAY).check()
        if year % 4 == 0:
            SalesQuestion(start=date(year, 2, 29), before=date(year + 10, 3, 1), grain=Grain.DAY).check()


@pytest.mark.parametrize("grain", Grain)
def test_periods_follow_one_another_without_gaps(grain: Grain) -> None:
    start, before = date(2023, 11, 15), date(2025, 3, 20)
    found = list(periods(grain, start, before))
    assert (found[0].start, found[-1].before) == (start, before)
    assert all(one.before == two.start for one, two in pairwise(found))
    for period in found[1:]:
        assert grain is not Grain.WEEK or period.start.weekday() == 0
        assert grain is not Grain.MONTH or period.start.day == 1
    assert [period.whole for period in found[1:-1]] == [True] * (len(found) - 2)


async def test_a_key_given_twice_is_refused(work: UnitOfWork) -> None:
    with pytest.raises(InvalidValue) as refused:
        await ask(work, replace(YEAR, by=(SalesKey.SKU, SalesKey.COUNTRY, SalesKey.SKU)))
    assert refused.value.field == ("by", "2")


async def test_a_limited_key_sees_its_channels_only(work: UnitOfWork, database: Database) -> None:
    mine, foreign = await open_shop(work), await open_shop(work, time_zone="Asia/Tokyo")
    for shop in (mine, foreign):
        await sell(shop, fee(), at="2025-05-05T12:00")
    await roll_up(work, database)
    limited = replace(SYSTEM, channels=frozenset([mine.channel.id]))
    report = await ask(work, replace(YEAR, by=(SalesKey.CHANNEL,)), principal=limited)
    assert [row.channel_id for row in report.rows.items] == [mine.channel.id]
    assert [total.orders for total in report.totals] == [1]
    assert report.time_zones == ["Europe/London"]
    for unseen in (foreign.channel.id, ChannelId(new_uuid())):
        with pytest.raises(NotFound) as refused:
            await ask(work, replace(YEAR, channel_id=unseen), principal=limited)
        assert refused.value.field == ("channelId",)
    nobody = replace(SYSTEM, channels=frozenset())
    report = await ask(work, YEAR, principal=nobody)
    assert (report.rows.items, report.totals, report.time_zones, report.up_to_date) == ([], [], [], True)


async def test_a_cursor_belongs_to_its_question(work: UnitOfWork, database: Database) -> None:
    shop = await open_shop(work)
    for day in range(1, 4):
        await sell(shop, fee(), at=f"2025-05-0{day}T12:00")
    await roll_up(work, database)
    daily = of(shop, grain=Grain.DAY)
    cursor = (await ask(work, daily, PageRequest(1))).rows.cursors[0]
    assert [row.start.day for row in (await ask(work, daily, PageRequest(1, cursor))).rows.items] == [2]
    others = [
        of(shop, grain=Grain.WEEK),
        replace(daily, by=(SalesKey.SKU,)),
        replace(daily, before=date(2025, 12, 31)),
        replace(daily, start=date(2025, 1, 2)),
    ]
    for other, damaged in [*((each, cursor) for each in others), (daily, cursor[:-9]), (daily, "x"), (daily, "")]:
        with pytest.raises(InvalidCursor):
            await ask(work, other, PageRequest(1, damaged))
