"""Sourcing profiles as documents: made, previewed, decided by, and what is refused."""

from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.ids import IdKind, text_id
from tests.factories.asking import Ask
from tests.factories.given import SYSTEM
from tests.factories.sourcing import BERLIN, HAMBURG, MUNICH, Sourced

CREATE = """mutation ($input: SourcingProfileCreateInput!) { sourcingProfileCreate(input: $input) {
    replayed sourcingProfile { id code status version versions { nodes { number status steps { name by cutOff } } } }
    userErrors { code field message } } }"""
UPDATE = """mutation ($input: SourcingProfileUpdateInput!) { sourcingProfileUpdate(input: $input) {
    sourcingProfile { version versions { nodes { number status } } } userErrors { code field } } }"""
ACTIVATE = """mutation ($input: SourcingProfileActivateInput!) { sourcingProfileActivate(input: $input) {
    sourcingProfile { status activeVersion { number status } } userErrors { code field } } }"""
RETIRE = """mutation ($input: SourcingProfileRetireInput!) { sourcingProfileRetire(input: $input) {
    sourcingProfile { status } userErrors { code field } } }"""
CHANNEL = """mutation ($input: ChannelUpdateInput!) { channelUpdate(input: $input) {
    channel { sourcingProfile { code } } userErrors { code field } } }"""
ZONE = """mutation ($input: PostalZoneUpsertInput!) { postalZoneUpsert(input: $input) {
    postalZone { id code prefixes ranges { low high } latitude version } userErrors { code field } } }"""
GROUP = """mutation ($input: LocationGroupUpsertInput!) { locationGroupUpsert(input: $input) {
    locationGroup { id name locations { code } version } userErrors { code field } } }"""
DECISION = """candidates { location { code } units cost { amount currencyCode } terms { name amount } rejectedBecause }
    chosen { location { code } units } step bounded"""
PREVIEW = f"""query ($cart: OrderCartInput!, $profile: String, $version: Int) {{
    sourcingPreview(cart: $cart, profile: $profile, version: $version) {{
      profileVersion {{ number status profile {{ code }} }} decisions {{ {DECISION} }} errors {{ code field }} }} }}"""
PLACE = f"""mutation ($input: OrderPlaceInput!) {{ orderPlace(input: $input) {{ userErrors {{ code field }} order {{ id
    sourcingDecisions {{ act {DECISION} profileVersion {{ number }} }}
    lines {{ nodes {{ shipGroup allocations {{ quantity reason location {{ code }} }} }} }} }} }} }}"""


@pytest.fixture
async def shop(work: UnitOfWork) -> Sourced:
    return await Sourced.of(work, north=HAMBURG, south=MUNICH)


@pytest.fixture
def ask(work: UnitOfWork) -> Ask:
    return Ask(work, SYSTEM)


def keyed(**given: Any) -> dict[str, Any]:
    return {"idempotencyKey": uuid4().hex, **given}


async def made(ask: Ask, **given: Any) -> dict[str, Any]:
    given = {"code": uuid4().hex[:12], "name": "Profile", "steps": [{"name": "any"}], **given}
    payload: dict[str, Any] = (await ask(CREATE, input=keyed(**given)))["sourcingProfileCreate"]
    return payload


def told(payload: dict[str, Any]) -> list[tuple[str, str]]:
    return [(error["code"], ".".join(error["field"] or ())) for error in payload["userErrors"]]


