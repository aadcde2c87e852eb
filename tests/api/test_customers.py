"""Customers over GraphQL."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from oms_api.db.outbox import StagedEvent
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.ids import CustomerId, IdKind, new_uuid, parse_id, text_id
from tests.factories.asking import Ask, counted_statements, refusals
from tests.factories.given import Given
from tests.factories.raw import raw

CUSTOMER = "id externalRef country version name email phone address { city country }"
UPSERT = f"""mutation ($input: CustomerUpsertInput!) {{ customerUpsert(input: $input) {{
    replayed userErrors {{ code field message }} customer {{ {CUSTOMER} }} }} }}"""


@pytest.fixture
def given(work: UnitOfWork) -> Given:
    return Given(work)


@pytest.fixture
def ask(work: UnitOfWork, principal: Principal) -> Ask:
    return Ask(work, principal)


async def upserted(ask: Ask, **said: Any) -> dict[str, Any]:
    return (await ask(UPSERT, input={"idempotencyKey": uuid4().hex, **said}))["customerUpsert"]  # type: ignore[no-any-return]


async def test_a_customer_is_known_by_its_reference(ask: Ask) -> None:
    ref, key = Given.code("C"), uuid4().hex
    ada = {"name": "Ada Lovelace", "email": "ada@example.com", "phone": "+44 20 7946 0000"}
    said = {"externalRef": ref, **ada, "address": {"city": "London", "country": "GB"}, "idempotencyKey": key}
    first, second = await upserted(ask, **said), await upserted(ask, **said)
    assert (first["userErrors"], first["replayed"], second["replayed"]) == ([], False, True)
    made = first["customer"]
    assert made == second["customer"]
    assert (made["country"], made["name"], made["address"]["city"], made["version"]) == ("GB", "Ada Lovelace", "London", 1)
    changed = (await upserted(ask, externalRef=ref, phone=None, name="Ada King"))["customer"]
    assert changed == {**made, "phone": None, "name": "Ada King", "version": 2}
    assert (await upserted(ask, externalRef=ref, name="Ada King"))["customer"]["version"] == 2
    renamed = (await upserted(ask, id=made["id"], externalRef=ref + "-new", expectedVersion=2))["customer"]
    assert (renamed["externalRef"], renamed["version"]) == (ref + "-new", 3)


async def test_nobody_is_merged_by_email(ask: Ask) -> None:
    email = f"{uuid4().hex}@example.com"
    made = [(await upserted(ask, email=given))["customer"] for given in (email, email.upper())]
    assert made[0]["id"] != made[1]["id"]
    assert made[1]["email"] == email.upper()
    document = "query ($where: CustomerFilterInput!) { customers(where: $where) { nodes { id } } }"
    for asked in ({"eq": email}, {"eq": email.title()}, {"in": ["nobody@example.com", email.title()]}):
        found = (await ask(document, where={"email": asked}))["customers"]["nodes"]
        assert {node["id"] for node in found} == {customer["id"] for customer in made}, asked


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"email": "ada"}, "INVALID_VALUE", ["email"]),
        ({"email": "ada@no dots.com"}, "INVALID_VALUE", ["email"]),
        ({"email": "ada@example..com"}, "INVALID_VALUE", ["email"]),
        ({"email": f"{'a' * 250}@example.com"}, "INVALID_VALUE", ["email"]),
        ({"country": "UK"}, "INVALID_VALUE", ["country"]),
        ({"address": {"country": "Narnia"}}, "INVALID_VALUE", ["address", "country"]),
        ({"externalRef": ""}, "INVALID_VALUE", ["externalRef"]),
        ({"name": "nul\0"}, "INVALID_VALUE", ["name"]),
        ({"id": text_id(IdKind.CUSTOMER, new_uuid())}, "NOT_FOUND", ["id"]),
        ({"id": text_id(IdKind.ORDER, new_uuid())}, "INVALID_ID", ["id"]),
        ({"expectedVersion": 1}, "INVALID_VALUE", ["expectedVersion"]),
    ],
)
async def test_bad_input_names_its_field(ask: Ask, said: dict[str, Any], code: str, field: list[str]) -> None:
    payload = await upserted(ask, **said)
    assert (refusals(payload), payload["customer"]) == ([(code, field)], None)


async def test_references_and_versions_are_guarded(given: Given, ask: Ask) -> None:
    one, two = await given.customer(), await given.customer()
    taken = await upserted(ask, id=text_id(IdKind.CUSTOMER, one.id), externalRef=two.external_ref)
    assert refusals(taken) == [("EXTERNAL_REF_TAKEN", ["externalRef"])]
    stale = await upserted(ask, externalRef=one.external_ref, name="x", expectedVersion=9)
    assert refusals(stale) == [("VERSION_CONFLICT", ["expectedVersion"])]


async def test_personal_fields_need_their_scope_and_stay_out_of_events(work: UnitOfWork, principal: Principal) -> None:
    writer = Ask(work, replace(principal, scopes=frozenset({Scope.CUSTOMERS_WRITE})))
    (error,) = {e["message"] for e in await writer.errors(UPSERT, input={"idempotencyKey": "x", "name": "Ada"})}
    assert "customers:read" in error
    plain = "mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } userErrors { code } } }"
    said = {"idempotencyKey": uuid4().hex, "externalRef": Given.code("C"), "name": "Ada", "email": "ada@example.com"}
    made = (await writer(plain, input=said))["customerUpsert"]["customer"]
    await writer(plain, input={**said, "idempotencyKey": uuid4().hex, "name": "Grace"})
    async with work.reads(principal) as read:
        events = await read.all(
            raw(
                select(StagedEvent)
                .where(StagedEvent.subject_id == parse_id(CustomerId, made["id"]))
                .order_by(StagedEvent.stage)
            )
        )
    assert [event.type for event in events] == ["CUSTOMER_CREATED", "CUSTOMER_CHANGED"]
    assert events[1].changes == {"name": [None, None]}


async def test_customers_are_found_and_statements_do_not_grow(given: Given, ask: Ask) -> None:
    made = [await given.customer() for _ in range(6)]
    ids = {"i": text_id(IdKind.CUSTOMER, made[0].id), "r": made[0].external_ref}
    both = "query ($i: ID!, $r: String!) { a: customer(by: {id: $i}) { id } b: customer(by: {externalRef: $r}) { id } }"
    found = await ask(both, **ids)
    assert found["a"] == found["b"] == {"id": ids["i"]}
    counts = []
    for first in (1, 6):
        with counted_statements() as sent:
            page = (await ask(f"{{ customers(first: {first}) {{ nodes {{ {CUSTOMER} }} }} }}"))["customers"]
        assert [node["externalRef"] for node in page["nodes"]] == [c.external_ref for c in reversed(made)][:first]
        counts.append(len(sent))
    assert counts == [2, 2]
