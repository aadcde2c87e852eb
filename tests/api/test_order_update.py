"""Details of an order are changed at any time, and each change is kept."""

from dataclasses import replace
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.orders.tables import OrderRow
from oms_api.kernel.access import Scope
from oms_api.kernel.address import Address, Contact
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask, refusals
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import staged
from tests.factories.trading import Shop, line

UPDATE = """
mutation ($input: OrderUpdateInput!) {
  orderUpdate(input: $input) {
    order {
      version status note tags priority country customer { id } contact { name email phone }
      billingAddress { line1 country } shippingAddress { line1 }
    }
    userErrors { code message field }
    replayed
  }
}
"""
CHANGES = """
query ($by: OrderByInput!) {
  order(by: $by) {
    changes { nodes {
      id kind status reason note actor orderVersion
      differences { path before after }
    } }
  }
}
"""
PERSONAL = """
query ($by: OrderByInput!) {
  order(by: $by) { changes { nodes { personalDifferences { path before after } order { id } } } }
}
"""
ADA = Contact(name="Ada", email="ada@exmaple.com", phone="1")
HOME = Address(line1="1 High Street", country="GB")


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def update(ask: Ask, order: OrderRow, **given: Any) -> dict[str, Any]:
    """Update an order and return the payload."""
    answer = await ask(UPDATE, input={"idempotencyKey": new_uuid().hex, "orderId": text_id(IdKind.ORDER, order.id), **given})
    return dict(answer["orderUpdate"])


async def updated(ask: Ask, order: OrderRow, **given: Any) -> dict[str, Any]:
    """Update an order that must let itself, and return it."""
    payload = await update(ask, order, **given)
    assert payload["userErrors"] == []
    return dict(payload["order"])


async def test_a_typo_is_mended_after_shipping_and_nothing_else_changes(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(9)
    sent = await shop.sent(line(sku, 2), delivered=True)
    order = await shop.place(line(sku), contact=ADA, shipping_address=HOME, note="ring twice", tags=("vip",))
    (todo,) = await shop.works(order.id)
    await shop.deliver((await shop.ship(todo.id)).value.id)
    before, stock = await shop.order(order.id), await shop.stock(sku)
    mended = await updated(ask, order, email="ada@example.com", expectedVersion=before.version, reason="she called")
    assert mended == {
        "version": before.version + 1, "status": "COMPLETED", "note": "ring twice", "tags": ["vip"], "priority": 0,
        "country": "GB", "customer": None, "contact": {"name": "Ada", "email": "ada@example.com", "phone": "1"},
        "billingAddress": None, "shippingAddress": {"line1": "1 High Street"},
    }  # fmt: skip
    assert await shop.stock(sku) == stock
    by = {"id": text_id(IdKind.ORDER, order.id)}
    (change,) = (await ask(CHANGES, by=by))["order"]["changes"]["nodes"]
    assert change == {
        "id": change["id"], "kind": "UPDATE", "status": "APPLIED", "reason": "she called", "note": None,
        "actor": SYSTEM.name, "orderVersion": before.version + 1, "differences": [],
    }  # fmt: skip
    (personal,) = (await ask(PERSONAL, by=by))["order"]["changes"]["nodes"]
    assert personal["order"] == by
    assert personal["personalDifferences"] == [
        {"path": "contact.email", "before": "ada@exmaple.com", "after": "ada@example.com"}
    ]
    (event,) = await staged(shop.work, "ORDER_UPDATED", order.id)
    assert event.changes == {"contact": [None, None]}
    assert (await shop.order(sent.id)).version == sent.version


async def test_every_detail_can_change_and_be_taken_away(shop: Shop, ask: Ask) -> None:
    given = Given(shop.work)
    customer = await given.customer()
    order = await shop.place(line(await shop.stocked(1)), contact=ADA, billing_address=HOME, tags=("a", "b"))
    await shop.cancel(order.id)
    customer_id = text_id(IdKind.CUSTOMER, customer.id)
    rich = await updated(
        ask, order, contact={"name": "Bea"}, billingAddress={"line1": "2 Low Road", "country": "FR"}, note="late", priority=7,
        addTags=["c", "a", "c"], removeTags=["b", "z"], customerId=customer_id,
    )  # fmt: skip
    assert (rich["note"], rich["priority"], rich["tags"]) == ("late", 7, ["a", "c"])
    assert (rich["contact"], rich["customer"], rich["country"]) == (
        {"name": "Bea", "email": None, "phone": None}, {"id": customer_id}, "FR",
    )  # fmt: skip
    (change,) = (await ask(CHANGES, by={"id": text_id(IdKind.ORDER, order.id)}))["order"]["changes"]["nodes"]
    assert change["differences"] == [
        {"path": "note", "before": None, "after": "late"},
        {"path": "tags", "before": '["a","b"]', "after": '["a","c"]'},
        {"path": "priority", "before": "0", "after": "7"},
        {"path": "customer.id", "before": None, "after": customer_id},
        {"path": "country", "before": "GB", "after": "FR"},
    ]
    bare = await updated(ask, order, billingAddress=None, note=None, tags=[], customerId=None)
    assert (bare["note"], bare["tags"], bare["customer"], bare["billingAddress"], bare["country"]) == (
        None,
        [],
        None,
        None,
        None,
    )
    assert (await updated(ask, order, tags=[], note=None))["version"] == bare["version"]  # done already


async def test_only_who_may_read_customers_sees_what_changed_of_people(shop: Shop) -> None:
    order = await shop.place(line(await shop.stocked(1)), contact=ADA)
    reader = Ask(shop.work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.CUSTOMERS_READ}))
    await update(Ask(shop.work, SYSTEM), order, email="a@example.com")
    by = {"id": text_id(IdKind.ORDER, order.id)}
    (change,) = (await reader(CHANGES, by=by))["order"]["changes"]["nodes"]
    assert change["differences"] == []
    (error,) = await reader.errors(PERSONAL, by=by)
    assert error["extensions"]["code"] == "MISSING_SCOPE"


