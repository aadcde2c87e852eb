"""What a document may ask for is known before it runs, however it is written."""

from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest
from graphql import get_introspection_query

from oms_api.db.connections import Pool
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.graphql.context import RequestContext
from oms_api.graphql.errors import formatted
from oms_api.graphql.limits import HIGHEST_COST, Walk
from oms_api.kernel.access import system_principal
from tests.factories.asking import SECRETS, schema


async def asked(document: str, variables: dict[str, Any] | None = None) -> tuple[list[str], int | None]:
    """Return the codes of the errors and the cost. Nothing is connected: what gets through to the database fails."""
    work = UnitOfWork(Pool("postgresql://nobody@127.0.0.1:1/nothing"))
    context = RequestContext(system_principal("tests"), work, None, SECRETS, "r")  # type: ignore[arg-type]
    result = await schema().execute(document, variable_values=variables, context_value=context)
    codes = [error["extensions"]["code"] for error in formatted(result.errors or [], "r")]
    return codes, (result.extensions or {}).get("cost")


def cost(document: str, variables: dict[str, Any] | None = None) -> int:
    """Return the cost of a document, which need not be allowed."""
    from graphql import OperationDefinitionNode, parse  # noqa: PLC0415

    parsed = parse(document)
    operation = next(d for d in parsed.definitions if isinstance(d, OperationDefinitionNode))
    return Walk(schema()._schema, parsed).operation(operation).price(variables or {})


async def test_depth_ends_at_15() -> None:
    for levels, refused in ((15, False), (16, True), (60, True)):
        body = "name"
        for _ in range(levels - 6):
            body = f"ofType {{ {body} }}"
        codes, _ = await asked(f"{{ __schema {{ types {{ fields {{ args {{ type {{ {body} }} }} }} }} }} }}")
        assert codes == (["DOCUMENT_TOO_DEEP"] if refused else [])


async def test_fragments_do_not_hide_depth() -> None:
    parts = [f"fragment F{n} on __Type {{ ofType {{ ...F{n + 1} }} }}" for n in range(30)]
    document = "{ __schema { types { ...F0 } } } " + " ".join(parts) + " fragment F30 on __Type { name }"
    assert (await asked(document))[0] == ["DOCUMENT_TOO_DEEP"]


async def test_introspection_in_circles_or_in_bulk_is_refused() -> None:
    fields = "fields { type { " * 4 + "name" + " } }" * 4
    assert (await asked(f"{{ __schema {{ types {{ {fields} }} }} }}"))[0]
    once = "__schema { types { fields { type { fields { name } } } } }"
    many = " ".join(f"a{n}: {once}" for n in range(100))
    assert (await asked(f"{{ {many} }}"))[0] == ["DOCUMENT_TOO_COSTLY"]


async def test_aliases_end_at_a_thousand() -> None:
    def aliased(count: int) -> str:
        return "{ " + " ".join(f"a{n}: __typename" for n in range(count)) + " }"

    assert await asked(aliased(1_000)) == ([], 1_000)
    assert (await asked(aliased(1_001)))[0] == ["TOO_MANY_ALIASES"]
    fragments = "query { ...A ...B } fragment A on Query { ...B ...B } fragment B on Query { " + aliased(400)[1:-1] + "}"
    assert (await asked(fragments))[0] == ["TOO_MANY_ALIASES"]


def doubling(levels: int, leaf: str = "__typename") -> str:
    """Return 2^levels leaves in a few bytes a level."""
    parts = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return "{ ...F0 } " + " ".join(parts) + f" fragment F{levels} on Query {{ {leaf} }}"


def doubling_fields(levels: int) -> str:
    """Return fragments doubled below fields, so that they cannot be merged by name."""
    parts = [
        f"fragment G{n} on Query {{ a{n}: nodes(ids: []) {{ id }} ...G{n + 1} ... {{ ...G{n + 1} }} }}" for n in range(levels)
    ]
    return "{ ...G0 } " + " ".join(parts) + f" fragment G{levels} on Query {{ __typename }}"


def chained(links: int) -> str:
    parts = [f"fragment C{n} on Query {{ ...C{n + 1} }}" for n in range(links)]
    return "{ ...C0 } " + " ".join(parts) + f" fragment C{links} on Query {{ __typename }}"


def circle(links: int) -> str:
    parts = [f"fragment O{n} on Query {{ ...O{(n + 1) % links} ...O{(n + 2) % links} }}" for n in range(links)]
    return "{ ...O0 } " + " ".join(parts)


