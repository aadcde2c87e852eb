"""A supplier tells its stock over the API, with a key that may do nothing else."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, text_id
from tests.factories.asking import Ask, refusals
from tests.factories.given import SYSTEM
from tests.factories.purchasing import Buyer

REPORT = """mutation ($input: SupplierStockReportInput!) { supplierStockReport(input: $input) {
    applied unchanged failed replayed refused { index userErrors { code field } } userErrors { code field message } } }"""
LOCATIONS = """query ($where: LocationFilterInput) { locations(where: $where) {
    nodes { id stockValidMinutes stockReportedAt stockStale } } }"""


@pytest.fixture
async def buyer(work: UnitOfWork) -> Buyer:
    buyer = await Buyer.open(work)
    changes = UpdateLocation(
        location_id=buyer.location.id, changes={"supplier_id": buyer.supplier.id, "stock_valid_minutes": 60}
    )
    await work.execute(SYSTEM, update_location, changes)
    return buyer


def partner(buyer: Buyer, *scopes: Scope) -> Ask:
    """Return the supplier, with these scopes."""
    limits = {"suppliers": frozenset({buyer.supplier.id}), "locations": frozenset({buyer.location.id})}
    return Ask(buyer.work, replace(SYSTEM, scopes=frozenset(scopes), **limits))  # type: ignore[arg-type]


def feed(buyer: Buyer, **changes: Any) -> dict[str, Any]:
    place = text_id(IdKind.LOCATION, buyer.location.id)
    return {"idempotencyKey": uuid4().hex, "locationId": place, "asOf": buyer.location.created_at.isoformat(), **changes}


async def test_a_supplier_tells_its_stock(buyer: Buyer) -> None:
    ask, cup = partner(buyer, Scope.REQUESTS_ANSWER), await buyer.supplied()
    await buyer.supply(cup, code="THEIRS")
    given = feed(buyer, rows=[{"supplierSku": "THEIRS", "quantity": 7}, {"sku": "UNHEARD-OF", "quantity": 1}])
    for replayed in (False, True):
        told = (await ask(REPORT, input=given))["supplierStockReport"]
        assert (told["applied"], told["unchanged"], told["failed"], told["replayed"]) == (1, 0, 1, replayed)
        assert told["refused"] == [{"index": 1, "userErrors": [{"code": "UNKNOWN_SKU", "field": ["rows", "1", "sku"]}]}]
    spreadsheet = (await ask(REPORT, input=feed(buyer, csv="supplierSku,quantity\nTHEIRS,7\n")))["supplierStockReport"]
    assert (spreadsheet["unchanged"], spreadsheet["refused"], spreadsheet["userErrors"]) == (1, [], [])
    fresh = {"stockStale": False, "code": {"eq": buyer.location.code}}
    (place,) = (await Ask(buyer.work, SYSTEM)(LOCATIONS, where=fresh))["locations"]["nodes"]
    assert (place["stockValidMinutes"], place["stockStale"], place["stockReportedAt"] is None) == (60, False, False)


async def test_what_it_may_not_tell_is_refused(buyer: Buyer, work: UnitOfWork) -> None:
    other, cup = await Buyer.open(work), await buyer.supplied()
    rows = [{"sku": cup.code, "quantity": 1}]
    ask, reader = partner(buyer, Scope.REQUESTS_ANSWER), partner(buyer, Scope.REQUESTS_READ)
    foreign = {"locationId": text_id(IdKind.LOCATION, other.location.id)}
    for changes, code, field in (
        ({**foreign, "rows": rows}, "NOT_FOUND", ["locationId"]),
        ({"asOf": "2999-01-01T00:00:00Z", "rows": rows}, "AS_OF_IN_FUTURE", ["asOf"]),
        ({}, "INVALID_VALUE", ["rows"]),
        ({"csv": "sku,units\n"}, "INVALID_VALUE", ["csv"]),
    ):
        told = (await ask(REPORT, input=feed(buyer, **changes)))["supplierStockReport"]
        assert refusals(told) == [(code, field)]
    (error,) = await reader.errors(REPORT, input=feed(buyer, rows=rows))
    assert error["extensions"]["code"] == "MISSING_SCOPE"
