"""Orders in preparation: changed freely, previewed, placed once."""

from dataclasses import replace
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import ChannelId, IdKind, new_uuid, parse_id, text_id
from oms_api.kernel.ids import OrderDraftId as DraftId
from oms_api.workflows.place_draft import PlaceDraft, place_draft
from tests.factories.asking import Ask, refusals
from tests.factories.given import SYSTEM, Given
from tests.factories.racing import race
from tests.factories.trading import Shop

DRAFT = """
id status note version channel { id } order { id number }
cart {
  externalRef note tags shipping { title }
  lines { sku quantity unitPrice { amount currencyCode } discounts { label amount { amount } } }
}
preview { totals { total { amount } } errors { code field } } availableActions { action allowed }
"""
ERRORS = "userErrors { code field ... on DraftPlacedError { order { id } } }"


def sending(name: str, payload: str) -> str:
    kind = name[0].upper() + name[1:]
    return f"mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ {payload} {ERRORS} replayed }} }}"


CREATE, UPDATE, DISCARD = (
    sending(f"orderDraft{verb}", f"orderDraft {{ {DRAFT} }}") for verb in ("Create", "Update", "Discard")
)
PLACE = sending(
    "orderDraftPlace", "orderDraft { id status version order { id } } order { id number externalRef total { amount } }"
)


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def send(ask: Ask, document: str, **given: Any) -> dict[str, Any]:
    """Send a mutation and return its payload."""
    (payload,) = (await ask(document, input={"idempotencyKey": new_uuid().hex, **given})).values()
    return dict(payload)


def cart_of(shop: Shop, *skus: Any, **more: Any) -> dict[str, Any]:
    """Return a cart of one unit of each of *skus*, for 10.00."""
    lines = [{"sku": sku.code, "quantity": 1, "unitPrice": {"amount": "10.00"}} for sku in skus]
    return {"channelId": text_id(IdKind.CHANNEL, shop.channel.id), "lines": lines, **more}


