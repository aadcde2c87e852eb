"""A supplier's key asks for all that the schema has, and finds its own work only: no price, no e-mail, nothing of others."""

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from oms_api.app import assemble
from oms_api.db.connections import Pool
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.graphql import nodes
from oms_api.kernel.access import Principal, Scope
from oms_api.kernel.ids import IdKind, text_id
from tests.factories.asking import Ask, schema
from tests.factories.canaries import OF_MERCHANT, OF_OTHER, PRICES, Walker, World
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.questions import Question
from tests.factories.served import served, settings_for
from tests.factories.words import Known

TOO_MUCH = {"DOCUMENT_TOO_COSTLY", "DOCUMENT_TOO_LONG", "DOCUMENT_TOO_DEEP", "COST_EXCEEDED"}


@pytest.fixture(scope="module")
async def world(database: Database) -> AsyncIterator[World]:
    pool = Pool(database.app_url)
    yield await World.open(UnitOfWork(pool), database)
    await pool.close()


@pytest.fixture(scope="module")
async def known(world: World) -> Known:
    """Know all words, ids and cursors that there are, as somebody who sees everything."""
    found = Known()
    for kind, ids in world.ids.items():
        found.ids[kind.value] = ids
        found.types[kind.value] = nodes.ENTITIES[kind].show.__strawberry_definition__.name
    ask = Ask(world.mine.shop.work, SYSTEM)
    for _, questions in Walker(schema()._schema, SYSTEM.scopes, found).records(world.ids):
        data, _ = await outcome(ask, questions)
        found.learn(data)
    return found


def partner_key(world: World, scopes: Iterable[Scope]) -> Principal:
    """Return a key of the supplier whose own nothing sings, with *scopes*."""
    return replace(world.mine.desk.principal, scopes=frozenset(scopes))


async def outcome(ask: Ask, questions: list[Question]) -> tuple[Any, list[dict[str, Any]]]:
    """Ask the first of *questions* that costs no more than one may."""
    for question in questions:
        data, errors = await ask.outcome(question.document, **question.variables[0])
        codes = {error["extensions"]["code"] for error in errors}
        if not codes & TOO_MUCH:
            known_before = [error for error in errors if error["extensions"]["code"] == "MISSING_SCOPE" and "path" not in error]
            assert known_before == [], question.document
            return data, errors
    raise AssertionError(f"too much: {questions[-1].document}")


def sung(told: object, *forbidden: str) -> list[str]:
    """Return which of *forbidden* is in an answer, with what is around it."""
    text = json.dumps(told, ensure_ascii=False, default=str)
    low = text.lower()
    places = [(word, low.find(word.lower())) for word in forbidden]
    return [f"{word}: {text[max(at - 200, 0) : at + 60]}" for word, at in places if at >= 0]


def walks(world: World, known: Known, scopes: Iterable[Scope]) -> Iterator[tuple[str, list[Question]]]:
    walker = Walker(schema()._schema, frozenset(scopes), known)
    yield from walker.root_fields(Random(26))
    yield from walker.records(world.ids)


async def test_a_suppliers_key_finds_its_own_work_only(world: World, known: Known) -> None:
    principal = partner_key(world, (Scope.REQUESTS_READ, Scope.REQUESTS_ANSWER))
    ask, found, names = Ask(world.mine.shop.work, principal), [], set()
    own = await own_ids(world)
    foreign = [each for ids in world.ids.values() for each in ids if each not in own]
    for name, questions in walks(world, known, principal.scopes):
        data, errors = await outcome(ask, questions)
        names.add(name)
        found += [f"{name}: {each}" for each in sung([data, errors], OF_MERCHANT, OF_OTHER)]
        found += [f"{name}: {each}" for each in sung(data, *PRICES, "@example.com", *foreign)]
    assert found == []
    assert {"fulfillmentRequests", "fulfillmentRequest", "requestEvents", "FulfillmentRequest", "Order"} <= names


async def own_ids(world: World) -> set[str]:
    """Return the ids that a supplier may see: of its requests, and of their lines and parcels."""
    mine, found = world.mine, set()
    for _, request in (mine.shipped, mine.asked):
        work = request.fulfillment_order_id
        found |= {text_id(IdKind.FULFILLMENT_REQUEST, request.id), text_id(IdKind.FULFILLMENT_ORDER, work)}
        found |= {text_id(IdKind.FULFILLMENT_ORDER_LINE, each.id) for each in await mine.shop.work_lines(work)}
        found |= {text_id(IdKind.PACKAGE, each.id) for each in await mine.shop.packages_of(work)}
    return found


async def test_it_sees_what_it_is_to_send_and_to_whom(world: World) -> None:
    """The walk would find nothing either if it could see nothing."""
    principal = partner_key(world, (Scope.REQUESTS_READ, Scope.REQUESTS_ANSWER))
    document = """{ fulfillmentRequests { nodes { orderNumber shipTo { name line1 } orderNote
        lines { nodes { skuCode quantity } } packages { trackingNumber } } } requestEvents { nodes { __typename } } }"""
    told = await Ask(world.mine.shop.work, principal)(document)
    shown = told["fulfillmentRequests"]["nodes"]
    assert [each["orderNumber"] for each in shown] == [order.number for order, _ in (world.mine.shipped, world.mine.asked)]
    assert [each["shipTo"] for each in shown] == [{"name": "Customer", "line1": "7 Long Lane"}] * 2
    assert told["requestEvents"]["nodes"] != []


async def test_a_key_that_reads_all_of_one_partner_finds_nothing_of_the_other(world: World, known: Known) -> None:
    readers = [scope for scope in Scope if scope.value.endswith(":read")]
    mine = world.mine
    principal = replace(partner_key(world, readers), channels=frozenset({mine.shop.channel.id}))
    ask, found = Ask(mine.shop.work, principal), []
    for name, questions in walks(world, known, principal.scopes):
        data, errors = await outcome(ask, questions)
        found += [f"{name}: {each}" for each in sung([data, errors], OF_OTHER)]
    assert found == []


async def test_the_walk_finds_what_it_looks_for_where_it_may(world: World, known: Known) -> None:
    """Somebody who sees everything hears all the canaries: so the others would have."""
    ask, silent = Ask(world.mine.shop.work, SYSTEM), {OF_MERCHANT, OF_OTHER, "1313.37", "@example.com"}
    for _, questions in walks(world, known, SYSTEM.scopes):
        if silent:
            data, _ = await outcome(ask, questions)
            silent = {word for word in silent if not sung(data, word)}
    assert silent == set()


async def test_no_route_tells_a_supplier_more(world: World, database: Database) -> None:
    principal = partner_key(world, (Scope.REQUESTS_READ, Scope.REQUESTS_ANSWER))
    async with served(settings_for(database), schema=None) as running:
        limits = {"locations": principal.locations, "suppliers": principal.suppliers}
        key = await running.key(scopes=principal.scopes, **limits)
        headers = {"authorization": f"Bearer {key.text}"}
        async with httpx.AsyncClient(base_url=running.address, headers=headers, timeout=20) as client:
            routes = [route.path for route in assemble(running.oms).routes if isinstance(route, Route)]
            for path in routes:
                told = await client.get(path.replace("{", "").replace("}", ""))
                assert sung(told.text, OF_MERCHANT, OF_OTHER, *PRICES, "@example.com") == []
                assert told.status_code < 500
    assert "/graphql" in routes
