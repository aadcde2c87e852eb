"""SKUs over GraphQL."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.states import SkuKind
from oms_api.graphql.catalog.queries import SKUS, SkuLookupInput
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.given import Given

SKU = """id code name kind status barcode weightG lengthMm widthMm heightMm originCountry hsCode version
         cost { amount currencyCode } components { quantity share sku { code } }"""
UPSERT = f"""mutation ($input: SkuUpsertInput!) {{ skuUpsert(input: $input) {{
    replayed userErrors {{ code field message }} sku {{ {SKU} }} }} }}"""
UPSERTS = """mutation ($input: SkusUpsertInput!) { skusUpsert(input: $input) {
    userErrors { code field } results { index replayed userErrors { code field } sku { code version } } } }"""
DEACTIVATE = """mutation ($input: SkuDeactivateInput!) { skuDeactivate(input: $input) {
    userErrors { code field ... on VersionConflictError { currentVersion } } sku { status version } } }"""


@pytest.fixture
def given(work: UnitOfWork) -> Given:
    return Given(work)


@pytest.fixture
def ask(work: UnitOfWork, principal: Principal) -> Ask:
    return Ask(work, principal)


def thing(code: str | None = None, **more: Any) -> dict[str, Any]:
    said = {
        "code": Given.code("SKU") if code is None else code,
        "kind": "GOODS",
        "name": "Thing",
        "idempotencyKey": uuid4().hex,
    }
    return {key: value for key, value in (said | more).items() if value is not ...}


async def upserted(ask: Ask, sku: dict[str, Any]) -> dict[str, Any]:
    return (await ask(UPSERT, input=sku))["skuUpsert"]  # type: ignore[no-any-return]


async def test_a_sku_is_made_and_changed_by_its_code(ask: Ask) -> None:
    full = thing(
        barcode="5012345678900",
        weightG=380,
        lengthMm=120,
        widthMm=100,
        heightMm=90,
        originCountry="GB",
        hsCode="6912",
        cost={"amount": "2.10", "currencyCode": "GBP"},
    )
    made = (await upserted(ask, full))["sku"]
    assert made["cost"] == {"amount": "2.10", "currencyCode": "GBP"}
    assert (made["status"], made["version"], made["weightG"], made["originCountry"]) == ("ACTIVE", 1, 380, "GB")
    change = {"code": full["code"], "name": "Mug", "barcode": None, "idempotencyKey": uuid4().hex}
    changed = (await upserted(ask, change))["sku"]
    assert changed == {**made, "name": "Mug", "barcode": None, "version": 2}
    again = (await upserted(ask, {**change, "idempotencyKey": uuid4().hex}))["sku"]
    assert again["version"] == 2


async def test_a_retry_answers_with_the_same_sku(ask: Ask) -> None:
    sku = thing()
    first, second = await upserted(ask, sku), await upserted(ask, sku)
    assert (first["replayed"], second["replayed"]) == (False, True)
    assert first["sku"] == second["sku"]
    assert refusals(await upserted(ask, {**sku, "name": "Other"})) == [("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])]


async def test_a_bundle_is_made_of_goods(given: Given, ask: Ask) -> None:
    cup, pot = await given.sku(), await given.sku()
    service = await given.sku(kind=SkuKind.SERVICE)
    parts = [{"sku": cup.code, "quantity": 2}, {"sku": pot.code, "quantity": 1, "share": 5}]
    bundle = thing(kind="BUNDLE", components=parts)
    made = (await upserted(ask, bundle))["sku"]
    assert sorted(made["components"], key=lambda part: part["quantity"]) == [
        {"quantity": 1, "share": 5, "sku": {"code": pot.code}},
        {"quantity": 2, "share": 2, "sku": {"code": cup.code}},
    ]
    less = {"code": bundle["code"], "components": parts[:1], "idempotencyKey": uuid4().hex}
    changed = (await upserted(ask, less))["sku"]
    assert (len(changed["components"]), changed["version"]) == (1, 2)
    wrong = [{"sku": "no such thing", "quantity": 1}, {"sku": service.code, "quantity": 1}]
    assert refusals(await upserted(ask, {**less, "components": wrong, "idempotencyKey": uuid4().hex})) == [
        ("UNKNOWN_SKU", ["components", "0", "sku"]),
        ("INVALID_COMPONENTS", ["components", "1", "sku"]),
    ]


async def test_a_bundle_holds_neither_itself_nor_another_bundle(given: Given, ask: Ask) -> None:
    cup = await given.sku()
    inner = await given.sku(kind=SkuKind.BUNDLE, components={cup.code: 1})
    one = thing(kind="BUNDLE")
    for code in (inner.code, one["code"]):
        parts = [{"sku": cup.code, "quantity": 1}, {"sku": code, "quantity": 1}]
        expected = "INVALID_COMPONENTS" if code == inner.code else "UNKNOWN_SKU"
        made = await upserted(ask, {**one, "components": parts})
        assert refusals(made) == [(expected, ["components", "1", "sku"])]
    itself = {"code": inner.code, "components": [{"sku": inner.code, "quantity": 1}], "idempotencyKey": uuid4().hex}
    assert refusals(await upserted(ask, itself)) == [("INVALID_COMPONENTS", ["components", "0", "sku"])]
    both = [thing(kind="BUNDLE"), thing(kind="BUNDLE")]
    for this, other in (both, reversed(both)):
        this["components"] = [{"sku": other["code"], "quantity": 1}]
    results = (await ask(UPSERTS, input={"skus": both}))["skusUpsert"]["results"]
    assert {code for result in results for code, _ in refusals(result)} <= {"INVALID_COMPONENTS", "UNKNOWN_SKU"}
    assert all(result["sku"] is None for result in results)


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"code": " blank"}, "INVALID_VALUE", ["code"]),
        ({"code": ""}, "INVALID_VALUE", ["code"]),
        ({"code": "nul\0"}, "INVALID_VALUE", ["code"]),
        ({"code": "x" * 256}, "INVALID_VALUE", ["code"]),
        ({"kind": ...}, "INVALID_VALUE", ["kind"]),
        ({"name": ...}, "INVALID_VALUE", ["name"]),
        ({"name": None}, "INVALID_VALUE", ["name"]),
        ({"name": "  "}, "INVALID_VALUE", ["name"]),
        ({"status": None}, "INVALID_VALUE", ["status"]),
        ({"weightG": -1}, "INVALID_VALUE", ["weightG"]),
        ({"originCountry": "ZZ"}, "INVALID_VALUE", ["originCountry"]),
        ({"barcode": "nul\0"}, "INVALID_VALUE", ["barcode"]),
        ({"cost": {"amount": "1.234", "currencyCode": "GBP"}}, "TOO_MANY_DECIMALS", ["cost", "amount"]),
        ({"cost": {"amount": "-1", "currencyCode": "GBP"}}, "INVALID_VALUE", ["cost", "amount"]),
        ({"cost": {"amount": "1"}}, "INVALID_VALUE", ["cost", "currencyCode"]),
        ({"cost": {"amount": "1", "currencyCode": "XYZ"}}, "UNKNOWN_CURRENCY", ["cost", "currencyCode"]),
        ({"kind": "BUNDLE"}, "INVALID_COMPONENTS", ["components"]),
        ({"kind": "BUNDLE", "components": []}, "INVALID_COMPONENTS", ["components"]),
        ({"components": [{"sku": "x", "quantity": 1}]}, "INVALID_COMPONENTS", ["components"]),
        ({"kind": "BUNDLE", "components": [{"sku": "x", "quantity": 0}]}, "INVALID_COMPONENTS", ["components"]),
        ({"kind": "BUNDLE", "components": [{"sku": "x", "quantity": 1}] * 2}, "INVALID_COMPONENTS", ["components"]),
        ({"expectedVersion": 1}, "INVALID_VALUE", ["expectedVersion"]),
        ({"idempotencyKey": ""}, "INVALID_VALUE", ["idempotencyKey"]),
        ({"idempotencyKey": "nul\0"}, "INVALID_VALUE", ["idempotencyKey"]),
    ],
)
async def test_bad_input_names_its_field(ask: Ask, said: dict[str, Any], code: str, field: list[str]) -> None:
    sku = thing(**said)
    payload = await upserted(ask, sku)
    assert refusals(payload) == [(code, field)]
    assert payload["sku"] is None
    assert (await ask("query ($c: String!) { sku(by: {code: $c}) { id } }", c=sku["code"].replace("\0", "")))["sku"] is None


async def test_kinds_and_versions_are_guarded(given: Given, ask: Ask) -> None:
    sku = await given.sku()
    other = {"code": sku.code, "idempotencyKey": uuid4().hex}
    assert refusals(await upserted(ask, {**other, "kind": "SERVICE"})) == [("KIND_FIXED", ["kind"])]
    assert refusals(await upserted(ask, {**other, "expectedVersion": 2})) == [("VERSION_CONFLICT", ["expectedVersion"])]
    assert refusals(await upserted(ask, {**other, "expectedVersion": 1, "name": "New"})) == []


async def test_a_sku_is_deactivated_once(given: Given, ask: Ask) -> None:
    sku = await given.sku()
    key = text_id(IdKind.SKU, sku.id)
    stale = (await ask(DEACTIVATE, input={"id": key, "expectedVersion": 7}))["skuDeactivate"]
    assert stale["userErrors"] == [{"code": "VERSION_CONFLICT", "field": ["expectedVersion"], "currentVersion": 1}]
    for _ in range(2):
        done = (await ask(DEACTIVATE, input={"id": key}))["skuDeactivate"]
        assert done["sku"] == {"status": "INACTIVE", "version": 2}
    for wrong, code in ((text_id(IdKind.SKU, new_uuid()), "NOT_FOUND"), (text_id(IdKind.ORDER, sku.id), "INVALID_ID")):
        assert refusals((await ask(DEACTIVATE, input={"id": wrong}))["skuDeactivate"]) == [(code, ["id"])]


async def test_each_row_of_a_batch_is_done_or_refused_by_itself(given: Given, ask: Ask) -> None:
    known, replayed = await given.sku(), thing()
    await upserted(ask, replayed)
    part = thing()
    rows = [
        thing(kind="BUNDLE", components=[{"sku": part["code"], "quantity": 1}]),
        part,
        {"code": known.code, "name": "Changed", "idempotencyKey": uuid4().hex},
        thing(weightG=-1),
        part,
        replayed,
        {**replayed, "code": Given.code("SKU")},
    ]
    results = (await ask(UPSERTS, input={"skus": rows}))["skusUpsert"]["results"]
    assert [result["index"] for result in results] == list(range(7))
    assert [refusals(result) for result in results] == [
        [],
        [],
        [],
        [("INVALID_VALUE", ["skus", "3", "weightG"])],
        [("DUPLICATE_IN_BATCH", ["skus", "4", "code"])],
        [],
        [("DUPLICATE_IN_BATCH", ["skus", "6", "idempotencyKey"])],
    ]
    assert results[2]["sku"] == {"code": known.code, "version": 2}
    assert [result["replayed"] for result in results] == [False, False, False, False, False, True, False]
    retried = (await ask(UPSERTS, input={"skus": rows[:3]}))["skusUpsert"]["results"]
    assert [result["replayed"] for result in retried] == [True, True, True]


async def test_a_batch_is_bounded_and_its_statements_are_constant(ask: Ask) -> None:
    counts = []
    for size in (2, 1_000):
        with counted_statements() as sent:
            done = (await ask(UPSERTS, input={"skus": [thing() for _ in range(size)]}))["skusUpsert"]
        assert done["userErrors"] == []
        assert all(result["sku"] for result in done["results"])
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 10
    many = (await ask(UPSERTS, input={"skus": [thing() for _ in range(1_001)]}))["skusUpsert"]
    assert refusals(many) == [("TOO_MANY_ITEMS", ["skus"])]
    assert (await ask(UPSERTS, input={"skus": []}))["skusUpsert"]["results"] == []


async def test_two_at_once_make_one_sku(ask: Ask) -> None:
    code = Given.code("SKU")
    done = await asyncio.gather(*(upserted(ask, thing(code, name=f"Name {n}")) for n in range(5)))
    assert [refusals(payload) for payload in done] == [[]] * 5
    assert len({payload["sku"]["id"] for payload in done}) == 1
    assert sorted(payload["sku"]["version"] for payload in done) == [1, 2, 3, 4, 5]


async def test_skus_are_found_filtered_and_paged_both_ways(given: Given, ask: Ask) -> None:
    codes = sorted([(await given.sku()).code for _ in range(5)])
    one = (await ask("query ($c: String!) { sku(by: {code: $c}) { id } }", c=codes[0]))["sku"]
    assert (await ask("query ($i: ID!) { sku(by: {id: $i}) { code } }", i=one["id"]))["sku"] == {"code": codes[0]}
    assert (await ask("query ($i: ID!) { node(id: $i) { ... on Sku { code } } }", i=one["id"]))["node"] == {"code": codes[0]}
    document = """query ($w: SkuFilterInput, $first: Int, $after: Cursor, $last: Int, $before: Cursor) {
        skus(where: $w, first: $first, after: $after, last: $last, before: $before) {
            nodes { code } edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } }"""
    where = {"code": {"in": codes}, "kind": {"eq": "GOODS"}, "status": {"eq": "ACTIVE"}}
    first = (await ask(document, w=where, first=3))["skus"]
    assert [node["code"] for node in first["nodes"]] == codes[:3]
    rest = (await ask(document, w=where, first=3, after=first["pageInfo"]["endCursor"]))["skus"]
    assert [node["code"] for node in rest["nodes"]] == codes[3:]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    back = (await ask(document, w=where, last=2, before=rest["pageInfo"]["startCursor"]))["skus"]
    assert [node["code"] for node in back["nodes"]] == codes[1:3]
    (error,) = await ask.errors("query ($a: Cursor) { skus(orderBy: UPDATED_AT_DESC, after: $a) { nodes { id } } }",
                                a=first["pageInfo"]["endCursor"])  # fmt: skip
    assert error["extensions"]["code"] == "INVALID_CURSOR"
    (error,) = await ask.errors('{ sku(by: {id: "order_01h2xcejqtf2nbrexx3vqjhp41"}) { id } }')
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("INVALID_ID", ["by", "id"])


async def test_costs_need_their_own_scope(given: Given, work: UnitOfWork, principal: Principal) -> None:
    await given.sku(cost="3.20")
    nosy = Ask(work, replace(principal, scopes=principal.scopes - {Scope.COSTS_READ}))
    (error,) = await nosy.errors("{ skus { nodes { code cost { amount } } } }")
    assert (error["extensions"]["code"], "costs:read" in error["message"]) == ("MISSING_SCOPE", True)
    reader = Ask(work, replace(principal, scopes=frozenset({Scope.CATALOG_READ})))
    errors = await reader.errors(UPSERT, input=thing())
    assert [error["extensions"]["code"] for error in errors] == ["MISSING_SCOPE"] * 2


async def test_statements_of_a_page_do_not_grow(given: Given, ask: Ask) -> None:
    part = await given.sku()
    codes = [(await given.sku(kind=SkuKind.BUNDLE, components={part.code: 1})).code for _ in range(6)]
    codes += [(await given.sku()).code for _ in range(6)]
    document = """query ($in: [String!], $first: Int) { skus(where: {code: {in: $in}}, first: $first) { nodes {
        code cost { amount } components { sku { code } } inventoryLevels(first: 2) { nodes { onHand } } } } }"""
    counts = []
    for first in (2, 12):
        with counted_statements() as sent:
            assert len((await ask(document, **{"in": sorted(codes)}, first=first))["skus"]["nodes"]) == first
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 4


async def test_a_sku_is_found_by_its_barcode_unless_several_share_it(ask: Ask) -> None:
    document = "query ($by: SkuLookupInput!) { sku(by: $by) { code } }"
    one, other = (uuid4().hex for _ in range(2))
    cup = (await upserted(ask, thing(barcode=one)))["sku"]
    assert await ask(document, by={"barcode": one}) == {"sku": {"code": cup["code"]}}
    assert await ask(document, by={"barcode": other}) == {"sku": None}
    await upserted(ask, thing(barcode=one))
    (error,) = await ask.errors(document, by={"barcode": one})
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("BARCODE_SHARED", ["by", "barcode"])


async def test_of_skus_that_share_a_barcode_only_two_are_read(work: UnitOfWork, principal: Principal, ask: Ask) -> None:
    barcode = uuid4().hex
    asked = SkuLookupInput(barcode=barcode).given()  # type: ignore[call-arg] # keys are fields
    for _ in range(3):
        await upserted(ask, thing(barcode=barcode))
    async with work.reads(principal) as read:
        assert len(await read.all(SKUS.one(asked, read.sight))) == 2
