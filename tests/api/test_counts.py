"""Stock counts as documents."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.tables import SkuRow
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.counting import Shelf
from tests.factories.given import Given
from tests.factories.trading import Shop, line

LINE = "id counted countedAt countedBy expected variance outcome value { amount currencyCode } sku { code }"
COUNT = f"""id number status whole blind reference note version actor closedBy createdAt closedAt recordedAt location {{ code }}
    lines(first: 250) {{ nodes {{ {LINE} }} }}
    differing: lines(differing: true) {{ nodes {{ sku {{ code }} }} pageInfo {{ hasNextPage }} }}
    summary {{ lines {{ all counted notCounted matched found notFound superseded }} unitsFound unitsMissing
        value {{ amount currencyCode }} }}
    deallocation {{ id }} availableActions {{ action allowed blockedBy {{ code }} }}"""
ERRORS = "userErrors { code field message ... on BelowZeroError { sku free requested committed } }"


def mutation(name: str) -> str:
    """Return the document of a mutation of counts."""
    kind = name[0].upper() + name[1:]
    return f"mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ replayed {ERRORS} stockCount {{ {COUNT} }} }} }}"


@pytest.fixture
def ask(work: UnitOfWork, principal: Principal) -> Ask:
    return Ask(work, principal)


@pytest.fixture
async def shelf(work: UnitOfWork) -> Shelf:
    return await Shelf.build(work)


async def sent(ask: Ask, name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the payload of a mutation."""
    return (await ask(mutation(name), input={"idempotencyKey": uuid4().hex, **given}))[name]  # type: ignore[no-any-return]


