from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import ChannelId, IdKind, IntegrationId, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.given import SYSTEM, Given
from tests.factories.purchasing import Buyer
from tests.factories.purchasing import line as purchased
from tests.factories.reserving import Checkouts, wanted
from tests.factories.trading import Shop

RESERVATION = """
fragment Whole on Reservation {
  id externalRef status expiresAt overdue createdAt closedAt actor channelId channel { id code } order { id }
  lines { nodes { id quantity held claimed released locationId sku { code } location { id } inventoryLevel { reserved } } }
  availableActions { action allowed blockedBy { code message field } }
}
"""
ERRORS = """userErrors { __typename code message field
    ... on InsufficientStockError { shortages { sku requested available nextAvailableAt mayWait } }
    ... on DuplicateReservationRefError { reservation { id } } }"""
CREATE = f"""{RESERVATION}
mutation ($input: ReservationCreateInput!) {{
  reservationCreate(input: $input) {{ reservation {{ ...Whole }} {ERRORS} replayed }}
}}
"""
EXTEND = f"""{RESERVATION}
mutation ($input: ReservationExtendInput!) {{
  reservationExtend(input: $input) {{ reservation {{ ...Whole }} {ERRORS} replayed }}
}}
"""
RELEASE = f"""{RESERVATION}
mutation ($input: ReservationReleaseInput!) {{
  reservationRelease(input: $input) {{ reservation {{ ...Whole }} {ERRORS} replayed }}
}}
"""
PLACE = f"""mutation ($input: OrderPlaceInput!) {{ orderPlace(input: $input) {{ order {{ id status }} {ERRORS} }} }}"""
PLACE_MANY = f"""mutation ($input: OrdersPlaceInput!) {{
  ordersPlace(input: $input) {{ results {{ index order {{ id }} {ERRORS} }} {ERRORS} }}
}}"""
LIST = f"""{RESERVATION}
query ($where: ReservationFilterInput, $first: Int, $orderBy: ReservationOrder! = CREATED_AT_DESC) {{
  reservations(where: $where, first: $first, orderBy: $orderBy) {{ nodes {{ ...Whole }} }}
}}
"""
ONE = "query ($id: ID!) { reservation(id: $id) { id status } node(id: $id) { __typename id } }"


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await Shop.open(work, locations=2)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


def later(ask: Ask, minutes: float) -> Ask:
    """Return the same caller so many minutes later."""
    return Ask(UnitOfWork(ask.work.pool, lambda: datetime.now(UTC) + timedelta(minutes=minutes)), ask.principal)


def units(sku: Any, quantity: Any = 1, **more: Any) -> dict[str, Any]:
    return {"sku": {"code": sku.code}, "quantity": quantity, **more}


def bought(sku: Any, quantity: int = 1) -> dict[str, Any]:
    return {"sku": sku.code, "quantity": quantity, "unitPrice": {"amount": "9.99"}}


async def create(ask: Ask, shop: Shop, *lines: dict[str, Any], **given: Any) -> dict[str, Any]:
    channel_id = text_id(IdKind.CHANNEL, shop.channel.id)
    made = await ask(CREATE, input={"idempotencyKey": new_uuid().hex, "channelId": channel_id, "lines": list(lines), **given})
    return dict(made["reservationCreate"])


async def extend(ask: Ask, reservation: str, minutes: int, **given: Any) -> dict[str, Any]:
    asked = {"idempotencyKey": new_uuid().hex, "reservationId": reservation, "minutes": minutes, **given}
    return dict((await ask(EXTEND, input=asked))["reservationExtend"])


async def release(ask: Ask, reservation: str, **given: Any) -> dict[str, Any]:
    asked = {"idempotencyKey": new_uuid().hex, "reservationId": reservation, **given}
    return dict((await ask(RELEASE, input=asked))["reservationRelease"])


def order(shop: Shop, reservation: str, *lines: dict[str, Any], **given: Any) -> dict[str, Any]:
    channel_id = text_id(IdKind.CHANNEL, shop.channel.id)
    key = new_uuid().hex
    return {"idempotencyKey": key, "channelId": channel_id, "lines": list(lines), "reservationId": reservation, **given}


