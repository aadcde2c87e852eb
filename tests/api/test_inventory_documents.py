"""Feeds and moves are found again, with what went wrong, within the limits of the key."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.tables import LocationRow
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import IdKind, text_id
from tests.factories.asking import Ask, counted_statements
from tests.factories.given import Given

SYNC = "mutation ($input: InventorySyncInput!) { inventorySync(input: $input) { inventorySync { id } } }"
MOVE = "mutation ($input: InventoryMoveInput!) { inventoryMove(input: $input) { inventoryMove { id } } }"
FEEDS = """query ($where: InventorySyncFilterInput, $first: Int, $after: Cursor, $failed: Int, $from: Cursor) {
  inventorySyncs(where: $where, first: $first, after: $after) { pageInfo { hasNextPage endCursor } nodes {
    id source applied unchanged failed
    failures(first: $failed, after: $from) {
      pageInfo { hasNextPage endCursor } nodes { index userErrors { code message field } } } } } }"""
MOVES = """query ($where: InventoryMoveFilterInput, $orderBy: InventoryMoveOrder! = OCCURRED_AT_DESC) {
  inventoryMoves(where: $where, orderBy: $orderBy) { nodes { id reference lines { nodes { quantity } } } } }"""


@pytest.fixture
def given(work: UnitOfWork) -> Given:
    return Given(work)


@pytest.fixture
def ask(work: UnitOfWork, principal: Principal) -> Ask:
    return Ask(work, principal)


def counted(place: LocationRow, *rows: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"sku": {"code": code}, "locationId": location(place), "quantity": units} for code, units in rows]


def location(place: LocationRow) -> str:
    return text_id(IdKind.LOCATION, place.id)


async def fed(ask: Ask, source: str, *rows: dict[str, Any]) -> str:
    given = {"idempotencyKey": uuid4().hex, "asOf": datetime.now(UTC).isoformat(), "source": source, "rows": rows}
    return str((await ask(SYNC, input=given))["inventorySync"]["inventorySync"]["id"])


async def moved(ask: Ask, sku: SkuRow, place: LocationRow, units: int, reference: str) -> str:
    row = {"sku": {"code": sku.code}, "locationId": location(place), "quantity": units, "from": "FREE", "to": "DAMAGED"}
    given = {"idempotencyKey": uuid4().hex, "reason": "DAMAGED", "reference": reference, "moves": [row]}
    return str((await ask(MOVE, input=given))["inventoryMove"]["inventoryMove"]["id"])


async def test_what_went_wrong_with_a_feed_is_read_again_row_by_row(given: Given, ask: Ask) -> None:
    place, sku, source = await given.location(), await given.sku(), uuid4().hex
    rows = counted(place, ("nothing", 1), (sku.code, 3), ("nowhere", 1), (sku.code, -1))
    good, bad = await fed(ask, source, *counted(place, (sku.code, 2))), await fed(ask, source, *rows)
    where = {"source": {"eq": source}}
    newest, oldest = (await ask(FEEDS, where=where))["inventorySyncs"]["nodes"]
    assert ([newest["id"], oldest["id"]], newest["failed"], oldest["failures"]["nodes"]) == ([bad, good], 3, [])
    assert [(each["index"], each["userErrors"][0]["code"]) for each in newest["failures"]["nodes"]] == [
        (0, "UNKNOWN_SKU"), (2, "UNKNOWN_SKU"), (3, "INVALID_VALUE"),
    ]  # fmt: skip
    assert newest["failures"]["nodes"][0]["userErrors"] == [
        {
            "code": "UNKNOWN_SKU",
            "message": "There is no SKU with the code 'nothing'; codes are case-sensitive.",
            "field": ["rows", "0", "sku", "code"],
        }
    ]
    (only,) = (await ask(FEEDS, where=where | {"failed": True}, failed=1))["inventorySyncs"]["nodes"]
    page = only["failures"]["pageInfo"]
    assert (only["id"], page["hasNextPage"]) == (bad, True)
    (rest,) = (await ask(FEEDS, where=where | {"failed": True}, failed=9, **{"from": page["endCursor"]}))["inventorySyncs"][
        "nodes"
    ]
    assert ([each["index"] for each in rest["failures"]["nodes"]], rest["failures"]["pageInfo"]["hasNextPage"]) == (
        [2, 3],
        False,
    )


async def test_feeds_are_paged_and_failures_backwards(given: Given, ask: Ask) -> None:
    place, source = await given.location(), uuid4().hex
    ids = [await fed(ask, source, *counted(place, ("x", 1), ("y", 1), ("z", 1))) for _ in range(3)]
    first = (await ask(FEEDS, where={"source": {"eq": source}}, first=2))["inventorySyncs"]
    after = first["pageInfo"]["endCursor"]
    rest = (await ask(FEEDS, where={"source": {"eq": source}}, first=2, after=after))["inventorySyncs"]
    assert [node["id"] for node in (*first["nodes"], *rest["nodes"])] == ids[::-1]
    last = "query ($id: ID!) { node(id: $id) { ... on InventorySync { failures(last: 2) { nodes { index } } } } }"
    assert (await ask(last, id=ids[0]))["node"] == {"failures": {"nodes": [{"index": 1}, {"index": 2}]}}


async def test_a_limited_key_sees_the_feeds_of_its_locations(given: Given, ask: Ask) -> None:
    here, there, sku, source = await given.location(), await given.location(), await given.sku(), uuid4().hex
    await given.adjust(sku.id, here.id, 4)
    limited = Ask(ask.work, replace(ask.principal, locations=frozenset({here.id})))
    same = await fed(limited, source, *counted(here, (sku.code, 4)))
    wrong = await fed(limited, source, *counted(here, ("nothing", 1)))
    both = await fed(ask, source, *counted(here, (sku.code, 5)), *counted(there, ("nothing", 1)))
    await fed(ask, source, *counted(there, (sku.code, 9)))
    nodes = (await limited(FEEDS, where={"source": {"eq": source}}))["inventorySyncs"]["nodes"]
    assert [(node["id"], len(node["failures"]["nodes"])) for node in nodes] == [(both, 0), (wrong, 1), (same, 0)]
    elsewhere = {"source": {"eq": source}, "locationId": {"eq": location(there)}}
    assert len((await ask(FEEDS, where=elsewhere))["inventorySyncs"]["nodes"]) == 2


async def test_moves_are_found_by_what_is_known_of_them(given: Given, ask: Ask) -> None:
    here, there, cup, pot = await given.location(), await given.location(), await given.sku(), await given.sku()
    for sku, place in ((cup, here), (cup, there), (pot, here)):
        await given.adjust(sku.id, place.id, 9)
    reference = uuid4().hex
    first, second, third = [
        await moved(ask, sku, place, units, reference)
        for units, (sku, place) in enumerate(((cup, here), (cup, there), (pot, here)), start=1)
    ]

    async def found(asking: Ask = ask, **where: Any) -> list[str]:
        nodes = (await asking(MOVES, where={"reference": {"eq": reference}, **where}))["inventoryMoves"]["nodes"]
        return [node["id"] for node in nodes]

    assert await found() == [third, second, first]
    assert await found(skus=[{"code": cup.code}]) == [second, first]
    assert await found(skus=[{"code": cup.code}], locationId={"eq": location(here)}) == [first]
    assert await found(reason={"eq": "LOST"}) == await found(occurredAt={"lt": "2020-01-01T00:00:00Z"}) == []
    limited = Ask(ask.work, replace(ask.principal, locations=frozenset({there.id})))
    assert await found(limited) == [second]


async def test_conditions_on_lines_combine_within_what_a_key_sees(given: Given, ask: Ask) -> None:
    here, there, cup, pot = await given.location(), await given.location(), await given.sku(), await given.sku()
    for sku, place in ((cup, here), (cup, there), (pot, here)):
        await given.adjust(sku.id, place.id, 9)
    reference = uuid4().hex
    rows = [
        {"sku": {"code": sku.code}, "locationId": location(place), "quantity": 1, "from": "FREE", "to": "DAMAGED"}
        for sku, place in ((cup, there), (pot, here))
    ]
    given_both = {"idempotencyKey": uuid4().hex, "reason": "DAMAGED", "reference": reference, "moves": rows}
    both = (await ask(MOVE, input=given_both))["inventoryMove"]["inventoryMove"]["id"]
    one = await moved(ask, cup, here, 1, reference)

    async def found(asking: Ask = ask, **where: Any) -> list[str]:
        nodes = (await asking(MOVES, where={"reference": {"eq": reference}, **where}))["inventoryMoves"]["nodes"]
        return [node["id"] for node in nodes]

    cups: Any = {"skus": [{"code": cup.code}]}
    pots: Any = {"skus": [{"code": pot.code}]}
    is_there: Any = {"locationId": {"eq": location(there)}}
    assert await found(**pots, **is_there) == []  # not in the same line
    assert await found(AND=[pots, is_there]) == [both]
    assert await found(OR=[pots, {"NOT": [is_there]}]) == [one, both]
    assert await found(NOT=[pots]) == [one]
    assert await found(locationId={"notIn": [location(there)]}) == [one, both]  # both has a line elsewhere
    limited = Ask(ask.work, replace(ask.principal, locations=frozenset({here.id})))
    assert await found(limited, **is_there) == []
    assert await found(limited, **cups) == [one]
    assert await found(limited, NOT=[cups]) == [both]


async def test_a_row_of_a_feed_that_names_no_id_fails_by_itself(given: Given, ask: Ask) -> None:
    place, sku, source = await given.location(), await given.sku(), uuid4().hex
    wrong = {"sku": {"id": "cup"}, "locationId": location(place), "quantity": 1}
    await fed(ask, source, wrong, *counted(place, (sku.code, 3)))
    (feed,) = (await ask(FEEDS, where={"source": {"eq": source}}))["inventorySyncs"]["nodes"]
    (failure,) = feed["failures"]["nodes"]
    assert (feed["applied"], failure["index"], failure["userErrors"][0]["code"]) == (1, 0, "INVALID_ID")
    assert failure["userErrors"][0]["field"] == ["rows", "0", "sku", "id"]


async def test_feeds_are_found_by_any_of_their_locations(given: Given, ask: Ask) -> None:
    here, there, source = await given.location(), await given.location(), uuid4().hex
    one = await fed(ask, source, *counted(here, ("x", 1)))
    both = await fed(ask, source, *counted(here, ("x", 1)), *counted(there, ("y", 1)))

    async def found(**where: Any) -> list[str]:
        return [node["id"] for node in (await ask(FEEDS, where={"source": {"eq": source}, **where}))["inventorySyncs"]["nodes"]]

    assert await found(locationId={"in": [location(there), location(here)]}) == [both, one]
    assert await found(locationId={"ne": location(here)}) == [both]
    assert await found(NOT=[{"locationId": {"eq": location(there)}}]) == [one]


async def test_statements_do_not_grow_with_feeds(given: Given, ask: Ask) -> None:
    place, counts = await given.location(), []
    for number in (1, 4):
        source = uuid4().hex
        for _ in range(number):
            await fed(ask, source, *counted(place, ("nothing", 1)))
        with counted_statements() as statements:
            assert len((await ask(FEEDS, where={"source": {"eq": source}}))["inventorySyncs"]["nodes"]) == number
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_a_limited_key_cannot_repeat_what_it_may_not_see(given: Given, ask: Ask) -> None:
    here, there, sku = await given.location(), await given.location(), await given.sku()
    limited = Ask(ask.work, replace(ask.principal, locations=frozenset({here.id})))
    place, one = text_id(IdKind.LOCATION, there.id), {"code": sku.code}
    adjust = {"changes": [{"sku": one, "locationId": place, "delta": 3}], "reason": "FOUND"}
    move = {"moves": [{"sku": one, "locationId": place, "quantity": 1, "from": "FREE", "to": "DAMAGED"}], "reason": "DAMAGED"}
    for name, input_ in (("inventoryAdjust", adjust), ("inventoryMove", move)):
        document = f"""mutation ($input: {name[0].upper()}{name[1:]}Input!) {{
            {name}(input: $input) {{ userErrors {{ code }} }} }}"""
        same = {**input_, "idempotencyKey": uuid4().hex}
        assert (await ask(document, input=same))[name]["userErrors"] == []
        assert (await limited(document, input=same))[name]["userErrors"] == [{"code": "REPLAY_HIDDEN"}]


async def test_a_limited_key_changes_no_reason_of_all(given: Given, ask: Ask) -> None:
    limited = Ask(ask.work, replace(ask.principal, locations=frozenset({(await given.location()).id})))
    document = """mutation ($input: InventoryReasonUpsertInput!) {
        inventoryReasonUpsert(input: $input) { userErrors { code } } }"""
    given_ = {"idempotencyKey": uuid4().hex, "code": "SAMPLE", "active": False}
    assert (await limited(document, input=given_))["inventoryReasonUpsert"]["userErrors"] == [{"code": "LIMITED_KEY"}]
