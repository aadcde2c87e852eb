"""Ordering suggestions as documents: all or none, each once, and what is wrong where it was named."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.states import Activity
from oms_api.domain.planning.commands.create_plan import CreatePlan, create_plan
from oms_api.domain.purchasing.commands.upsert_supplier import UpsertSupplier, upsert_supplier
from oms_api.domain.purchasing.given import UnitCost
from oms_api.jobs.tasks import Tries, carry_out
from oms_api.kernel.ids import IdKind, PurchaseOrderId, parse_id, text_id
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.api.test_planning import ORDER, SUGGESTIONS, planned, sells
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.given import SYSTEM
from tests.factories.ports import ports_of
from tests.factories.purchasing import Buyer
from tests.factories.trading import Shop

UPDATE = """
mutation ($input: PurchaseOrderUpdateInput!) {
  purchaseOrderUpdate(input: $input) { purchaseOrder { id } userErrors { code field } }
}
"""


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def suggestions(ask: Ask, plan: str, *skus: Any, needed: bool = True) -> list[dict[str, Any]]:
    """Return what a plan suggests of *skus*, in their order."""
    where = {"skus": [{"code": sku.code} for sku in skus], "needed": needed}
    nodes = (await ask(SUGGESTIONS, plan=plan, where=where))["replenishmentSuggestions"]["nodes"]
    by_code = {node["sku"]["code"]: node for node in nodes}
    return [by_code[sku.code] for sku in skus if sku.code in by_code]


async def ordered(ask: Ask, *ids: str, key: str | None = None, items: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Order suggestions and return the payload."""
    given = {"idempotencyKey": uuid4().hex if key is None else key, "suggestionIds": list(ids), "items": items}
    payload: dict[str, Any] = (await ask(ORDER, input=given))["purchaseOrdersCreateFromSuggestions"]
    return payload


async def test_a_suggestion_is_ordered_once_and_again_when_that_was_canceled(ask: Ask, work: UnitOfWork, shop: Shop) -> None:
    buyer, sku = await Buyer.open(work), await sells(shop)
    await buyer.supplied(sku)
    earlier, plan = await planned(work), await planned(work)
    (old,), (node,) = [await suggestions(ask, each, sku) for each in (earlier, plan)]
    (draft,) = (await ordered(ask, node["id"]))["purchaseOrders"]
    for suggestion in (node, old):
        payload = await ordered(ask, suggestion["id"])
        assert refusals(payload) == [("ALREADY_ORDERED", ["suggestionIds", "0"])]
        assert payload["userErrors"][0]["purchaseOrder"] == {"id": draft["id"]}
    (node,) = await suggestions(ask, plan, sku)
    assert node["purchaseOrder"] == {"id": draft["id"], "status": "DRAFT"}
    (later,) = await suggestions(ask, await planned(work), sku, needed=False)
    assert (later["suggested"], later["drafted"], later["incoming"]) == (0, node["suggested"], 0)
    await buyer.cancel(parse_id(PurchaseOrderId, draft["id"]))
    (again,) = (await ordered(ask, node["id"]))["purchaseOrders"]
    assert again["id"] != draft["id"]


async def test_a_plan_of_a_moment_ago_orders_nothing_that_is_ordered_by_now(ask: Ask, work: UnitOfWork, shop: Shop) -> None:
    buyer, sku = await Buyer.open(work), await sells(shop)
    await buyer.supplied(sku)
    before = datetime.now(UTC)
    (node,) = await suggestions(ask, await planned(work), sku)
    assert (await ordered(ask, node["id"]))["userErrors"] == []
    plan = await work.execute(SYSTEM, create_plan, CreatePlan(at=before))
    await carry_out(work, ports_of(work), SUBSCRIBERS.job_kinds, plan.job_id, Tries(0))
    (again,) = await suggestions(ask, text_id(IdKind.STOCK_PLAN, plan.id), sku)
    assert refusals(await ordered(ask, again["id"])) == [("ALREADY_ORDERED", ["suggestionIds", "0"])]


async def test_what_is_taken_out_of_a_draft_can_be_ordered_again(ask: Ask, work: UnitOfWork, shop: Shop) -> None:
    buyer, cup, plate = await Buyer.open(work), await sells(shop), await sells(shop)
    for sku in (cup, plate):
        await buyer.supplied(sku)
    plan = await planned(work)
    cups, plates = [node["id"] for node in await suggestions(ask, plan, cup, plate)]
    (draft,) = (await ordered(ask, cups, plates))["purchaseOrders"]
    fewer = {
        "idempotencyKey": uuid4().hex,
        "purchaseOrderId": draft["id"],
        "lines": [{"sku": {"code": cup.code}, "quantity": 50}],
    }
    assert refusals((await ask(UPDATE, input=fewer))["purchaseOrderUpdate"]) == []
    assert refusals(await ordered(ask, cups)) == [("ALREADY_ORDERED", ["suggestionIds", "0"])]
    (again,) = (await ordered(ask, plates))["purchaseOrders"]
    assert again["id"] != draft["id"]


