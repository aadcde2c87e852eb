"""Plans, suggestions and alerts as documents."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.planning.commands.create_plan import CreatePlan, create_plan
from oms_api.domain.planning.tables import StockPlanLineRow
from oms_api.domain.planning.watch import watch_stock
from oms_api.domain.purchasing.given import UnitCost
from oms_api.jobs.housekeeping import purge_idempotency, purge_old_plans
from oms_api.jobs.tasks import Tries, carry_out
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, JobId, StockPlanId, parse_id, text_id
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.given import SYSTEM, Given
from tests.factories.moving import Road
from tests.factories.ports import ports_of
from tests.factories.purchasing import Buyer
from tests.factories.raw import raw
from tests.factories.trading import Shop, findings, line

CREATE = """mutation ($input: StockPlanCreateInput!) { stockPlanCreate(input: $input) {
    stockPlan { id at actor serviceLevel reviewDays levels finishedAt job { id kind status } error { wape bias naiveWape } }
    replayed userErrors { code field } } }"""
SUGGESTIONS = """query ($plan: ID, $where: ReplenishmentFilterInput, $first: Int, $after: Cursor) {
  replenishmentSuggestions(planId: $plan, where: $where, first: $first, after: $after) {
    nodes { id suggested onHand available incoming backordered daysOfCover method weeklyDemand deviation
      error { wape bias naiveWape } abc xyz leadDays safetyStock reorderPoint orderUpTo lastDemandAt supplierReason
      drafted supplier { code } supplierSku { cost { amount currencyCode } minimumQuantity packSize }
      purchaseOrder { id status } ages { fromDays toDays units } sku { code } location { code } inventoryLevel { available } }
    pageInfo { hasNextPage endCursor } } }"""
ALERTS = """query ($where: InventoryAlertFilterInput) { inventoryAlerts(where: $where) {
    nodes { id kind available weeklyDemand raisedAt resolvedAt sku { code } location { code } } } }"""


async def planned(work: UnitOfWork) -> str:
    plan = await work.execute(SYSTEM, create_plan, CreatePlan())
    await carry_out(work, ports_of(work), SUBSCRIBERS.job_kinds, plan.job_id, Tries(0))
    return text_id(IdKind.STOCK_PLAN, plan.id)


async def sells(shop: Shop, on_hand: int = 95) -> Any:
    """Return a SKU that sells ten a week."""
    sku = await shop.stocked(on_hand)
    for week in range(9):
        await shop.place(line(sku, 10), at=datetime.now(UTC) - timedelta(days=7 * week + 3))
    return sku


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def test_a_plan_is_asked_for_and_made_by_the_worker(ask: Ask, work: UnitOfWork, shop: Shop) -> None:
    await shop.stocked(3)
    given = {"idempotencyKey": uuid4().hex, "serviceLevel": "0.9", "reviewDays": 14}
    payload = (await ask(CREATE, input=given))["stockPlanCreate"]
    plan = payload["stockPlan"]
    assert (plan["serviceLevel"], plan["reviewDays"], plan["finishedAt"]) == ("0.9000", 14, None)
    assert plan["actor"] == ask.principal.name
    assert (plan["job"]["kind"], plan["job"]["status"]) == ("stock_plan", "CREATED")
    assert (await ask(CREATE, input=given))["stockPlanCreate"]["replayed"] is True
    await carry_out(work, ports_of(work), SUBSCRIBERS.job_kinds, parse_id(JobId, plan["job"]["id"]), Tries(0))
    again = (await ask("query ($id: ID!) { node(id: $id) { id ... on StockPlan { levels finishedAt } } }", id=plan["id"]))[
        "node"
    ]
    assert again["levels"] >= 1
    assert again["finishedAt"] is not None


async def test_suggestions_tell_what_to_order_and_why(ask: Ask, work: UnitOfWork, shop: Shop) -> None:
    sku = await sells(shop)
    plan = await planned(work)
    found = await ask(SUGGESTIONS, plan=plan, where={"skus": [{"code": sku.code}]})
    (node,) = found["replenishmentSuggestions"]["nodes"]
    assert (node["sku"]["code"], node["available"], node["onHand"]) == (sku.code, 5, 95)
    assert (node["method"], node["weeklyDemand"], node["xyz"]) == ("EXPONENTIAL_SMOOTHING", "10.0000", "X")
    assert node["suggested"] == node["orderUpTo"] - 5
    assert node["daysOfCover"] == 3
    assert sum(age["units"] for age in node["ages"]) == 95
    assert [age["toDays"] for age in node["ages"]] == [30, 90, 180, 365, None]
    assert [age["fromDays"] for age in node["ages"]] == [0, 31, 91, 181, 366]


async def test_the_most_urgent_come_first_page_by_page(ask: Ask, work: UnitOfWork, shop: Shop) -> None:
    skus = [await sells(shop, on_hand) for on_hand in (95, 90, 99)]
    plan = await planned(work)
    where = {"skus": [{"code": sku.code} for sku in skus]}
    codes, after = [], None
    for _ in skus:
        page = (await ask(SUGGESTIONS, plan=plan, where=where, first=1, after=after))["replenishmentSuggestions"]
        codes += [node["sku"]["code"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert codes == [skus[1].code, skus[0].code, skus[2].code]
    assert page["pageInfo"]["hasNextPage"] is False


async def test_statements_do_not_grow_with_rows(ask: Ask, work: UnitOfWork, shop: Shop) -> None:
    skus = [await sells(shop) for _ in range(3)]
    plan = await planned(work)
    counts = []
    for some in (skus[:1], skus):
        with counted_statements() as sent:
            await ask(SUGGESTIONS, plan=plan, where={"skus": [{"code": sku.code} for sku in some]})
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_a_suggestion_names_the_supplier_and_why_to_those_who_may_know(ask: Ask, work: UnitOfWork, shop: Shop) -> None:
    buyer, other, sku = await Buyer.open(work), await Buyer.open(work), await sells(shop)
    await buyer.supplied(sku, preferred=True)
    await other.supplied(sku, cost=UnitCost(Decimal("0.10")))
    plan, mine = await planned(work), {"skus": [{"code": sku.code}]}
    (node,) = (await ask(SUGGESTIONS, plan=plan, where=mine))["replenishmentSuggestions"]["nodes"]
    assert (node["supplier"], node["supplierReason"]) == ({"code": buyer.supplier.code}, "PREFERRED")
    limited = Ask(work, replace(SYSTEM, suppliers=frozenset({other.supplier.id})))
    (node,) = (await limited(SUGGESTIONS, plan=plan, where=mine))["replenishmentSuggestions"]["nodes"]
    assert node["supplier"] is None
    unable = Ask(work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.PURCHASING_READ}))
    (error,) = await unable.errors(SUGGESTIONS, plan=plan, where=mine)
    assert "purchasing:read" in error["message"]


async def test_alerts_name_the_level_and_go_when_it_is_over(ask: Ask, work: UnitOfWork, shop: Shop) -> None:
    sku = await sells(shop, 90)
    await planned(work)
    mine = {"skus": [{"code": sku.code}]}
    (alert,) = (await ask(ALERTS, where=mine))["inventoryAlerts"]["nodes"]
    assert (alert["kind"], alert["sku"]["code"], alert["location"]["code"]) == ("STOCKOUT", sku.code, shop.locations[0].code)
    assert alert["resolvedAt"] is None
    assert (await ask(ALERTS, where={**mine, "open": False}))["inventoryAlerts"]["nodes"] == []


async def test_bands_are_set_and_read(ask: Ask) -> None:
    document = """mutation ($input: StockBandsSetInput!) { stockBandsSet(input: $input) {
        stockBands { abc mostDays deadAfterDays } userErrors { code field } } }"""
    done = (await ask(document, input={"bands": [{"abc": "B", "mostDays": 77, "deadAfterDays": 99}]}))["stockBandsSet"]
    assert {"abc": "B", "mostDays": 77, "deadAfterDays": 99} in done["stockBands"]
    refused = (await ask(document, input={"bands": [{"abc": "B", "mostDays": 0, "deadAfterDays": 99}]}))["stockBandsSet"]
    assert refusals(refused) == [("INVALID_VALUE", ["bands", "0", "mostDays"])]
    bands = (await ask("{ stockBands { abc mostDays version } }"))["stockBands"]
    assert {"abc": "B", "mostDays": 77, "version": 2} in bands
    late = {"abc": "B", "mostDays": 78, "deadAfterDays": 99, "expectedVersion": 1}
    again = (await ask(document, input={"bands": [{**late, "abc": "A"}, late]}))["stockBandsSet"]
    assert refusals(again) == [("VERSION_CONFLICT", ["bands", "1", "expectedVersion"])]
    done = (await ask(document, input={"bands": [{**late, "expectedVersion": 2}]}))["stockBandsSet"]
    assert {"abc": "B", "mostDays": 78, "deadAfterDays": 99} in done["stockBands"]


async def test_a_plan_that_makes_no_sense_is_refused_at_its_field(ask: Ask) -> None:
    given = {"idempotencyKey": uuid4().hex, "at": "2999-01-01T00:00:00Z", "serviceLevel": "1.5"}
    assert refusals((await ask(CREATE, input=given))["stockPlanCreate"]) == [
        ("INVALID_VALUE", ["at"]),
        ("INVALID_VALUE", ["serviceLevel"]),
    ]


async def test_an_unknown_plan_is_not_found(ask: Ask) -> None:
    (error,) = await ask.errors(SUGGESTIONS, plan="plan_01h2xcejqtf2nbrexx3vqjhp41")
    assert error["extensions"]["code"] == "NOT_FOUND"


ORDER = """mutation ($input: PurchaseOrdersFromSuggestionsInput!) { purchaseOrdersCreateFromSuggestions(input: $input) {
    purchaseOrders { id status supplier { code } location { code } lines { nodes { quantity sku { code } } } }
    replayed userErrors { code field ... on AlreadyOrderedError { purchaseOrder { id } } } } }"""


async def test_old_plans_go_and_what_was_made_of_them_stays(ask: Ask, work: UnitOfWork, shop: Shop) -> None:
    buyer, sku = await Buyer.open(work), await sells(shop, 90)
    await buyer.supplied(sku)
    old, mine = await planned(work), {"skus": [{"code": sku.code}]}
    (suggestion,) = (await ask(SUGGESTIONS, plan=old, where=mine))["replenishmentSuggestions"]["nodes"]
    given = {"idempotencyKey": uuid4().hex, "suggestionIds": [suggestion["id"]]}
    (draft,) = (await ask(ORDER, input=given))["purchaseOrdersCreateFromSuggestions"]["purchaseOrders"]
    (alert,) = (await ask(ALERTS, where=mine))["inventoryAlerts"]["nodes"]
    await work.execute(SYSTEM, create_plan, CreatePlan(at=datetime.now(UTC) - timedelta(days=9)))
    newest = await planned(work)

    async def plans() -> set[str]:
        return {node["id"] for node in (await ask("{ stockPlans(first: 250) { nodes { id } } }"))["stockPlans"]["nodes"]}

    before = await plans()
    assert {old, newest} < before
    await purge_old_plans(work, asyncio.Event(), kept_days=30, batch=1)
    assert await plans() == before
    later = UnitOfWork(work.pool, lambda: datetime.now(UTC) + timedelta(days=31))
    await purge_idempotency(later, asyncio.Event())
    await asyncio.gather(*(purge_old_plans(later, asyncio.Event(), kept_days=30, batch=2) for _ in range(2)))
    assert await plans() == {newest}
    async with work.reads(SYSTEM) as read:
        assert set(await read.values(raw(select(StockPlanLineRow.plan_id)))) == {parse_id(StockPlanId, newest)}
    assert (await ask("query ($id: ID!) { node(id: $id) { id } }", id=suggestion["id"]))["node"] is None
    document = "query ($id: ID!) { node(id: $id) { ... on PurchaseOrder { lines { nodes { quantity } } } } }"
    found = await ask(document, id=draft["id"])
    assert found["node"]["lines"]["nodes"] == [{"quantity": suggestion["suggested"]}]
    assert (await ask(ALERTS, where=mine))["inventoryAlerts"]["nodes"] == [alert]
    assert await work.execute(SYSTEM, watch_stock, 1_000) == 0


async def test_suggestions_become_drafts_by_supplier_and_location(ask: Ask, work: UnitOfWork, shop: Shop) -> None:
    first, second = await Buyer.open(work), await Buyer.open(work)
    cup, plate, fork, spoon = [await sells(shop) for _ in range(4)]
    await first.supplied(cup, pack_size=12)
    await first.supplied(plate)
    await second.supplied(fork)
    plan = await planned(work)
    where = {"skus": [{"code": sku.code} for sku in (cup, plate, fork, spoon)]}
    found = (await ask(SUGGESTIONS, plan=plan, where=where))["replenishmentSuggestions"]["nodes"]
    by_code = {node["sku"]["code"]: node for node in found}
    ids = [by_code[sku.code]["id"] for sku in (cup, plate, fork)]
    given = {"idempotencyKey": uuid4().hex, "suggestionIds": ids}
    payload = (await ask(ORDER, input=given))["purchaseOrdersCreateFromSuggestions"]
    made = {order["supplier"]["code"]: order for order in payload["purchaseOrders"]}
    assert made.keys() == {first.supplier.code, second.supplier.code}
    assert {order["status"] for order in made.values()} == {"DRAFT"}
    lines = {line["sku"]["code"]: line["quantity"] for order in made.values() for line in order["lines"]["nodes"]}
    assert lines == {sku.code: by_code[sku.code]["suggested"] for sku in (cup, plate, fork)}
    assert lines[cup.code] % 12 == 0
    again = (await ask(ORDER, input=given))["purchaseOrdersCreateFromSuggestions"]
    assert again["replayed"] is True
    assert [order["id"] for order in again["purchaseOrders"]] == [order["id"] for order in payload["purchaseOrders"]]
    alone = {"idempotencyKey": uuid4().hex, "suggestionIds": [by_code[spoon.code]["id"], "planline_01h2xcejqtf2nbrexx3vqjhp41"]}
    assert refusals((await ask(ORDER, input=alone))["purchaseOrdersCreateFromSuggestions"]) == [
        ("NO_SUPPLIER", ["suggestionIds", "0"]),
        ("NOT_FOUND", ["suggestionIds", "1"]),
    ]
    assert await findings(work) == []


TRANSFERS = """query ($plan: ID, $skus: [SkuByInput!]) { transferSuggestions(planId: $plan, skus: $skus) {
    quantity sku { code } origin { code } destination { code } } }"""


async def test_transfers_are_suggested_of_what_is_most_urgent_or_of_given_skus(ask: Ask, work: UnitOfWork) -> None:
    shop = await Shop.open(work, locations=2)
    here, there = shop.locations
    skus = [await sells(shop, on_hand) for on_hand in (95, 91)]
    for sku in skus:
        await Given(work).adjust(sku.id, there.id, 400)
    await sells(shop)
    plan = await planned(work)
    found = (await ask(TRANSFERS, plan=plan))["transferSuggestions"]
    mine = [each for each in found if each["destination"]["code"] == here.code]
    assert [each["sku"]["code"] for each in mine] == [sku.code for sku in skus]
    assert {each["origin"]["code"] for each in mine} == {there.code}
    assert (await ask(TRANSFERS, plan=plan, skus=[{"code": skus[0].code}]))["transferSuggestions"] == mine[:1]
    road = Road(work, there, here)
    for ready, left in ((False, mine[1:]), (True, mine[2:])):
        transfer = await road.plan((skus[int(ready)], mine[int(ready)]["quantity"]), ready=ready)
        again = (await ask(TRANSFERS, plan=plan))["transferSuggestions"]
        assert [each for each in again if each["destination"]["code"] == here.code] == left
    for step in (road.ship, road.receive):
        await step(transfer.id)
        again = (await ask(TRANSFERS, plan=plan))["transferSuggestions"]
        assert [each for each in again if each["destination"]["code"] == here.code] == []
    (error,) = await ask.errors(TRANSFERS, plan=plan, skus=[{"code": skus[0].code}, {"code": "no such thing"}])
    assert error["extensions"]["code"] == "UNKNOWN_SKU"
    (error,) = await ask.errors(TRANSFERS, plan=plan, skus=[{"code": "x"}] * 251)
    assert error["extensions"]["code"] == "TOO_MANY_ITEMS"
    assert error["extensions"]["field"] == ["skus"]