async def test_a_draft_is_prepared_previewed_and_placed(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(3)
    made = await send(ask, CREATE, cart=cart_of(shop, note="as a gift"), note="she calls back")
    draft = made["orderDraft"]
    assert (draft["status"], draft["version"], draft["order"], draft["cart"]["lines"]) == ("DRAFT", 1, None, [])
    assert draft["preview"] == {"totals": None, "errors": [{"code": "EMPTY_ORDER", "field": ["lines"]}]}
    key = draft["id"]
    refused = await send(ask, PLACE, orderDraftId=key)
    assert refusals(refused) == [("EMPTY_ORDER", ["cart", "lines"])]
    cheaper = {"label": "Spring", "amount": {"amount": "1.00"}}
    full = cart_of(shop, sku, externalRef="D-1", tags=["gift"], shipping=[{"title": "Post", "price": {"amount": "2"}}])
    full["lines"][0]["discounts"] = [cheaper]
    draft = (await send(ask, UPDATE, orderDraftId=key, cart=full, expectedVersion=1))["orderDraft"]
    assert (draft["version"], draft["note"]) == (2, "she calls back")
    assert draft["cart"] == {
        "externalRef": "D-1", "note": None, "tags": ["gift"], "shipping": [{"title": "Post"}],
        "lines": [{
            "sku": sku.code, "quantity": 1, "unitPrice": {"amount": "10.00", "currencyCode": None},
            "discounts": [{"label": "Spring", "amount": {"amount": "1.00"}}],
        }],
    }  # fmt: skip
    assert draft["preview"] == {"totals": {"total": {"amount": "11.00"}}, "errors": []}
    assert await shop.stock(sku) == (3, 0)
    placed = await send(ask, PLACE, orderDraftId=key, idempotencyKey="place it")
    order = placed["order"]
    assert (order["externalRef"], order["total"]) == ("D-1", {"amount": "11.00"})
    assert placed["orderDraft"] == {"id": key, "status": "PLACED", "version": 3, "order": {"id": order["id"]}}
    assert await shop.stock(sku) == (2, 1)
    again = await send(ask, PLACE, orderDraftId=key, idempotencyKey="place it")
    assert (again["replayed"], again["order"]) == (True, order)
    for document, more in ((PLACE, {}), (UPDATE, {"note": "x"}), (DISCARD, {})):
        late = await send(ask, document, orderDraftId=key, **more)
        assert late["userErrors"] == [{"code": "DRAFT_PLACED", "field": ["orderDraftId"], "order": {"id": order["id"]}}]


async def test_a_discarded_draft_is_over(shop: Shop, ask: Ask) -> None:
    key = (await send(ask, CREATE, cart=cart_of(shop)))["orderDraft"]["id"]
    gone = (await send(ask, DISCARD, orderDraftId=key))["orderDraft"]
    assert (gone["status"], gone["preview"]) == ("DISCARDED", None)
    assert [each["allowed"] for each in gone["availableActions"]] == [False] * 3
    for document in (PLACE, DISCARD):
        assert refusals(await send(ask, document, orderDraftId=key)) == [("DRAFT_DISCARDED", ["orderDraftId"])]


async def test_drafts_are_listed_and_found(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(3)
    first, second = [(await send(ask, CREATE, cart=cart_of(shop, sku)))["orderDraft"]["id"] for _ in range(2)]
    order = (await send(ask, PLACE, orderDraftId=first))["order"]["id"]
    listed = "query ($where: OrderDraftFilterInput!) { orderDrafts(where: $where) { nodes { id } } }"
    channel = {"channelId": {"eq": text_id(IdKind.CHANNEL, shop.channel.id)}}
    assert (await ask(listed, where=channel))["orderDrafts"]["nodes"] == [{"id": second}, {"id": first}]
    assert (await ask(listed, where={**channel, "status": {"eq": "PLACED"}}))["orderDrafts"]["nodes"] == [{"id": first}]
    one = "query ($by: OrderDraftByInput!) { orderDraft(by: $by) { id } }"
    assert (await ask(one, by={"orderId": order}))["orderDraft"] == {"id": first}


async def test_each_mistake_has_its_code_and_its_place(shop: Shop, ask: Ask) -> None:
    key = (await send(ask, CREATE, cart=cart_of(shop)))["orderDraft"]["id"]
    unknown = text_id(IdKind.CHANNEL, new_uuid())
    lines = [{"quantity": 1, "sku": "a\0b"}]
    cases: list[tuple[str, dict[str, Any], list[tuple[str, list[str]]]]] = [
        (CREATE, {"cart": cart_of(shop, channelId=unknown)}, [("NOT_FOUND", ["cart", "channelId"])]),
        (CREATE, {"cart": cart_of(shop, channelId=key)}, [("INVALID_ID", ["cart", "channelId"])]),
        (CREATE, {"cart": cart_of(shop, lines=lines)}, [("INVALID_VALUE", ["cart", "lines", "0", "sku"])]),
        (CREATE, {"cart": cart_of(shop, tags=["x" * 256])}, [("INVALID_VALUE", ["cart", "tags", "0"])]),
        (CREATE, {"cart": cart_of(shop, contact={"email": "x"})}, [("INVALID_VALUE", ["cart", "contact", "email"])]),
        (CREATE, {"cart": cart_of(shop), "note": "x" * 10_001}, [("INVALID_VALUE", ["note"])]),
        (UPDATE, {"orderDraftId": key, "cart": None}, [("INVALID_VALUE", ["cart"])]),
        (UPDATE, {"orderDraftId": key, "expectedVersion": 9, "note": "x"}, [("VERSION_CONFLICT", ["expectedVersion"])]),
        (PLACE, {"orderDraftId": text_id(IdKind.ORDER_DRAFT, new_uuid())}, [("NOT_FOUND", ["orderDraftId"])]),
    ]
    for document, given, expected in cases:
        assert refusals(await send(ask, document, **given)) == expected, given
    elsewhere = await Given(shop.work).channel()
    limited = Ask(shop.work, replace(SYSTEM, channels=frozenset({ChannelId(elsewhere.id)})))
    assert refusals(await send(limited, PLACE, orderDraftId=key)) == [("NOT_FOUND", ["orderDraftId"])]


async def test_people_in_a_cart_need_their_scope(shop: Shop) -> None:
    key = (await send(Ask(shop.work, SYSTEM), CREATE, cart=cart_of(shop, contact={"name": "Ada"})))["orderDraft"]["id"]
    document = "query ($by: OrderDraftByInput!) { orderDraft(by: $by) { cart { contact { name } } } }"
    found = await Ask(shop.work, SYSTEM)(document, by={"id": key})
    assert found["orderDraft"]["cart"]["contact"] == {"name": "Ada"}
    reader = Ask(shop.work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.CUSTOMERS_READ}))
    (error,) = await reader.errors(document, by={"id": key})
    assert error["extensions"]["code"] == "MISSING_SCOPE"


