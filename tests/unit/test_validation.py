"""Documents are found invalid by the same rules, in the same words and order, as graphql-core's own validation finds them."""

from cProfile import Profile
from pstats import Stats

import pytest
from graphql import parse, specified_rules, validate

from oms_api.graphql.validation import errors_in
from tests.factories.asking import schema

F = "fragment F on Order { id ...G } fragment G on Order { number }"
DOCUMENTS = [
    "{ orders { nodes { ...F } } } " + F,
    "{ orders(first: 1, first: 2, last: x, of: 3) { nodes { idd lines } } }",
    "query A($a: Int, $a: Nope, $b: ID!) { orders(first: $b, after: $c) { ...F } node { id } } " + F,
    "query A { order(by: {id: 1, number: true, zz: 2}) { id { a } } } query A { a } { b }",
    "{ ...F ...H } fragment F on Order { ...F } fragment F on Int { a } fragment I on Nope { a }",
    "query ($v: [ID!]!) { nodes(ids: $v) @skip @skip(if: 1) @nope { ... on Sku @include(if: $w) { id } ... on Money { a } } }",
    "mutation { orderPlace(input: {idempotencyKey: null, lines: [{}], zz: {a: 1}}) { order { id } } orders { id } }",
    "subscription { events { id } orderEvents { id } }",
    "{ " + " ".join(f"a{n}: nope{n}" for n in range(9)) + " }",
    "{ " + " ".join(f"... on Ordr{n} {{ a }}" for n in range(9)) + " }",
    "type A { a: Int } extend schema @a { query: A }",
    "query ($a: Int = true, $b: OrderFilterInput = {number: {eq: 1}}) { orders(where: $b, first: $a) { a @include(if: $a) } }",
]


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("most", [1, 5, 100])
def test_the_same_is_found_invalid(document: str, most: int) -> None:
    parsed, core = parse(document), schema()._schema
    ours, theirs = errors_in(core, parsed, specified_rules, most), validate(core, parsed, specified_rules, max_errors=most)
    assert [error.formatted for error in ours] == [error.formatted for error in theirs]
    assert ours or document == DOCUMENTS[0]


def test_what_is_not_told_is_not_worked_out() -> None:
    parsed = parse("{ " + " ".join(f"... on Ordr{n} {{ a }}" for n in range(500)) + " }")
    with Profile() as profile:
        errors = errors_in(schema()._schema, parsed, specified_rules, 5)
    assert len(errors) == 6
    calls = {name: called for (_, _, name), (_, called, *_) in Stats(profile).stats.items()}  # type: ignore[attr-defined]
    assert calls["suggestion_list"] == 5
    assert calls["visit"] == 1  # none for variables, of which there are none
