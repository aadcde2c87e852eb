"""What events tell of fields is named as the schema names them; every other module is checked for that, too (conftest)."""

from decimal import Decimal
from uuid import UUID

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.channels.commands.upsert_listing import UpsertListing, upsert_listing
from oms_api.domain.purchasing.commands.upsert_supplier import UpsertSupplier, upsert_supplier
from oms_api.domain.purchasing.commands.upsert_supplier_sku import UpsertSupplierSku, upsert_supplier_sku
from oms_api.domain.purchasing.given import UnitCost
from oms_api.kernel.ids import IdKind, text_id
from tests.factories.counting import Shelf
from tests.factories.database import Database
from tests.factories.event_fields import known, unknown_fields
from tests.factories.feed import emit, event
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import staged
from tests.factories.purchasing import Buyer


async def changes(work: UnitOfWork, type_: str, subject: UUID) -> object:
    """Return what the last event of a type tells of a record."""
    return (await staged(work, type_, subject))[-1].changes


async def test_settings_are_told_by_their_names(work: UnitOfWork) -> None:
    given = Given(work)
    channel, location = await given.channel(), await given.location()
    command = UpdateChannel(channel_id=channel.id, changes={"sells_safety_stock": True, "time_zone": "Asia/Tokyo"})
    await work.execute(SYSTEM, update_channel, command)
    told = {"sellsSafetyStock": [False, True], "timeZone": [channel.time_zone, "Asia/Tokyo"]}
    assert await changes(work, "CHANNEL_CHANGED", channel.id) == told
    moved = UpdateLocation(location_id=location.id, changes={"time_zone": "Asia/Tokyo"})
    await work.execute(SYSTEM, update_location, moved)
    assert await changes(work, "LOCATION_CHANGED", location.id) == {"timeZone": [location.time_zone, "Asia/Tokyo"]}


async def test_a_listing_tells_which_sku_it_is_of(work: UnitOfWork) -> None:
    given = Given(work)
    channel, cup, pot = await given.channel(), await given.sku(), await given.sku()
    listing = await given.listing(channel, cup)
    command = UpsertListing(channel_id=channel.id, code=listing.code, sku=SkuRef(id=pot.id))
    await work.execute(SYSTEM, upsert_listing, command)
    told = {"sku.id": [text_id(IdKind.SKU, cup.id), text_id(IdKind.SKU, pot.id)]}
    assert await changes(work, "LISTING_CHANGED", listing.id) == told


async def test_suppliers_are_told_by_their_names_and_costs_without_values(work: UnitOfWork) -> None:
    buyer = await Buyer.open(work)
    supplier, sku = buyer.supplier, await buyer.supplied()
    said = UpsertSupplier(code=supplier.code, changes={"currency": "EUR", "lead_time_mean_days": Decimal(9)})
    await work.execute(SYSTEM, upsert_supplier, said)
    told = {"leadTimeMeanDays": [None, "9"], "currencyCode": ["GBP", "EUR"]}
    assert await changes(work, "SUPPLIER_CHANGED", supplier.id) == told
    better = UpsertSupplierSku(
        supplier_id=supplier.id,
        sku=SkuRef(id=sku.id),
        changes={"minimum_quantity": 12, "cost": UnitCost(Decimal("1.20"), "EUR")},
    )
    supplied = await work.execute(SYSTEM, upsert_supplier_sku, better)
    told_of_sku = {"minimumQuantity": [1, 12], "cost": [None, None]}
    assert await changes(work, "SUPPLIER_SKU_CHANGED", supplied.id) == told_of_sku


async def test_a_count_tells_how_many_lines_were_counted(work: UnitOfWork) -> None:
    shelf = await Shelf.build(work)
    cup, pot, mug = await shelf.goods(3, 3, 3)
    count = await shelf.open(cup, pot, mug)
    await shelf.submit(count.id, (cup, 1), (pot, 3))
    told = {"summary.lines.counted": [0, 2], "status": ["OPEN", "COUNTING"]}
    assert await changes(work, "STOCK_COUNT_SUBMITTED", count.id) == told
    await shelf.submit(count.id, (cup, 2), (mug, 3))
    assert await changes(work, "STOCK_COUNT_SUBMITTED", count.id) == {"summary.lines.counted": [2, 3]}


@pytest.mark.parametrize(
    ("subject", "path", "found"),
    [
        (IdKind.ORDER, "fulfillmentStatus", True),
        (IdKind.ORDER, "lines.line_01h2xcejqtf2nbrexx3vqjhp41.inFulfillment", True),
        (IdKind.RETURN, "return.status", True),
        (IdKind.CHANNEL, "sells_safety_stock", False),
        (IdKind.COUNT, "stockCount.notCounted", False),
        (IdKind.BACKORDER, "shipsOn", False),
    ],
)
def test_paths_lead_through_the_schema(subject: IdKind, path: str, found: bool) -> None:
    assert known(subject, path, of_order=True) is found


async def test_a_name_that_the_schema_does_not_have_is_found(fresh_work: UnitOfWork, fresh_database: Database) -> None:
    wrong = type(event())(subject_id=UUID(int=1), changes={"done": (1, 2), "doneRows": (1, 2)})
    await emit(fresh_work, wrong)
    assert unknown_fields(fresh_database) == ["JOB_PROGRESSED: doneRows"]
