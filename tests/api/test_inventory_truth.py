"""What stock says of itself over GraphQL: all ten numbers, by bucket, at earlier moments, and why a number is what it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from oms_api.db.outbox import StagedEvent
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef, skus_by_reference
from oms_api.domain.inventory.tables import InventoryLevelRow, InventorySyncRow
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.counting import Shelf
from tests.factories.given import SYSTEM, Given
from tests.factories.keeping import Keeper
from tests.factories.raw import raw
from tests.factories.trading import findings

ERRORS = "userErrors { code field message ... on EmptyBucketError { held requested } ... on BelowZeroError { most free } }"
ADJUST = f"""mutation ($input: InventoryAdjustInput!) {{ inventoryAdjust(input: $input) {{ {ERRORS}
    inventoryAdjustment {{ id lines {{ nodes {{ delta bucket }} }} }} }} }}"""
SYNC = f"""mutation ($input: InventorySyncInput!) {{ inventorySync(input: $input) {{ {ERRORS} applied
    inventorySync {{ id }} results {{ {ERRORS} }} }} }}"""
NUMBERS = "onHand available committed reserved damaged qualityControl safetyStock incoming inTransit backordered"
LEVEL = f"""query ($id: ID!, $at: DateTime) {{ inventoryLevel(by: {{id: $id}}, asOf: $at) {{ {NUMBERS} contradicted
    movements(first: 9) {{ nodes {{ kind quantity from to cause {{ document {{ ... on InventoryAdjustment {{ kind
        inventorySync {{ id source asOf }} }} }} }} }} }} }} }}"""


@pytest.fixture
def given(work: UnitOfWork) -> Given:
    return Given(work)


@pytest.fixture
def ask(work: UnitOfWork, principal: Principal) -> Ask:
    return Ask(work, principal)


def at(level: InventoryLevelRow, **row: Any) -> dict[str, Any]:
    return {"sku": {"id": text_id(IdKind.SKU, level.sku_id)}, "locationId": text_id(IdKind.LOCATION, level.location_id), **row}


async def adjusted(ask: Ask, *changes: dict[str, Any], **more: Any) -> Any:
    given = {"idempotencyKey": uuid4().hex, "reason": "OTHER", "changes": list(changes), **more}
    return (await ask(ADJUST, input=given))["inventoryAdjust"]


def feed(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"idempotencyKey": uuid4().hex, "source": "wms", "asOf": datetime.now(UTC).isoformat(), "rows": list(rows), **more}


async def seen(ask: Ask, level: InventoryLevelRow, moment: datetime | None = None) -> Any:
    asked = {"id": text_id(IdKind.LEVEL, level.id), "at": moment and moment.isoformat()}
    return (await ask(LEVEL, **asked))["inventoryLevel"]


async def test_units_are_found_and_thrown_away_in_the_bucket_they_lie_in(given: Given, ask: Ask) -> None:
    level = await given.stock(on_hand=4)
    found = await adjusted(ask, at(level, delta=3, bucket="DAMAGED"), at(level, delta=2, bucket="QUALITY_CONTROL"))
    assert found["inventoryAdjustment"]["lines"]["nodes"] == [
        {"delta": 3, "bucket": "DAMAGED"},
        {"delta": 2, "bucket": "QUALITY_CONTROL"},
    ]
    await adjusted(
        ask, at(level, delta=-2, bucket="DAMAGED"), at(level, delta=-1, bucket="QUALITY_CONTROL"), at(level, delta=-1)
    )
    after = await seen(ask, level)
    assert [after[name] for name in ("onHand", "available", "damaged", "qualityControl")] == [5, 3, 1, 1]
    moves = [(m["kind"], m["quantity"], m["from"], m["to"]) for m in after["movements"]["nodes"]]
    assert sorted(moves[:3]) == [
        ("NOT_FOUND", 1, "FREE", "ADJUSTMENT"),
        ("NOT_FOUND", 1, "QUALITY_CONTROL", "ADJUSTMENT"),
        ("SCRAP", 2, "DAMAGED", "ADJUSTMENT"),
    ]
    short = await adjusted(ask, at(level, delta=-1), at(level, delta=-4, bucket="DAMAGED"), at(level, delta=-9))
    assert [(error["code"], error["field"]) for error in short["userErrors"]] == [
        ("EMPTY_BUCKET", ["changes", "1", "delta"]),
        ("BELOW_ZERO", ["changes", "2", "delta"]),
    ]
    assert (short["userErrors"][0]["held"], short["userErrors"][1]["most"]) == (1, 3)
    assert await findings(given.work) == []


async def test_with_deallocate_the_answer_tells_how_many_could_be_taken(given: Given, ask: Ask) -> None:
    level = await given.stock(on_hand=4)
    (error,) = (await adjusted(ask, at(level, delta=-5), onShortfall="DEALLOCATE"))["userErrors"]
    assert (error["most"], error["message"]) == (
        4,
        "At most 4 units can be taken away here, not 5: 4 are free, others promised, set aside or picked.",
    )


async def test_rows_that_come_to_nothing_say_so(given: Given, ask: Ask) -> None:
    level = await given.stock(on_hand=4)
    (error,) = (await adjusted(ask, at(level, delta=5), at(level, delta=-5)))["userErrors"]
    assert (error["code"], error["message"]) == (
        "ZERO_DELTA",
        "The rows 0, 1 come to 0 together: leave them out, or give two adjustments.",
    )


async def test_what_is_only_known_of_now_is_null_of_earlier_moments(given: Given, ask: Ask) -> None:
    level = await given.stock(on_hand=4)
    now, then = await seen(ask, level), await seen(ask, level, datetime.now(UTC))
    beside = ("incoming", "inTransit", "backordered", "contradicted")
    assert [now[name] for name in beside] == [0, 0, 0, False]
    assert [then[name] for name in beside] == [None, None, None, False]


async def test_a_movement_leads_to_the_feed_behind_it(given: Given, ask: Ask) -> None:
    level = await given.stock(on_hand=4)
    done = (await ask(SYNC, input=feed(at(level, quantity=3), source="till 4")))["inventorySync"]
    document = (await seen(ask, level))["movements"]["nodes"][0]["cause"]["document"]
    assert (document["kind"], document["inventorySync"]["source"]) == ("SYNC", "till 4")
    assert document["inventorySync"]["id"] == done["inventorySync"]["id"]
    assert (await seen(ask, level))["movements"]["nodes"][1]["cause"]["document"]["inventorySync"] is None


async def test_a_sku_shows_all_ten_numbers_in_constant_statements(given: Given, ask: Ask, work: UnitOfWork) -> None:
    query = f"""query ($codes: [String!]!, $location: ID) {{ skus(where: {{code: {{in: $codes}}}}) {{ nodes {{
        inventory(locationId: $location) {{ {NUMBERS} }} }} }} }}"""
    levels = [await given.stock(on_hand=units) for units in (1, 2, 3)]
    async with work.reads(SYSTEM) as read:
        found = await skus_by_reference(read, [SkuRef(id=level.sku_id) for level in levels])
    codes = sorted({sku.code for sku in found.values()})
    counts = []
    for number in (1, 3):
        with counted_statements() as sent:
            nodes = (await ask(query, codes=codes[:number]))["skus"]["nodes"]
        counts.append(len(sent))
        assert len(nodes) == number
    assert counts[0] == counts[1]
    here = text_id(IdKind.LOCATION, levels[0].location_id)
    nodes = (await ask(query, codes=codes, location=here))["skus"]["nodes"]
    assert sorted(node["inventory"]["onHand"] for node in nodes) == [0, 0, 1]
    (error, *_) = await ask.errors(query, codes=codes, location=text_id(IdKind.LOCATION, new_uuid()))
    assert error["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("sku", [{}, {"code": "A", "id": "B"}, {"code": None}, {"name": "A"}])
async def test_a_malformed_row_of_a_feed_is_named(given: Given, ask: Ask, sku: dict[str, Any]) -> None:
    level = await given.stock(on_hand=4)
    (error, *_) = await ask.errors(SYNC, input=feed(at(level, quantity=4), at(level, quantity=4) | {"sku": sku}))
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"].startswith("Variable '$input' has invalid value at .rows[1].sku")


async def test_what_an_error_repeats_is_cut_where_it_is_kept_too(given: Given, ask: Ask, work: UnitOfWork) -> None:
    level = await given.stock(on_hand=4)
    done = (await ask(SYNC, input=feed(at(level, quantity=4) | {"sku": {"code": "x" * 100_000}})))["inventorySync"]
    assert len(done["results"][0]["userErrors"][0]["message"]) < 400
    async with work.reads(SYSTEM) as read:
        record = await read.one(raw(select(InventorySyncRow).order_by(InventorySyncRow.id.desc()).limit(1)))
    assert len(str(record.failures)) < 800


async def test_a_feed_names_itself_and_a_moment_that_can_be_compared_with(given: Given, ask: Ask) -> None:
    level = await given.stock(on_hand=4)

    async def said(**more: Any) -> list[Any]:
        done = (await ask(SYNC, input=feed(at(level, quantity=4), **more)))["inventorySync"]
        return refusals(done) + [refusal for result in done["results"] for refusal in refusals(result)]

    before = datetime.now(UTC) - timedelta(days=1)
    assert await said(source=" wms") == [("INVALID_VALUE", ["source"])]
    assert await said(asOf="0001-01-01T00:00:00Z") == [("INVALID_VALUE", ["asOf"])]
    assert await said(asOf=before.isoformat()) == [("BEFORE_RECORDS", ["rows", "0", "quantity"])]
    assert await said(idempotencyKey="  ") == [("INVALID_VALUE", ["idempotencyKey"])]
    assert refusals(await adjusted(ask, at(level, delta=1), reference="   ")) == [("INVALID_VALUE", ["reference"])]
    assert (await given.level(level.sku_id, level.location_id)).sequence == 1


async def test_events_of_counts_speak_as_the_schema_does(work: UnitOfWork) -> None:
    shelf = await Shelf.build(work)
    fewer, skipped = await shelf.goods(3, 3)
    count = await shelf.open(fewer, skipped)
    await shelf.submit(count.id, (fewer, 1), complete=True, leave_uncounted=True)
    await shelf.post(count.id)
    async with work.reads(SYSTEM) as read:
        event = await read.one(raw(select(StagedEvent).where(StagedEvent.type == "STOCK_COUNT_POSTED")))
    assert event.changes == {
        "status": ["REVIEW", "POSTED"], "summary.lines.notFound": [None, 1], "summary.lines.notCounted": [None, 1],
    }  # fmt: skip


async def test_a_level_that_a_late_correction_contradicts_says_so(ask: Ask, work: UnitOfWork, given: Given) -> None:
    location, sku = await given.location(), await given.sku()
    keeper, now = Keeper(work, location), datetime.now(UTC)
    await keeper.adjust(sku, 5)
    await keeper.adjust(sku, -5, occurred_at=now - timedelta(hours=1))
    then = await seen(ask, await given.level(sku.id, location.id), now - timedelta(minutes=30))
    assert (then["onHand"], then["available"], then["contradicted"]) == (0, 0, True)


async def test_a_document_is_found_again_by_what_is_known_of_it(given: Given, ask: Ask) -> None:
    query = """query ($where: InventoryAdjustmentFilterInput, $first: Int, $after: Cursor) {
        inventoryAdjustments(where: $where, first: $first, after: $after) {
            nodes { id reference kind } pageInfo { hasNextPage endCursor } } }"""
    level, other = await given.stock(on_hand=4), await given.stock(on_hand=4)
    for delta in (1, 2, -1):
        await adjusted(ask, at(level, delta=delta), reference="note 7", reason="OTHER")
    await adjusted(ask, at(other, delta=1), reference="note 7")
    await ask(SYNC, input=feed(at(level, quantity=3), source="till 7"))

    async def found(**where: Any) -> int:
        return len((await ask(query, where=where))["inventoryAdjustments"]["nodes"])

    sku, here = {"skus": [at(level)["sku"]]}, {"locationId": {"eq": at(level)["locationId"]}}
    assert await found(reference={"eq": "note 7"}) == 4
    assert await found(reference={"eq": "note 7"}, **sku) == 3
    assert await found(reason={"eq": "OTHER"}, actor={"eq": "tests"}, **here) == 3
    assert await found(kind={"eq": "SYNC"}, **here, **sku) == 1
    assert await found(kind={"eq": "SET"}, **here) == 0
    assert await found(occurredAt={"lt": (datetime.now(UTC) - timedelta(days=1)).isoformat()}, **here) == 0
    page = (await ask(query, where={"reference": {"eq": "note 7"}}, first=3))["inventoryAdjustments"]
    rest = await ask(query, where={"reference": {"eq": "note 7"}}, first=3, after=page["pageInfo"]["endCursor"])
    assert (page["pageInfo"]["hasNextPage"], len(rest["inventoryAdjustments"]["nodes"])) == (True, 1)
    limited = Ask(ask.work, replace(ask.principal, locations=frozenset({other.location_id})))
    assert len((await limited(query, where={}))["inventoryAdjustments"]["nodes"]) == 2


async def test_movements_are_found_by_kind_and_time(given: Given, ask: Ask) -> None:
    query = """query ($id: ID!, $where: StockMovementFilterInput) { inventoryLevel(by: {id: $id}) {
        movements(where: $where) { nodes { kind quantity } } } }"""
    level = await given.stock(on_hand=4)
    await adjusted(ask, at(level, delta=-1))

    async def found(**where: Any) -> Any:
        asked = await ask(query, id=text_id(IdKind.LEVEL, level.id), where=where)
        return [node["quantity"] for node in asked["inventoryLevel"]["movements"]["nodes"]]

    assert await found() == [1, 4]
    assert await found(kind={"in": ["FOUND", "SCRAP"]}) == [4]
    assert await found(occurredAt={"gte": datetime.now(UTC).isoformat()}) == []
