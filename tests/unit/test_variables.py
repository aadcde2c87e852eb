"""The short way for variables gives what graphql-core gives, or leaves them to it."""

import json
from typing import Any

import pytest
from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, build_schema, parse
from graphql.execution.values import get_variable_values
from hypothesis import given
from hypothesis import strategies as st

from oms_api.graphql.variables import Irregular, coerced

SCHEMA: GraphQLSchema = build_schema(
    """
    enum Color { RED GREEN }
    input Ref @oneOf { id: ID code: String }
    input Line { sku: Ref quantity: Int! = 1 price: Float tags: [String!]! = [] color: Color = RED parts: [Line] }
    input Order { key: String! lines: [Line!]! note: String gift: Boolean = false deep: [[Int]] }
    type Query { place(order: Order, line: Line!, refs: [Ref!], n: Int): Int }
    """
)
OPERATION = parse("query ($order: Order, $line: Line!, $refs: [Ref!], $n: Int) { place(order: $order, line: $line, n: $n) }")
DEFAULTED = parse("query ($n: Int = 3) { place(line: {}, n: $n) }")

leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**33), 2**33), st.floats(), st.sampled_from(["", "a", "RED", "BLUE", "1"])
)
numbers, texts = st.integers(0, 9) | leaves, st.just("a") | leaves
refs = st.fixed_dictionaries({}, optional={"id": texts}) | st.dictionaries(
    st.sampled_from(["id", "code", "x"]), leaves, max_size=2
)
line_fields: dict[str, st.SearchStrategy[Any]] = {
    "sku": refs | leaves,
    "quantity": numbers,
    "price": numbers,
    "tags": st.lists(st.just("a")) | st.lists(leaves) | leaves,
    "color": st.sampled_from(["RED", "GREEN"]) | leaves,
}
lines: st.SearchStrategy[Any] = st.recursive(
    st.fixed_dictionaries({}, optional=line_fields),
    lambda inner: st.fixed_dictionaries({}, optional={**line_fields, "parts": st.lists(inner | st.none(), max_size=2)}),
    max_leaves=4,
)
orders = st.fixed_dictionaries(
    {},
    optional={
        "key": texts,
        "lines": st.lists(lines, max_size=3) | lines,
        "note": texts,
        "gift": st.booleans() | leaves,
        "deep": st.lists(st.lists(leaves) | leaves),
    },
)


def operation(document: Any) -> OperationDefinitionNode:
    (found,) = document.definitions
    assert isinstance(found, OperationDefinitionNode)
    return found


@given(st.fixed_dictionaries({}, optional={"order": orders | leaves, "line": lines, "refs": st.lists(refs), "n": numbers}))
def test_regular_values_come_out_as_graphql_core_gives_them(values: dict[str, Any]) -> None:
    expected = get_variable_values(SCHEMA, operation(OPERATION).variable_definitions or (), values)
    try:
        found = coerced(SCHEMA, operation(OPERATION), values)
    except Irregular:
        return
    assert not isinstance(expected, list)
    assert json.dumps(found.coerced, sort_keys=True) == json.dumps(expected.coerced, sort_keys=True)  # NaN is not NaN
    assert found.sources.keys() == expected.sources.keys()


@pytest.mark.parametrize(
    "values",
    [
        {"line": {"sku": {"code": "A"}, "quantity": 2, "tags": ["a"], "parts": [{"quantity": 1}, None]}},
        {"line": {}, "order": {"key": "k", "lines": [{"color": "GREEN"}], "deep": [[1, None], None]}, "n": 4, "refs": None},
    ],
)
def test_what_is_regular_is_not_left_over(values: dict[str, Any]) -> None:
    expected = get_variable_values(SCHEMA, operation(OPERATION).variable_definitions or (), values)
    assert not isinstance(expected, list)
    assert coerced(SCHEMA, operation(OPERATION), values).coerced == expected.coerced


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"line": None},
        {"line": {"quantity": None}},
        {"line": {"quantity": "2"}},
        {"line": {"sku": {}}},
        {"line": {"sku": {"id": "1", "code": "A"}}},
        {"line": {"sku": {"id": None}}},
        {"line": {"unknown": 1}},
        {"line": [{}]},
        {"line": {"tags": "a"}},
        {"line": {}, "order": {"lines": []}},
    ],
)
def test_what_is_not_regular_is_left_to_graphql_core(values: dict[str, Any]) -> None:
    with pytest.raises(Irregular):
        coerced(SCHEMA, operation(OPERATION), values)


def test_defaults_of_variables_are_left_to_graphql_core() -> None:
    with pytest.raises(Irregular):
        coerced(SCHEMA, operation(DEFAULTED), {"n": 1})


def test_nothing_is_shared_between_two_requests() -> None:
    first, second = (coerced(SCHEMA, operation(OPERATION), {"line": {}}).coerced["line"] for _ in range(2))
    assert first == second
    assert first is not second
    assert not isinstance(first, GraphQLError)