async def place(ask: Ask, shop: Shop, reservation: str, *lines: dict[str, Any], **given: Any) -> dict[str, Any]:
    return dict((await ask(PLACE, input=order(shop, reservation, *lines, **given)))["orderPlace"])


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_a_checkout_reserves_extends_and_orders(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(2, 5)
    made = await create(ask, shop, units(sku, 3), externalRef="cart-1", minutes=15, idempotencyKey="hold")
    held = made["reservation"]
    assert (made["userErrors"], made["replayed"], held["status"], held["overdue"]) == ([], False, "ACTIVE", False)
    assert moment(held["expiresAt"]) - moment(held["createdAt"]) == timedelta(minutes=15)
    assert (held["externalRef"], held["channel"]["code"], held["order"]) == ("cart-1", shop.channel.code, None)
    lines = held["lines"]["nodes"]
    assert sorted((line["quantity"], line["held"], line["inventoryLevel"]["reserved"]) for line in lines) == [
        (1, 1, 1),
        (2, 2, 2),
    ]
    assert {line["sku"]["code"] for line in lines} == {sku.code}
    assert {line["locationId"] for line in lines} == {text_id(IdKind.LOCATION, place.id) for place in shop.locations}
    assert held["availableActions"] == [
        {"action": name, "allowed": True, "blockedBy": None}
        for name in ("CONVERT_RESERVATION", "EXTEND_RESERVATION", "RELEASE_RESERVATION")
    ]
    again = await create(
        ask, shop, units(sku, 3), externalRef="cart-1", minutes=15, idempotencyKey="hold"
    )  # the answer was lost on the way
    assert (again["replayed"], again["reservation"]) == (True, held)
    longer = (await extend(ask, held["id"], 10))["reservation"]
    assert moment(longer["expiresAt"]) - moment(held["expiresAt"]) == timedelta(minutes=10)
    placed = await place(ask, shop, held["id"], bought(sku, 3))
    assert placed["userErrors"] == []
    (found,) = (await ask(LIST, where={"orderId": {"eq": placed["order"]["id"]}}))["reservations"]["nodes"]
    assert (found["id"], found["status"], found["order"]["id"]) == (held["id"], "CONVERTED", placed["order"]["id"])
    assert sorted((line["held"], line["claimed"], line["released"]) for line in found["lines"]["nodes"]) == [
        (0, 1, 0),
        (0, 2, 0),
    ]
    assert {action["blockedBy"]["code"] for action in found["availableActions"]} == {"RESERVATION_NOT_ACTIVE"}
    assert found["availableActions"][0]["blockedBy"]["field"] == ["reservationId"]
    assert refusals(await release(ask, held["id"])) == [("RESERVATION_NOT_ACTIVE", ["reservationId"])]
    assert refusals(await place(ask, shop, held["id"], bought(sku))) == [("RESERVATION_NOT_ACTIVE", ["reservationId"])]


async def test_a_reservation_is_found_by_its_id_and_by_filters(shop: Shop, ask: Ask) -> None:
    sku, other = await shop.stocked(9, 9), await shop.stocked(0, 9)
    first = (await create(ask, shop, units(sku, 1), externalRef="one"))["reservation"]["id"]
    second = (await create(ask, shop, units(other, 2), externalRef="two"))["reservation"]["id"]
    await release(ask, first)
    assert await ask(ONE, id=second) == {
        "reservation": {"id": second, "status": "ACTIVE"},
        "node": {"__typename": "Reservation", "id": second},
    }
    line_id = (await ask(LIST, where={"externalRef": {"eq": "two"}}))["reservations"]["nodes"][0]["lines"]["nodes"][0]["id"]
    assert (await ask("query ($id: ID!) { node(id: $id) { __typename } }", id=line_id))["node"] == {
        "__typename": "ReservationLine"
    }
    channel = {"channelId": {"eq": text_id(IdKind.CHANNEL, shop.channel.id)}}
    first_place, second_place = (text_id(IdKind.LOCATION, place.id) for place in shop.locations)
    now = datetime.now(UTC)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({}, [second, first]),
        ({"status": {"eq": "RELEASED"}}, [first]),
        ({"status": {"in": ["ACTIVE", "EXPIRED"]}}, [second]),
        ({"externalRef": {"in": ["one", "none"]}}, [first]),
        ({"skuId": {"eq": text_id(IdKind.SKU, other.id)}}, [second]),
        ({"locationId": {"eq": first_place}}, [first]),
        ({"locationId": {"eq": second_place}, "skuId": {"eq": text_id(IdKind.SKU, sku.id)}}, []),
        ({"createdAt": {"lt": (now - timedelta(minutes=5)).isoformat()}}, []),
        ({"createdAt": {"gte": (now - timedelta(minutes=5)).isoformat()}}, [second, first]),
        ({"orderId": {"eq": text_id(IdKind.ORDER, new_uuid())}}, []),
    ]
    for where, expected in cases:
        nodes = (await ask(LIST, where={**channel, **where}))["reservations"]["nodes"]
        assert [node["id"] for node in nodes] == expected, where
    nodes = (await ask(LIST, where=channel, orderBy="CREATED_AT_ASC", first=1))["reservations"]["nodes"]
    assert [node["id"] for node in nodes] == [first]
    for where in ({"skuId": {"eq": second}}, {"channelId": {"in": ["x"]}}):
        (error,) = await ask.errors(LIST, where=where)
        assert (error["extensions"]["code"], error["extensions"]["field"][0]) == ("INVALID_ID", "where")


