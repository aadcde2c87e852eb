"""Accounts, rates, labels, manifests and tracking, as documents: what works, and every bad input with its code and path."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.orders.given import Amount, ShippingGiven
from oms_api.domain.returns.tables import ReturnRow
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.address import Address
from oms_api.kernel.ids import IdKind, OrderId, PackageId, new_uuid, text_id
from oms_api.workflows.seed_carriers import seed_carriers
from tests.factories.asking import Ask, refusals
from tests.factories.carriage import ordered, packed, shop_with_address
from tests.factories.given import SYSTEM, Given
from tests.factories.ports import ports_of
from tests.factories.trading import Shop, findings

ERRORS = """userErrors { code message field
    ... on CarrierRefusedError { carrierCode carrierMessage }
    ... on RateChangedError { price { amount currencyCode } }
    ... on LabelExistsError { label { id } } } replayed"""
LABEL = """id status service reference trackingNumber trackingUrl price { amount currencyCode }
    problem { what carrierCode carrierMessage field } account { code } order { id }
    pdf { mediaType size } png { mediaType } zpl { mediaType } manifest { id }"""
ACCOUNT = "id code carrier status credentialNames settings { name value } version locations { id }"
RATES = """query ($work: ID!, $package: ID) { shippingRates(fulfillmentOrderId: $work, packageId: $package) {
    rates { account { code } service name days price { amount currencyCode } }
    failures { account { code } errors { code } } } }"""


def sending(name: str, shows: str, kind: str = "") -> str:
    kind = kind or name[0].upper() + name[1:]
    return f"mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ {shows} {ERRORS} }} }}"


UPSERT = sending("carrierAccountUpsert", f"carrierAccount {{ {ACCOUNT} }}")
SET = sending("carrierRatesSet", "carrierAccount { id version rates(first: 50) { nodes { service upToG price { amount } } } }")
SERVICE = sending("shippingServiceUpsert", "shippingService { id code account { code } service signature version }")
BUY = sending("labelPurchase", f"label {{ {LABEL} }}")
BUY_BACK = sending("returnLabelPurchase", f"label {{ {LABEL} returnId }}")
VOID = sending("labelVoid", f"label {{ {LABEL} }}")
MANIFEST = sending("manifestCreate", "manifest { id packages weightG labels { nodes { id } } location { id } }")
TRACK = sending(
    "trackingEventReport", "package { id status trackingStatus trackingEvents { status place } labels { status } scannedAt }"
)
ZONE = "mutation ($input: PostalZoneUpsertInput!) { postalZoneUpsert(input: $input) { userErrors { code } } }"
NOW = datetime.now(UTC)


def clock(minutes: int) -> str:
    return (NOW + timedelta(minutes=minutes)).isoformat()


@pytest.fixture
async def shop(work: UnitOfWork) -> Shop:
    return await shop_with_address(work)


@pytest.fixture
async def ask(work: UnitOfWork) -> AsyncIterator[Ask]:
    yield Ask(work, SYSTEM)
    assert await findings(work) == []


async def send(ask: Ask, sent: str, /, **given: Any) -> dict[str, Any]:
    (payload,) = (await ask(sent, input={"idempotencyKey": new_uuid().hex, **given})).values()
    return dict(payload)


async def account(ask: Ask, shop: Shop, **more: Any) -> str:
    """Return an account with the carrier that is built in, with rates, for the shop's location alone."""
    place = text_id(IdKind.LOCATION, shop.locations[0].id)
    code = Given.code("ACC")
    made = await send(ask, UPSERT, **{"code": code, "carrier": "builtin", "locationIds": [place], **more})
    assert made["userErrors"] == [], made
    key = str(made["carrierAccount"]["id"])
    rates = [
        {"service": "std", "name": "Standard", "price": "4.95", "upToG": 2_000, "toCountry": "GB", "days": 3},
        {"service": "express", "price": "9.95", "upToG": 2_000, "toCountry": "GB"},
    ]
    assert (await send(ask, SET, accountId=key, currency="GBP", rates=rates))["userErrors"] == []
    return key


def of(package: PackageId) -> str:
    return text_id(IdKind.PACKAGE, package)


