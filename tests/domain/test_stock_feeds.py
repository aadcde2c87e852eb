"""What suppliers tell of their stock: taken row by row, valid for some time, and then nothing more is promised from it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.channels.stock_reports import find_stale
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.inventory.errors import AsOfInFuture, InsufficientStock
from oms_api.domain.purchasing.tables import SupplierRow
from oms_api.jobs.tasks import react
from oms_api.kernel.access import Principal
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, TooManyItems
from oms_api.kernel.ids import LocationId, SupplierId
from oms_api.workflows.report_stock import ReportedStock, ReportedUnits, ReportStock, report_stock, reported_before
from oms_api.workflows.subscribers import SUBSCRIBERS, Subscribers
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM
from tests.factories.keeping import staged
from tests.factories.purchasing import Buyer
from tests.factories.trading import Shop, findings, line

HOUR = timedelta(hours=1)


@dataclass
class Partner:
    """A supplier with a location of its own, which tells its stock every hour; a warehouse serves the shop after it."""

    shop: Shop
    buyer: Buyer
    supplier: SupplierRow

    @classmethod
    async def open(cls, work: UnitOfWork, *, minutes: int | None = 60) -> "Partner":
        shop, buyer = await Shop.open(work, locations=2), await Buyer.open(work)
        partner = cls(shop, buyer, buyer.supplier)
        changes = UpdateLocation(
            location_id=partner.place.id, changes={"supplier_id": buyer.supplier.id, "stock_valid_minutes": minutes}
        )
        await work.execute(SYSTEM, update_location, changes)
        return partner

    @property
    def place(self) -> LocationRow:
        return self.shop.locations[0]

    async def tell(
        self,
        as_of: datetime,
        *rows: ReportedUnits,
        at: datetime | None = None,
        principal: Principal = SYSTEM,
        key: str | None = None,
        **more: Any,
    ) -> ReportedStock:
        """Tell the stock as of a moment, at that moment or *at* a later one."""
        given: Any = {"rows": rows or None, "location_id": self.place.id, **more}
        command = ReportStock(idempotency_key=key or uuid4().hex, as_of=as_of, **given)
        clock = UnitOfWork(self.shop.work.pool, lambda: at or as_of)
        name, again = "supplierStockReport", reported_before
        return (await clock.once(principal, report_stock, command, key=command.idempotency_key, name=name, again=again)).value

    async def sweep(self, at: datetime) -> None:
        await UnitOfWork(self.shop.work.pool, lambda: at).execute(SYSTEM, find_stale, 100)

    async def now(self) -> LocationRow:
        async with self.shop.work.reads(SYSTEM) as read:
            found = await locations_by_id.of_one(read, self.place.id)
        assert found is not None
        return found


def units(sku: SkuRow, quantity: int) -> ReportedUnits:
    return ReportedUnits(sku=sku.code, quantity=quantity)


def codes(reported: ReportedStock) -> dict[int, str]:
    return {at: error.causes[0].code for at, error in reported.errors.items()}


async def test_what_was_told_too_long_ago_is_sold_no_more(work: UnitOfWork) -> None:
    partner = await Partner.open(work)
    cup = await partner.buyer.supplied()
    since = (await partner.now()).stock_told_at
    assert since is not None
    await partner.tell(since, units(cup, 9))
    order = await partner.shop.place(line(cup, 2))
    await partner.sweep(since + HOUR - timedelta(seconds=1))
    assert not (await partner.now()).stock_stale
    await partner.sweep(since + HOUR)
    stale = await partner.now()
    assert (stale.stock_stale, stale.version) == (True, 2)
    with pytest.raises(InsufficientStock):
        await partner.shop.place(line(cup, 1))
    (todo,) = await partner.shop.works(order.id)
    assert (todo.status, todo.location_id) == ("OPEN", partner.place.id)
    await partner.tell(since + HOUR * 2, units(cup, 8))
    fresh = await partner.now()
    assert (fresh.stock_stale, fresh.stock_told_at) == (False, since + HOUR * 2)
    await partner.shop.place(line(cup, 1))
    told = [(await staged(work, type_, partner.place.id)) for type_ in ("LOCATION_STOCK_STALE", "LOCATION_STOCK_REPORTED")]
    assert [len(events) for events in told] == [1, 1]
    assert await findings(work) == []


async def test_a_feed_that_is_old_or_of_which_nothing_is_taken_leaves_stock_stale(work: UnitOfWork) -> None:
    partner = await Partner.open(work)
    cup = await partner.buyer.supplied()
    since = (await partner.now()).stock_told_at
    assert since is not None
    await partner.tell(since + HOUR, units(cup, 9))
    await partner.sweep(since + HOUR * 3)
    old = await partner.tell(since, units(cup, 5), at=since + HOUR * 3)
    assert codes(old) == {0: "OLDER_FEED"}
    unknown = await partner.tell(since + HOUR * 3, ReportedUnits(sku="NOBODY-SELLS-THIS", quantity=5))
    assert codes(unknown) == {0: "UNKNOWN_SKU"}
    late = await partner.tell(since + HOUR + timedelta(minutes=1), units(cup, 7), at=since + HOUR * 3)
    assert codes(late) == {}
    stale = await partner.now()
    assert (stale.stock_stale, stale.stock_told_at) == (True, since + HOUR + timedelta(minutes=1))


async def test_work_is_not_moved_from_a_location_whose_stock_is_stale(work: UnitOfWork, database: Database) -> None:
    """Also not where something else of it is changed: only one that is off gives its work to others."""
    partner = await Partner.open(work)
    cup = await partner.shop.stocked(3, 9)
    order = await partner.shop.place(line(cup, 3))
    since = (await partner.now()).stock_told_at
    assert since is not None
    await partner.sweep(since + HOUR)
    await work.execute(SYSTEM, update_location, UpdateLocation(location_id=partner.place.id, changes={"name": "Shelf"}))
    await relay_all(database.owner_url, Subscribers())
    for name in ("location_off", "orders_leaving"):
        while await react(work, SUBSCRIBERS.reactions[name]):
            pass
        await relay_all(database.owner_url, Subscribers())
    assert [each.location_id for each in await partner.shop.works(order.id)] == [partner.place.id]
    assert (await partner.shop.works((await partner.shop.place(line(cup, 1))).id))[0].location_id != partner.place.id


async def test_minutes_count_from_when_they_are_set(work: UnitOfWork) -> None:
    partner = await Partner.open(work, minutes=None)
    assert (await partner.now()).stock_told_at is None
    cup = await partner.buyer.supplied()
    await partner.tell((await partner.now()).updated_at, units(cup, 9))
    assert (await partner.now()).stock_told_at is None
    for minutes in (5, None):
        change = UpdateLocation(location_id=partner.place.id, changes={"stock_valid_minutes": minutes})
        changed = await work.execute(SYSTEM, update_location, change)
        assert (changed.stock_told_at is None, changed.stock_stale) == (minutes is None, False)


async def test_goods_are_named_by_our_code_or_the_suppliers_own(work: UnitOfWork) -> None:
    partner = await Partner.open(work)
    cup, pot, twin = [await partner.buyer.supplied() for _ in range(3)]
    await partner.buyer.supply(cup, code="THEIR-1")
    for sku in (pot, twin):
        await partner.buyer.supply(sku, code="THEIR-2")
    since = (await partner.now()).stock_told_at
    assert since is not None
    rows = (
        ReportedUnits(supplier_sku="THEIR-1", quantity=4),
        units(pot, 5),
        ReportedUnits(supplier_sku="THEIR-2", quantity=1),
        ReportedUnits(supplier_sku="THEIR-3", quantity=1),
        ReportedUnits(quantity=1),
        ReportedUnits(sku=cup.code, supplier_sku="THEIR-1", quantity=1),
        units(cup, 1),
        units(twin, -1),
        ReportedUnits(supplier_sku="\0", quantity=1),
        ReportedUnits(sku="\0", quantity=1),
        ReportedUnits(sku="x" * 5_000, quantity=1),
    )
    told = await partner.tell(since, *rows, key="feed")
    assert codes(told) == {
        2: "INVALID_VALUE",
        3: "INVALID_VALUE",
        4: "INVALID_VALUE",
        5: "INVALID_VALUE",
        6: "LEVEL_TWICE",
        7: "INVALID_VALUE",
        8: "INVALID_VALUE",
        9: "UNKNOWN_SKU",
        10: "UNKNOWN_SKU",
    }
    assert [error.field for at, error in told.errors.items() if at in {2, 4, 7}] == [
        ("rows", "2", "supplierSku"),
        ("rows", "4", "sku"),
        ("rows", "7", "quantity"),
    ]
    assert [await partner.shop.stock(sku) for sku in (cup, pot)] == [(4, 0), (5, 0)]
    again = await partner.tell(since, *rows, key="feed")
    assert (again.id, codes(again)) == (told.id, codes(told))


async def test_a_spreadsheet_tells_the_same(work: UnitOfWork) -> None:
    partner = await Partner.open(work)
    cup, pot = await partner.buyer.supplied(), await partner.buyer.supplied()
    await partner.buyer.supply(pot, code="Pot; large")
    since = (await partner.now()).stock_told_at
    assert since is not None
    rows = (
        "\ufeffsku,supplierSku,quantity",
        f"{cup.code},,3",
        "",
        ',"Pot; large",4',
        f"{cup.code},,many",
        ",,1",
        f"{cup.code},,5,6",
    )
    text = "".join(f"{row}\r\n" for row in rows)
    told = await partner.tell(since, csv=text)
    wrong = {2: ("rows", "2", "quantity"), 3: ("rows", "3", "sku"), 4: ("rows", "4")}
    assert {at: error.field for at, error in told.errors.items()} == wrong
    assert [await partner.shop.stock(sku) for sku in (cup, pot)] == [(3, 0), (4, 0)]
    semicolons = await partner.tell(since + HOUR, csv=f"quantity;sku\n7;{cup.code}\n")
    assert (codes(semicolons), await partner.shop.stock(cup)) == ({}, (7, 0))


@pytest.mark.parametrize(
    ("given", "error", "field"),
    [
        ({"csv": "sku,quantity,price\n"}, InvalidValue, ("csv",)),
        ({"csv": "sku\nA\n"}, InvalidValue, ("csv",)),
        ({"csv": 'sku,quantity\n"A,1\n'}, InvalidValue, ("csv",)),
        ({"csv": ""}, InvalidValue, ("csv",)),
        ({"csv": "sku,quantity\n"}, OmsError, ("csv",)),
        ({"csv": "sku,quantity\n" + "A,1\n" * 10_001}, TooManyItems, ("csv",)),
        ({}, InvalidValue, ("rows",)),
        ({"rows": (), "csv": ""}, InvalidValue, ("rows",)),
        ({"rows": ()}, OmsError, ("rows",)),
    ],
)
async def test_what_is_no_feed_is_refused(
    work: UnitOfWork, given: dict[str, Any], error: type[OmsError], field: Sequence[str]
) -> None:
    partner = await Partner.open(work)
    with pytest.raises(error) as caught:
        await partner.tell((await partner.now()).updated_at, **given)
    assert caught.value.causes[0].field == field


async def test_a_supplier_tells_of_its_own_location_only(work: UnitOfWork) -> None:
    partner, other = await Partner.open(work), await Partner.open(work)
    cup = await partner.buyer.supplied()
    at = (await partner.now()).updated_at
    theirs = replace(SYSTEM, suppliers=frozenset({SupplierId(other.supplier.id)}))
    there = replace(SYSTEM, locations=frozenset({LocationId(other.place.id)}))
    for principal in (theirs, there):
        with pytest.raises(NotFound) as caught:
            await partner.tell(at, units(cup, 1), principal=principal)
        assert caught.value.field == ("locationId",)
    with pytest.raises(NotFound):
        await partner.tell(at, units(cup, 1), location_id=partner.shop.locations[1].id)
    with pytest.raises(AsOfInFuture):
        await partner.tell(at + HOUR, units(cup, 1), at=at)
    own = replace(SYSTEM, suppliers=frozenset({partner.supplier.id}), locations=frozenset({partner.place.id}))
    assert codes(await partner.tell(at, units(cup, 1), principal=own)) == {}
