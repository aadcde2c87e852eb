"""Orders whose address is missing or doubtful wait on hold, with the field named, until it is mended."""

from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.commands.change_channel import UpdateChannel, update_channel
from oms_api.domain.channels.states import AddressCheck
from oms_api.kernel.ids import IdKind, OrderId, new_uuid, parse_id, text_id
from tests.factories.asking import Ask, refusals
from tests.factories.database import Database
from tests.factories.feed import feed, relay_all
from tests.factories.given import SYSTEM
from tests.factories.holding import hold
from tests.factories.trading import Shop, findings

PLACE = """
mutation ($input: OrderPlaceInput!) {
  orderPlace(input: $input) { order { ...Held } userErrors { code field } }
}
"""
PLACE_MANY = """
mutation ($input: OrdersPlaceInput!) {
  ordersPlace(input: $input) { results { order { ...Held } userErrors { code field } } userErrors { code field } }
}
"""
EDIT = "mutation ($input: OrderEditInput!) { orderEdit(input: $input) { order { ...Held } userErrors { code field message } } }"
READ = "query ($id: ID!) { order(by: {id: $id}) { ...Held } }"
HELD = """
fragment Held on Order {
  id onHold version holds { status reason note placedBy releaseNote }
  fulfillmentOrders { availableActions { action allowed blockedBy { code } } }
}
"""
LONDON = {"name": "Ada", "line1": "12 St James Square", "city": "London", "postalCode": "SW1Y 4JH", "country": "GB"}


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    shop = await Shop.open(work)
    change = UpdateChannel(channel_id=shop.channel.id, changes={"address_check": AddressCheck.HOLD, "needs_recipient": True})
    await work.execute(SYSTEM, update_channel, change)
    return shop


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


async def given(shop: Shop, **more: Any) -> dict[str, Any]:
    sku = await shop.stocked(9)
    lines = [{"sku": sku.code, "quantity": 2, "unitPrice": {"amount": "9.99"}}]
    return {"idempotencyKey": new_uuid().hex, "channelId": text_id(IdKind.CHANNEL, shop.channel.id), "lines": lines, **more}


async def placed(ask: Ask, shop: Shop, **more: Any) -> dict[str, Any]:
    payload = (await ask(PLACE + HELD, input=await given(shop, **more)))["orderPlace"]
    assert payload["userErrors"] == []
    return dict(payload["order"])


async def edited(ask: Ask, order: dict[str, Any], *changes: dict[str, Any]) -> dict[str, Any]:
    about = {"idempotencyKey": new_uuid().hex, "orderId": order["id"], "changes": list(changes)}
    payload = (await ask(EDIT + HELD, input=about))["orderEdit"]
    assert payload["userErrors"] == []
    return dict(payload["order"])


def active(order: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(each["reason"], each["note"]) for each in order["holds"] if each["status"] == "ACTIVE"]


async def test_a_doubtful_address_holds_the_order_until_an_edit_mends_it(
    shop: Shop, ask: Ask, work: UnitOfWork, database: Database
) -> None:
    order = await placed(ask, shop, shippingAddress={**LONDON, "postalCode": "99", "city": None})
    assert order["onHold"] is True
    ((reason, note),) = active(order)
    assert (reason, order["holds"][0]["placedBy"]) == ("ADDRESS", "address check")
    assert note is not None
    assert [row.partition(":")[0] for row in note.split("\n")] == ["shippingAddress.city", "shippingAddress.postalCode"]
    assert "99" not in note
    start = {each["action"]: each for each in order["fulfillmentOrders"][0]["availableActions"]}["START_FULFILLMENT"]
    assert start["blockedBy"]["code"] == "ORDER_ON_HOLD"
    better = await edited(ask, order, {"setShippingAddress": {"address": {**LONDON, "city": None}}})
    assert [note for _, note in active(better)] == ["shippingAddress.city: it is needed in GB."]
    good = await edited(ask, order, {"setShippingAddress": {"address": LONDON}})
    assert (good["onHold"], active(good), good["holds"][0]["releaseNote"]) == (False, [], "The address was mended.")
    worse = await edited(ask, order, {"setShippingAddress": {"address": {**LONDON, "phone": "call me"}}})
    assert (worse["onHold"], [reason for reason, _ in active(worse)]) == (True, ["ADDRESS"])
    fetched = await edited(ask, order, {"setDeliveryPoint": {"deliveryPoint": {"code": "L-1"}}})
    assert fetched["onHold"] is False
    assert (await ask(READ + HELD, id=order["id"]))["order"] == fetched
    await relay_all(database.app_url)
    types = [
        event.type for event in await feed(work) if event.order_id and text_id(IdKind.ORDER, event.order_id) == order["id"]
    ]
    assert types.count("ORDER_HELD") == types.count("ORDER_HOLD_RELEASED") == 2
    assert await findings(work) == []