async def test_a_profile_lives_in_versions(ask: Ask, shop: Sourced) -> None:
    given = keyed(code=uuid4().hex, name="EU", steps=[{"name": "near", "by": "DISTANCE", "cutOff": "14:00"}])
    first = (await ask(CREATE, input=given))["sourcingProfileCreate"]
    again = (await ask(CREATE, input=given))["sourcingProfileCreate"]
    assert (first["replayed"], again["replayed"]) == (False, True)
    profile = first["sourcingProfile"]
    assert profile["versions"]["nodes"] == [
        {"number": 1, "status": "DRAFT", "steps": [{"name": "near", "by": "DISTANCE", "cutOff": "14:00:00"}]}
    ]
    key = {"profileId": profile["id"]}
    active = (await ask(ACTIVATE, input=keyed(**key)))["sourcingProfileActivate"]["sourcingProfile"]
    assert active == {"status": "ACTIVE", "activeVersion": {"number": 1, "status": "ACTIVE"}}
    same = (await ask(UPDATE, input=keyed(**key, splitPenalty="0")))["sourcingProfileUpdate"]["sourcingProfile"]
    assert len(same["versions"]["nodes"]) == 1  # nothing is different
    newer = (await ask(UPDATE, input=keyed(**key, otherwise="WAIT")))["sourcingProfileUpdate"]["sourcingProfile"]
    assert newer["versions"]["nodes"] == [{"number": 2, "status": "DRAFT"}, {"number": 1, "status": "ACTIVE"}]
    await ask(ACTIVATE, input=keyed(**key))
    back = (await ask(ACTIVATE, input=keyed(**key, number=1)))["sourcingProfileActivate"]["sourcingProfile"]
    assert back["activeVersion"]["number"] == 1
    assert told((await ask(ACTIVATE, input=keyed(**key, number=9)))["sourcingProfileActivate"]) == [
        ("PROFILE_VERSION_UNKNOWN", "number")
    ]
    channel = text_id(IdKind.CHANNEL, shop.channel.id)
    changed = (await ask(CHANNEL, input={"id": channel, "sourcingProfileId": profile["id"]}))["channelUpdate"]
    assert changed["channel"]["sourcingProfile"]["code"] == profile["code"]
    assert told((await ask(RETIRE, input=keyed(**key)))["sourcingProfileRetire"]) == [("PROFILE_IN_USE", "profileId")]
    await ask(CHANNEL, input={"id": channel, "sourcingProfileId": None})
    assert (await ask(RETIRE, input=keyed(**key)))["sourcingProfileRetire"]["sourcingProfile"] == {"status": "RETIRED"}
    assert told((await ask(UPDATE, input=keyed(**key, name="x")))["sourcingProfileUpdate"]) == [
        ("PROFILE_RETIRED", "profileId")
    ]
    unknown = text_id(IdKind.SOURCING_PROFILE, shop.channel.id)
    refused = (await ask(CHANNEL, input={"id": channel, "sourcingProfileId": unknown}))["channelUpdate"]
    assert told(refused) == [("INVALID_VALUE", "sourcingProfileId")]


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"steps": []}, [("INVALID_VALUE", "steps")]),
        ({"steps": [{"name": "a"}, {"name": "a"}]}, [("INVALID_VALUE", "steps.1.name")]),
        ({"steps": [{"name": " "}]}, [("INVALID_VALUE", "steps.0.name")]),
        ({"steps": [{"name": "a", "mostShipments": 7}]}, [("INVALID_VALUE", "steps.0.mostShipments")]),
        ({"steps": [{"name": "a", "keepBack": -1}]}, [("INVALID_VALUE", "steps.0.keepBack")]),
        ({"steps": [{"name": "a", "by": "COST"}]}, [("INVALID_VALUE", "steps.0.by")]),
        (
            {"rates": [{"fixed": "-1", "perKg": "-2"}]},
            [("INVALID_VALUE", f"rates.0.{n}") for n in ("fixed", "perKg")],
        ),
        ({"splitPenalty": "-1"}, [("INVALID_VALUE", "splitPenalty")]),
        ({"scarcity": {"belowDays": 0, "perUnit": "1"}}, [("INVALID_VALUE", "scarcity.belowDays")]),
        ({"steps": [{"name": "a", "locationGroups": ["no"]}]}, [("UNKNOWN_SOURCING_CODE", "steps.0.locationGroups.0")]),
        ({"steps": [{"name": "a", "destinationZones": ["no"]}]}, [("UNKNOWN_SOURCING_CODE", "steps.0.destinationZones.0")]),
        (
            {"rates": [{"fromLocation": "no", "toZone": "no"}]},
            [("UNKNOWN_SOURCING_CODE", f"rates.0.{n}") for n in ("fromLocation", "toZone")],
        ),
        ({"steps": [{"name": "a", "locationKinds": ["SUPPLIER"]}]}, [("INVALID_VALUE", "steps.0.locationKinds")]),
        ({"code": " x"}, [("INVALID_VALUE", "code")]),
    ],
)
async def test_a_profile_that_says_nothing_sensible_is_refused(
    ask: Ask, shop: Sourced, given: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    assert shop.locations
    assert told(await made(ask, **given)) == errors


async def test_a_step_over_an_empty_group_is_refused(ask: Ask, shop: Sourced) -> None:
    code = await shop.group()
    assert told(await made(ask, steps=[{"name": "a", "locationGroups": [code]}])) == [
        ("INVALID_VALUE", "steps.0.locationGroups")
    ]


async def test_a_cut_off_that_is_no_time_is_refused(ask: Ask) -> None:
    given = keyed(code="c", name="n", steps=[{"name": "a", "cutOff": "25:00"}])
    _, errors = await ask.outcome(CREATE, input=given)
    assert [error["extensions"]["code"] for error in errors] == ["BAD_USER_INPUT"]
    assert "cutOff" in errors[0]["message"]


async def test_zones_and_groups_are_kept_by_code(ask: Ask, shop: Sourced) -> None:
    zone: dict[str, Any] = {"code": uuid4().hex, "country": "DE", "prefixes": ["2 0"], "latitude": "53.5", "longitude": "10"}
    zone["ranges"] = [{"low": "30", "high": "34"}]
    first = (await ask(ZONE, input=keyed(**zone)))["postalZoneUpsert"]["postalZone"]
    assert (first["prefixes"], first["ranges"], first["latitude"]) == (["20"], [{"low": "30", "high": "34"}], "53.5")
    wrong = {
        "code": "z",
        "country": "XX",
        "prefixes": ["?"],
        "ranges": [{"low": "9", "high": "1"}],
        "latitude": "91",
        "longitude": "0",
    }
    assert told((await ask(ZONE, input=keyed(**wrong)))["postalZoneUpsert"]) == [
        ("INVALID_VALUE", "latitude"),
        ("INVALID_VALUE", "country"),
        ("INVALID_VALUE", "prefixes.0"),
        ("INVALID_VALUE", "ranges.0.high"),
    ]
    north = text_id(IdKind.LOCATION, shop.named["north"].id)
    group = (await ask(GROUP, input=keyed(code=uuid4().hex, name="North", locationIds=[north])))["locationGroupUpsert"]
    assert group["locationGroup"]["locations"] == [{"code": shop.named["north"].code}]
    missing = text_id(IdKind.LOCATION, shop.channel.id)
    refused = (await ask(GROUP, input=keyed(code="g", locationIds=[north, north, missing])))["locationGroupUpsert"]
    assert told(refused) == [("INVALID_VALUE", "locationIds.1"), ("NOT_FOUND", "locationIds.2")]


async def test_what_is_decided_equals_the_preview(ask: Ask, shop: Sourced) -> None:
    rates = [{"fromLocation": shop.named["north"].code, "fixed": "3.90"}, {"fixed": 5, "perUnit": "0.10"}]
    profile = (await made(ask, steps=[{"name": "cheapest", "by": "COST"}], rates=rates))["sourcingProfile"]
    sku = await shop.stock_at(north=5, south=5)
    cart: dict[str, Any] = {
        "channelId": text_id(IdKind.CHANNEL, shop.channel.id),
        "lines": [{"sku": sku.code, "quantity": 2, "unitPrice": {"amount": "5"}, "shipGroup": "a"}],
        "shippingAddress": {"country": "DE", "latitude": str(BERLIN[0]), "longitude": str(BERLIN[1])},
    }
    without = (await ask(PREVIEW, cart=cart))["sourcingPreview"]
    assert [error["field"] for error in without["errors"]] == [["profile"]]
    draft = (await ask(PREVIEW, cart=cart, profile=profile["code"]))["sourcingPreview"]
    assert draft["profileVersion"] == {"number": 1, "status": "DRAFT", "profile": {"code": profile["code"]}}
    (decision,) = draft["decisions"]
    assert decision == {
        "step": "cheapest",
        "bounded": False,
        "chosen": [{"location": {"code": shop.named["north"].code}, "units": 2}],
        "candidates": [
            {
                "location": {"code": shop.named["north"].code},
                "units": 2,
                "cost": {"amount": "3.90", "currencyCode": "GBP"},
                "terms": [{"name": "shipment", "amount": "3.90"}],
                "rejectedBecause": None,
            },
            {
                "location": {"code": shop.named["south"].code},
                "units": 2,
                "cost": {"amount": "5.20", "currencyCode": "GBP"},
                "terms": [{"name": "shipment", "amount": "5.00"}, {"name": "handling", "amount": "0.20"}],
                "rejectedBecause": "costs 1.30 more",
            },
        ],
    }
    await ask(ACTIVATE, input=keyed(profileId=profile["id"]))
    await ask(CHANNEL, input={"id": cart["channelId"], "sourcingProfileId": profile["id"]})
    placed = (await ask(PLACE, input=keyed(**cart)))["orderPlace"]
    (stored,) = placed["order"]["sourcingDecisions"]
    assert stored == {**decision, "act": "PLACED", "profileVersion": {"number": 1}}
    (line,) = placed["order"]["lines"]["nodes"]
    reason = f"cheapest of 2 locations by profile {profile['code']}: 3.90"
    north = {"code": shop.named["north"].code}
    assert line == {"shipGroup": "a", "allocations": [{"quantity": 2, "reason": reason, "location": north}]}
    short = (await ask(PREVIEW, cart={**cart, "lines": [{**cart["lines"][0], "quantity": 20}]}))["sourcingPreview"]
    assert [(error["code"], error["field"]) for error in short["errors"]] == [("INSUFFICIENT_STOCK", ["cart", "lines"])]
    assert [each["step"] for each in short["decisions"]] == [None]
