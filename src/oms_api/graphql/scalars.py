"""Scalars: exact decimals, UTC times, codes, and integers above 32 bits."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, NewType

import orjson
import strawberry
from graphql import (
    FloatValueNode,
    GraphQLError,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    value_from_ast_untyped,
)
from graphql.pyutils import inspect
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.scalar import ScalarDefinition

from oms_api.kernel.ids import ID_TYPES

Int64 = NewType("Int64", int)
CurrencyCode = NewType("CurrencyCode", str)
CountryCode = NewType("CountryCode", str)
TimeZone = NewType("TimeZone", str)
Cursor = NewType("Cursor", str)
JsonValue = NewType("JsonValue", object)

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
TIME = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?", re.ASCII)
DECIMAL = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)
LARGEST_SAFE = 2**53 - 1
LONGEST_NUMBER = len(str(-LARGEST_SAFE))


class WrongNumber:
    """A number of a document that no scalar takes, as it was written."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __inspect__(self) -> str:
        return self.text


def read_by(parse: Callable[[object], Any]) -> dict[str, Any]:
    """Return how a scalar is read: by *parse*, in variables and in documents."""

    def parse_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Any:
        if isinstance(node, FloatValueNode) or (isinstance(node, IntValueNode) and len(node.value) > LONGEST_NUMBER):
            return parse(WrongNumber(node.value))
        return parse(value_from_ast_untyped(node, variables))

    return {"parse_value": parse, "parse_literal": parse_literal}


def parse_json_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Any:
    """Return the JSON value that is written in a document, its numbers as a reader of JSON takes them."""
    match node:
        case IntValueNode(value=text) | FloatValueNode(value=text):
            try:
                return orjson.loads(text)
            except orjson.JSONDecodeError:
                raise GraphQLError(f"{text} is not a number that JSON can hold.", node) from None
        case ListValueNode(values=values):
            return [parse_json_literal(each, variables) for each in values]
        case ObjectValueNode(fields=fields):
            return {each.name.value: parse_json_literal(each.value, variables) for each in fields}
        case VariableNode(name=name):
            return (variables or {}).get(name.value)
    return value_from_ast_untyped(node, variables)


def parse_decimal(value: object) -> Decimal:
    """Return an exact decimal from its text or from a whole number; a float is refused, for it is not exact."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_SAFE:
        return Decimal(value)
    if isinstance(value, str) and DECIMAL.fullmatch(value):
        return Decimal(value)
    raise GraphQLError(f'{inspect(value)} is not an exact decimal: write it as text, such as "12.50".')


def parse_datetime(value: object) -> datetime:
    """Return a moment in UTC from ISO 8601 text with a zone."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise GraphQLError(f"{inspect(value)} is not a moment with its zone, such as 2026-11-23T09:30:00Z.")


def parse_date(value: object) -> date:
    """Return a day from its text."""
    try:
        if isinstance(value, str) and DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise GraphQLError(f"{inspect(value)} is not a day, such as 2026-11-23.")


def parse_time(value: object) -> time:
    """Return a time of day from its text; where it is used says by whose clock, so that a zone of its own is refused."""
    try:
        if isinstance(value, str) and TIME.fullmatch(value):
            return time.fromisoformat(value)
    except ValueError:
        pass
    raise GraphQLError(f"{inspect(value)} is not a time of day without a zone, such as 14:30.")


def serialize_datetime(value: datetime) -> str:
    """Return ISO 8601 in UTC with ``Z``."""
    return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def parse_int64(value: object) -> int:
    """Return a whole number of at most 53 bits, which every JSON reader keeps exactly."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_SAFE:
        return value
    raise GraphQLError(f"{inspect(value)} is not a whole number between -(2^53-1) and 2^53-1.")


def text_of(example: str) -> Any:
    """Return a parser for a code that travels as text."""

    def parse(value: object) -> str:
        if isinstance(value, str):
            return value
        raise GraphQLError(f"{inspect(value)} is not text, such as {example}.")

    return parse


SCALARS: dict[object, ScalarDefinition] = {
    **dict.fromkeys(ID_TYPES, DEFAULT_SCALAR_REGISTRY[strawberry.ID]),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal, as text: "12.50".',
        serialize=str,
        **read_by(parse_decimal),
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment, ISO 8601. Answers are in UTC with Z; input needs a zone.",
        serialize=serialize_datetime,
        **read_by(parse_datetime),
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar day, ISO 8601: 2026-11-23. Each field names its time zone.",
        serialize=date.isoformat,
        **read_by(parse_date),
    ),
    time: strawberry.scalar(
        name="Time",
        description="A time of day, ISO 8601 without a zone: 14:30 or 14:30:00. Each field names its time zone.",
        serialize=time.isoformat,
        **read_by(parse_time),
    ),
    Int64: strawberry.scalar(
        name="Int64",
        description="A whole number up to 2^53-1, for sums that can pass 2^31.",
        serialize=int,
        **read_by(parse_int64),
    ),
    CurrencyCode: strawberry.scalar(
        name="CurrencyCode",
        description="A currency of ISO 4217, such as GBP.",
        serialize=str,
        **read_by(text_of("GBP")),
    ),
    CountryCode: strawberry.scalar(
        name="CountryCode",
        description="A country of ISO 3166-1 alpha-2, such as GB.",
        serialize=str,
        **read_by(text_of("GB")),
    ),
    TimeZone: strawberry.scalar(
        name="TimeZone",
        description="A time zone of the IANA database, such as Europe/London.",
        serialize=str,
        **read_by(text_of("Europe/London")),
    ),
    JsonValue: strawberry.scalar(
        name="JSON",
        description="Any JSON: an object, a list, a text, a number, true, false or null.",
        serialize=lambda value: value,
        parse_value=lambda value: value,
        parse_literal=parse_json_literal,
    ),
    Cursor: strawberry.scalar(
        name="Cursor",
        description="An opaque place in a list or in the feed of events, made by the server.",
        serialize=str,
        **read_by(text_of("the cursor of an edge")),
    ),
}