async def test_anothers_hold_stays_when_the_address_is_mended(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    order = await placed(ask, shop)
    assert active(order) == [("ADDRESS", "shippingAddress: there is neither an address nor a delivery point.")]
    await hold(work, parse_id(OrderId, order["id"]), reason="FRAUD_REVIEW", handle="address check")
    mended = await edited(ask, order, {"setShippingAddress": {"address": LONDON}})
    assert (mended["onHold"], [reason for reason, _ in active(mended)]) == (True, ["FRAUD_REVIEW"])
    assert await findings(work) == []


async def test_good_orders_orders_without_goods_and_other_channels_pass(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    assert (await placed(ask, shop, shippingAddress=LONDON))["onHold"] is False
    assert (await placed(ask, shop, deliveryPoint={"code": "L-1"}))["onHold"] is False
    wrapping = [{"kind": "SERVICE", "name": "Wrapping", "quantity": 1, "unitPrice": {"amount": "1.00"}}]
    assert (await placed(ask, shop, lines=wrapping))["onHold"] is False
    elsewhere = await Shop.open(work)
    order = await placed(ask, elsewhere)
    assert order["onHold"] is False
    assert (await edited(ask, order, {"setShippingAddress": {"address": {**LONDON, "postalCode": "99"}}}))["onHold"] is False


async def test_the_first_goods_of_an_order_ask_where_they_go(shop: Shop, ask: Ask, work: UnitOfWork) -> None:
    wrapping = [{"kind": "SERVICE", "name": "Wrapping", "quantity": 1, "unitPrice": {"amount": "1.00"}}]
    order = await placed(ask, shop, lines=wrapping)
    sku = await shop.stocked(3)
    more = await edited(ask, order, {"addLine": {"sku": sku.code, "quantity": 1, "unitPrice": {"amount": "9.99"}}})
    assert (more["onHold"], [reason for reason, _ in active(more)]) == (True, ["ADDRESS"])
    assert await findings(work) == []


async def test_a_batch_holds_those_that_are_doubtful(shop: Shop, ask: Ask) -> None:
    orders = [await given(shop, shippingAddress=address) for address in (LONDON, {**LONDON, "line1": None}, None)]
    results = (await ask(PLACE_MANY + HELD, input={"orders": orders}))["ordersPlace"]["results"]
    assert [result["order"]["onHold"] for result in results] == [False, True, True]


async def test_a_new_channel_checks_addresses_unless_it_says_otherwise(ask: Ask) -> None:
    create = """mutation ($input: ChannelCreateInput!) {
      channelCreate(input: $input) { channel { addressCheck } userErrors { code field } } }"""
    for said, check in (({}, "HOLD"), ({"addressCheck": "OFF"}, "OFF")):
        key = new_uuid().hex
        about = {"idempotencyKey": key, "code": key, "name": "Shop", "currencyCode": "GBP", "timeZone": "Europe/London"}
        payload = (await ask(create, input={**about, **said}))["channelCreate"]
        assert refusals(payload) == []
        assert payload["channel"]["addressCheck"] == check
