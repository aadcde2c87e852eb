"""Channels, listings and locations over GraphQL."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.tables import ChannelRow, LocationRow
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.given import SYSTEM, Given

CHANNEL = """id code name status currencyCode timeZone pricesIncludeTax sellsSafetyStock reservationMinutes completeAfterDays
             needsRecipient             version locations { id code }"""
CREATE = f"""mutation ($input: ChannelCreateInput!) {{ channelCreate(input: $input) {{
    replayed userErrors {{ code field message }} channel {{ {CHANNEL} }} }} }}"""
UPDATE = f"""mutation ($input: ChannelUpdateInput!) {{ channelUpdate(input: $input) {{
    userErrors {{ code field message }} channel {{ {CHANNEL} }} }} }}"""
DEACTIVATE = """mutation ($input: ChannelDeactivateInput!) { channelDeactivate(input: $input) {
    userErrors { code field } channel { status version } } }"""
LOCATION = "id code name kind status timeZone version address { line1 city country }"
LOCATION_CREATE = f"""mutation ($input: LocationCreateInput!) {{ locationCreate(input: $input) {{
    replayed userErrors {{ code field }} location {{ {LOCATION} }} }} }}"""
LOCATION_UPDATE = f"""mutation ($input: LocationUpdateInput!) {{ locationUpdate(input: $input) {{
    userErrors {{ code field }} location {{ {LOCATION} }} }} }}"""
LOCATION_DEACTIVATE = """mutation ($input: LocationDeactivateInput!) { locationDeactivate(input: $input) {
    userErrors { code field } location { status version } } }"""
LISTING = """mutation ($input: ListingUpsertInput!) { listingUpsert(input: $input) {
    replayed userErrors { code field message }
    listing { id code status version price { amount currencyCode } sku { code } channel { code } } } }"""

LISTINGS = """mutation ($input: ListingsUpsertInput!) { listingsUpsert(input: $input) {
    userErrors { code field }
    results { index replayed userErrors { code field } listing { id code status version price { amount } sku { code } } } } }"""


@pytest.fixture
def given(work: UnitOfWork) -> Given:
    return Given(work)


@pytest.fixture
def ask(work: UnitOfWork, principal: Principal) -> Ask:
    return Ask(work, principal)


def channel_id(channel: ChannelRow) -> str:
    return text_id(IdKind.CHANNEL, channel.id)


def location_id(location: LocationRow) -> str:
    return text_id(IdKind.LOCATION, location.id)


def new_channel(**more: Any) -> dict[str, Any]:
    said = {"code": Given.code("CH"), "name": "Shop", "currencyCode": "GBP", "timeZone": "Europe/London"}
    return {"idempotencyKey": uuid4().hex, **said, **more}


async def test_a_channel_is_made_with_its_locations_in_order(given: Given, ask: Ask) -> None:
    near, far = await given.location(), await given.location()
    said = new_channel(locationIds=[location_id(near), location_id(far)], completeAfterDays=14)
    first, second = [(await ask(CREATE, input=said))["channelCreate"] for _ in range(2)]
    assert (first["userErrors"], first["replayed"], second["replayed"]) == ([], False, True)
    made = first["channel"]
    assert made == second["channel"]
    assert [location["code"] for location in made["locations"]] == [near.code, far.code]
    assert (made["status"], made["version"], made["completeAfterDays"]) == ("ACTIVE", 1, 14)
    assert made["needsRecipient"]
    update = {
        "id": made["id"],
        "name": "Renamed",
        "needsRecipient": False,
        "locationIds": [location_id(far), location_id(near)],
        "expectedVersion": 1,
    }
    changed = (await ask(UPDATE, input=update))["channelUpdate"]["channel"]
    assert (changed["name"], changed["version"], changed["completeAfterDays"]) == ("Renamed", 2, 14)
    assert not changed["needsRecipient"]
    assert [location["code"] for location in changed["locations"]] == [far.code, near.code]
    again = (await ask(UPDATE, input={**update, "expectedVersion": 2}))["channelUpdate"]["channel"]
    assert again["version"] == 2
    stale = (await ask(UPDATE, input=update))["channelUpdate"]
    assert refusals(stale) == [("VERSION_CONFLICT", ["expectedVersion"])]
    off = (await ask(DEACTIVATE, input={"id": made["id"]}))["channelDeactivate"]["channel"]
    assert off == {"status": "INACTIVE", "version": 3}


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"code": " x"}, "INVALID_VALUE", ["code"]),
        ({"name": ""}, "INVALID_VALUE", ["name"]),
        ({"currencyCode": "XYZ"}, "UNKNOWN_CURRENCY", ["currencyCode"]),
        ({"timeZone": "Europe/Atlantis"}, "INVALID_VALUE", ["timeZone"]),
        ({"timeZone": "../etc/passwd"}, "INVALID_VALUE", ["timeZone"]),
        ({"reservationMinutes": 0}, "INVALID_VALUE", ["reservationMinutes"]),
        ({"completeAfterDays": -1}, "INVALID_VALUE", ["completeAfterDays"]),
        ({"locationIds": [text_id(IdKind.LOCATION, new_uuid())]}, "NOT_FOUND", ["locationIds", "0"]),
        ({"locationIds": [text_id(IdKind.SKU, new_uuid())]}, "INVALID_ID", ["locationIds", "0"]),
        ({"locationIds": [text_id(IdKind.LOCATION, new_uuid())] * 101}, "TOO_MANY_ITEMS", ["locationIds"]),
    ],
)
async def test_bad_channels_name_their_field(ask: Ask, said: dict[str, Any], code: str, field: list[str]) -> None:
    payload = (await ask(CREATE, input=new_channel(**said)))["channelCreate"]
    assert (refusals(payload), payload["channel"]) == ([(code, field)], None)


async def test_codes_are_unique_and_nulls_are_refused(given: Given, ask: Ask) -> None:
    channel, location = await given.channel(), await given.location()
    assert refusals((await ask(CREATE, input=new_channel(code=channel.code)))["channelCreate"]) == [("CODE_TAKEN", ["code"])]
    twice = [location_id(location)] * 2
    assert refusals((await ask(CREATE, input=new_channel(locationIds=twice)))["channelCreate"]) == [
        ("INVALID_VALUE", ["locationIds", "1"])
    ]
    nulls = {"id": channel_id(channel), "name": None, "timeZone": None, "completeAfterDays": None}
    assert refusals((await ask(UPDATE, input=nulls))["channelUpdate"]) == [
        ("INVALID_VALUE", ["name"]),
        ("INVALID_VALUE", ["timeZone"]),
    ]
    same = {"code": location.code, "name": "x", "kind": "STORE", "timeZone": "UTC", "idempotencyKey": uuid4().hex}
    assert refusals((await ask(LOCATION_CREATE, input=same))["locationCreate"]) == [("CODE_TAKEN", ["code"])]


@pytest.mark.parametrize("cut_off", ["12:00:00+05:00", "12:00Z", "24:00", "12", "1200", "12:00\n", "noon", 12])
async def test_a_cut_off_is_a_time_of_day_by_the_locations_own_clock(ask: Ask, cut_off: object) -> None:
    said = {"code": Given.code("LOC"), "name": "x", "kind": "STORE", "timeZone": "UTC", "idempotencyKey": uuid4().hex}
    given = {**said, "calendar": {"workingDays": ["MONDAY"], "cutOff": cut_off}}
    (error,) = await ask.errors(LOCATION_CREATE, input=given)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert ".calendar.cutOff" in error["message"]
    for good in ("12:00", "12:00:30", "12:00:30.5"):
        calendar = {"workingDays": ["MONDAY"], "cutOff": good}
        given = {**said, "code": Given.code("LOC"), "idempotencyKey": uuid4().hex, "calendar": calendar}
        assert (await ask(LOCATION_CREATE, input=given))["locationCreate"]["userErrors"] == []


async def test_a_location_lives(ask: Ask) -> None:
    address = {"line1": "1 Canal Road", "city": "Leeds", "country": "GB"}
    said = {"code": Given.code("LOC"), "name": "Leeds", "kind": "WAREHOUSE", "timeZone": "Europe/London", "address": address}
    made = (await ask(LOCATION_CREATE, input={**said, "idempotencyKey": uuid4().hex}))["locationCreate"]["location"]
    assert (made["address"], made["status"], made["version"]) == (address, "ACTIVE", 1)
    moved = {"id": made["id"], "address": {**address, "city": "York"}}
    changed = (await ask(LOCATION_UPDATE, input=moved))["locationUpdate"]["location"]
    assert (changed["address"]["city"], changed["name"], changed["version"]) == ("York", "Leeds", 2)
    gone = (await ask(LOCATION_UPDATE, input={"id": made["id"], "address": None}))["locationUpdate"]["location"]
    assert (gone["address"], gone["version"]) == (None, 3)
    off = (await ask(LOCATION_DEACTIVATE, input={"id": made["id"], "expectedVersion": 3}))["locationDeactivate"]
    assert off["location"] == {"status": "INACTIVE", "version": 4}
    nowhere = {"id": made["id"], "address": {"country": "Narnia"}}
    assert refusals((await ask(LOCATION_UPDATE, input=nowhere))["locationUpdate"]) == [
        ("INVALID_VALUE", ["address", "country"])
    ]


async def test_a_listing_has_the_channels_code_and_price(given: Given, ask: Ask) -> None:
    channel, sku = await given.channel(), await given.sku()
    said = {"channelId": channel_id(channel), "code": "b-1", "sku": {"code": sku.code}, "price": {"amount": "0.123456"}}
    key = uuid4().hex
    first, second = [(await ask(LISTING, input={**said, "idempotencyKey": key}))["listingUpsert"] for _ in range(2)]
    assert (first["replayed"], second["replayed"]) == (False, True)
    made = first["listing"]
    assert made["price"] == {"amount": "0.123456", "currencyCode": "GBP"}
    assert (made["sku"]["code"], made["channel"]["code"], made["status"]) == (sku.code, channel.code, "ACTIVE")
    change = {"channelId": said["channelId"], "code": "b-1", "status": "INACTIVE", "idempotencyKey": uuid4().hex}
    changed = (await ask(LISTING, input=change))["listingUpsert"]["listing"]
    assert (changed["status"], changed["price"], changed["version"]) == ("INACTIVE", made["price"], 2)
    document = "query ($i: ID!) { channel(by: {id: $i}) { listings { nodes { id code } } } }"
    listed = (await ask(document, i=channel_id(channel)))["channel"]["listings"]["nodes"]
    assert listed == [{"id": made["id"], "code": "b-1"}]


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"price": {"amount": "1.1234567"}}, "TOO_MANY_DECIMALS", ["price", "amount"]),
        ({"price": {"amount": "-1"}}, "INVALID_VALUE", ["price", "amount"]),
        ({"price": {"amount": "999999999999999999"}}, "INVALID_VALUE", ["price", "amount"]),
        ({"price": {"amount": "1", "currencyCode": "EUR"}}, "INVALID_VALUE", ["price", "currencyCode"]),
        ({"sku": {"code": "no such thing"}}, "UNKNOWN_SKU", ["sku", "code"]),
        ({"sku": {"id": text_id(IdKind.SKU, new_uuid())}}, "NOT_FOUND", ["sku", "id"]),
        ({"sku": None}, "INVALID_VALUE", ["sku"]),
        ({"code": "x "}, "INVALID_VALUE", ["code"]),
        ({"status": None}, "INVALID_VALUE", ["status"]),
        ({"channelId": text_id(IdKind.CHANNEL, new_uuid())}, "NOT_FOUND", ["channelId"]),
        ({"expectedVersion": 3}, "INVALID_VALUE", ["expectedVersion"]),
    ],
)
async def test_bad_listings_name_their_field(given: Given, ask: Ask, said: dict[str, Any], code: str, field: list[str]) -> None:
    channel, sku = await given.channel(), await given.sku()
    whole = {"idempotencyKey": uuid4().hex, "channelId": channel_id(channel), "code": "x", "sku": {"code": sku.code}, **said}
    payload = (await ask(LISTING, input=whole))["listingUpsert"]
    assert (refusals(payload), payload["listing"]) == ([(code, field)], None)


async def test_listings_come_in_batches_each_by_itself(given: Given, ask: Ask, work: UnitOfWork, principal: Principal) -> None:
    channel, other, sku = await given.channel(), await given.channel(), await given.sku()

    def listing(code: str, at: ChannelRow = channel, **said: Any) -> dict[str, Any]:
        return {"idempotencyKey": uuid4().hex, "channelId": channel_id(at), "code": code, **said}

    async def upsert(*listings: dict[str, Any], ask: Ask = ask) -> list[dict[str, Any]]:
        payload = (await ask(LISTINGS, input={"listings": listings}))["listingsUpsert"]
        assert payload["userErrors"] == []
        assert [each["index"] for each in payload["results"]] == list(range(len(listings)))
        return list(payload["results"])

    named: dict[str, Any] = {"sku": {"code": sku.code}}
    first = [listing(f"a-{number}", price={"amount": "2.50"}, **named) for number in range(60)]
    made = await upsert(*first)
    assert [(each["listing"]["code"], each["listing"]["version"], each["replayed"]) for each in made] == [
        (f"a-{number}", 1, False) for number in range(60)
    ]
    again = await upsert(*first)
    assert [each["listing"] for each in again] == [each["listing"] for each in made]
    assert all(each["replayed"] for each in again)
    single = (await ask(LISTING, input=first[0]))["listingUpsert"]
    assert (single["replayed"], single["listing"]["id"]) == (True, made[0]["listing"]["id"])
    bad = listing("a-3", price={"amount": "-1"})
    results = await upsert(
        listing("a-1", status="INACTIVE", expectedVersion=1), listing("a-2", price={"amount": "2.5"}), bad, listing("new"),
        listing("a-1"), listing("a-1", other, **named), listing("a-4", expectedVersion=9), {**bad, "code": "a-5"},
        listing("a-6", sku={"code": "no such thing"}), {**first[7], "code": "a-8"},
    )  # fmt: skip
    assert [[(error["code"], error["field"]) for error in each["userErrors"]] for each in results] == [
        [], [], [("INVALID_VALUE", ["listings", "2", "price", "amount"])], [("INVALID_VALUE", ["listings", "3", "sku"])],
        [("DUPLICATE_IN_BATCH", ["listings", "4", "code"])], [],
        [("VERSION_CONFLICT", ["listings", "6", "expectedVersion"])],
        [("DUPLICATE_IN_BATCH", ["listings", "7", "idempotencyKey"])],
        [("UNKNOWN_SKU", ["listings", "8", "sku", "code"])],
        [("IDEMPOTENCY_KEY_REUSED", ["listings", "9", "idempotencyKey"])],
    ]  # fmt: skip
    changed, same, *_ = (each["listing"] for each in results)
    assert (changed["status"], changed["version"], changed["price"]) == ("INACTIVE", 2, {"amount": "2.50"})
    assert same["version"] == 1
    limited = Ask(work, replace(principal, channels=frozenset({other.id})))
    (hidden,) = await upsert(listing("b-1", **named), ask=limited)
    assert refusals(hidden) == [("NOT_FOUND", ["listings", "0", "channelId"])]
    (unseen,) = await upsert(first[0], ask=limited)
    assert (refusals(unseen), unseen["listing"]) == ([("REPLAY_HIDDEN", ["listings", "0", "idempotencyKey"])], None)
    many = {"listings": [listing(f"c-{number}") for number in range(1_001)]}
    assert refusals((await ask(LISTINGS, input=many))["listingsUpsert"]) == [("TOO_MANY_ITEMS", ["listings"])]


async def test_a_batch_of_listings_takes_as_many_statements_as_one(given: Given, ask: Ask) -> None:
    channel, sku = await given.channel(), await given.sku()

    async def statements(count: int) -> int:
        listings = [
            {"idempotencyKey": uuid4().hex, "channelId": channel_id(channel), "code": uuid4().hex, "sku": {"code": sku.code}}
            for _ in range(count)
        ]
        with counted_statements() as counted:
            await ask(LISTINGS, input={"listings": listings})
        return len(counted)

    assert await statements(1) == await statements(200)


async def test_a_limited_key_stays_within_its_limits(given: Given, work: UnitOfWork, principal: Principal) -> None:
    mine, theirs = await given.location(), await given.location()
    both, other = await given.channel(locations=(theirs, mine)), await given.channel()
    sku = await given.sku()
    listing = await given.listing(other, sku)
    scoped = replace(principal, channels=frozenset({both.id}), locations=frozenset({mine.id}))
    limited = Ask(work, scoped)
    seen = await limited("{ channels { nodes { code locations { code } } } locations { nodes { code } } }")
    assert seen["channels"]["nodes"] == [{"code": both.code, "locations": [{"code": mine.code}]}]
    assert seen["locations"]["nodes"] == [{"code": mine.code}]
    by_id = (
        "query ($c: ID!, $l: ID!, $n: ID!) { channel(by: {id: $c}) { id } location(by: {id: $l}) { id } node(id: $n) { id } }"
    )
    ids = {"c": channel_id(other), "l": location_id(theirs), "n": text_id(IdKind.LISTING, listing.id)}
    assert await limited(by_id, **ids) == {"channel": None, "location": None, "node": None}
    by_code = "query ($c: String!, $l: String!) { channel(by: {code: $c}) { id } location(by: {code: $l}) { id } }"
    assert await limited(by_code, c=other.code, l=theirs.code) == {"channel": None, "location": None}
    hidden = {"id": channel_id(other), "name": "Mine now"}
    assert refusals((await limited(UPDATE, input=hidden))["channelUpdate"]) == [("NOT_FOUND", ["id"])]
    lost = {"id": channel_id(both), "locationIds": [location_id(mine)]}
    assert refusals((await limited(UPDATE, input=lost))["channelUpdate"]) == [("LIMITED_KEY", ["locationIds"])]
    assert refusals((await limited(CREATE, input=new_channel()))["channelCreate"]) == [("LIMITED_KEY", None)]
    foreign = {"id": location_id(theirs), "name": "Mine now"}
    assert refusals((await limited(LOCATION_UPDATE, input=foreign))["locationUpdate"]) == [("NOT_FOUND", ["id"])]
    listed = {"idempotencyKey": uuid4().hex, "channelId": channel_id(other), "code": "x", "sku": {"code": sku.code}}
    assert refusals((await limited(LISTING, input=listed))["listingUpsert"]) == [("NOT_FOUND", ["channelId"])]


async def test_scopes_are_needed(work: UnitOfWork, principal: Principal) -> None:
    nobody = Ask(work, replace(principal, scopes=frozenset({Scope.CHANNELS_READ})))
    assert [e["extensions"]["code"] for e in await nobody.errors(CREATE, input=new_channel())] == ["MISSING_SCOPE"]
    nobody = Ask(work, replace(principal, scopes=frozenset()))
    for document in ("{ channels { nodes { id } } }", "{ locations { nodes { id } } }"):
        assert [e["extensions"]["code"] for e in await nobody.errors(document)] == ["MISSING_SCOPE"]


async def test_statements_of_a_page_do_not_grow(given: Given, ask: Ask) -> None:
    sku = await given.sku()
    for _ in range(6):
        channel = await given.channel()
        await given.listing(channel, sku, price="1.50")
    document = """query ($first: Int) { channels(first: $first) { nodes {
        locations { code } listings(first: 2) { nodes { price { amount } sku { code } } } } } }"""
    counts = []
    for first in (1, 6):
        with counted_statements() as sent:
            assert len((await ask(document, first=first))["channels"]["nodes"]) == first
        counts.append(len(sent))
    assert counts[1] <= 5


async def test_listings_of_all_channels_are_a_list(given: Given, ask: Ask, work: UnitOfWork) -> None:
    document = """query ($where: ListingFilterInput) { listings(where: $where) { nodes { code channel { id } } } }"""
    one, other, sku = await given.channel(), await given.channel(), await given.sku()
    mark = given.code("L")
    for channel, code in ((one, f"{mark}-b"), (one, f"{mark}-a"), (other, f"{mark}-c")):
        await given.listing(channel, sku, code)

    async def found(asker: Ask = ask, **where: Any) -> list[str]:
        return [node["code"][-1] for node in (await asker(document, where=where))["listings"]["nodes"]]

    assert await found(code={"startsWith": mark}) == ["a", "b", "c"]
    assert await found(skus=[{"code": sku.code}], channelId={"eq": text_id(IdKind.CHANNEL, other.id)}) == ["c"]
    limited = Ask(work, replace(SYSTEM, channels=frozenset({other.id})))
    assert await found(limited, code={"startsWith": mark}) == ["c"]
