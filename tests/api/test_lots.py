"""Lots over GraphQL: brought, listed by the day they expire, followed to their shipments, corrected."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.inventory.commands.set_safety_stock import SetSafetyStock, Target, set_safety_stock
from oms_api.domain.inventory.lots.queries import FIRST_EXPIRED_FIRST
from oms_api.graphql.declared.operators import operators
from oms_api.graphql.lots.queries import LOTS as LISTED
from oms_api.graphql.lots.queries import LotFilterInput
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.lots import Pantry, in_days, lot
from tests.factories.published import LevelsPublished
from tests.factories.purchasing import Buyer
from tests.factories.purchasing import line as ordered
from tests.factories.raw import raw
from tests.factories.trading import Shop, findings, line

LOT = "code expiresOn onHand expired"
ADJUST = f"""mutation ($input: InventoryAdjustInput!) {{ inventoryAdjust(input: $input) {{
    replayed userErrors {{ __typename code field ... on LotShortError {{ lot held requested }} }}
    inventoryAdjustment {{ lines {{ nodes {{ delta lot
        inventoryLevel {{ onHand lots {{ nodes {{ {LOT} }} }} }} }} }} }} }} }}"""
MOVE = """mutation ($input: InventoryMoveInput!) { inventoryMove(input: $input) {
    userErrors { __typename code field ... on LotShortError { lot held requested } }
    inventoryMove { lines { nodes { quantity lot inventoryLevel { lots { nodes { code setAside } } } } } } } }"""
LOTS = f"""query ($where: LotFilterInput, $first: Int, $after: Cursor) {{
    lots(where: $where, first: $first, after: $after) {{
        nodes {{ {LOT} sku {{ code }} location {{ code }} inventoryLevel {{ onHand }}
            lot {{ id code version attributes {{ name value }} levels {{ nodes {{ onHand location {{ code }} }} }} }} }}
        pageInfo {{ hasNextPage endCursor }} }} }}"""
UPDATE = """mutation ($input: LotUpdateInput!) { lotUpdate(input: $input) {
    replayed userErrors { __typename code field } lot { id expiresOn version attributes { name value } } } }"""
SHIP = """mutation ($input: ShipmentCreateInput!) { shipmentCreate(input: $input) {
    userErrors { __typename code field message ... on LotExpiredError { lot left requested } } shipment { id } } }"""
MOVEMENTS = """query ($id: ID!, $first: Int, $after: Cursor) { lotMovements(lotId: $id, first: $first, after: $after) {
    nodes { kind quantity lot cause { kind document { id } } } pageInfo { hasNextPage endCursor } } }"""


@pytest.fixture
async def pantry(work: UnitOfWork) -> Pantry:
    return Pantry(await Shop.open(work, locations=2))


@pytest.fixture
def ask(work: UnitOfWork, principal: Principal) -> Ask:
    return Ask(work, principal)


def at(pantry: Pantry, sku: SkuRow, delta: int, lot: Any = None, place: int = 0) -> dict[str, Any]:
    location = text_id(IdKind.LOCATION, pantry.shop.locations[place].id)
    return {"sku": {"code": sku.code}, "locationId": location, "delta": delta, "lot": lot}


async def adjusted(ask: Ask, *changes: dict[str, Any]) -> Any:
    given = {"idempotencyKey": uuid4().hex, "reason": "COUNT_CORRECTION", "changes": list(changes)}
    return (await ask(ADJUST, input=given))["inventoryAdjust"]


async def listed(ask: Ask, *skus: SkuRow, **more: Any) -> Any:
    first, after = more.pop("first", None), more.pop("after", None)
    where = {"skus": [{"code": sku.code} for sku in skus], **more} if skus else more
    return (await ask(LOTS, where=where, first=first, after=after))["lots"]


async def updated(ask: Ask, lot_id: Any, **more: Any) -> Any:
    return (await ask(UPDATE, input={"idempotencyKey": uuid4().hex, "lotId": lot_id, **more}))["lotUpdate"]


def day(days: int) -> str:
    return in_days(days).isoformat()


async def test_an_adjustment_brings_and_takes_units_of_lots(pantry: Pantry, ask: Ask) -> None:
    milk = await pantry.goods((2, None))
    good = {"code": "G", "expiresOn": day(9), "attributes": [{"name": "farm", "value": "Hill"}]}
    payload = await adjusted(ask, at(pantry, milk, 3, good), at(pantry, milk, 4, {"code": "B", "expiresOn": day(-3)}))
    assert payload["userErrors"] == []
    lines = payload["inventoryAdjustment"]["lines"]["nodes"]
    assert [(row["delta"], row["lot"]) for row in lines] == [(3, "G"), (4, "B")]
    assert lines[0]["inventoryLevel"] == {
        "onHand": 9,
        "lots": {
            "nodes": [
                {"code": "B", "expiresOn": day(-3), "onHand": 4, "expired": True},
                {"code": "G", "expiresOn": day(9), "onHand": 3, "expired": False},
            ]
        },
    }
    short = await adjusted(ask, at(pantry, milk, 1), at(pantry, milk, -5, {"code": "B"}))
    assert short["userErrors"] == [
        {
            "__typename": "LotShortError",
            "code": "LOT_SHORT",
            "field": ["changes", "1", "delta"],
            "lot": "B",
            "held": 4,
            "requested": 5,
        }
    ]
    assert short["inventoryAdjustment"] is None
    wrong = await adjusted(ask, at(pantry, milk, 1, {"code": "G", "expiresOn": day(8)}))
    assert refusals(wrong) == [("LOT_MISMATCH", ["changes", "0", "lot", "expiresOn"])]
    nameless = await adjusted(ask, at(pantry, milk, 1, {"code": "N", "attributes": [{"name": "", "value": "x"}]}))
    assert refusals(nameless) == [("INVALID_VALUE", ["changes", "0", "lot", "attributes", "0", "name"])]
    assert await pantry.held(milk) == {"G": 3, "B": 4, None: 2}


async def test_a_move_names_the_lot_that_it_sets_aside(pantry: Pantry, ask: Ask, work: UnitOfWork) -> None:
    milk = await pantry.goods((3, lot("A", 5)), (3, lot("B", 9)))
    place = text_id(IdKind.LOCATION, pantry.shop.locations[0].id)
    row = {"sku": {"code": milk.code}, "locationId": place, "quantity": 2, "from": "FREE", "to": "QUALITY_CONTROL", "lot": "B"}
    given = {"idempotencyKey": uuid4().hex, "reason": "OTHER", "moves": [row]}
    moved = (await ask(MOVE, input=given))["inventoryMove"]
    assert moved["userErrors"] == []
    (only,) = moved["inventoryMove"]["lines"]["nodes"]
    assert (only["quantity"], only["lot"]) == (2, "B")
    seen = {each["code"]: each["setAside"] for each in only["inventoryLevel"]["lots"]["nodes"]}
    assert seen == {"A": 0, "B": 2}
    short = (await ask(MOVE, input=given | {"idempotencyKey": uuid4().hex}))["inventoryMove"]
    assert short["userErrors"] == [
        {"__typename": "LotShortError", "code": "LOT_SHORT", "field": ["moves", "0", "quantity"], "lot": "B", "held": 1,
         "requested": 2}
    ]  # fmt: skip
    past = """query ($id: ID!, $at: DateTime) { inventoryLevel(by: {id: $id}, asOf: $at) {
        onHand qualityControl lots { nodes { code onHand setAside } } } }"""
    level, now = await pantry_level(pantry, milk, work), datetime.now(UTC).isoformat()
    assert (await ask(past, id=level, at=now))["inventoryLevel"] == {
        "onHand": 6, "qualityControl": 2,
        "lots": {"nodes": [{"code": "A", "onHand": 3, "setAside": None}, {"code": "B", "onHand": 3, "setAside": None}]},
    }  # fmt: skip


async def test_lots_are_listed_by_the_day_they_expire_and_paged(pantry: Pantry, ask: Ask) -> None:
    milk = await pantry.goods((1, lot("never")), (2, lot("late", 30)), (3, lot("soon", 2)), (4, lot("old", -5)), (9, None))
    await pantry.bring(milk, 5, lot("soon"), location=1)
    await pantry.adjust((milk, 7, lot("gone", 1)))
    await pantry.adjust((milk, -7, lot("gone")))
    found = (await listed(ask, milk))["nodes"]
    assert [(row["code"], row["expired"]) for row in found] == [
        ("old", True), ("soon", False), ("soon", False), ("late", False), ("never", False),
    ]  # fmt: skip
    assert [sorted(row["onHand"] for row in found if row["code"] == code) for code in ("old", "soon", "late", "never")] == [
        [4], [3, 5], [2], [1],
    ]  # fmt: skip
    levels = {row["location"]["code"]: row["onHand"] for row in found[1]["lot"]["levels"]["nodes"]}
    assert levels == {place.code: units for units, place in zip((3, 5), pantry.shop.locations, strict=True)}
    assert found[0]["inventoryLevel"] == {"onHand": 19}
    pages, after = [], None
    while True:
        page = await listed(ask, milk, first=2, after=after)
        pages.append([row["code"] for row in page["nodes"]])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert pages == [["old", "soon"], ["soon", "late"], ["never"]]
    there = {"eq": text_id(IdKind.LOCATION, pantry.shop.locations[1].id)}
    assert [row["onHand"] for row in (await listed(ask, milk, locationId=there))["nodes"]] == [5]
    assert [row["code"] for row in (await listed(ask, milk, expiringBefore=day(2)))["nodes"]] == ["old"]
    assert [row["code"] for row in (await listed(ask, milk, expiringBefore="9999-12-31"))["nodes"]] == [
        "old", "soon", "soon", "late",
    ]  # fmt: skip
    assert (await listed(ask, locationId=there, expiringBefore=day(3)))["nodes"][0]["sku"] == {"code": milk.code}


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ({}, "ix_lot_level_fefo_date_id"),
        ({"skus": (new_uuid(),)}, "ix_lot_level_sku_id_fefo_date_id"),
        ({"location_id": operators(UUID)(eq_=new_uuid())}, "ix_lot_level_location_id_fefo_date_id"),
    ],
)
async def test_lots_that_expire_soon_are_read_in_the_order_of_an_index(
    work: UnitOfWork, principal: Principal, where: dict[str, Any], index: str
) -> None:
    async def explain(tx: Tx, chosen: LotFilterInput) -> str:
        for setting in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
            await tx.ask(raw(text(f"SET LOCAL {setting} = off")))
        ordered = LISTED.page.build(chosen, tx.sight, FIRST_EXPIRED_FIRST, 51, backwards=False, place=())
        compiled = ordered.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})  # type: ignore[no-untyped-call]
        return "\n".join(row[0] for row in await tx.all(raw(text(f"EXPLAIN {compiled}"))))

    asked: Any = LotFilterInput
    plan = await work.execute(principal, explain, asked(expiring_before=in_days(9), **where))
    assert f"using {index}" in plan
    assert "Sort" not in plan
    (condition,) = [each for each in plan.splitlines() if "Index Cond" in each]
    assert "fefo_date <" in condition


async def test_a_lot_is_found_and_followed_to_what_took_it(pantry: Pantry, ask: Ask) -> None:
    milk = await pantry.goods((3, lot("A", 5)), (3, lot("B", 6)))
    shipment = (await pantry.shop.ship(await pantry.ordered(milk, 4))).value
    await pantry.bring(milk, -1, lot("B"))
    document = """query ($sku: String!, $code: String!) {
        lot(by: {ofSku: {sku: {code: $sku}, code: $code}}) { id code sku { code } levels { nodes { onHand } } } }"""
    found = (await ask(document, sku=milk.code, code="B"))["lot"]
    assert (found["code"], found["sku"]["code"], found["levels"]["nodes"]) == ("B", milk.code, [{"onHand": 1}])
    for code in ("none", "B\0"):
        assert (await ask(document, sku=milk.code, code=code))["lot"] is None
    assert (await ask(document, sku="no such thing", code="B"))["lot"] is None
    by_id = "query ($id: ID!) { lot(by: {id: $id}) { code } node(id: $id) { ... on Lot { code } } }"
    assert await ask(by_id, id=found["id"]) == {"lot": {"code": "B"}, "node": {"code": "B"}}
    seen = (await ask(MOVEMENTS, id=found["id"]))["lotMovements"]
    assert [(row["kind"], row["quantity"], row["lot"]) for row in seen["nodes"]] == [
        ("NOT_FOUND", 1, "B"), ("SHIP", 1, "B"), ("FOUND", 3, "B"),
    ]  # fmt: skip
    assert seen["nodes"][1]["cause"]["document"] == {"id": text_id(IdKind.SHIPMENT, shipment.id)}
    first = (await ask(MOVEMENTS, id=found["id"], first=2))["lotMovements"]
    rest = (await ask(MOVEMENTS, id=found["id"], after=first["pageInfo"]["endCursor"]))["lotMovements"]
    assert first["nodes"] + rest["nodes"] == seen["nodes"]
    emptied = (await ask(document, sku=milk.code, code="A"))["lot"]
    assert emptied["levels"]["nodes"] == []


async def test_the_lots_of_a_moment_are_what_the_ledger_says(pantry: Pantry, ask: Ask, work: UnitOfWork) -> None:
    milk = await pantry.goods((1, None))
    monday, tuesday, wednesday = (datetime.now(UTC) - timedelta(days=days) for days in (9, 6, 3))
    await pantry.adjust((milk, 5, lot("A", -5)), (milk, 2, lot("B", 9)), occurred_at=monday)
    await pantry.adjust((milk, -5, lot("A")), occurred_at=wednesday)
    level = await pantry_level(pantry, milk, work)
    document = f"""query ($id: ID!, $at: DateTime) {{ inventoryLevel(by: {{id: $id}}, asOf: $at) {{
        lots(first: 5) {{ nodes {{ {LOT} }} }} }} }}"""

    async def then(moment: datetime | None) -> list[tuple[str, int, bool]]:
        given = None if moment is None else moment.isoformat()
        seen = (await ask(document, id=level, at=given))["inventoryLevel"]["lots"]["nodes"]
        return [(row["code"], row["onHand"], row["expired"]) for row in seen]

    assert await then(None) == [("B", 2, False)]
    assert await then(tuesday) == [("A", 5, False), ("B", 2, False)]
    assert await then(wednesday - timedelta(hours=1)) == [("A", 5, True), ("B", 2, False)]
    assert await then(monday - timedelta(hours=1)) == []


async def pantry_level(pantry: Pantry, sku: SkuRow, work: UnitOfWork) -> str:
    async with work.reads(SYSTEM) as read:
        statement = text("SELECT id FROM inventory_level WHERE sku_id = :sku AND location_id = :place")
        rows = await read.all(raw(statement, {"sku": sku.id, "place": pantry.shop.locations[0].id}))
    return text_id(IdKind.LEVEL, rows[0][0])


async def test_shipping_expired_units_tells_which_and_how_many_are_left(pantry: Pantry, ask: Ask) -> None:
    milk = await pantry.goods((3, lot("old", 2)), (1, lot("good", 9)))
    order = await pantry.shop.place(line(milk, 3))
    await pantry.spoil(milk, "old")
    (todo,), (bottles,) = await pantry.shop.works(order.id), await pantry.shop.lines(order.id)
    named = [{"lineId": text_id(IdKind.LINE, bottles.id), "quantity": 2}]
    for lines, path in ((None, ["fulfillmentOrderId"]), (named, ["lines", "0", "quantity"])):
        given = {"idempotencyKey": uuid4().hex, "fulfillmentOrderId": text_id(IdKind.FULFILLMENT_ORDER, todo.id)}
        payload = (await ask(SHIP, input=given | ({"lines": lines} if lines else {})))["shipmentCreate"]
        units = 2 if lines else 3
        assert payload["userErrors"] == [
            {
                "__typename": "LotExpiredError",
                "code": "LOT_EXPIRED",
                "field": path,
                "message": f"Only 1 of {units} units can be shipped: the others have expired, those of lot 'old' on {day(-2)}.",
                "lot": "old",
                "left": 1,
                "requested": units,
            }
        ]
        assert payload["shipment"] is None


async def test_a_lot_is_corrected_once(pantry: Pantry, ask: Ask, work: UnitOfWork) -> None:
    milk = await pantry.goods((3, lot("A", 5)))
    lot_id = text_id(IdKind.LOT, (await pantry.lot(milk, "A")).id)
    given = {"idempotencyKey": uuid4().hex, "lotId": lot_id, "expiresOn": day(7), "expectedVersion": 1}
    given["attributes"] = [{"name": "farm", "value": "Hill"}]
    first, again = [(await ask(UPDATE, input=given))["lotUpdate"] for _ in range(2)]
    assert first["lot"] == {
        "id": lot_id, "expiresOn": day(7), "version": 2, "attributes": [{"name": "farm", "value": "Hill"}],
    }  # fmt: skip
    assert (first["replayed"], again["replayed"], again["lot"]) == (False, True, first["lot"])
    assert (await listed(ask, milk))["nodes"][0]["expiresOn"] == day(7)
    assert refusals(await updated(ask, lot_id, expectedVersion=1)) == [("VERSION_CONFLICT", ["expectedVersion"])]
    assert (await updated(ask, lot_id))["lot"]["version"] == 2
    never = (await updated(ask, lot_id, expiresOn=None, attributes=None))["lot"]
    assert (never["expiresOn"], never["attributes"], never["version"]) == (None, [], 3)
    assert [row["code"] for row in (await listed(ask, milk, expiringBefore="9999-12-31"))["nodes"]] == []
    twice = [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]
    assert refusals(await updated(ask, lot_id, attributes=twice)) == [("INVALID_VALUE", ["attributes", "1", "name"])]
    nobody = text_id(IdKind.LOT, new_uuid())
    assert refusals(await updated(ask, nobody, expiresOn=None)) == [("NOT_FOUND", ["lotId"])]
    assert refusals(await updated(ask, "lot_x", expiresOn=None)) == [("INVALID_ID", ["lotId"])]
    assert await findings(work) == []


async def test_a_limited_key_sees_and_changes_only_what_lies_where_it_may(pantry: Pantry, work: UnitOfWork) -> None:
    milk = await pantry.goods((3, lot("here", 5)), (2, lot("both", 5)))
    await pantry.bring(milk, 4, lot("both"), location=1)
    await pantry.bring(milk, 1, lot("there", 2), location=1)
    limited = Ask(work, replace(SYSTEM, locations=frozenset({pantry.shop.locations[1].id})))
    seen = (await listed(limited, milk))["nodes"]
    assert [(row["code"], row["onHand"]) for row in seen] == [("there", 1), ("both", 4)]
    assert [len(row["lot"]["levels"]["nodes"]) for row in seen] == [1, 1]
    here, both, there = [text_id(IdKind.LOT, (await pantry.lot(milk, code)).id) for code in ("here", "both", "there")]
    by_id = "query ($id: ID!) { lot(by: {id: $id}) { code } node(id: $id) { id } }"
    assert await limited(by_id, id=here) == {"lot": None, "node": None}
    assert [error["extensions"]["code"] for error in await limited.errors(MOVEMENTS, id=here)] == ["NOT_FOUND"]
    assert [row["quantity"] for row in (await limited(MOVEMENTS, id=both))["lotMovements"]["nodes"]] == [4]
    assert refusals(await updated(limited, here, expiresOn=None)) == [("NOT_FOUND", ["lotId"])]
    assert refusals(await updated(limited, both, expiresOn=None)) == [("LIMITED_KEY", ["lotId"])]
    assert (await updated(limited, there, expiresOn=None))["userErrors"] == []
    elsewhere = await adjusted(limited, at(pantry, milk, 1, {"code": "new"}))
    assert refusals(elsewhere) == [("NOT_FOUND", ["changes", "0", "locationId"])]


async def test_lots_need_the_scopes_of_stock(pantry: Pantry, work: UnitOfWork) -> None:
    milk = await pantry.goods((3, lot("A", 5)))
    lot_id = text_id(IdKind.LOT, (await pantry.lot(milk, "A")).id)
    reader = Ask(work, replace(SYSTEM, scopes=frozenset({Scope.CATALOG_READ})))
    for document, variables in (
        (LOTS, {}),
        (MOVEMENTS, {"id": lot_id}),
        (UPDATE, {"input": {"idempotencyKey": "1", "lotId": lot_id}}),
    ):
        assert [error["extensions"]["code"] for error in await reader.errors(document, **variables)] == ["MISSING_SCOPE"]


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"locationId": {"eq": "sku_x"}}, "INVALID_ID"),
        ({"expiringBefore": "tomorrow"}, "BAD_USER_INPUT"),
        ({"skus": [{"code": str(number)} for number in range(251)]}, "TOO_MANY_ITEMS"),
    ],
)
async def test_bad_filters_are_refused(ask: Ask, where: dict[str, Any], code: str) -> None:
    assert [error["extensions"]["code"] for error in await ask.errors(LOTS, where=where)] == [code]


async def test_a_cursor_of_another_list_is_refused(pantry: Pantry, ask: Ask) -> None:
    await pantry.goods((3, lot("A", 5)))
    for cursor in ("nonsense", "WyJmZWZvIiwxLDJd"):
        assert [error["extensions"]["code"] for error in await ask.errors(LOTS, after=cursor)] == ["INVALID_CURSOR"]


async def test_receipts_of_purchases_and_returns_name_lots(ask: Ask, work: UnitOfWork, pantry: Pantry) -> None:
    buyer = await Buyer.open(work)
    milk = await buyer.supplied()
    order = await buyer.order(ordered(milk, 9))
    (bottles,) = await buyer.lines(order.id)
    document = """mutation ($input: PurchaseOrderReceiveInput!) { purchaseOrderReceive(input: $input) {
        userErrors { code field } purchaseOrder { receipts { nodes { lines { nodes { accepted lot } } } } } } }"""
    row = {"purchaseOrderLineId": text_id(IdKind.PURCHASE_ORDER_LINE, bottles.id), "accepted": 3}
    given: dict[str, Any] = {"idempotencyKey": uuid4().hex, "purchaseOrderId": text_id(IdKind.PURCHASE_ORDER, order.id)}
    given["lines"] = [row | {"lot": {"code": "A", "expiresOn": day(3)}}, row | {"lot": {"code": "B"}}, row]
    payload = (await ask(document, input=given))["purchaseOrderReceive"]
    assert payload["userErrors"] == []
    lines = payload["purchaseOrder"]["receipts"]["nodes"][0]["lines"]["nodes"]
    assert sorted((line["accepted"], line["lot"] or "") for line in lines) == [(3, ""), (3, "A"), (3, "B")]
    bread = await pantry.goods((5, lot("L", 4)))
    sold = await pantry.shop.sent(line(bread, 3))
    (loaves,) = await pantry.shop.lines(sold.id)
    back = (await pantry.shop.return_(sold.id, (loaves.id, 3))).value
    document = """mutation ($input: ReturnReceiveInput!) { returnReceive(input: $input) {
        userErrors { code field } return { receipts { lines { nodes { quantity lot } } } } } }"""
    given = {
        "idempotencyKey": uuid4().hex, "returnId": text_id(IdKind.RETURN, back.id),
        "locationId": text_id(IdKind.LOCATION, pantry.shop.locations[0].id),
        "lines": [{"lineId": text_id(IdKind.LINE, loaves.id), "quantity": 2, "lot": {"code": "L"}}],
    }  # fmt: skip
    payload = (await ask(document, input=given))["returnReceive"]
    assert payload["userErrors"] == []
    assert payload["return"]["receipts"][0]["lines"]["nodes"] == [{"quantity": 2, "lot": "L"}]
    assert await pantry.held(bread) == {"L": 4}


async def test_statements_do_not_grow_with_levels_and_lots(pantry: Pantry, ask: Ask) -> None:
    skus = [await pantry.goods((1, lot("A", 3)), (1, lot("B", 4)), (1, lot("C", 5))) for _ in range(6)]
    counts = []
    for some in (skus[:1], skus):
        with counted_statements() as sent:
            found = await listed(ask, *some)
        assert len(found["nodes"]) == 3 * len(some)
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_what_expired_is_shown_where_it_lies_and_why(fresh_work: UnitOfWork, principal: Principal) -> None:
    pantry, ask = Pantry(await Shop.open(fresh_work)), Ask(fresh_work, principal)
    milk = await pantry.goods((3, lot("old", 2)), (2, lot("good", 9)))
    order = await pantry.shop.place(line(milk, 3))
    await pantry.spoil(milk, "old")
    assert await pantry.expire() == 1
    level = await pantry_level(pantry, milk, fresh_work)
    document = """query ($id: ID!) { inventoryLevel(by: {id: $id}) {
        onHand available committed qualityControl lots { nodes { code onHand setAside expired } }
        movements(first: 1) { nodes { kind quantity from to lot reason cause { document { ... on InventoryMove {
            reason actor lines { nodes { quantity lot } }
            deallocation { lines { nodes { quantity order { id } } } } } } } } } } }"""
    seen = (await ask(document, id=level))["inventoryLevel"]
    assert seen.pop("lots")["nodes"] == [
        {"code": "old", "onHand": 3, "setAside": 3, "expired": True},
        {"code": "good", "onHand": 2, "setAside": 0, "expired": False},
    ]
    assert seen.pop("movements")["nodes"] == [
        {
            "kind": "MOVE", "quantity": 3, "from": "FREE", "to": "QUALITY_CONTROL", "lot": "old", "reason": "EXPIRED",
            "cause": {"document": {
                "reason": "EXPIRED", "actor": "sweep lot_expiry", "lines": {"nodes": [{"quantity": 3, "lot": "old"}]},
                "deallocation": {"lines": {"nodes": [{"quantity": 1, "order": {"id": text_id(IdKind.ORDER, order.id)}}]}},
            }},
        }
    ]  # fmt: skip
    assert seen == {"onHand": 5, "available": 0, "committed": 2, "qualityControl": 3}
    reasons = (await ask("{ inventoryReasons { code direction active } }"))["inventoryReasons"]
    assert {"code": "EXPIRED", "direction": "FEWER", "active": True} in reasons
    assert await findings(fresh_work) == []


async def test_an_expired_lot_that_is_booked_into_free_is_shown_as_expired_until_it_is_set_aside(
    fresh_work: UnitOfWork, principal: Principal, fresh_database: Database
) -> None:
    shop = await Shop.open(fresh_work)
    pantry, ask, told = Pantry(shop), Ask(fresh_work, principal), LevelsPublished(fresh_work, fresh_database)
    milk = await pantry.goods((5, lot("old", -2)), (4, lot("good", 9)))
    kept_back = Target(SkuRef(id=milk.id), shop.locations[0].id, 1)
    await fresh_work.execute(SYSTEM, set_safety_stock, SetSafetyStock(targets=(kept_back,)))
    await shop.place(line(milk, 1))
    level = await pantry_level(pantry, milk, fresh_work)
    counted = {"onHand": 9, "available": 2, "safetyStock": 1, "committed": 1, "qualityControl": 0, "expired": 5}
    aside = counted | {"qualityControl": 5, "expired": 0}
    assert await numbers(ask, level) == counted
    assert +(await followed(told))[level] == +Counter(counted)
    before = fresh_work.clock()
    assert await pantry.expire() == 1
    assert await numbers(ask, level) == aside
    assert +(await followed(told))[level] == +Counter(aside)
    assert await numbers(ask, level, before) == counted | {"available": 7, "expired": 0}
    await pantry.spoil(milk, "good")
    assert await numbers(ask, level) == aside | {"available": 0, "safetyStock": 0, "expired": 3}
    assert await findings(fresh_work) == []


async def numbers(ask: Ask, level: str, as_of: datetime | None = None) -> dict[str, int]:
    """Return the numbers of a level; together they are what is on hand."""
    document = """query ($id: ID!, $asOf: DateTime) { inventoryLevel(by: {id: $id}, asOf: $asOf) {
        onHand available safetyStock committed reserved damaged qualityControl expired } }"""
    found: dict[str, int] = (await ask(document, id=level, asOf=as_of and as_of.isoformat()))["inventoryLevel"]
    assert (found.pop("damaged"), found.pop("reserved")) == (0, 0)
    assert found["onHand"] == sum(units for name, units in found.items() if name != "onHand")
    return found


async def followed(told: LevelsPublished) -> dict[str, Counter[str]]:
    """Return the numbers of levels as whoever followed what is told of them knows them."""
    return {text_id(IdKind.LEVEL, level): numbers for level, numbers in (await told.numbers()).items()}