async def done(ask: Ask, name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the count after a mutation that must be carried out."""
    payload = await sent(ask, name, given)
    assert payload["userErrors"] == []
    return payload["stockCount"]  # type: ignore[no-any-return]


def opened(shelf: Shelf, *skus: SkuRow, **more: Any) -> dict[str, Any]:
    """Return the input of a count of *skus*, or without them of all that is there."""
    named = {"skus": [{"code": sku.code} for sku in skus]} if skus else {}
    return {"locationId": text_id(IdKind.LOCATION, shelf.location.id), **named, **more}


def told(count: dict[str, Any], *lines: tuple[SkuRow, int], **more: Any) -> dict[str, Any]:
    """Return the input of what was counted."""
    rows = [{"sku": {"code": sku.code}, "quantity": units} for sku, units in lines]
    return {"stockCountId": count["id"], "lines": rows, **more}


async def priced(shelf: Shelf, units: int, cost: str) -> SkuRow:
    """Make a SKU that costs something, of which so many units are here."""
    given = Given(shelf.work)
    sku = await given.sku(cost=cost)
    await given.adjust(sku.id, shelf.location.id, units)
    return sku


async def test_a_count_is_told_from_opening_to_posting(ask: Ask, shelf: Shelf) -> None:
    cup, pot = await priced(shelf, 10, "2.50"), await priced(shelf, 4, "1.00")
    count = await done(ask, "stockCountCreate", opened(shelf, cup, pot, reference="sheet 4", note="aisle"))
    assert (count["status"], count["whole"], count["reference"], count["location"]["code"]) == (
        "OPEN", False, "sheet 4", shelf.location.code,
    )  # fmt: skip
    first, _ = count["lines"]["nodes"]
    assert (first["counted"], first["expected"], first["variance"], first["outcome"]) == (None, 10, None, "NOT_COUNTED")
    counting = await done(ask, "stockCountSubmit", told(count, (cup, 7)))
    assert counting["status"] == "COUNTING"
    await Given(shelf.work).adjust(cup.id, shelf.location.id, 3)
    review = await done(ask, "stockCountSubmit", told(count, (pot, 6), complete=True))
    assert review["status"] == "REVIEW"
    cups, pots = review["lines"]["nodes"]
    assert (cups["counted"], cups["expected"], cups["variance"], cups["outcome"]) == (7, 10, -3, "NOT_FOUND")
    assert (cups["value"], cups["countedBy"]) == ({"amount": "-7.50", "currencyCode": "GBP"}, "tests")
    assert (pots["variance"], pots["outcome"]) == (2, "FOUND")
    summary = review["summary"]
    lines = {"all": 2, "counted": 2, "notCounted": 0, "matched": 0, "found": 1, "notFound": 1, "superseded": 0}
    assert summary["lines"] == lines
    assert (summary["unitsFound"], summary["unitsMissing"]) == (2, 3)
    assert summary["value"] == [{"amount": "-5.50", "currencyCode": "GBP"}]
    posted = await done(ask, "stockCountPost", {"stockCountId": count["id"]})
    assert (posted["status"], posted["deallocation"], posted["version"]) == ("POSTED", None, 4)
    assert posted["lines"]["nodes"][0]["variance"] == -3
    assert (await shelf.on_hand(cup))[0] == 10
    document = """query ($sku: ID!, $location: ID!) {
        inventoryLevel(by: {skuAt: {sku: {id: $sku}, locationId: $location}}) {
            movements(first: 1) { nodes { kind quantity occurredAt cause { kind id document { id } } } } } }"""
    ids = {"sku": text_id(IdKind.SKU, cup.id), "location": text_id(IdKind.LOCATION, shelf.location.id)}
    (moved,) = (await ask(document, **ids))["inventoryLevel"]["movements"]["nodes"]
    assert (moved["kind"], moved["quantity"], moved["occurredAt"]) == ("NOT_FOUND", 3, cups["countedAt"])
    assert moved["cause"] == {"kind": "COUNT_LINE", "id": cups["id"], "document": {"id": count["id"]}}


async def test_who_counts_blindly_sees_nothing_before_the_review(ask: Ask, shelf: Shelf) -> None:
    (cup,) = await shelf.goods(10)
    count = await done(ask, "stockCountCreate", opened(shelf, blind=True))
    for seen in (count, await done(ask, "stockCountSubmit", told(count, (cup, 7)))):
        (only,) = seen["lines"]["nodes"]
        assert (only["expected"], only["variance"], only["outcome"], seen["summary"]) == (None, None, None, None)
        assert seen["differing"] == {"nodes": [], "pageInfo": {"hasNextPage": False}}
    review = await done(ask, "stockCountSubmit", told(count, complete=True))
    (only,) = review["lines"]["nodes"]
    assert (only["expected"], only["variance"], review["differing"]["nodes"]) == (10, -3, [{"sku": {"code": cup.code}}])


async def test_costs_need_their_scope(ask: Ask, shelf: Shelf, work: UnitOfWork, principal: Principal) -> None:
    cup = await priced(shelf, 10, "2.50")
    count = await done(ask, "stockCountCreate", opened(shelf, cup))
    plain = Ask(work, replace(principal, scopes=principal.scopes - {Scope.COSTS_READ}))
    for field in ("summary { value { amount } }", "lines { nodes { value { amount } } }"):
        document = f"query ($id: ID!) {{ stockCount(by: {{id: $id}}) {{ {field} }} }}"
        (error,) = await plain.errors(document, id=count["id"])
        assert (error["extensions"]["code"], error["extensions"]["scope"]) == ("MISSING_SCOPE", "costs:read")
    document = "query ($id: ID!) { stockCount(by: {id: $id}) { summary { unitsMissing } } }"
    assert (await plain(document, id=count["id"]))["stockCount"] == {"summary": {"unitsMissing": 0}}


async def test_promises_stand_or_are_taken_back(ask: Ask, shelf: Shelf, work: UnitOfWork) -> None:
    shop = Shop(work, await Given(work).channel(locations=(shelf.location,)), (shelf.location,))
    (cup,) = await shelf.goods(10)
    await shop.place(line(cup, 6))
    count = await done(ask, "stockCountCreate", opened(shelf, cup))
    await done(ask, "stockCountSubmit", told(count, (cup, 3), complete=True))
    refused = await sent(ask, "stockCountPost", {"stockCountId": count["id"], "onShortfall": "REFUSE"})
    assert refusals(refused) == [("BELOW_ZERO", ["stockCountId"])]
    told_by = {name: refused["userErrors"][0][name] for name in ("sku", "free", "requested", "committed")}
    assert told_by == {"sku": cup.code, "free": 4, "requested": 7, "committed": 6}
    posted = await done(ask, "stockCountPost", {"stockCountId": count["id"]})
    assert posted["deallocation"] is not None
    assert (await shelf.on_hand(cup))[0] == 3


async def test_what_is_wrong_is_named_with_its_path(ask: Ask, shelf: Shelf) -> None:
    cup, pot = await shelf.goods(10, 10)
    wrong = opened(shelf, cup, locationId=text_id(IdKind.SKU, cup.id))
    assert refusals(await sent(ask, "stockCountCreate", wrong)) == [("INVALID_ID", ["locationId"])]
    nowhere = opened(shelf, cup, locationId=text_id(IdKind.LOCATION, new_uuid()))
    assert refusals(await sent(ask, "stockCountCreate", nowhere)) == [("NOT_FOUND", ["locationId"])]
    unknown = opened(shelf, skus=[{"code": "no such thing"}])
    assert refusals(await sent(ask, "stockCountCreate", unknown)) == [("UNKNOWN_SKU", ["skus", "0", "code"])]
    count = await done(ask, "stockCountCreate", opened(shelf, cup))
    future = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    rows = [
        {"sku": {"code": pot.code}, "quantity": 1},
        {"sku": {"code": cup.code}, "quantity": -1},
        {"sku": {"code": cup.code}, "quantity": 1, "countedAt": future},
    ]
    assert refusals(await sent(ask, "stockCountSubmit", {"stockCountId": count["id"], "lines": rows})) == [
        ("NOT_IN_COUNT", ["lines", "0", "sku"]),
        ("INVALID_VALUE", ["lines", "1", "quantity"]),
        ("AS_OF_IN_FUTURE", ["lines", "2", "countedAt"]),
    ]
    assert refusals(await sent(ask, "stockCountSubmit", told(count, complete=True))) == [("LINES_UNCOUNTED", ["complete"])]
    assert refusals(await sent(ask, "stockCountPost", {"stockCountId": count["id"]})) == [("ILLEGAL_MOVE", ["stockCountId"])]
    missing = {"stockCountId": text_id(IdKind.COUNT, new_uuid())}
    for name in ("stockCountSubmit", "stockCountPost", "stockCountCancel"):
        assert refusals(await sent(ask, name, missing)) == [("NOT_FOUND", ["stockCountId"])]
    canceled = await done(ask, "stockCountCancel", {"stockCountId": count["id"], "expectedVersion": 1})
    assert canceled["status"] == "CANCELED"
    assert not any(each["allowed"] for each in canceled["availableActions"])


async def test_lists_and_limits(ask: Ask, shelf: Shelf, work: UnitOfWork, principal: Principal) -> None:
    cup, pot = await shelf.goods(1, 1)
    first, second = [await done(ask, "stockCountCreate", opened(shelf, sku)) for sku in (cup, pot)]
    await done(ask, "stockCountCancel", {"stockCountId": second["id"]})
    document = "query ($where: StockCountFilterInput) { stockCounts(where: $where) { nodes { id } } }"
    here = {"locationId": {"eq": text_id(IdKind.LOCATION, shelf.location.id)}}

    async def listed(who: Ask, **where: Any) -> list[str]:
        return [node["id"] for node in (await who(document, where={**here, **where}))["stockCounts"]["nodes"]]

    assert await listed(ask) == [second["id"], first["id"]]
    assert await listed(ask, status={"eq": "OPEN"}) == [first["id"]]
    assert await listed(ask, skus=[{"code": pot.code}]) == [second["id"]]
    assert await listed(ask, createdAt={"lt": "2020-01-01T00:00:00Z"}) == []
    by_number = await ask(f"{{ stockCount(by: {{number: {first['number']}}}) {{ id }} }}")
    assert by_number["stockCount"] == {"id": first["id"]}
    stranger = Ask(work, replace(principal, locations=frozenset({(await Given(work).location()).id})))
    assert await listed(stranger) == []
    node = "query ($id: ID!) { node(id: $id) { id } stockCount(by: {id: $id}) { id } }"
    assert await stranger(node, id=first["id"]) == {"node": None, "stockCount": None}
    assert (await ask(node, id=first["id"]))["node"] == {"id": first["id"]}
    refused = await sent(stranger, "stockCountSubmit", told(first, (cup, 1)))
    assert refusals(refused) == [("NOT_FOUND", ["stockCountId"])]
    reader = Ask(work, replace(principal, scopes=frozenset({Scope.INVENTORY_READ})))
    brief = "mutation ($input: StockCountCreateInput!) { stockCountCreate(input: $input) { replayed } }"
    (error,) = await reader.errors(brief, input={"idempotencyKey": "k", **opened(shelf, cup)})
    assert error["extensions"]["code"] == "MISSING_SCOPE"


async def test_statements_do_not_grow_with_rows(ask: Ask, shelf: Shelf) -> None:
    skus = await shelf.goods(*[5] * 8)
    for part in (skus[:2], skus):
        count = await done(ask, "stockCountCreate", opened(shelf, *part))
        await done(ask, "stockCountSubmit", told(count, *((sku, 4) for sku in part), complete=True))
    document = f"""query ($where: StockCountFilterInput, $first: Int) {{
        stockCounts(where: $where, first: $first, orderBy: CREATED_AT_ASC) {{ nodes {{ {COUNT} }} }} }}"""
    where, counts = {"locationId": {"eq": text_id(IdKind.LOCATION, shelf.location.id)}}, []
    for first in (1, 2):
        with counted_statements() as statements:
            found = (await ask(document, where=where, first=first))["stockCounts"]["nodes"]
        assert len(found) == first
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 10
    brief = "mutation ($input: StockCountPostInput!) { stockCountPost(input: $input) { userErrors { code } } }"
    posts = []
    for count in found:
        with counted_statements() as statements:
            payload = (await ask(brief, input={"idempotencyKey": uuid4().hex, "stockCountId": count["id"]}))["stockCountPost"]
        assert payload["userErrors"] == []
        posts.append(len(statements))
    assert posts[0] == posts[1]


async def test_who_opened_a_count_and_who_ended_it_are_told(ask: Ask, shelf: Shelf, work: UnitOfWork) -> None:
    (cup,) = await shelf.goods(3)
    clerk, chief = (Ask(work, replace(ask.principal, name=name)) for name in ("clerk", "chief"))
    posted, canceled = [await done(clerk, "stockCountCreate", opened(shelf, cup)) for _ in range(2)]
    assert [(count["actor"], count["closedBy"]) for count in (posted, canceled)] == [("clerk", None)] * 2
    counted = await done(clerk, "stockCountSubmit", told(posted, (cup, 3), complete=True))
    assert (counted["summary"]["lines"]["notCounted"], counted["closedBy"]) == (0, None)
    ended = [
        await done(chief, "stockCountPost", {"stockCountId": posted["id"]}),
        await done(chief, "stockCountCancel", {"stockCountId": canceled["id"]}),
    ]
    assert [(count["actor"], count["closedBy"]) for count in ended] == [("clerk", "chief")] * 2