async def test_an_account_keeps_its_credentials_to_itself(ask: Ask, shop: Shop) -> None:
    (carriers,) = (await ask("{ carriers { code name credentials { name required } settings { name } tracks } }")).values()
    ups = next(each for each in carriers if each["code"] == "ups")
    assert [each["name"] for each in ups["credentials"]] == ["clientId", "clientSecret", "accountNumber"]
    given = [{"name": name, "value": f"sesame-{name}"} for name in ("clientId", "clientSecret", "accountNumber")]
    settings = [{"name": "accountCountry", "value": "GB"}]
    code, places = Given.code("UPS"), [text_id(IdKind.LOCATION, shop.locations[0].id)]
    made = await send(ask, UPSERT, code=code, carrier="ups", credentials=given, settings=settings, locationIds=places)
    assert made["carrierAccount"]["credentialNames"] == ["accountNumber", "clientId", "clientSecret"]
    assert "sesame" not in str(made)
    same = await send(ask, UPSERT, code=code, credentials=given)
    assert same["carrierAccount"]["version"] == 1
    other = await send(ask, UPSERT, code=code, credentials=[*given[:2], {"name": "accountNumber", "value": "X"}])
    assert other["carrierAccount"]["version"] == 2
    listed = await ask(f"query ($code: String!) {{ carrierAccount(by: {{code: $code}}) {{ {ACCOUNT} }} }}", code=code)
    assert listed["carrierAccount"]["version"] == 2


async def test_credentials_are_held_to_what_the_carrier_declares(ask: Ask) -> None:
    wrong = await send(
        ask, UPSERT, code=Given.code("UPS"), carrier="ups", credentials=[{"name": "pin", "value": "1"}], settings=[]
    )
    assert sorted(refusals(wrong)) == [
        ("MISSING_CREDENTIAL", ["credentials", "accountNumber"]),
        ("MISSING_CREDENTIAL", ["credentials", "clientId"]),
        ("MISSING_CREDENTIAL", ["credentials", "clientSecret"]),
        ("MISSING_CREDENTIAL", ["settings", "accountCountry"]),
        ("UNKNOWN_CREDENTIAL", ["credentials", "pin"]),
    ]
    assert refusals(await send(ask, UPSERT, code=Given.code("X"), carrier="pigeon")) == [("UNKNOWN_CARRIER", ["carrier"])]
    twice = [{"name": "prefix", "value": "A"}, {"name": "prefix", "value": "B"}]
    refused = await send(ask, UPSERT, code=Given.code("X"), carrier="builtin", settings=twice)
    assert refusals(refused) == [("INVALID_VALUE", ["settings", "1", "name"])]


async def test_rates_are_set_as_a_whole_or_not_at_all(ask: Ask, shop: Shop) -> None:
    key = await account(ask, shop)
    rates = [
        {"service": "a", "price": "1.00", "upToG": 100},
        {"service": "a", "price": "2.00", "upToG": 100},
        {"service": "b", "price": "1.001", "upToG": 0, "toZone": "NOWHERE"},
        {"service": "c", "price": "-1", "upToG": 1, "toCountry": "XX"},
    ]
    wrong = await send(ask, SET, accountId=key, currency="GBP", rates=rates)
    assert refusals(wrong) == [
        ("TOO_MANY_DECIMALS", ["rates", "2", "price"]),
        ("INVALID_QUANTITY", ["rates", "2", "upToG"]),
        ("INVALID_VALUE", ["rates", "3", "price"]),
        ("INVALID_VALUE", ["rates", "3", "toCountry"]),
        ("RATE_TWICE", ["rates", "1"]),
        ("UNKNOWN_POSTAL_ZONE", ["rates", "2", "toZone"]),
    ]
    await ask(ZONE, input={"idempotencyKey": new_uuid().hex, "code": f"SW-{key}", "country": "GB", "prefixes": ["SW"]})
    fine = await send(
        ask, SET, accountId=key, currency="GBP", rates=[{"service": "a", "price": "3", "upToG": 9, "toZone": f"SW-{key}"}]
    )
    (rate,) = fine["carrierAccount"]["rates"]["nodes"]
    assert rate == {"service": "a", "upToG": 9, "price": {"amount": "3.00"}}