async def test_where_one_order_cannot_be_written_none_is(ask: Ask, work: UnitOfWork, shop: Shop) -> None:
    good, gone = await Buyer.open(work), await Buyer.open(work)
    cup, plate, fork = [await sells(shop) for _ in range(3)]
    await good.supplied(cup)
    for sku in (plate, fork):
        await gone.supplied(sku)
    ids = [node["id"] for node in await suggestions(ask, await planned(work), cup, plate, fork)]
    inactive = UpsertSupplier(code=gone.supplier.code, changes={"status": Activity.INACTIVE})
    await work.execute(SYSTEM, upsert_supplier, inactive)
    payload = await ordered(ask, *ids)
    assert payload["purchaseOrders"] == []
    assert refusals(payload) == [("SUPPLIER_INACTIVE", ["suggestionIds", str(n)]) for n in (1, 2)]
    (draft,) = (await ordered(ask, ids[0]))["purchaseOrders"]
    assert draft["supplier"] == {"code": good.supplier.code}


async def test_a_key_orders_the_same_suggestions_only(ask: Ask, work: UnitOfWork, shop: Shop) -> None:
    one, two, cup, plate = await Buyer.open(work), await Buyer.open(work), await sells(shop), await sells(shop)
    await one.supplied(cup)
    await two.supplied(plate)
    first, second = [node["id"] for node in await suggestions(ask, await planned(work), cup, plate)]
    key = uuid4().hex
    (draft,) = (await ordered(ask, first, key=key))["purchaseOrders"]
    assert refusals(await ordered(ask, second, key=key)) == [("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])]
    replayed = await ordered(ask, first, key=key)
    assert (replayed["replayed"], [order["id"] for order in replayed["purchaseOrders"]]) == (True, [draft["id"]])


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_that_is_none_is_refused(ask: Ask, key: str) -> None:
    payload = await ordered(ask, "planline_01h2xcejqtf2nbrexx3vqjhp41", key=key)
    assert refusals(payload) == [("INVALID_VALUE", ["idempotencyKey"])]


async def test_quantities_and_costs_can_be_changed_as_they_are_ordered(ask: Ask, work: UnitOfWork, shop: Shop) -> None:
    buyer, cup, plate, fork = await Buyer.open(work), await sells(shop), await sells(shop), await shop.stocked(50)
    await buyer.supplied(cup, pack_size=12, minimum_quantity=24)
    await buyer.supplied(plate, cost=None)
    await buyer.supplied(fork)
    nodes = await suggestions(ask, await planned(work), cup, plate, fork, needed=False)
    cups, plates, forks = (node["id"] for node in nodes)
    assert nodes[0]["supplierSku"] == {
        "cost": {"amount": "2.50", "currencyCode": "GBP"}, "minimumQuantity": 24, "packSize": 12,
    }  # fmt: skip
    assert nodes[2]["suggested"] == 0
    refused = await ordered(
        ask, plates, forks, items=[{"suggestionId": cups, "quantity": 13}, {"suggestionId": cups, "quantity": 24}]
    )
    assert refusals(refused) == [
        ("INVALID_VALUE", ["suggestionIds", "1"]),
        ("LINE_TWICE", ["items", "1"]),
    ]
    refused = await ordered(ask, plates, items=[{"suggestionId": cups, "quantity": 13}])
    assert refusals(refused) == [
        ("UNIT_COST_MISSING", ["suggestionIds", "0"]),
        ("BELOW_MINIMUM", ["items", "0", "quantity"]),
        ("NOT_WHOLE_PACKS", ["items", "0", "quantity"]),
    ]
    items = [
        {"suggestionId": cups, "quantity": 36},
        {"suggestionId": plates, "unitCost": {"amount": "1.25"}},
        {"suggestionId": forks, "quantity": 7},
    ]
    (draft,) = (await ordered(ask, items=items))["purchaseOrders"]
    quantities = [row["quantity"] for row in draft["lines"]["nodes"]]
    assert quantities == [36, nodes[1]["suggested"], 7]


async def test_two_suggestions_for_one_level_are_not_ordered_together(ask: Ask, work: UnitOfWork, shop: Shop) -> None:
    buyer, sku = await Buyer.open(work), await sells(shop)
    await buyer.supplied(sku)
    ids = [(await suggestions(ask, await planned(work), sku))[0]["id"] for _ in range(2)]
    assert refusals(await ordered(ask, *ids)) == [("INVALID_VALUE", ["suggestionIds", "1"])]
    assert refusals(await ordered(ask)) == [("INVALID_VALUE", ["suggestionIds"])]
    assert refusals(await ordered(ask, "x")) == [("INVALID_ID", ["suggestionIds", "0"])]
    assert len((await ordered(ask, ids[0], ids[0]))["purchaseOrders"]) == 1


async def test_a_supplier_outside_the_limits_of_the_key_is_not_ordered_from(ask: Ask, work: UnitOfWork, shop: Shop) -> None:
    buyer, sku = await Buyer.open(work), await sells(shop)
    await buyer.supplied(sku, cost=UnitCost(Decimal(1)))
    (node,) = await suggestions(ask, await planned(work), sku)
    limited = Ask(work, replace(SYSTEM, suppliers=frozenset()))
    assert refusals(await ordered(limited, node["id"])) == [("NOT_FOUND", ["suggestionIds", "0"])]


async def test_statements_do_not_grow_with_what_was_ordered(ask: Ask, work: UnitOfWork, shop: Shop) -> None:
    buyers = [await Buyer.open(work) for _ in range(3)]
    skus = [await buyer.supplied(await sells(shop)) for buyer in buyers]
    plan = await planned(work)
    await ordered(ask, *[node["id"] for node in await suggestions(ask, plan, *skus)])
    counts = []
    for some in (skus[:1], skus):
        with counted_statements() as sent:
            assert all(node["purchaseOrder"] for node in await suggestions(ask, plan, *some))
        counts.append(len(sent))
    assert counts[0] == counts[1]
