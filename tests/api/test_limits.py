"""What a document may ask for is known before it runs, however it is written."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from graphql import get_introspection_query

from oms_api.db.connections import Pool
from oms_api.db.reads import RoundTrips
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.graphql.context import RequestContext
from oms_api.graphql.errors import formatted
from oms_api.graphql.limits import A_CALL, A_SELECTION, HIGHEST_COST, Walk
from oms_api.graphql.prepared import MOST_ERRORS, PreparedDocuments
from oms_api.graphql.variables import MANY
from oms_api.kernel.access import VISITOR, Principal, system_principal
from oms_api.kernel.ids import ApiKeyId, IdKind, text_id
from tests.factories.asking import SECRETS, schema
from tests.factories.loop_turns import LoopTurns
from tests.factories.ports import ports_of

PRINCIPAL = system_principal("tests")


def unconnected(principal: Principal = PRINCIPAL) -> RequestContext:
    """Return the context of *principal*. Nothing is connected: what gets through to the database fails."""
    work = UnitOfWork(Pool("postgresql://nobody@127.0.0.1:1/nothing"))
    return RequestContext(principal, work, ports_of(work), None, SECRETS, "r")  # type: ignore[arg-type]


async def asked(document: str, variables: dict[str, Any] | None = None) -> tuple[list[str], int | None]:
    """Return the codes of the errors and the cost."""
    result = await schema().execute(document, variable_values=variables, context_value=unconnected())
    codes = [error["extensions"]["code"] for error in formatted(result.errors or [], "r")]
    return codes, (result.extensions or {}).get("cost")


async def messages(document: str, principal: Principal = PRINCIPAL) -> list[str]:
    """Return why *document* is refused."""
    result = await schema().execute(document, context_value=unconnected(principal))
    return [error["message"] for error in formatted(result.errors or [], "r")]


async def test_a_cost_is_told_as_far_as_it_is_counted() -> None:
    said = "The document costs more than 500,000, at most 500,000 is allowed: ask for smaller pages."
    assert await messages(
        "{ "
        + " ".join(f"a{n}: orders(first: 250) {{ nodes {{ lines(first: 250) {{ nodes {{ id }} }} }} }}" for n in range(9))
        + " }"
    ) == [said]
    document = "{ " + " ".join(f'a{n}: orderTracking(token: "x") {{ number }}' for n in range(4)) + " }"
    told = f"The document costs {cost(document):,}, at most 2,000 is allowed: ask for smaller pages."
    assert await messages(document, VISITOR) == [told]


def cost(document: str, variables: dict[str, Any] | None = None) -> int:
    """Return the cost of a document, which need not be allowed."""
    from graphql import OperationDefinitionNode, parse  # noqa: PLC0415

    parsed = parse(document)
    operation = next(d for d in parsed.definitions if isinstance(d, OperationDefinitionNode))
    return Walk(schema()._schema, parsed).operation(operation).price(variables or {})


async def test_each_key_has_a_share_of_its_own_of_what_takes_long() -> None:
    one, another = (unconnected(replace(PRINCIPAL, key_id=ApiKeyId(UUID(int=number)))) for number in (1, 2))
    assert one.trips.holder != another.trips.holder
    async with one.work.reads(one.principal) as read:
        assert isinstance(read.sender, RoundTrips)
        assert read.sender.holder == one.trips.holder


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


async def test_what_is_compiled_is_paid_for_wherever_it_is_spread() -> None:
    """A selection is compiled for each field that has it, whatever few records that gives."""
    amounts = " ".join(f"a{n}: total {{ amount }}" for n in range(30))
    spread = " ".join(f'o{n}: order(by: {{number: "{n}"}}) {{ ...F }}' for n in range(30))
    assert cost(f"{{ {spread} }} fragment F on Order {{ {amounts} }}") > 30 * 30 * A_SELECTION
    once, twice = cost("{ orders(first: 1) { nodes { id } } }"), cost("{ orders(first: 2) { nodes { id } } }")
    assert twice - once < A_SELECTION < once


@pytest.mark.parametrize(
    "survey",
    [
        'ordersFacets(where: {shippingCode: {eq: "POST"}}) { status { count } }',
        "promiseAccuracy(range: $r) { total { packages } }",
        "supplierScorecards(range: $r) { hasMore }",
        "locationScorecards(range: $r) { hasMore }",
    ],
)
async def test_no_document_counts_all_records_often(survey: str) -> None:
    def times(count: int) -> str:
        return "query ($r: DateRange!) { " + " ".join(f"a{n}: {survey}" for n in range(count)) + " }"

    assert cost(times(10)) < HIGHEST_COST < cost(times(20))


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
    "a long chain": (lambda: chained(300), {"DOCUMENT_TOO_DEEP"}),
    "a fragment in itself": (lambda: "{ ...A } fragment A on Query { ...A }", {"INVALID_DOCUMENT"}),
    "a circle of 50": (lambda: circle(50), {"INVALID_DOCUMENT"}),
    "a deep list": (lambda: "{ nodes(ids: " + "[" * 5_000 + "]" * 5_000 + ") { id } }", {"SYNTAX_ERROR"}),
    "deep fields": (lambda: "{ orders " * 1_500 + "}" * 1_500, {"SYNTAX_ERROR"}),
    "deep inline fragments": (lambda: "{ " + "... { " * 3_000 + "__typename" + " }" * 3_001, {"SYNTAX_ERROR"}),
    "a long number": (
        lambda: "query ($n: Int = " + "9" * 5_000 + ") { orders(first: $n) { nodes { id } } }",
        {"INVALID_DOCUMENT"},
    ),
    "too many tokens": (lambda: "{ " + "__typename " * 20_000 + "}", {"DOCUMENT_TOO_LONG"}),
    "too many commas": (lambda: "{ a " + "," * 200_000 + "}", {"DOCUMENT_TOO_LONG"}),
    "many variables": (
        lambda: "query (" + " ".join(f"$v{n}: Int" for n in range(700)) + ") { __typename }",
        {"INVALID_DOCUMENT"},
    ),
    "fields that overlap": (lambda: "{ " + "orders { nodes { lines { nodes { id } } } } " * 180 + "}", {"DOCUMENT_TOO_COSTLY"}),
    "conflicts": (lambda: "{ " + "a: orders { nodes { id } } a: skus { nodes { id } } " * 170 + "}", {"INVALID_DOCUMENT"}),
    "conflicting fragments": (
        lambda: (
            "{ "
            + " ".join(f"...F{n}" for n in range(150))
            + " } "
            + " ".join(f"fragment F{n} on Query {{ n: nodes(ids: [{n}]) {{ id }} }}" for n in range(150))
        ),
        {"INVALID_DOCUMENT"},
    ),
    "many operations": (
        lambda: (
            " ".join(f"query q{n}($v: Int) {{ ...F }}" for n in range(200))
            + " fragment F on Query { "
            + "orders(first: $v) { nodes { id } } " * 60
            + "}"
        ),
        {"DOCUMENT_TOO_LONG"},
    ),
    "unknown types": (lambda: "{ " + " ".join(f"... on Ordr{n} {{ a }}" for n in range(500)) + " }", {"INVALID_DOCUMENT"}),
}


@pytest.mark.parametrize("bomb", BOMBS)
async def test_a_bomb_is_refused(bomb: str) -> None:
    make, codes = BOMBS[bomb]
    document = make()
    assert len(document) < 300_000
    found, _ = await asked(document)
    assert 0 < len(found) <= MOST_ERRORS + 1
    assert set(found) <= codes


async def test_the_cost_multiplies_with_page_sizes() -> None:
    page = "{ orders(first: %s) { nodes { lines(first: %s) { nodes { id } } } } }"
    small, large = cost(page % (1, 1)), cost(page % (10, 10))
    assert small < large < cost(page % (250, 250))
    assert cost(page % (250, 250)) > 250 * 250
    assert cost("{ orders { nodes { id } } }") == cost("{ orders(first: 50) { nodes { id } } }")
    assert cost("{ orders(last: 9) { nodes { id } } }") == cost("{ orders(first: 9) { nodes { id } } }")
    assert cost("{ orders(first: 99999999999) { nodes { id } } }") == cost("{ orders(first: 250) { nodes { id } } }")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ nope", "SYNTAX_ERROR"),
        ("{ " + "__typename " * 5_000 + "}", "DOCUMENT_TOO_LONG"),
        ("{ nope }", "INVALID_DOCUMENT"),
        (chained(300), "DOCUMENT_TOO_DEEP"),
    ],
)
async def test_a_stream_tells_why_its_document_is_refused(document: str, code: str) -> None:
    results: list[Any] = [result async for result in await schema().stream(document, context_value=unconnected())]
    assert [error.extensions["code"] for result in results for error in result.errors] == [code]


async def test_a_document_that_is_too_long_is_told_how_long_it_may_be() -> None:
    for document in ("{ " + "__typename " * 4_000 + "}", "{ a" + " " * 100_000 + "}"):
        (error,) = (await schema().execute(document, context_value=unconnected())).errors or []
        assert error.message.endswith(("at most 3,200 are allowed.", "at most 100,000 are allowed."))
    assert (await asked("{ " + "__typename " * 3_198 + "}"))[0] == []


async def test_what_is_refused_for_its_cost_is_not_validated() -> None:
    sizes = " ".join(f"a{n}: orders(first: 250) {{ nodes {{ lines(first: 250) {{ nodes {{ nope }} }} }} }}" for n in range(9))
    assert (await asked(f"{{ {sizes} }}"))[0] == ["DOCUMENT_TOO_COSTLY"]


async def test_the_cost_follows_variables_and_their_defaults() -> None:
    document = "query ($n: Int = 200) { orders(first: $n) { nodes { id } } }"
    assert cost(document) == cost("{ orders(first: 200) { nodes { id } } }")
    assert cost(document, {"n": 3}) == cost("{ orders(first: 3) { nodes { id } } }")
    assert cost(document, {"n": 1_000_000}) == cost("{ orders(first: 250) { nodes { id } } }")
    assert cost(document, {"n": None}) == cost("{ orders { nodes { id } } }")


async def test_the_largest_size_that_is_asked_for_is_paid_for() -> None:
    whole = cost("{ orders(last: 250) { nodes { id } } }")
    both = "query ($n: Int) { orders(first: $n, last: 250) { nodes { id } } }"
    assert cost(both) == cost(both, {"n": None}) == cost(both, {"n": 1}) == whole
    last = "query ($n: Int, $m: Int) { orders(first: $n, last: $m) { nodes { id } } }"
    assert (
        cost(last, {"m": 250})
        == cost(last, {"n": 250})
        == cost(last, {"n": 250.0})
        == cost(last, {"n": 1, "m": 2.5e2})
        == whole
    )
    assert cost("{ orders(first: null, last: 250) { nodes { id } } }") == whole
    nested = "query ($n: Int) { orders(first: $n, last: 250) { nodes { lines(first: $n, last: 250) { nodes { id } } } } }"
    assert cost(nested) == cost("{ orders(first: 250) { nodes { lines(first: 250) { nodes { id } } } } }")


async def test_a_list_that_is_given_as_one_value_is_one() -> None:
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert cost(document, {"ids": "x"}) == cost(document, {"ids": ["x"]})


async def test_reports_and_counts_cost_what_they_take() -> None:
    report = 'salesReport(range: {from: "2025-01-01", before: "2026-01-01"}, grain: DAY) { upToDate }'
    many = " ".join(f"a{n}: {report}" for n in range(100))
    assert (await asked(f"{{ {many} }}"))[0] == ["DOCUMENT_TOO_COSTLY"]
    assert cost("{ ordersCount(limit: 10000) { count } }") > 100 * cost("{ __typename }")


async def test_a_resolver_that_is_called_for_each_record_is_paid_for_each_time() -> None:
    plain, called = (cost(f"{{ skus(first: 250) {{ nodes {{ {below} }} }} }}") for below in ("id", "inventory { available }"))
    assert called - plain >= 250 * 9
    many = " ".join(f"a{n}: inventory {{ available }}" for n in range(400))
    assert (await asked(f"{{ skus(first: 250) {{ nodes {{ {many} }} }} }}"))[0] == ["DOCUMENT_TOO_COSTLY"]


async def test_introspection_costs_what_it_returns() -> None:
    for once in ("__schema { types { name description } }", '__type(name: "Query") { fields { name args { name } } }'):
        many = " ".join(f"a{n}: {once}" for n in range(150))
        assert (await asked(f"{{ {once} }}"))[0] == []
        assert (await asked(f"{{ {many} }}"))[0] == ["DOCUMENT_TOO_COSTLY"]
    standard = get_introspection_query()
    beside = standard[: standard.index("{") + 1] + " inventoryReasons { code } " + standard[standard.index("{") + 1 :]
    assert (await asked(beside))[0] == ["DOCUMENT_TOO_COSTLY"]


async def test_what_is_told_of_the_schema_is_made_once() -> None:
    text = get_introspection_query(descriptions=False)
    answers: list[Any] = [(await schema().execute(text, context_value=unconnected())).data for _ in range(2)]
    assert answers[0]["__schema"]["queryType"]["name"] == "Query"
    assert answers[0] is answers[1]


async def test_introspection_follows_variables() -> None:
    document = "query ($name: String!) { __type(name: $name) { name } }"
    for name in ("Order", "Sku"):
        result = await schema().execute(document, variable_values={"name": name}, context_value=unconnected())
        assert result.data == {"__type": {"name": name}}


COSTLY = (
    "{ orders(first: 250) { nodes { " + "lines(first: 250) { nodes { id name goods { amount } total { amount } } } " + "} } }"
)


async def test_only_what_is_valid_and_permitted_is_kept() -> None:
    kept = PreparedDocuments.documents
    refused = {
        "{ kept }": "INVALID_DOCUMENT",
        "{ a: node(id: 1) { id } a: nodes(ids: [1]) { id } }": "INVALID_DOCUMENT",
        COSTLY: "DOCUMENT_TOO_COSTLY",
    }
    for text, code in refused.items():
        assert (await asked(text))[0] == [code]
        assert kept.find(text) is None
    assert (await asked("{ keptOne: __typename }"))[0] == []
    assert kept.find("{ keptOne: __typename }") is not None
    nobody = unconnected(replace(PRINCIPAL, scopes=frozenset()))
    assert (await schema().execute("{ x: orders { nodes { id } } }", context_value=nobody)).errors
    assert kept.find("{ x: orders { nodes { id } } }") is None


async def test_a_negative_page_costs_nothing_and_pays_for_nothing() -> None:
    assert cost("{ orders(first: -99999) { nodes { id } } }") == A_CALL + 2 * A_SELECTION
    assert cost("query ($n: Int) { orders(first: $n) { nodes { id } } }", {"n": -99_999}) == A_CALL + 2 * A_SELECTION


async def test_several_records_by_id_cost_their_number() -> None:
    ids = ", ".join('"order_01h2xcejqtf2nbrexx3vqjhp41"' for _ in range(100))
    lines = "{ ... on Order { lines(first: 250) { nodes { id } } } }"
    one = cost('{ node(id: "order_01h2xcejqtf2nbrexx3vqjhp41") ' + lines + " }")
    once = A_CALL + 3 * A_SELECTION  # whatever their number
    hundred = 100 * (one - once) + once
    assert cost(f"{{ nodes(ids: [{ids}]) {lines} }}") == hundred
    variables = {"ids": ["x"] * 100}
    assert cost(f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {lines} }}", variables) == hundred


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
    result = await schema().execute(document, operation_name="A", context_value=unconnected())
    assert (result.errors, result.extensions) == (None, {"cost": 1})


PLACING = "mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { userErrors { field } } }"
ODDLY_PLACING = PLACING.replace("(", "($shown: Boolean = true, ", 1).replace("userErrors", "userErrors @include(if: $shown)")


async def refused(document: str, lines: int, **wrong: object) -> tuple[list[Any], int]:
    """Return what is wrong with an order of which the last line is *wrong*, and how many turns others had meanwhile."""
    good: dict[str, Any] = {"sku": "A", "quantity": 1}
    order = {"idempotencyKey": "k", "channelId": text_id(IdKind.CHANNEL, UUID(int=1)), "lines": [good] * (lines - 1)}
    order["lines"] = [*order["lines"], good | wrong]
    counted, context = LoopTurns(), unconnected()
    others = asyncio.create_task(counted.until(1))
    result = await schema().execute(document, variable_values={"input": order}, context_value=context)
    counted.note()
    await others
    errors = result.data["orderPlace"]["userErrors"] if result.data else []
    return formatted(result.errors or [], "r") or [error["field"] for error in errors], counted.now


async def test_who_sends_much_leaves_turns_to_others_and_is_told_the_same() -> None:
    (few, _), (many, turns) = [await refused(PLACING, lines, locationId="nowhere") for lines in (2, MANY + 1)]
    assert few == [["lines", "1", "locationId"]]
    assert many == [["lines", str(MANY), "locationId"]]
    assert turns > 5


@pytest.mark.parametrize("document", [PLACING, ODDLY_PLACING])
async def test_what_only_graphql_core_reads_of_much_leaves_turns_to_others_too(document: str) -> None:
    (few, _), (many, turns) = [await refused(document, lines, quantity="one") for lines in (2, 10 * MANY)]
    assert [error["message"] for error in many] == [each["message"].replace("[1]", f"[{10 * MANY - 1}]") for each in few] != []
    assert turns > 5