async def test_a_package_gets_the_label_its_order_asks_for(ask: Ask, shop: Shop) -> None:
    key = await account(ask, shop)
    charge = ShippingGiven(title="Next day", code="NEXT", price=Amount(value=Decimal("4.90")))
    package, order = await packed(shop, shipping=(charge,))
    nothing = await send(ask, BUY, packageId=of(package))
    assert refusals(nothing) == [("NO_SHIPPING_SERVICE", ["service"])]
    channel = text_id(IdKind.CHANNEL, shop.channel.id)
    made = await send(ask, SERVICE, code="NEXT", channelId=channel, accountId=key, service="express", signature=True)
    assert made["shippingService"]["signature"] is True
    bought = await send(ask, BUY, packageId=of(package))
    assert bought["userErrors"] == []
    label = bought["label"]
    assert (label["status"], label["service"], label["price"]["amount"]) == ("PURCHASED", "express", "9.95")
    assert [label[kind]["mediaType"] for kind in ("pdf", "png", "zpl")] == ["application/pdf", "image/png", "application/zpl"]
    assert label["pdf"]["size"] > 1_000
    again = await send(ask, BUY, packageId=of(package))
    assert refusals(again) == [("LABEL_EXISTS", ["packageId"])]
    assert again["userErrors"][0]["label"]["id"] == label["id"]
    assert label["order"]["id"] == text_id(IdKind.ORDER, order.id)


async def test_rates_of_all_accounts_are_told_with_what_failed(ask: Ask, shop: Shop) -> None:
    await account(ask, shop)
    place = text_id(IdKind.LOCATION, shop.locations[0].id)
    bare = await send(ask, UPSERT, code=Given.code("BARE"), carrier="builtin", locationIds=[place])
    order = await ordered(shop)
    (todo,) = await shop.works(order.id)
    work = text_id(IdKind.FULFILLMENT_ORDER, todo.id)
    rates = (await ask(RATES, work=work))["shippingRates"]
    assert [(each["service"], each["price"]["amount"], each["days"]) for each in rates["rates"]] == [
        ("std", "4.95", 3),
        ("express", "9.95", None),
    ]
    (failure,) = rates["failures"]
    assert (failure["account"]["code"], failure["errors"]) == (bare["carrierAccount"]["code"], [{"code": "CARRIER_REFUSED"}])
    light = await ordered(shop, grams=None)
    (other,) = await shop.works(light.id)
    (error,) = await ask.errors(RATES, work=text_id(IdKind.FULFILLMENT_ORDER, other.id))
    assert error["extensions"]["code"] == "WEIGHT_MISSING"