BOMBS: dict[str, tuple[Callable[[], str], set[str]]] = {
    "doubling 30": (lambda: doubling(30), {"DOCUMENT_TOO_COSTLY"}),
    "doubling 200": (lambda: doubling(200), {"DOCUMENT_TOO_COSTLY", "INVALID_DOCUMENT"}),
    "doubling an expensive leaf": (lambda: doubling(40, "orders(first: 250) { nodes { id } }"), {"DOCUMENT_TOO_COSTLY"}),
    "doubling fields": (lambda: doubling_fields(40), {"TOO_MANY_ALIASES"}),
    "a long chain": (lambda: chained(1_500), {"DOCUMENT_TOO_DEEP"}),
    "a fragment in itself": (lambda: "{ ...A } fragment A on Query { ...A }", {"INVALID_DOCUMENT"}),
    "a circle of 50": (lambda: circle(50), {"INVALID_DOCUMENT"}),
    "a deep list": (lambda: "{ nodes(ids: " + "[" * 5_000 + "]" * 5_000 + ") { id } }", {"SYNTAX_ERROR"}),
    "deep fields": (lambda: "{ orders " * 1_500 + "}" * 1_500, {"SYNTAX_ERROR"}),
    "deep inline fragments": (lambda: "{ " + "... { " * 3_000 + "__typename" + " }" * 3_001, {"SYNTAX_ERROR"}),
    "too many tokens": (lambda: "{ " + "__typename " * 20_000 + "}", {"SYNTAX_ERROR"}),
    "many variables": (
        lambda: "query (" + " ".join(f"$v{n}: Int" for n in range(3_000)) + ") { __typename }",
        {"INVALID_DOCUMENT"},
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
async def test_a_bomb_is_answered_in_no_time(bomb: str) -> None:
    make, codes = BOMBS[bomb]
    document = make()
    assert len(document) < 300_000
    start = monotonic()
    found, _ = await asked(document)
    assert monotonic() - start < 3
    assert found
    assert set(found) <= codes


async def test_the_cost_multiplies_with_page_sizes() -> None:
    page = "{ orders(first: %s) { nodes { lines(first: %s) { nodes { id } } } } }"
    small, large = cost(page % (1, 1)), cost(page % (10, 10))
    assert small < large < cost(page % (250, 250))
    assert cost(page % (250, 250)) > 250 * 250
    assert cost("{ orders { nodes { id } } }") == cost("{ orders(first: 50) { nodes { id } } }")
    assert cost("{ orders(last: 9) { nodes { id } } }") == cost("{ orders(first: 9) { nodes { id } } }")
    assert cost("{ orders(first: 99999999999) { nodes { id } } }") == cost("{ orders(first: 250) { nodes { id } } }")


async def test_the_cost_follows_variables_and_their_defaults() -> None:
    document = "query ($n: Int = 200) { orders(first: $n) { nodes { id } } }"
    assert cost(document) == cost("{ orders(first: 200) { nodes { id } } }")
    assert cost(document, {"n": 3}) == cost("{ orders(first: 3) { nodes { id } } }")
    assert cost(document, {"n": 1_000_000}) == cost("{ orders(first: 250) { nodes { id } } }")
    assert cost(document, {"n": None}) == cost(document, {"n": "x"}) == cost("{ orders { nodes { id } } }")


async def test_a_negative_page_costs_nothing_and_pays_for_nothing() -> None:
    assert cost("{ orders(first: -99999) { nodes { id } } }") == 0
    assert cost("query ($n: Int) { orders(first: $n) { nodes { id } } }", {"n": -99_999}) == 0


async def test_several_records_by_id_cost_their_number() -> None:
    ids = ", ".join('"order_01h2xcejqtf2nbrexx3vqjhp41"' for _ in range(100))
    lines = "{ ... on Order { lines(first: 250) { nodes { id } } } }"
    one = cost('{ node(id: "order_01h2xcejqtf2nbrexx3vqjhp41") ' + lines + " }")
    assert cost(f"{{ nodes(ids: [{ids}]) {lines} }}") == 100 * one
    variables = {"ids": ["x"] * 100}
    assert cost(f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {lines} }}", variables) == 100 * one


async def test_what_costs_too_much_is_refused_with_its_cost() -> None:
    page = "lines(first: 250) { nodes { id name goods { amount } total { amount } tax { amount } } }"
    document = f"{{ orders(first: 250) {{ nodes {{ {page} a: {page} }} }} }}"
    assert await asked(document) == (["DOCUMENT_TOO_COSTLY"], HIGHEST_COST + 1)


async def test_the_cost_is_told_with_every_answer() -> None:
    assert await asked("{ __typename }") == ([], 1)


async def test_introspection_is_within_the_limits() -> None:
    for options in ({}, {"input_value_deprecation": True, "specified_by_url": True, "directive_is_repeatable": True}):
        codes, told = await asked(get_introspection_query(**options))
        assert codes == []
        assert told is not None


async def test_a_document_of_several_operations_is_measured_by_the_one_that_runs() -> None:
    document = "query A { a: __typename } query B { orders(first: 250) { nodes { lines(first: 250) { nodes { id } } } } }"
    work = UnitOfWork(Pool("postgresql://nobody@127.0.0.1:1/nothing"))
    context = RequestContext(system_principal("tests"), work, None, SECRETS, "r")  # type: ignore[arg-type]
    result = await schema().execute(document, operation_name="A", context_value=context)
    assert (result.errors, result.extensions) == (None, {"cost": 1})
