"""Stock over GraphQL: adjusted by sets, guarded, explained."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.inventory.tables import InventoryLevelRow
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.given import Given

ADJUST = """
mutation ($input: InventoryAdjustInput!) { inventoryAdjust(input: $input) {
    replayed userErrors { code field message ... on BelowZeroError { free requested } }
    inventoryAdjustment { id reason reference note actor occurredAt recordedAt
        lines(first: 250) { nodes { id delta inventoryLevel { onHand sku { code } location { code } } } } }
} }
"""
LEVEL = """
query ($sku: ID!, $location: ID!) { inventoryLevel(by: {skuAt: {sku: {id: $sku}, locationId: $location}}) {
    id onHand available committed reserved damaged qualityControl safetyStock sku { code } location { id }
    movements(first: 10) { nodes { sequence kind quantity from to lot cause { kind id } reason actor occurredAt recordedAt }
                           pageInfo { hasNextPage endCursor } }
} }
"""


@pytest.fixture
def given(work: UnitOfWork) -> Given:
    return Given(work)


@pytest.fixture
def ask(work: UnitOfWork, principal: Principal) -> Ask:
    return Ask(work, principal)


def change(sku: str, location: Any, delta: int) -> dict[str, Any]:
    return {"sku": {"code": sku}, "locationId": text_id(IdKind.LOCATION, location.id), "delta": delta}


def adjustment(*changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"idempotencyKey": uuid4().hex, "reason": "COUNT_CORRECTION", "changes": list(changes), **more}


async def adjusted(ask: Ask, *changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return (await ask(ADJUST, input=adjustment(*changes, **more)))["inventoryAdjust"]  # type: ignore[no-any-return]


async def level_as_seen(ask: Ask, level: InventoryLevelRow) -> dict[str, Any]:
    ids = {"sku": text_id(IdKind.SKU, level.sku_id), "location": text_id(IdKind.LOCATION, level.location_id)}
    return (await ask(LEVEL, **ids))["inventoryLevel"]  # type: ignore[no-any-return]


async def test_units_are_found_and_missed_and_each_is_explained(given: Given, ask: Ask) -> None:
    sku, location = await given.sku(), await given.location()
    found = await adjusted(ask, change(sku.code, location, 7), reference="sheet 4", note="top shelf")
    assert found["userErrors"] == []
    document = found["inventoryAdjustment"]
    assert (document["reason"], document["reference"], document["actor"]) == ("COUNT_CORRECTION", "sheet 4", "tests")
    (line,) = document["lines"]["nodes"]
    assert (line["delta"], line["inventoryLevel"]["onHand"], line["inventoryLevel"]["sku"]["code"]) == (7, 7, sku.code)
    await adjusted(ask, change(sku.code, location, -2), reason="LOST")
    level = await level_as_seen(ask, await given.level(sku.id, location.id))
    assert (level["onHand"], level["available"], level["committed"]) == (5, 5, 0)
    second, first = level["movements"]["nodes"]
    assert [first[k] for k in ("sequence", "kind", "quantity", "from", "to")] == [1, "FOUND", 7, "ADJUSTMENT", "FREE"]
    assert [second[k] for k in ("sequence", "kind", "quantity", "from", "to")] == [2, "NOT_FOUND", 2, "FREE", "ADJUSTMENT"]
    assert first["cause"] == {"kind": "ADJUSTMENT_LINE", "id": line["id"]}
    assert second["reason"] == "LOST"


async def test_a_retry_answers_with_the_first_adjustment(given: Given, ask: Ask) -> None:
    sku, location = await given.sku(), await given.location()
    command = adjustment(change(sku.code, location, 3))
    first, second = [(await ask(ADJUST, input=command))["inventoryAdjust"] for _ in range(2)]
    assert (first["replayed"], second["replayed"]) == (False, True)
    assert first["inventoryAdjustment"] == second["inventoryAdjustment"]
    assert (await given.level(sku.id, location.id)).on_hand == 3
    other = {**command, "changes": [change(sku.code, location, 4)]}
    assert refusals((await ask(ADJUST, input=other))["inventoryAdjust"]) == [("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])]


async def test_rows_of_one_level_count_together(given: Given, ask: Ask) -> None:
    level = await given.stock(on_hand=1)
    sku, location = level.sku_id, level.location_id
    rows = [
        {"sku": {"id": text_id(IdKind.SKU, sku)}, "locationId": text_id(IdKind.LOCATION, location), "delta": d} for d in (-3, 5)
    ]
    assert (await adjusted(ask, *rows))["userErrors"] == []
    assert (await given.level(sku, location)).on_hand == 3
    opposite = [{**row, "delta": d} for row, d in zip(rows, (4, -4), strict=True)]
    assert refusals(await adjusted(ask, *opposite)) == [("ZERO_DELTA", ["changes", "1", "delta"])]


async def test_everything_wrong_is_named_and_nothing_is_done(given: Given, ask: Ask) -> None:
    level = await given.stock(on_hand=5)
    sku, location = await given.sku(), await given.location()
    service = await given.sku(kind=SkuKind.SERVICE)
    nowhere = {**change(sku.code, location, 1), "locationId": text_id(IdKind.LOCATION, new_uuid())}
    payload = await adjusted(
        ask,
        change(sku.code, location, 2),
        change("no such thing", location, 1),
        change(service.code, location, 1),
        nowhere,
        change(sku.code, location, 0),
    )
    assert refusals(payload) == [
        ("UNKNOWN_SKU", ["changes", "1", "sku", "code"]),
        ("NOT_STOCKED", ["changes", "2", "sku"]),
        ("NOT_FOUND", ["changes", "3", "locationId"]),
        ("ZERO_DELTA", ["changes", "4", "delta"]),
    ]
    assert payload["inventoryAdjustment"] is None
    assert (await given.level(sku.id, location.id)) is None
    here = {"sku": {"id": text_id(IdKind.SKU, level.sku_id)}, "locationId": text_id(IdKind.LOCATION, level.location_id)}
    short = await adjusted(ask, change(sku.code, location, 1), {**here, "delta": -6}, change(sku.code, location, 1))
    assert refusals(short) == [("BELOW_ZERO", ["changes", "1", "delta"])]
    assert (short["userErrors"][0]["free"], short["userErrors"][0]["requested"]) == (5, 6)
    assert refusals(await adjusted(ask, {**here, "delta": 2_147_483_647})) == [("TOO_MUCH_STOCK", ["changes", "0", "delta"])]
    assert (await given.level(level.sku_id, level.location_id)).sequence == 1


async def test_a_level_can_be_filled_to_the_brim(given: Given, ask: Ask) -> None:
    sku, location = await given.sku(), await given.location()
    assert (await adjusted(ask, change(sku.code, location, 2_147_483_647)))["userErrors"] == []
    assert refusals(await adjusted(ask, change(sku.code, location, 1))) == [("TOO_MUCH_STOCK", ["changes", "0", "delta"])]
    assert (await adjusted(ask, change(sku.code, location, -2_147_483_647)))["userErrors"] == []


@pytest.mark.parametrize("delta", [1.5, "1", 2_147_483_648, None, True])
async def test_what_is_no_whole_number_is_refused(given: Given, ask: Ask, delta: Any) -> None:
    sku, location = await given.sku(), await given.location()
    (error,) = await ask.errors(ADJUST, input=adjustment({**change(sku.code, location, 1), "delta": delta}))
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "changes" in error["message"]


async def test_ids_of_the_wrong_kind_are_refused(given: Given, ask: Ask) -> None:
    sku, location = await given.sku(), await given.location()
    wrong = {**change(sku.code, location, 1), "locationId": text_id(IdKind.SKU, sku.id)}
    right = change(sku.code, location, 1)
    odd = {**right, "sku": {"id": text_id(IdKind.LOCATION, location.id)}}
    assert refusals(await adjusted(ask, wrong, right, odd)) == [
        ("INVALID_ID", ["changes", "0", "locationId"]),
        ("INVALID_ID", ["changes", "2", "sku", "id"]),
    ]


async def test_batches_are_bounded(given: Given, ask: Ask) -> None:
    sku, location = await given.sku(), await given.location()
    row = change(sku.code, location, 1)
    assert refusals(await adjusted(ask)) == [("INVALID_VALUE", ["changes"])]
    assert refusals(await adjusted(ask, *[row] * 1_001)) == [("TOO_MANY_ITEMS", ["changes"])]
    assert (await adjusted(ask, *[row] * 1_000))["userErrors"] == []
    assert (await given.level(sku.id, location.id)).on_hand == 1_000


async def test_only_importers_say_when(given: Given, work: UnitOfWork, ask: Ask, principal: Principal) -> None:
    sku, location = await given.sku(), await given.location()
    row, past = change(sku.code, location, 1), datetime(2010, 1, 2, 3, 4, tzinfo=UTC)
    dated = await adjusted(ask, row, occurredAt=past.isoformat())
    assert dated["inventoryAdjustment"]["occurredAt"] == "2010-01-02T03:04:00Z"
    future = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    for when in (future, "0001-01-01T00:00:00Z"):
        assert refusals(await adjusted(ask, row, occurredAt=when)) == [("INVALID_VALUE", ["occurredAt"])]
    plain = Ask(work, replace(principal, scopes=principal.scopes - {Scope.ORDERS_IMPORT}))
    assert refusals(await adjusted(plain, row, occurredAt=past.isoformat())) == [("MISSING_SCOPE", ["occurredAt"])]


async def test_a_limited_key_sees_and_changes_its_own_locations_only(
    given: Given, work: UnitOfWork, principal: Principal
) -> None:
    mine, theirs = await given.stock(on_hand=3), await given.stock(on_hand=4)
    limited = Ask(work, replace(principal, locations=frozenset({mine.location_id})))
    assert (await level_as_seen(limited, mine))["onHand"] == 3
    assert await level_as_seen(limited, theirs) is None
    ids = {"a": text_id(IdKind.LEVEL, mine.id), "b": text_id(IdKind.LEVEL, theirs.id)}
    nodes = await limited("query ($a: ID!, $b: ID!) { nodes(ids: [$a, $b]) { id } }", **ids)
    assert nodes["nodes"] == [{"id": ids["a"]}, None]
    listed = await limited("{ inventoryLevels { nodes { id } } }")
    assert listed["inventoryLevels"]["nodes"] == [{"id": ids["a"]}]
    of_sku = "query ($id: ID!) { sku(by: {id: $id}) { inventoryLevels { nodes { id } } } }"
    assert (await limited(of_sku, id=text_id(IdKind.SKU, theirs.sku_id)))["sku"]["inventoryLevels"]["nodes"] == []
    row = {"sku": {"id": text_id(IdKind.SKU, theirs.sku_id)}, "delta": 1}
    foreign = await adjusted(limited, {**row, "locationId": text_id(IdKind.LOCATION, theirs.location_id)})
    missing = await adjusted(limited, {**row, "locationId": text_id(IdKind.LOCATION, new_uuid())})
    assert refusals(foreign) == refusals(missing) == [("NOT_FOUND", ["changes", "0", "locationId"])]


async def test_scopes_are_needed(given: Given, work: UnitOfWork, principal: Principal) -> None:
    level = await given.stock(on_hand=3)
    nobody = Ask(work, replace(principal, scopes=frozenset({Scope.CATALOG_READ})))
    for document in ("{ inventoryLevels { nodes { id } } }", "{ skus { nodes { inventoryLevels { nodes { id } } } } }"):
        (error,) = await nobody.errors(document)
        assert error["extensions"]["code"] == "MISSING_SCOPE"
        assert "inventory:read" in error["message"]
    (error,) = await nobody.errors("query ($id: ID!) { node(id: $id) { id } }", id=text_id(IdKind.LEVEL, level.id))
    assert error["extensions"]["code"] == "MISSING_SCOPE"


async def test_the_ledger_is_paged_newest_first(given: Given, ask: Ask) -> None:
    level = await given.stock(on_hand=1)
    for _ in range(4):
        await given.adjust(level.sku_id, level.location_id, 1)
    document = """query ($id: ID!, $after: Cursor) { inventoryLevel(by: {id: $id}) {
        movements(first: 2, after: $after) { nodes { sequence } pageInfo { hasNextPage endCursor } } } }"""
    seen, after = [], None
    while True:
        page = (await ask(document, id=text_id(IdKind.LEVEL, level.id), after=after))["inventoryLevel"]["movements"]
        seen += [node["sequence"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [5, 4, 3, 2, 1]


async def test_statements_do_not_grow_with_rows(given: Given, ask: Ask) -> None:
    location = await given.location()
    skus = [await given.sku() for _ in range(12)]
    counts = []
    for part in (skus[:2], skus):
        with counted_statements() as sent:
            payload = await adjusted(ask, *(change(sku.code, location, 5) for sku in part))
        assert payload["userErrors"] == []
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 15
    document = """query ($where: InventoryLevelFilterInput, $first: Int) { inventoryLevels(where: $where, first: $first) {
        nodes { onHand sku { code } location { code } movements(first: 3) { nodes { sequence } } } } }"""
    where = {"locationId": {"eq": text_id(IdKind.LOCATION, location.id)}}
    counts = []
    for first in (2, 12):
        with counted_statements() as sent:
            levels = (await ask(document, where=where, first=first))["inventoryLevels"]["nodes"]
        assert len(levels) == first
        counts.append(len(sent))
    assert counts[0] == counts[1] == 4


async def test_two_at_once_take_no_more_than_there_is(given: Given, ask: Ask) -> None:
    level = await given.stock(on_hand=10)
    here = {"sku": {"id": text_id(IdKind.SKU, level.sku_id)}, "locationId": text_id(IdKind.LOCATION, level.location_id)}
    outcomes = await asyncio.gather(*(adjusted(ask, {**here, "delta": -1}) for _ in range(12)))
    codes = sorted(code for payload in outcomes for code, _ in refusals(payload))
    after = await given.level(level.sku_id, level.location_id)
    assert set(codes) <= {"BELOW_ZERO", "BUSY"}
    assert (after.on_hand, after.sequence) == (10 - (12 - len(codes)), 1 + 12 - len(codes))
    assert codes.count("BELOW_ZERO") == 2


async def test_a_level_is_made_once_by_two_at_once(given: Given, ask: Ask) -> None:
    sku, location = await given.sku(), await given.location()
    outcomes = await asyncio.gather(*(adjusted(ask, change(sku.code, location, 1)) for _ in range(6)))
    assert [refusals(payload) for payload in outcomes] == [[]] * 6
    assert (await given.level(sku.id, location.id)).on_hand == 6
