"""Moving, setting and syncing stock over GraphQL: absolute numbers, buckets, feeds, and what each refuses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.stock_documents import BEHIND
from oms_api.domain.inventory.tables import InventoryLevelRow
from oms_api.graphql.nodes import scope_of
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.ids import IdKind, InventoryReasonId, new_uuid, parse_id, text_id
from tests.factories.asking import Ask, counted_statements, refusals, schema
from tests.factories.given import Given
from tests.factories.keeping import staged
from tests.factories.trading import Shop, findings, line

ERRORS = """userErrors { __typename code field message
    ... on BelowZeroError { free requested reserved committed picked }
    ... on BelowPickedError { free requested reserved committed picked }
    ... on StaleQuantityError { currentQuantity } ... on EmptyBucketError { held requested } }"""
LEVEL = "onHand available committed reserved damaged qualityControl safetyStock safetyStockTarget"
MOVE = f"""mutation ($input: InventoryMoveInput!) {{ inventoryMove(input: $input) {{ replayed {ERRORS} inventoryMove {{
    id reason reference note actor occurredAt recordedAt deallocation {{ id }}
    lines {{ nodes {{ id quantity from to inventoryLevel {{ {LEVEL} }} }} }} }} }} }}"""
SET = f"""mutation ($input: InventorySetInput!) {{ inventorySet(input: $input) {{ replayed {ERRORS} inventoryAdjustment {{
    id kind reason lines {{ nodes {{ id delta counted was inventoryLevel {{ {LEVEL} }} }} }} }} }} }}"""
SYNC = f"""mutation ($input: InventorySyncInput!) {{ inventorySync(input: $input) {{ replayed {ERRORS} applied unchanged failed
    inventorySync {{ id source asOf applied unchanged failed actor inventoryAdjustment {{ kind reference occurredAt }} }}
    results {{ index level {{ {LEVEL} }} {ERRORS} }} }} }}"""
TARGETS = f"""mutation ($input: SafetyStockSetInput!) {{ safetyStockSet(input: $input) {{ replayed {ERRORS}
    inventoryLevels {{ id {LEVEL} }} }} }}"""
REASON = f"""mutation ($input: InventoryReasonUpsertInput!) {{ inventoryReasonUpsert(input: $input) {{ replayed {ERRORS}
    inventoryReason {{ id code title direction active }} }} }}"""


@pytest.fixture
def given(work: UnitOfWork) -> Given:
    return Given(work)


@pytest.fixture
def ask(work: UnitOfWork, principal: Principal) -> Ask:
    return Ask(work, principal)


def at(level: InventoryLevelRow, **row: Any) -> dict[str, Any]:
    return {"sku": {"id": text_id(IdKind.SKU, level.sku_id)}, "locationId": text_id(IdKind.LOCATION, level.location_id), **row}


def named(sku: str, location: Any, **row: Any) -> dict[str, Any]:
    return {"sku": {"code": sku}, "locationId": text_id(IdKind.LOCATION, location.id), **row}


def moving(quantity: int, source: str, target: str) -> dict[str, Any]:
    return {"quantity": quantity, "from": source, "to": target}


async def moved(ask: Ask, *moves: dict[str, Any], **more: Any) -> Any:
    given = {"idempotencyKey": uuid4().hex, "reason": "OTHER", "moves": list(moves), **more}
    return (await ask(MOVE, input=given))["inventoryMove"]


async def set_to(ask: Ask, *sets: dict[str, Any], **more: Any) -> Any:
    given = {"idempotencyKey": uuid4().hex, "reason": "COUNT_CORRECTION", "sets": list(sets), **more}
    return (await ask(SET, input=given))["inventorySet"]


async def synced(ask: Ask, *rows: dict[str, Any], **more: Any) -> Any:
    given = {"idempotencyKey": uuid4().hex, "source": "wms", "rows": list(rows), "asOf": now(), **more}
    return (await ask(SYNC, input=given))["inventorySync"]


async def targeted(ask: Ask, *targets: dict[str, Any], **more: Any) -> Any:
    return (await ask(TARGETS, input={"idempotencyKey": uuid4().hex, "targets": list(targets), **more}))["safetyStockSet"]


async def reason_told(ask: Ask, **reason: Any) -> Any:
    return (await ask(REASON, input={"idempotencyKey": uuid4().hex, **reason}))["inventoryReasonUpsert"]


def now(**offset: float) -> str:
    return (datetime.now(UTC) + timedelta(**offset)).isoformat()


async def buckets(given: Given, level: InventoryLevelRow) -> tuple[int, int, int]:
    """Return free, quality control and damaged units."""
    now = await given.level(level.sku_id, level.location_id)
    return now.free, now.quality_control, now.damaged


async def test_units_move_between_what_is_for_sale_inspected_and_damaged(given: Given, ask: Ask, work: UnitOfWork) -> None:
    level = await given.stock(on_hand=10)
    payload = await moved(
        ask,
        at(level, **moving(4, "FREE", "QUALITY_CONTROL")),
        at(level, **moving(3, "QUALITY_CONTROL", "DAMAGED")),
        reference="report 7",
        note="wet",
    )
    assert payload["userErrors"] == []
    document = payload["inventoryMove"]
    assert (document["reason"], document["reference"], document["note"]) == ("OTHER", "report 7", "wet")
    assert document["deallocation"] is None
    first, second = document["lines"]["nodes"]
    assert (first["quantity"], first["from"], first["to"]) == (4, "FREE", "QUALITY_CONTROL")
    assert second["inventoryLevel"] == {
        "onHand": 10, "available": 6, "committed": 0, "reserved": 0, "damaged": 3, "qualityControl": 1, "safetyStock": 0,
        "safetyStockTarget": 0,
    }  # fmt: skip
    query = """query ($id: ID!) { node(id: $id) { ... on InventoryLevel { movements(first: 2) { nodes {
        kind quantity from to reason cause { kind id document { id __typename } } } } } } }"""
    level_id = text_id(IdKind.LEVEL, level.id)
    last, before = (await ask(query, id=level_id))["node"]["movements"]["nodes"]
    assert (before["kind"], before["from"], before["to"]) == ("MOVE", "FREE", "QUALITY_CONTROL")
    assert last["cause"] == {
        "kind": "MOVE_LINE", "id": second["id"], "document": {"id": document["id"], "__typename": "InventoryMove"},
    }  # fmt: skip
    assert await findings(work) == []


async def test_a_bucket_that_runs_empty_is_named_by_its_row(given: Given, ask: Ask) -> None:
    level = await given.stock(on_hand=5)
    payload = await moved(
        ask,
        at(level, **moving(2, "FREE", "DAMAGED")),
        at(level, **moving(3, "DAMAGED", "FREE")),
        at(level, **moving(1, "QUALITY_CONTROL", "FREE")),
    )
    assert refusals(payload) == [
        ("EMPTY_BUCKET", ["moves", "1", "quantity"]),
        ("EMPTY_BUCKET", ["moves", "2", "quantity"]),
    ]
    assert [(e["held"], e["requested"]) for e in payload["userErrors"]] == [(2, 3), (0, 1)]
    short = await moved(ask, at(level, **moving(6, "FREE", "DAMAGED")))
    assert refusals(short) == [("BELOW_ZERO", ["moves", "0", "quantity"])]
    assert (await given.level(level.sku_id, level.location_id)).sequence == 1


async def test_what_is_wrong_with_a_move_is_named_row_by_row(given: Given, ask: Ask) -> None:
    level, service = await given.stock(on_hand=5), await given.sku(kind=SkuKind.SERVICE)
    location = await given.location()
    payload = await moved(
        ask,
        at(level, **moving(0, "FREE", "DAMAGED")),
        at(level, **moving(1, "FREE", "FREE")),
        named("no such thing", location, **moving(1, "FREE", "DAMAGED")),
        named(service.code, location, **moving(1, "FREE", "DAMAGED")),
        at(level, **moving(1, "FREE", "DAMAGED")),
    )
    assert refusals(payload) == [
        ("INVALID_QUANTITY", ["moves", "0", "quantity"]),
        ("SAME_BUCKET", ["moves", "1", "to"]),
        ("UNKNOWN_SKU", ["moves", "2", "sku", "code"]),
        ("NOT_STOCKED", ["moves", "3", "sku"]),
    ]
    assert refusals(await moved(ask, at(level, **moving(1, "FREE", "DAMAGED")), reason="NO SUCH")) == [
        ("UNKNOWN_REASON", ["reason"])
    ]
    assert refusals(await moved(ask)) == [("INVALID_VALUE", ["moves"])]
    assert await buckets(given, level) == (5, 0, 0)


async def test_a_number_is_set_by_finding_or_missing_the_difference(given: Given, ask: Ask, work: UnitOfWork) -> None:
    level, location = await given.stock(on_hand=5), await given.location()
    fresh, right = await given.sku(), await given.stock(on_hand=4)
    payload = await set_to(
        ask,
        at(level, quantity=3, changeFromQuantity=5),
        named(fresh.code, location, quantity=9, changeFromQuantity=0),
        at(right, quantity=4, changeFromQuantity=None),
    )
    assert payload["userErrors"] == []
    told = [(row["delta"], row["counted"], row["was"]) for row in payload["inventoryAdjustment"]["lines"]["nodes"]]
    assert (payload["inventoryAdjustment"]["kind"], told) == ("SET", [(-2, 3, 5), (9, 9, 0), (0, 4, 4)])
    assert (await given.level(level.sku_id, level.location_id)).on_hand == 3
    assert (await given.level(fresh.id, location.id)).on_hand == 9
    assert (await given.level(right.sku_id, right.location_id)).sequence == 1
    assert await findings(work) == []


async def test_a_stale_number_is_refused_with_the_current_one(given: Given, ask: Ask) -> None:
    level, other = await given.stock(on_hand=5), await given.stock(on_hand=5)
    stale = at(level, quantity=3, changeFromQuantity=4)
    payload = await set_to(ask, at(other, quantity=1, changeFromQuantity=5), stale)
    assert refusals(payload) == [("STALE_QUANTITY", ["sets", "1", "changeFromQuantity"])]
    assert payload["userErrors"][0]["currentQuantity"] == 5
    assert (await given.level(other.sku_id, other.location_id)).on_hand == 5


async def test_saying_what_is_replaced_must_be_done_or_waived(given: Given, ask: Ask) -> None:
    level = await given.stock(on_hand=5)
    assert refusals(await set_to(ask, at(level, quantity=3))) == [("INVALID_VALUE", ["sets", "0", "changeFromQuantity"])]
    assert (await set_to(ask, at(level, quantity=3, changeFromQuantity=None)))["userErrors"] == []
    twice = await set_to(ask, *[at(level, quantity=3, changeFromQuantity=None)] * 2)
    assert refusals(twice) == [("LEVEL_TWICE", ["sets", "1"])]
    negative = await set_to(ask, at(level, quantity=-1, changeFromQuantity=None))
    assert refusals(negative) == [("INVALID_VALUE", ["sets", "0", "quantity"])]
    assert (await given.level(level.sku_id, level.location_id)).on_hand == 3


async def test_a_number_below_what_is_promised_is_refused_with_all_numbers(given: Given, ask: Ask, work: UnitOfWork) -> None:
    shop = await Shop.open(work)
    sku = await shop.stocked(10)
    await shop.place(line(sku, 6))
    level = await given.level(sku.id, shop.locations[0].id)
    payload = await set_to(ask, at(level, quantity=5, changeFromQuantity=10))
    assert refusals(payload) == [("BELOW_ZERO", ["sets", "0", "quantity"])]
    (error,) = payload["userErrors"]
    assert {name: error[name] for name in ("free", "requested", "reserved", "committed", "picked")} == {
        "free": 4, "requested": 5, "reserved": 0, "committed": 6, "picked": 0,
    }  # fmt: skip
    assert (await set_to(ask, at(level, quantity=6, changeFromQuantity=10)))["userErrors"] == []
    assert await shop.stock(sku) == (0, 6)


async def test_a_number_counts_what_is_set_aside(given: Given, ask: Ask, work: UnitOfWork) -> None:
    level = await given.stock(on_hand=6)
    await moved(ask, at(level, **moving(2, "FREE", "QUALITY_CONTROL")), at(level, **moving(2, "FREE", "DAMAGED")))
    assert refusals(await set_to(ask, at(level, quantity=3, changeFromQuantity=6))) == [
        ("BELOW_ZERO", ["sets", "0", "quantity"])
    ]
    lowered = await set_to(ask, at(level, quantity=1, changeFromQuantity=6), onShortfall="DEALLOCATE")
    assert lowered["userErrors"] == []
    assert await buckets(given, level) == (0, 0, 1)
    assert await findings(work) == []


async def test_movements_after_a_feeds_moment_survive_it(given: Given, ask: Ask, work: UnitOfWork) -> None:
    level = await given.stock(on_hand=10)
    counted_at = now()
    await given.adjust(level.sku_id, level.location_id, -3)
    payload = await synced(ask, at(level, quantity=8), asOf=counted_at)
    assert (payload["userErrors"], payload["applied"]) == ([], 1)
    assert payload["results"][0]["level"]["onHand"] == 5
    again = await synced(ask, at(level, quantity=8), asOf=counted_at)
    assert (again["applied"], again["unchanged"]) == (0, 1)
    assert (await given.level(level.sku_id, level.location_id)).on_hand == 5
    assert await findings(work) == []


async def test_each_row_of_a_feed_stands_for_itself(given: Given, ask: Ask, work: UnitOfWork) -> None:
    level, right, location = await given.stock(on_hand=10), await given.stock(on_hand=2), await given.location()
    fresh, service = await given.sku(), await given.sku(kind=SkuKind.SERVICE)
    rows = [
        at(level, quantity=4),
        named("no such thing", location, quantity=1),
        at(right, quantity=2),
        named(fresh.code, location, quantity=7),
        named(service.code, location, quantity=1),
        at(level, quantity=5),
        {**named(fresh.code, location, quantity=1), "locationId": text_id(IdKind.LOCATION, new_uuid())},
        {**named(fresh.code, location, quantity=1), "locationId": "nowhere"},
        at(right, quantity=-1),
    ]
    key, as_of = uuid4().hex, now()
    first, second = [await synced(ask, *rows, idempotencyKey=key, asOf=as_of) for _ in range(2)]
    assert (first["applied"], first["unchanged"], first["failed"]) == (2, 1, 6)
    assert [result["index"] for result in first["results"]] == list(range(9))
    told = {result["index"]: refusals(result) for result in first["results"] if result["userErrors"]}
    assert told == {
        1: [("UNKNOWN_SKU", ["rows", "1", "sku", "code"])],
        4: [("NOT_STOCKED", ["rows", "4", "sku"])],
        5: [("LEVEL_TWICE", ["rows", "5"])],
        6: [("NOT_FOUND", ["rows", "6", "locationId"])],
        7: [("INVALID_ID", ["rows", "7", "locationId"])],
        8: [("INVALID_VALUE", ["rows", "8", "quantity"])],
    }
    assert [result["level"] and result["level"]["onHand"] for result in first["results"]][:4] == [4, None, 2, 7]
    record = first["inventorySync"]
    assert (record["source"], record["inventoryAdjustment"]["kind"]) == ("wms", "SYNC")
    assert second == {**first, "replayed": True}
    node = await ask("query ($id: ID!) { node(id: $id) { ... on InventorySync { applied } } }", id=record["id"])
    assert node["node"] == {"applied": 2}
    assert await findings(work) == []


async def test_an_older_feed_of_the_same_source_is_refused_level_by_level(given: Given, ask: Ask) -> None:
    told, untold = await given.stock(on_hand=5), await given.stock(on_hand=5)
    earlier, later = now(), now()
    assert (await synced(ask, at(told, quantity=4), asOf=later))["applied"] == 1
    older = await synced(ask, at(told, quantity=3), at(untold, quantity=3), asOf=earlier)
    assert [refusals(result) for result in older["results"]] == [[("OLDER_FEED", ["rows", "0", "quantity"])], []]
    other = await synced(ask, at(told, quantity=4), asOf=later, source="till")
    assert other["unchanged"] == 1
    assert (await given.level(untold.sku_id, untold.location_id)).on_hand == 3


async def test_a_feed_cannot_tell_of_the_future_or_of_nothing(given: Given, ask: Ask) -> None:
    level = await given.stock(on_hand=5)
    assert refusals(await synced(ask, at(level, quantity=4), asOf=now(minutes=5))) == [("AS_OF_IN_FUTURE", ["asOf"])]
    assert refusals(await synced(ask, at(level, quantity=4), source=" ")) == [("INVALID_VALUE", ["source"])]
    assert refusals(await synced(ask)) == [("INVALID_VALUE", ["rows"])]
    assert refusals(await synced(ask, *[at(level, quantity=4)] * 10_001)) == [("TOO_MANY_ITEMS", ["rows"])]
    assert (await given.level(level.sku_id, level.location_id)).sequence == 1


async def test_a_feed_that_finds_more_gone_than_there_is_fails_by_row(given: Given, ask: Ask, work: UnitOfWork) -> None:
    level = await given.stock(on_hand=5)
    counted_at = now()
    await given.adjust(level.sku_id, level.location_id, -4)
    payload = await synced(ask, at(level, quantity=2), asOf=counted_at)
    assert refusals(payload["results"][0]) == [("BELOW_ZERO", ["rows", "0", "quantity"])]
    (error,) = payload["results"][0]["userErrors"]
    assert (error["free"], error["requested"]) == (1, 3)
    again = await synced(ask, at(level, quantity=5), asOf=counted_at)
    assert again["unchanged"] == 1
    assert await findings(work) == []


async def test_a_level_keeps_back_what_it_is_told(given: Given, ask: Ask) -> None:
    level, location, fresh = await given.stock(on_hand=5), await given.location(), await given.sku()
    key = uuid4().hex
    rows = [named(fresh.code, location, quantity=2), at(level, quantity=3)]
    first, second = [await targeted(ask, *rows, idempotencyKey=key) for _ in range(2)]
    assert first["userErrors"] == []
    assert [(row["available"], row["safetyStock"], row["safetyStockTarget"]) for row in first["inventoryLevels"]] == [
        (0, 0, 2),
        (2, 3, 3),
    ]
    assert second == {**first, "replayed": True}
    wrong = await targeted(ask, at(level, quantity=-1), at(level, quantity=1), named("none", location, quantity=1))
    assert refusals(wrong) == [
        ("INVALID_VALUE", ["targets", "0", "quantity"]),
        ("LEVEL_TWICE", ["targets", "1"]),
        ("UNKNOWN_SKU", ["targets", "2", "sku", "code"]),
    ]
    assert (await given.level(level.sku_id, level.location_id)).safety_stock_target == 3


async def test_reasons_are_data(given: Given, ask: Ask) -> None:
    level = await given.stock(on_hand=5)
    code = given.code("WHY")
    assert refusals(await reason_told(ask, code=code)) == [("INVALID_VALUE", ["title"])]
    made = await reason_told(ask, code=code, title="Stolen by magpies", direction="FEWER")
    told = {"code": code, "title": "Stolen by magpies", "direction": "FEWER", "active": True}
    assert made["inventoryReason"] == {"id": made["inventoryReason"]["id"], **told}
    more = await set_to(ask, at(level, quantity=9, changeFromQuantity=5), reason=code)
    assert refusals(more) == [("WRONG_REASON", ["sets", "0", "quantity"])]
    assert more["userErrors"][0]["message"] == (
        f"The reason '{code}' is for fewer units than recorded, not for 4 more: give another reason."
    )
    assert (await set_to(ask, at(level, quantity=4, changeFromQuantity=5), reason=code))["userErrors"] == []
    assert (await reason_told(ask, code=code, active=False))["inventoryReason"]["title"] == "Stolen by magpies"
    gone = await set_to(ask, at(level, quantity=3, changeFromQuantity=4), reason=code)
    assert refusals(gone) == [("UNKNOWN_REASON", ["reason"])]
    listed = (await ask("{ inventoryReasons { code active direction } }"))["inventoryReasons"]
    assert {"code": code, "active": False, "direction": "FEWER"} in listed
    assert {"code": "OPENING_STOCK", "active": True, "direction": "MORE"} in listed
    assert refusals(await reason_told(ask, code=" x", title="y")) == [("INVALID_VALUE", ["code"])]


async def test_whoever_keeps_the_reasons_is_told_of_each_that_is_another(given: Given, ask: Ask, work: UnitOfWork) -> None:
    code = given.code("WHY")
    reason = (await reason_told(ask, code=code, title="Lost"))["inventoryReason"]
    for title in ("Lost", "Stolen", "Stolen"):
        await reason_told(ask, code=code, title=title)
    made, changed = await staged(work, "INVENTORY_REASON_CHANGED", parse_id(InventoryReasonId, reason["id"]))
    assert made.changes == {
        "code": [None, code], "title": [None, "Lost"], "direction": [None, "EITHER"], "active": [None, True],
    }  # fmt: skip
    assert changed.changes == {"title": ["Lost", "Stolen"]}
    document = "query ($id: ID!) { node(id: $id) { id ... on InventoryReason { code title } } }"
    assert (await ask(document, id=reason["id"]))["node"] == {"id": reason["id"], "code": code, "title": "Stolen"}


async def test_a_past_moment_is_answered_from_the_ledger(given: Given, ask: Ask) -> None:
    level = await given.stock(on_hand=10)
    await targeted(ask, at(level, quantity=4))
    first = now()
    await moved(ask, at(level, **moving(3, "FREE", "DAMAGED")))
    await targeted(ask, at(level, quantity=1))
    second = now()
    await given.adjust(level.sku_id, level.location_id, -2)
    document = f"""query ($id: ID!, $asOf: DateTime) {{ inventoryLevel(by: {{id: $id}}, asOf: $asOf) {{ {LEVEL}
        movements {{ nodes {{ sequence }} }} }} }}"""
    level_id = text_id(IdKind.LEVEL, level.id)

    async def seen(as_of: str | None) -> tuple[int, ...]:
        row = (await ask(document, id=level_id, asOf=as_of))["inventoryLevel"]
        return row["onHand"], row["available"], row["safetyStock"], row["damaged"], len(row["movements"]["nodes"])

    assert await seen(first) == (10, 6, 4, 0, 1)
    assert await seen(second) == (10, 6, 1, 3, 2)
    assert await seen(None) == (8, 4, 1, 3, 3)
    assert await seen("2001-01-01T00:00:00Z") == (0, 0, 0, 0, 0)
    (error,) = await ask.errors(document, id=level_id, asOf=now(minutes=1))
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("AS_OF_IN_FUTURE", ["asOf"])


async def test_stock_is_summed_over_what_the_key_may_see(
    given: Given, ask: Ask, work: UnitOfWork, principal: Principal
) -> None:
    here, there, sku = await given.location(), await given.location(), await given.sku()
    level = await given.stock(4, sku=sku, location=here)
    await given.stock(5, sku=sku, location=there)
    await moved(ask, at(level, **moving(1, "FREE", "DAMAGED")))
    channel = await given.channel(locations=(here, there))
    document = """query ($sku: ID!, $channel: ID!) {
        sku(by: {id: $sku}) { inventory { onHand available committed reserved damaged qualityControl safetyStock } }
        channelAvailability(channelId: $channel, skus: [{id: $sku}]) { sku { id } available } }"""
    ids = {"sku": text_id(IdKind.SKU, sku.id), "channel": text_id(IdKind.CHANNEL, channel.id)}
    seen = await ask(document, **ids)
    assert (seen["sku"]["inventory"]["onHand"], seen["sku"]["inventory"]["damaged"]) == (9, 1)
    assert seen["channelAvailability"] == [{"sku": {"id": ids["sku"]}, "available": 8}]
    limited = await Ask(work, replace(principal, locations=frozenset({here.id})))(document, **ids)
    assert (limited["sku"]["inventory"]["onHand"], limited["channelAvailability"][0]["available"]) == (4, 3)
    stranger = Ask(work, replace(principal, channels=frozenset()))
    (error,) = await stranger.errors(document, **ids)
    assert error["extensions"]["code"] == "NOT_FOUND"


async def test_a_limited_key_writes_and_reads_its_own_locations_only(
    given: Given, ask: Ask, work: UnitOfWork, principal: Principal
) -> None:
    mine, theirs = await given.stock(on_hand=3), await given.stock(on_hand=4)
    limited = Ask(work, replace(principal, locations=frozenset({mine.location_id})))
    not_found = "NOT_FOUND"
    assert refusals(await moved(limited, at(theirs, **moving(1, "FREE", "DAMAGED")))) == [
        (not_found, ["moves", "0", "locationId"])
    ]
    assert refusals(await set_to(limited, at(theirs, quantity=1, changeFromQuantity=None))) == [
        (not_found, ["sets", "0", "locationId"])
    ]
    assert refusals(await targeted(limited, at(theirs, quantity=1))) == [(not_found, ["targets", "0", "locationId"])]
    feed = await synced(limited, at(mine, quantity=2), at(theirs, quantity=2))
    assert [refusals(result) for result in feed["results"]] == [[], [(not_found, ["rows", "1", "locationId"])]]
    move = (await moved(ask, at(theirs, **moving(1, "FREE", "DAMAGED"))))["inventoryMove"]
    assert (await limited("query ($id: ID!) { node(id: $id) { id } }", id=move["id"]))["node"] is None
    assert (await given.level(theirs.sku_id, theirs.location_id)).on_hand == 4


async def test_scopes_are_needed(given: Given, work: UnitOfWork, principal: Principal) -> None:
    reader = Ask(work, replace(principal, scopes=frozenset({Scope.INVENTORY_READ})))
    level = await given.stock(on_hand=3)
    rows: dict[str, dict[str, Any]] = {
        MOVE: {"moves": [at(level, **moving(1, "FREE", "DAMAGED"))], "reason": "OTHER"},
        SET: {"sets": [at(level, quantity=1, changeFromQuantity=None)], "reason": "OTHER"},
        SYNC: {"rows": [at(level, quantity=1)], "asOf": now(), "source": "wms"},
        TARGETS: {"targets": [at(level, quantity=1)]},
        REASON: {"code": "X", "title": "x"},
    }
    for document, given_input in rows.items():
        (error,) = await reader.errors(document, input={"idempotencyKey": uuid4().hex, **given_input})
        assert error["extensions"]["code"] == "MISSING_SCOPE"
    (error,) = await reader.errors("{ systemInvariants { name } }")
    assert error["extensions"]["code"] == "MISSING_SCOPE"


async def test_the_installation_proves_itself(given: Given, ask: Ask) -> None:
    await given.stock(on_hand=3)
    told = (await ask("{ systemInvariants { name ok violations examples } }"))["systemInvariants"]
    assert "the ledger explains every bucket" in {invariant["name"] for invariant in told}
    assert [invariant for invariant in told if not invariant["ok"]] == []


async def test_statements_do_not_grow_with_rows(given: Given, ask: Ask) -> None:
    levels = [await given.stock(on_hand=5, location=await given.location()) for _ in range(8)]
    counts: dict[str, list[int]] = {}
    for part in (levels[:2], levels):
        calls = {
            "move": moved(ask, *(at(level, **moving(1, "FREE", "DAMAGED")) for level in part)),
            "set": set_to(ask, *(at(level, quantity=9, changeFromQuantity=None) for level in part)),
            "sync": synced(ask, *(at(level, quantity=7) for level in part)),
            "targets": targeted(ask, *(at(level, quantity=1) for level in part)),
        }
        for name, call in calls.items():
            with counted_statements() as sent:
                assert (await call)["userErrors"] == []
            counts.setdefault(name, []).append(len(sent))
    assert {name: few == many for name, (few, many) in counts.items()} == dict.fromkeys(counts, True)


async def test_a_retry_answers_with_what_was_done_first(given: Given, ask: Ask) -> None:
    level = await given.stock(on_hand=5)
    key = uuid4().hex
    twice = [await moved(ask, at(level, **moving(2, "FREE", "DAMAGED")), idempotencyKey=key) for _ in range(2)]
    assert twice[1] == {**twice[0], "replayed": True}
    key = uuid4().hex
    sets = [await set_to(ask, at(level, quantity=4, changeFromQuantity=5), idempotencyKey=key) for _ in range(2)]
    assert sets[1] == {**sets[0], "replayed": True}
    other = await set_to(ask, at(level, quantity=3, changeFromQuantity=5), idempotencyKey=key)
    assert refusals(other) == [("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])]
    assert (await given.level(level.sku_id, level.location_id)).on_hand == 4


def test_every_kind_of_cause_leads_to_its_document() -> None:
    schema()
    assert BEHIND.keys() == set(CauseKind)
    assert all(scope_of(kind) for kind, _ in BEHIND.values())
