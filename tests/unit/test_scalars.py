"""What is wrong with a value is told in few words, with the value as it was written."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse, parse_value, specified_rules
from graphql.execution.values import get_variable_values

from oms_api.graphql.errors import formatted
from oms_api.graphql.prepared import invalid
from oms_api.graphql.scalars import parse_json_literal
from oms_api.kernel.address import Address
from oms_api.kernel.errors import LONGEST_MESSAGE, InvalidValue
from tests.factories.asking import schema

TYPES = ["Int", "String", "Boolean", "ID", "Decimal", "DateTime", "Date", "Time", "Int64", "CurrencyCode", "OrderStatus"]
LITERALS = {
    "text": '"' + "x" * 9_000 + '"',
    "whole number": "9" * 9_000,
    "huge number": "1e999999999",
    "long fraction": "0." + "5" * 9_000,
    "name": "x" * 9_000,
    "list": "[" + "1, " * 900 + "1]",
    "object": '{a: "' + "x" * 9_000 + '"}',
}
VALUES: dict[str, Any] = {"text": "x" * 9_000, "list": list(range(3_000)), "object": {"k" * 9_000: 1}}


def told(type_: str, literal: str) -> list[str]:
    """Return what is wrong with *literal* as the default of a variable of *type_*."""
    document = parse(f"query ($v: {type_} = {literal}) {{ orders(first: $v) {{ nodes {{ id }} }} }}")
    errors = formatted(invalid(schema()._schema, document, specified_rules), "r")
    return [error["message"] for error in errors if "used in position" not in error["message"]]


@pytest.mark.parametrize("type_", [*TYPES, "OrderFilterInput", "JSON"])
@pytest.mark.parametrize("literal", LITERALS.values(), ids=LITERALS)
def test_what_is_wrong_with_a_literal_is_told_in_few_words(type_: str, literal: str) -> None:
    for message in told(type_, literal):
        assert len(message) <= LONGEST_MESSAGE
        assert "nan" not in message
        assert "inf" not in message
        assert "sys." not in message


@pytest.mark.parametrize("type_", [*TYPES, "OrderFilterInput"])
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_what_is_wrong_with_a_variable_is_told_in_few_words(type_: str, value: object) -> None:
    (operation,) = parse(f"query ($v: {type_}) {{ __typename }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    found = get_variable_values(schema()._schema, operation.variable_definitions or (), {"v": value})
    for error in formatted(found if isinstance(found, list) else [], "r"):
        assert len(error["message"]) <= LONGEST_MESSAGE


@pytest.mark.parametrize(
    ("type_", "literal", "message"),
    [
        ("Decimal", "1.50", '1.50 is not an exact decimal: write it as text, such as "12.50".'),
        ("Decimal", "1e999999999", '1e999999999 is not an exact decimal: write it as text, such as "12.50".'),
        ("Decimal", "9007199254740993", '9007199254740993 is not an exact decimal: write it as text, such as "12.50".'),
        ("Int64", "1.0", "1.0 is not a whole number between -(2^53-1) and 2^53-1."),
        ("Int64", "9" * 30, "9" * 30 + " is not a whole number between -(2^53-1) and 2^53-1."),
        ("Date", "20261123", "20261123 is not a day, such as 2026-11-23."),
        ("DateTime", '"2026-11-23"', "'2026-11-23' is not a moment with its zone, such as 2026-11-23T09:30:00Z."),
        ("JSON", "{a: [1, 1e999]}", "1e999 is not a number that JSON can hold."),
        ("Int", "9" * 20, "Int cannot represent non 32-bit signed integer value: " + "9" * 20),
    ],
)
def test_a_number_is_told_as_it_was_written(type_: str, literal: str, message: str) -> None:
    assert told(type_, literal) == [message]


def test_a_wrong_country_is_told_in_few_words() -> None:
    with pytest.raises(InvalidValue) as caught:
        Address(country="G" * 9_000)
    assert caught.value.message.startswith("'GGG")
    assert caught.value.message.endswith("such as GB.")
    assert len(caught.value.message) == LONGEST_MESSAGE


def test_a_long_whole_number_is_told_at_both_ends() -> None:
    (message,) = told("Int", "1" + "0" * 9_000 + "7")
    assert message.startswith("Int cannot represent non 32-bit signed integer value: 1000")
    assert message.endswith("0007")


@pytest.mark.parametrize("literal", ["-12", '"12.50"', '"-0.000000000000000001"', "9007199254740991"])
def test_what_is_right_is_read(literal: str) -> None:
    assert told("Decimal", literal) == []


def test_json_in_a_document_is_what_it_would_be_as_a_variable() -> None:
    node = parse_value('{a: [1, 1.5, 100000000000000000000000, true, null, "x"], b: {c: $given, d: $left_out}}')
    assert parse_json_literal(node, {"given": [2]}) == {"a": [1, 1.5, 1e23, True, None, "x"], "b": {"c": [2], "d": None}}