async def test_an_order_is_found_by_its_people_as_they_are_now(shop: Shop, ask: Ask) -> None:
    order = await shop.place(line(await shop.stocked(1)), contact=replace(ADA, email="old-one@example.com"))
    await updated(ask, order, email="new-one@example.com")
    document = "query ($where: OrderFilterInput!) { orders(where: $where) { nodes { id } } }"
    for where, found in (
        ({"email": {"eq": "old-one@example.com"}}, []),
        ({"text": "old-one@"}, []),
        ({"email": {"eq": "new-one@example.com"}}, [{"id": text_id(IdKind.ORDER, order.id)}]),
        ({"text": "new-one@"}, [{"id": text_id(IdKind.ORDER, order.id)}]),
    ):
        assert (await ask(document, where=where))["orders"]["nodes"] == found


async def test_each_mistake_has_its_code_and_its_place(shop: Shop, ask: Ask) -> None:
    order = await shop.place(line(await shop.stocked(1)), contact=ADA)
    unknown = text_id(IdKind.CUSTOMER, new_uuid())
    cases: list[tuple[dict[str, Any], list[tuple[str, list[str]]]]] = [
        ({"orderId": text_id(IdKind.ORDER, new_uuid())}, [("NOT_FOUND", ["orderId"])]),
        ({"orderId": unknown}, [("INVALID_ID", ["orderId"])]),
        ({"expectedVersion": 9}, [("VERSION_CONFLICT", ["expectedVersion"])]),
        ({"email": "ada"}, [("INVALID_VALUE", ["email"])]),
        ({"contact": {"email": "ada"}}, [("INVALID_VALUE", ["contact", "email"])]),
        ({"contact": {"name": "A"}, "phone": "1"}, [("INVALID_VALUE", ["phone"])]),
        ({"tags": [], "addTags": ["a"]}, [("INVALID_VALUE", ["tags"])]),
        ({"addTags": ["a"], "removeTags": ["a"]}, [("INVALID_VALUE", ["removeTags", "0"])]),
        ({"tags": None, "priority": None}, [("INVALID_VALUE", ["tags"]), ("INVALID_VALUE", ["priority"])]),
        ({"addTags": ["x" * 256]}, [("INVALID_VALUE", ["addTags", "0"])]),
        ({"addTags": [str(n) for n in range(101)]}, [("TOO_MANY_ITEMS", ["addTags"])]),
        ({"note": "x" * 10_001}, [("INVALID_VALUE", ["note"])]),
        ({"note": "a\0b"}, [("INVALID_VALUE", ["note"])]),
        ({"reason": "x" * 2_001}, [("INVALID_VALUE", ["reason"])]),
        ({"billingAddress": {"country": "XX"}}, [("INVALID_VALUE", ["billingAddress", "country"])]),
        ({"billingAddress": {"country": "GB", "line1": "x" * 256}}, [("INVALID_VALUE", ["billingAddress", "line1"])]),
        ({"customerId": unknown}, [("NOT_FOUND", ["customerId"])]),
    ]
    before = await shop.order(order.id)
    for given, expected in cases:
        assert refusals(await update(ask, order, **given)) == expected, given
    assert await shop.order(order.id) == before


async def test_an_order_that_works_elsewhere_is_not_seen(shop: Shop) -> None:
    order = await shop.place(line(await shop.stocked(1)))
    elsewhere = await Given(shop.work).location()
    limited = Ask(shop.work, replace(SYSTEM, locations=frozenset({elsewhere.id})))
    assert refusals(await update(limited, order, note="x")) == [("NOT_FOUND", ["orderId"])]


async def test_somebody_who_gets_the_goods_stays_named_where_the_channel_needs_it(work: UnitOfWork, ask: Ask) -> None:
    given = Given(work)
    location = await given.location()
    shop = Shop(work, await given.channel(locations=(location,), needs_recipient=True), (location,))
    order = await shop.place(line(await shop.stocked(1)), contact=ADA)
    assert refusals(await update(ask, order, contact=None)) == [("RECIPIENT_MISSING", ["contact"])]
    await updated(ask, order, contact=None, billingAddress={"country": "GB"})