async def test_a_draft_placed_at_once_by_many_is_placed_once(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(5)
    key = (await send(ask, CREATE, cart=cart_of(shop, sku)))["orderDraft"]["id"]
    place = PlaceDraft(order_draft_id=parse_id(DraftId, key))
    assert await race([lambda: shop.work.execute(SYSTEM, place_draft, place)] * 6) == {"done": 1, "DRAFT_PLACED": 5}
    assert await shop.stock(sku) == (4, 1)


async def test_what_is_given_of_a_cart_changes_and_the_rest_stays(shop: Shop, ask: Ask) -> None:
    skus = [await shop.stocked(3) for _ in range(3)]
    full = cart_of(shop, *skus[:2], externalRef="P-1", tags=["gift"], note="ring twice", contact={"name": "Ada"})
    key = (await send(ask, CREATE, cart=full))["orderDraft"]["id"]
    changes = {
        "removeLines": [0], "changeLines": [{"position": 1, "quantity": 2}],
        "addLines": [{"sku": skus[2].code, "quantity": 1, "unitPrice": {"amount": "5"}}],
        "note": None, "tags": None, "shipping": [{"title": "Post", "price": {"amount": "2"}}],
    }  # fmt: skip
    draft = (await send(ask, UPDATE, orderDraftId=key, cartChanges=changes, expectedVersion=1))["orderDraft"]
    assert (draft["version"], draft["preview"]) == (2, {"totals": {"total": {"amount": "27.00"}}, "errors": []})
    cart = draft["cart"]
    assert [(line["sku"], line["quantity"]) for line in cart["lines"]] == [(skus[1].code, 2), (skus[2].code, 1)]
    assert [line["unitPrice"]["amount"] for line in cart["lines"]] == ["10.00", "5"]
    assert (cart["externalRef"], cart["note"], cart["tags"], cart["shipping"]) == ("P-1", None, [], [{"title": "Post"}])
    kept = "query ($by: OrderDraftByInput!) { orderDraft(by: $by) { cart { contact { name } } } }"
    assert (await ask(kept, by={"id": key}))["orderDraft"]["cart"]["contact"] == {"name": "Ada"}
    wrong = {
        "changeLines": [{"position": 2, "quantity": 1}, {"position": 0, "quantity": None}],
        "removeLines": [0, -1], "priority": None,
    }  # fmt: skip
    assert sorted(refusals(await send(ask, UPDATE, orderDraftId=key, cartChanges=wrong))) == [
        ("INVALID_VALUE", ["cartChanges", "changeLines", "0", "position"]),
        ("INVALID_VALUE", ["cartChanges", "changeLines", "1", "quantity"]),
        ("INVALID_VALUE", ["cartChanges", "priority"]),
        ("INVALID_VALUE", ["cartChanges", "removeLines", "0"]),
        ("INVALID_VALUE", ["cartChanges", "removeLines", "1"]),
    ]
    both = await send(ask, UPDATE, orderDraftId=key, cart=full, cartChanges={"note": "x"})
    assert refusals(both) == [("INVALID_VALUE", ["cartChanges"])]
    kept_out = await send(ask, UPDATE, orderDraftId=key, cartChanges={"tags": ["x" * 256]})
    assert refusals(kept_out) == [("INVALID_VALUE", ["cart", "tags", "0"])]