async def test_a_carrier_refuses_in_its_own_words_and_the_same_key_says_it_again(ask: Ask, shop: Shop) -> None:
    key = await account(ask, shop)
    nowhere = Address(name="Ada", line1="1 Street", city="London", country="GB")
    package, _ = await packed(shop, to=nowhere)
    given = {"packageId": of(package), "accountId": key, "service": "std", "idempotencyKey": new_uuid().hex}
    refused = await send(ask, BUY, **given)
    (error,) = refused["userErrors"]
    assert (error["code"], error["field"], error["carrierCode"]) == (
        "CARRIER_REFUSED",
        ["recipient", "postalCode"],
        "POSTAL_CODE",
    )
    assert (refused["label"]["status"], refused["label"]["problem"]["what"]) == ("REFUSED", "CARRIER_REFUSED")
    again = await send(ask, BUY, **given)
    assert (again["replayed"], again["userErrors"], again["label"]["id"]) == (True, [error], refused["label"]["id"])
    changed = await send(ask, BUY, **{**given, "service": "express"})
    assert refusals(changed) == [("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])]


async def test_what_cannot_be_bought_is_refused_with_its_path(ask: Ask, shop: Shop, work: UnitOfWork) -> None:
    key, elsewhere = await account(ask, shop), await account(ask, await shop_with_address(work))
    package, _ = await packed(shop)
    heavy, _ = await packed(shop, weight_g=2_001)
    bought = {"accountId": key, "service": "std"}
    dear = await send(ask, BUY, packageId=of(package), **bought, maxPrice={"amount": "4.94"})
    assert refusals(dear) == [("RATE_CHANGED", ["maxPrice"])]
    assert dear["userErrors"][0]["price"] == {"amount": "4.95", "currencyCode": "GBP"}
    cases: list[tuple[dict[str, Any], tuple[str, list[str]]]] = [
        ({"maxPrice": {"amount": "5", "currencyCode": "USD"}, **bought}, ("MIXED_CURRENCIES", ["maxPrice", "currencyCode"])),
        ({"accountId": key}, ("INVALID_VALUE", ["service"])),
        ({"accountId": key, "service": "a\0b"}, ("INVALID_VALUE", ["service"])),
        ({"accountId": elsewhere, "service": "std"}, ("CARRIER_ACCOUNT_ELSEWHERE", ["accountId"])),
        ({"accountId": key, "service": "drone"}, ("CARRIER_REFUSED", ["service"])),
        ({"packageId": of(heavy), **bought}, ("CARRIER_REFUSED", ["weightG"])),
        ({"packageId": text_id(IdKind.PACKAGE, new_uuid()), **bought}, ("NOT_FOUND", ["packageId"])),
    ]
    for given, expected in cases:
        assert refusals(await send(ask, BUY, **{"packageId": of(package), **given})) == [expected]
    (named,) = (await ask("query ($id: ID!) { carrierAccount(by: {id: $id}) { code } }", id=key)).values()
    await send(ask, UPSERT, code=named["code"], status="INACTIVE")
    inactive = await send(ask, BUY, packageId=of(package), **bought)
    assert refusals(inactive) == [("CARRIER_ACCOUNT_INACTIVE", ["accountId"])]


async def test_a_parcel_is_tracked_until_it_arrives_and_its_day_is_closed(ask: Ask, shop: Shop) -> None:
    key = await account(ask, shop)
    place = text_id(IdKind.LOCATION, shop.locations[0].id)
    package, order = await packed(shop)
    bought = (await send(ask, BUY, packageId=of(package), accountId=key, service="std"))["label"]
    day = {"locationId": place, "accountId": key}
    assert refusals(await send(ask, MANIFEST, **day)) == [("NOTHING_TO_MANIFEST", ["accountId"])]
    shipped = await send(ask, SHIP, fulfillmentOrderId=await work_of(shop, order.id), packageIds=[of(package)])
    assert shipped["userErrors"] == []
    in_use = await send(ask, VOID, labelId=bought["id"])
    assert refusals(in_use) == [("LABEL_IN_USE", ["labelId"])]
    closed = (await send(ask, MANIFEST, **day))["manifest"]
    assert (closed["packages"], closed["weightG"], closed["labels"]["nodes"]) == (1, 850, [{"id": bought["id"]}])
    assert refusals(await send(ask, MANIFEST, **day)) == [("NOTHING_TO_MANIFEST", ["accountId"])]
    events = [
        {"status": "DELIVERED", "occurredAt": clock(-1), "place": "London"},
        {"status": "IN_TRANSIT", "occurredAt": clock(-30)},
        {"status": "PRE_TRANSIT", "occurredAt": clock(-60)},
    ]
    for event in events:
        told = await send(ask, TRACK, trackingNumber=bought["trackingNumber"], events=[event, event])
        assert told["userErrors"] == []
    parcel = told["package"]
    assert (parcel["status"], parcel["trackingStatus"]) == ("DELIVERED", "DELIVERED")
    assert [each["status"] for each in parcel["trackingEvents"]] == ["PRE_TRANSIT", "IN_TRANSIT", "DELIVERED"]
    scanned = await send(ask, VOID, labelId=bought["id"])
    assert refusals(scanned) == [("LABEL_SCANNED", ["labelId"])]
    assert (await shop.order(order.id)).fulfillment_status == "DELIVERED"


SHIP = sending("shipmentCreate", "shipment { id status }")


async def work_of(shop: Shop, order: OrderId) -> str:
    (work,) = await shop.works(order)
    return text_id(IdKind.FULFILLMENT_ORDER, work.id)


async def test_bad_reports_are_refused(ask: Ask, shop: Shop) -> None:
    package, _ = await packed(shop)
    events = [
        {"status": "IN_TRANSIT", "occurredAt": clock(600)},
        {"status": "IN_TRANSIT", "occurredAt": "1900-01-01T00:00:00Z"},
    ]
    wrong = await send(ask, TRACK, packageId=of(package), events=events)
    assert refusals(wrong) == [
        ("INVALID_VALUE", ["events", "0", "occurredAt"]),
        ("INVALID_VALUE", ["events", "1", "occurredAt"]),
    ]
    fine = [{"status": "IN_TRANSIT", "occurredAt": clock(-5)}]
    assert refusals(await send(ask, TRACK, events=fine)) == [("INVALID_VALUE", ["packageId"])]
    assert refusals(await send(ask, TRACK, trackingNumber="none", events=fine)) == [("NOT_FOUND", ["trackingNumber"])]
    assert refusals(await send(ask, TRACK, packageId=of(package), events=[])) == [("INVALID_VALUE", ["events"])]


async def test_a_batch_is_bounded_and_names_what_is_not_there(ask: Ask, shop: Shop) -> None:
    labels = sending(
        "labelsPurchase", "labelBatch { id packages items { nodes { position status error { code } } } job { status } }"
    )
    package, _ = await packed(shop)
    unknown = [text_id(IdKind.PACKAGE, new_uuid()) for _ in range(5_001)]
    assert refusals(await send(ask, labels, packageIds=unknown)) == [("TOO_MANY_ITEMS", ["packageIds"])]
    many = refusals(await send(ask, labels, packageIds=unknown[:5_000]))
    assert (len(many), many[7]) == (100, ("NOT_FOUND", ["packageIds", "7"]))
    twice = refusals(await send(ask, labels, packageIds=[of(package), of(package)]))
    assert twice == [("INVALID_VALUE", ["packageIds", "1"])]
    assert refusals(await send(ask, labels, packageIds=[])) == [("INVALID_VALUE", ["packageIds"])]
    assert refusals(await send(ask, labels, packageIds=[of(package)], service="std")) == [("INVALID_VALUE", ["accountId"])]
    key = new_uuid().hex
    first = await send(ask, labels, packageIds=[of(package)], idempotencyKey=key)
    again = await send(ask, labels, packageIds=[of(package)], idempotencyKey=key)
    assert (first["labelBatch"]["id"], again["replayed"]) == (again["labelBatch"]["id"], True)
    assert first["labelBatch"]["items"]["nodes"] == [{"position": 0, "status": "WAITING", "error": None}]


async def test_a_return_gets_a_label_of_its_own(ask: Ask, shop: Shop) -> None:
    key = await account(ask, shop)
    order = await ordered(shop)
    for todo in await shop.works(order.id):
        await shop.deliver((await shop.ship(todo.id)).value.id)
    (bought,) = await shop.lines(order.id)
    back: ReturnRow = (await shop.return_(order.id, (bought.id, 1))).value
    given = {
        "returnId": text_id(IdKind.RETURN, back.id),
        "locationId": text_id(IdKind.LOCATION, shop.locations[0].id),
        "accountId": key,
        "service": "std",
    }
    label = await send(ask, BUY_BACK, **given)
    assert label["userErrors"] == []
    assert (label["label"]["status"], label["label"]["returnId"]) == ("PURCHASED", given["returnId"])
    assert refusals(await send(ask, BUY_BACK, **given)) == [("LABEL_EXISTS", ["returnId"])]
    shown = await ask("query ($id: ID!) { node(id: $id) { ... on Return { labels { status } } } }", id=given["returnId"])
    assert shown["node"]["labels"] == [{"status": "PURCHASED"}]
    assert (await send(ask, VOID, labelId=label["label"]["id"]))["label"]["status"] == "VOIDED"


async def test_keys_that_are_limited_see_and_change_what_they_may(ask: Ask, shop: Shop, work: UnitOfWork) -> None:
    key = await account(ask, shop)
    package, _ = await packed(shop)
    elsewhere = await shop_with_address(work)
    limited = Principal(
        client_id=SYSTEM.client_id,
        name="clerk",
        scopes=frozenset(Scope),
        locations=frozenset({elsewhere.locations[0].id}),
    )
    clerk = Ask(work, limited)
    hidden = await send(clerk, BUY, packageId=of(package), accountId=key, service="std")
    assert refusals(hidden) == [("NOT_FOUND", ["packageId"])]
    many = await send(clerk, sending("labelsPurchase", "labelBatch { id }"), packageIds=[of(package)])
    assert refusals(many) == [("NOT_FOUND", ["packageIds", "0"])]
    limited_key = await send(clerk, UPSERT, code=Given.code("X"), carrier="builtin")
    assert [code for code, _ in refusals(limited_key)] == ["LIMITED_KEY"]


async def test_the_demo_shop_has_a_carrier(ask: Ask, shop: Shop) -> None:
    ports = ports_of(ask.work)
    for _ in range(2):
        await seed_carriers(ask.work, SYSTEM, ports)
    package, _ = await packed(shop, shipping=(ShippingGiven(title="x", code="EXPRESS", price=Amount(value=Decimal("9.00"))),))
    bought = await send(ask, BUY, packageId=of(package))
    assert (bought["label"]["status"], bought["label"]["price"]["amount"]) == ("PURCHASED", "7.95")
