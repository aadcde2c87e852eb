"""Overlapping fields are judged as graphql-core judges them, in work that grows as the document does."""

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    OverlappingFieldsCanBeMergedRule,
    build_schema,
    parse,
    validate,
    visit,
)
from graphql.language import Visitor
from hypothesis import given
from hypothesis import strategies as st

from oms_api.graphql.overlaps import MOST_COLLECTED, Overlaps

SCHEMA = build_schema("""
    interface Being { name(of: In): String self: Being kin: [Being] }
    type Cat implements Being { name(of: In): String self: Cat kin: [Cat] lives: Int! toys: [String] other: Dog }
    type Dog implements Being { name(of: In): String self: Dog kin: [Being] lives: Int toys: [String!] other: Cat }
    input In { a: Int b: [Int] }
    type Query { being(id: Int): Being cat: Cat dog: Dog }
""")


def ours(text: str) -> GraphQLError | None:
    return Overlaps(SCHEMA, parse(text)).found()


def theirs(text: str) -> list[GraphQLError]:
    return validate(SCHEMA, parse(text), [OverlappingFieldsCanBeMergedRule])


@pytest.mark.parametrize(
    "text",
    [
        "{ a: cat { name } a: dog { name } }",
        "{ being(id: 1) { name } being(id: 2) { name } }",
        "{ being { name } being(id: 2) { name } }",
        "{ cat { name(of: {a: 1, b: [2]}) name(of: {b: [2], a: 2}) } }",
        "{ being { ... on Cat { lives } ... on Dog { lives } } }",
        "{ being { ... on Cat { toys } ... on Dog { toys } } }",
        "{ being { ... on Cat { x: name } ... on Dog { x: lives } } }",
        "{ being { ... on Cat { x: self { y: lives } } ... on Dog { x: other { y: name } } } }",
        "{ cat { x: lives } cat { x: name } }",
        "{ cat { self { x: lives } } cat { self { x: name } } }",
        "{ ...A ...B } fragment A on Query { cat { x: name } } fragment B on Query { cat { x: lives } }",
        "{ being { x: name ... on Cat { x: lives } } }",
        "{ cat { x: name x: __typename } }",
    ],
)
def test_a_conflict_is_told_in_the_words_of_graphql_core(text: str) -> None:
    found, expected = ours(text), theirs(text)
    assert found is not None
    assert found.message in [error.message for error in expected]


@pytest.mark.parametrize(
    "text",
    [
        "{ cat { name } cat { name lives } }",
        "{ cat { name(of: {a: 1, b: [2]}) name(of: {b: [2], a: 1}) } }",
        "query ($n: Int) { being(id: $n) { name } being(id: $n) { name } }",
        "{ being { ... on Cat { x: name } ... on Dog { x: name(of: {a: 1}) } } }",
        "{ being { ... on Cat { kin { name } } ... on Dog { kin { name } } } }",
        "{ ...A ...A } fragment A on Query { cat { name } }",
        "{ being { ... on Cat { x: self { y: name } } ... on Dog { x: other { y: name } } } }",
    ],
)
def test_what_can_be_merged_is_let_through(text: str) -> None:
    assert theirs(text) == []
    assert ours(text) is None


FIELDS = st.sampled_from(["name", "x: name", "name(of: {a: 1})", "x: __typename"])
ONLY = st.sampled_from(["lives", "x: lives", "toys", "name: toys"])
BELOW = st.sampled_from(["self", "kin", "x: self", "kin: self"])


def selections(depth: int) -> st.SearchStrategy[str]:
    """Give selections on any being, some of them in fragments."""
    if depth == 0:
        return FIELDS
    inner = st.lists(selections(depth - 1), min_size=1, max_size=3).map(" ".join)
    below = st.builds("{} {{ {} }}".format, BELOW, inner)
    on_type = st.builds("... on {} {{ {} }}".format, st.sampled_from(["Cat", "Dog", "Being"]), inner)
    typed = st.builds("... on {} {{ {} }}".format, st.sampled_from(["Cat", "Dog"]), ONLY)
    return st.one_of(FIELDS, below, on_type, typed, st.sampled_from(["...F", "...G"]))


DOCUMENTS = st.builds(
    "{{ all: being {{ ...G }} being {{ {} }} cat {{ {} }} cat {{ {} }} }} "
    "fragment F on Being {{ {} }} fragment G on Being {{ {} ...F }}".format,
    *[st.lists(selections(2), min_size=1, max_size=4).map(" ".join)] * 3,
    *[st.lists(selections(0), min_size=1, max_size=3).map(" ".join)] * 2,
)


@given(DOCUMENTS)
def test_any_document_is_judged_as_by_graphql_core(text: str) -> None:
    assert (ours(text) is not None) == bool(theirs(text))


class Counting(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.fields = 0

    def enter_field(self, _node: FieldNode, *_: object) -> None:
        self.fields += 1


def fields_in(document: DocumentNode) -> int:
    counting = Counting()
    visit(document, counting)
    return counting.fields


DEAR = {
    "the same field": "{ " + "cat { self { self { name } } } " * 180 + "}",
    "conflicting aliases": "{ " + "a: cat { name } a: dog { name } " * 450 + "}",
    "fragments": "{ "
    + " ".join(f"...F{n}" for n in range(300))
    + " } "
    + " ".join(f"fragment F{n} on Query {{ cat {{ name }} dog {{ n{n}: name }} }}" for n in range(300)),
    "types": "{ being { " + " ".join(f"... on Cat {{ a{n}: name }} ... on Dog {{ a{n}: name }}" for n in range(300)) + " } }",
}


@pytest.mark.parametrize("name", DEAR)
def test_the_work_grows_as_the_document_does(name: str) -> None:
    document = parse(DEAR[name])
    overlaps = Overlaps(SCHEMA, document)
    overlaps.found()
    assert overlaps.collected <= 4 * fields_in(document)


def test_what_is_merged_in_ever_new_ways_is_ended() -> None:
    parts = [
        f"fragment F{n} on Being {{ self {{ ...F{n + 1} ...G{n + 1} }} kin {{ ...F{n + 1} }} }}"
        f" fragment G{n} on Being {{ self {{ ...F{n + 1} a{n}: name }} kin {{ ...G{n + 1} b{n}: name }} }}"
        for n in range(60)
    ]
    text = "{ being { ...F0 ...G0 } } fragment F60 on Being { name } fragment G60 on Being { name } " + " ".join(parts)
    overlaps = Overlaps(SCHEMA, parse(text))
    found = overlaps.found()
    assert overlaps.collected <= 2 * MOST_COLLECTED
    assert found is None or (found.extensions or {})["code"] == "DOCUMENT_TOO_COSTLY"