async def test_an_overdue_one_says_so(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(5)
    held = (await create(ask, shop, units(sku, 5), minutes=1))["reservation"]
    late = later(ask, 2)
    (found,) = (await late(LIST, where={"skuId": {"eq": text_id(IdKind.SKU, sku.id)}}))["reservations"]["nodes"]
    assert (found["status"], found["overdue"]) == ("ACTIVE", True)
    assert [action["allowed"] for action in found["availableActions"]] == [False, False, True]
    assert found["availableActions"][0]["blockedBy"]["code"] == "RESERVATION_EXPIRED"
    assert held["expiresAt"] in found["availableActions"][0]["blockedBy"]["message"]
    assert refusals(await place(late, shop, held["id"], bought(sku))) == [("RESERVATION_EXPIRED", ["reservationId"])]
    assert refusals(await extend(late, held["id"], 5)) == [("RESERVATION_EXPIRED", ["reservationId"])]
    other = (await create(late, shop, units(sku, 5)))["reservation"]
    assert other["status"] == "ACTIVE"
    (found,) = (await late(LIST, where={"externalRef": None, "status": {"eq": "EXPIRED"}, "skuId": {
        "eq": text_id(IdKind.SKU, sku.id)}}))["reservations"]["nodes"]  # fmt: skip
    assert (found["id"], found["overdue"], found["lines"]["nodes"][0]["released"]) == (held["id"], False, 5)
    assert refusals(await release(late, held["id"])) == [("RESERVATION_EXPIRED", ["reservationId"])]


async def test_each_mistake_has_its_code_and_its_place(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    sku, service = await shop.stocked(4, 1), await Given(work).sku(kind=SkuKind.SERVICE)
    channel = text_id(IdKind.CHANNEL, shop.channel.id)
    elsewhere = text_id(IdKind.LOCATION, new_uuid())
    cases: list[tuple[dict[str, Any], list[tuple[str, list[str]]]]] = [
        ({"lines": []}, [("INVALID_VALUE", ["lines"])]),
        ({"lines": [units(sku)] * 1_001}, [("TOO_MANY_ITEMS", ["lines"])]),
        (
            {"lines": [units(sku, 0), units(sku, -1)]},
            [("INVALID_QUANTITY", ["lines", "0", "quantity"]), ("INVALID_QUANTITY", ["lines", "1", "quantity"])],
        ),
        ({"lines": [{"sku": {"code": "nothing"}, "quantity": 1}]}, [("UNKNOWN_SKU", ["lines", "0", "sku", "code"])]),
        ({"lines": [{"sku": {"id": channel}, "quantity": 1}]}, [("INVALID_ID", ["lines", "0", "sku", "id"])]),
        (
            {"lines": [{"sku": {"id": text_id(IdKind.SKU, new_uuid())}, "quantity": 1}]},
            [("NOT_FOUND", ["lines", "0", "sku", "id"])],
        ),
        ({"lines": [units(service)]}, [("NOT_STOCKED", ["lines", "0", "sku"])]),
        ({"lines": [units(sku, locationId=channel)]}, [("INVALID_ID", ["lines", "0", "locationId"])]),
        ({"lines": [units(sku, locationId=elsewhere)]}, [("LOCATION_NOT_IN_CHANNEL", ["lines", "0", "locationId"])]),
        ({"channelId": elsewhere}, [("INVALID_ID", ["channelId"])]),
        ({"channelId": text_id(IdKind.CHANNEL, new_uuid())}, [("NOT_FOUND", ["channelId"])]),
        ({"minutes": 0}, [("INVALID_VALUE", ["minutes"])]),
        ({"minutes": 43_201}, [("INVALID_VALUE", ["minutes"])]),
        ({"externalRef": ""}, [("INVALID_VALUE", ["externalRef"])]),
        ({"idempotencyKey": ""}, [("INVALID_VALUE", ["idempotencyKey"])]),
        ({"lines": [units(sku, 6)]}, [("INSUFFICIENT_STOCK", ["lines"])]),
    ]
    for given, expected in cases:
        answer = await create(ask, shop, **{"lines": [units(sku)], **given})
        assert refusals(answer) == expected
        assert answer["reservation"] is None
    (short,) = (await create(ask, shop, units(sku, 4), units(sku, 3)))["userErrors"]
    nothing_more = {"nextAvailableAt": None, "mayWait": None}
    assert short["shortages"] == [{"sku": sku.code, "requested": 7, "available": 5, **nothing_more}]
    held = (await create(ask, shop, units(sku), externalRef="cart"))["reservation"]["id"]
    (taken,) = (await create(ask, shop, units(sku), externalRef="cart"))["userErrors"]
    assert (taken["code"], taken["reservation"]["id"]) == ("DUPLICATE_RESERVATION_REF", held)
    assert refusals(await extend(ask, held, 0)) == [("INVALID_VALUE", ["minutes"])]
    assert refusals(await extend(ask, held, 43_200)) == [("RESERVATION_TOO_LONG", ["minutes"])]
    assert refusals(await extend(ask, channel, 5)) == [("INVALID_ID", ["reservationId"])]
    unknown = text_id(IdKind.RESERVATION, new_uuid())
    assert refusals(await extend(ask, unknown, 5)) == [("NOT_FOUND", ["reservationId"])]
    assert refusals(await release(ask, unknown)) == [("NOT_FOUND", ["reservationId"])]
    assert refusals(await place(ask, shop, unknown, bought(sku))) == [("NOT_FOUND", ["reservationId"])]
    assert refusals(await place(ask, shop, channel, bought(sku))) == [("INVALID_ID", ["reservationId"])]
    checkouts = Checkouts(shop)
    assert [await checkouts.stock(sku, place) for place in (0, 1)] == [(3, 1, 0), (1, 0, 0)]


async def test_in_a_batch_every_row_tells_of_its_own_reservation(shop: Shop, ask: Ask) -> None:
    sku = await shop.stocked(9)
    held = [(await create(ask, shop, units(sku, 2)))["reservation"]["id"] for _ in range(2)]
    unknown = text_id(IdKind.RESERVATION, new_uuid())
    orders = [order(shop, each, bought(sku, 2)) for each in (held[0], unknown, held[0], held[1], "res_x")]
    answer = (await ask(PLACE_MANY, input={"orders": orders, "onFailure": "REJECT_FAILED"}))["ordersPlace"]
    assert [refusals(result) for result in answer["results"]] == [
        [],
        [("NOT_FOUND", ["orders", "1", "reservationId"])],
        [("RESERVATION_NOT_ACTIVE", ["orders", "2", "reservationId"])],
        [],
        [("INVALID_ID", ["orders", "4", "reservationId"])],
    ]
    assert await Checkouts(shop).stock(sku) == (5, 0, 4)


async def test_a_foreign_reservation_answers_like_a_missing_one(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    sku = await shop.stocked(1, 9)
    held = (await create(ask, shop, units(sku, 3)))["reservation"]["id"]
    stranger = Ask(work, replace(SYSTEM, channels=frozenset({ChannelId(new_uuid())})))
    assert await stranger(ONE, id=held) == {"reservation": None, "node": None}
    assert (await stranger(LIST))["reservations"]["nodes"] == []
    for refused in (await extend(stranger, held, 5), await release(stranger, held)):
        assert refusals(refused) == [("NOT_FOUND", ["reservationId"])]
    here = Ask(work, replace(SYSTEM, locations=frozenset({shop.locations[0].id})))
    mine = {"channelId": {"eq": text_id(IdKind.CHANNEL, shop.channel.id)}}
    (found,) = (await here(LIST, where=mine))["reservations"]["nodes"]
    assert [line["quantity"] for line in found["lines"]["nodes"]] == [1]
    elsewhere = {**mine, "locationId": {"eq": text_id(IdKind.LOCATION, shop.locations[1].id)}}
    assert (await here(LIST, where=elsewhere))["reservations"]["nodes"] == []
    assert refusals(await release(here, held)) == [("NOT_FOUND", ["reservationId"])]
    another_client = Ask(work, replace(SYSTEM, client_id=IntegrationId(new_uuid())))
    assert refusals(await place(another_client, shop, held, bought(sku))) == [("NOT_FOUND", ["reservationId"])]


async def test_reservations_need_their_scopes(shop: Shop, work: UnitOfWork) -> None:
    held = await Checkouts(shop).reserve(wanted(await shop.stocked(3), 1))
    key = text_id(IdKind.RESERVATION, held.id)
    reader = Ask(work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.INVENTORY_WRITE, Scope.ORDERS_READ}))
    errors = await reader.errors(RELEASE, input={"idempotencyKey": "k", "reservationId": key})
    assert [error["extensions"]["code"] for error in errors] == ["MISSING_SCOPE"] * 2  # to write, and to read the order
    (error,) = await reader.errors("query ($id: ID!) { reservation(id: $id) { order { id } } }", id=key)
    assert error["extensions"]["code"] == "MISSING_SCOPE"
    assert (await reader("query ($id: ID!) { reservation(id: $id) { id } }", id=key))["reservation"] == {"id": key}
    blind = Ask(work, replace(SYSTEM, scopes=SYSTEM.scopes - {Scope.INVENTORY_READ}))
    (error,) = await blind.errors("query ($id: ID!) { reservation(id: $id) { id } }", id=key)
    assert error["extensions"]["code"] == "MISSING_SCOPE"


async def test_a_list_takes_as_many_statements_for_many_reservations_as_for_one(shop: Shop, ask: Ask) -> None:
    skus = [await shop.stocked(50) for _ in range(3)]
    for _ in range(6):
        held = (await create(ask, shop, *(units(sku, 2) for sku in skus)))["reservation"]["id"]
        await place(ask, shop, held, *(bought(sku, 1) for sku in skus))
    where = {"channelId": {"eq": text_id(IdKind.CHANNEL, shop.channel.id)}}
    counts = []
    for first in (1, 6):
        with counted_statements() as sent:
            answer = await ask(LIST, where=where, first=first)
        assert len(answer["reservations"]["nodes"]) == first
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_a_shortage_tells_when_more_is_expected(shop: Shop, ask: Ask) -> None:
    sku, soon = await shop.stocked(2), datetime.now(UTC) + timedelta(days=10)
    buyer = replace(await Buyer.open(shop.work), location=shop.locations[1])
    await buyer.order(purchased(await buyer.supplied(sku), 9, expected_at=soon))
    lines = [{"sku": {"code": sku.code}, "quantity": 5}]
    given = {"idempotencyKey": new_uuid().hex, "channelId": text_id(IdKind.CHANNEL, shop.channel.id), "lines": lines}
    (error,) = (await ask(CREATE, input=given))["reservationCreate"]["userErrors"]
    (short,) = error["shortages"]
    assert (short["requested"], short["available"], short["mayWait"]) == (5, 2, None)
    assert datetime.fromisoformat(short["nextAvailableAt"]) == soon
