"""What can be asked of a column by its type: the operators of filters, and the input that holds them."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import ColumnElement, Text, and_, cast, true

from oms_api.db.columns import folded
from oms_api.db.sets import among
from oms_api.graphql.scalars import Int64
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import SearchTooLong, SearchTooShort

MOST_VALUES = 250
SHORTEST_PART, LONGEST_SEARCH = 3, 100
"""Characters of a text that is searched for: fewer make no trigram, and a name is no longer."""
WILD, ESCAPED = re.compile(r"[%_\\]"), r"\\\g<0>"
LAST_CHARACTER = chr(0x10FFFF)


@dataclass(frozen=True, slots=True)
class Operator:
    """What a filter can ask of a column: *of* is the type of its value, itself or a list of it."""

    name: str
    description: str
    of: Callable[[Any], Any]
    condition: Callable[[Any, Any], ColumnElement[bool]]

    @property
    def attribute(self) -> str:
        """The name of the operator in Python, where some are reserved words."""
        return f"{self.name}_"


def _itself(type_: Any) -> Any:
    return type_


def _list(type_: Any) -> Any:
    return list[type_]


def begins(column: Any, value: Any) -> ColumnElement[bool]:
    """Return that *column* begins with *value* as a range, which an index in C's order serves whatever the value is."""
    text, ordered = cast(value, Text), column.collate("C")
    return and_(ordered >= text, ordered < text.concat(LAST_CHARACTER))


def contains(column: Any, pattern: Any) -> ColumnElement[bool]:
    """Return that *column* matches *pattern* (`pattern_of`), whatever the case: what an index of trigrams serves."""
    matches: ColumnElement[bool] = folded(column).like(pattern)
    return matches


def fold(text: str) -> str:
    """Return *text* as `db.columns.folded` has it: its Latin letters small."""
    return text.encode().lower().decode()


def pattern_of(text: str) -> str:
    """Return the pattern of what contains *text*. Raises: SearchTooShort, SearchTooLong."""
    if sum(character.isalnum() for character in text) < SHORTEST_PART - 1:
        raise SearchTooShort(least=SHORTEST_PART)
    return f"%{WILD.sub(ESCAPED, fold(searched_text(text, least=SHORTEST_PART)))}%"


def searched_text(text: str, *, least: int) -> str:
    """Return *text*. Raises: SearchTooShort, SearchTooLong."""
    if len(text) < least:
        raise SearchTooShort(least=least)
    if len(text) > LONGEST_SEARCH:
        raise SearchTooLong(limit=LONGEST_SEARCH, given=len(text))
    return text


IS_NULL = Operator(
    "isNull",
    "True: there is no value. False: there is one.",
    lambda _: bool,
    lambda column, no: column.is_(None) if no else column.is_not(None),
)
EQ = Operator("eq", "Exactly this value.", _itself, lambda column, value: column == value)
IN = Operator("in", f"One of these values, at most {MOST_VALUES}.", _list, among)
EXACT = (
    EQ,
    Operator("ne", "Any other value, or no value.", _itself, lambda column, value: column.is_distinct_from(value)),
    IN,
    Operator(
        "notIn",
        f"None of these values, at most {MOST_VALUES}.",
        _list,
        lambda column, values: among(column, values).is_not(true()),
    ),
    IS_NULL,
)
ORDERED = (
    *EXACT,
    Operator("gt", "More than this; for times and days, later than this.", _itself, lambda column, value: column > value),
    Operator("gte", "At least this; for times and days, this or later.", _itself, lambda column, value: column >= value),
    Operator("lt", "Less than this; for times and days, earlier than this.", _itself, lambda column, value: column < value),
    Operator("lte", "At most this; for times and days, this or earlier.", _itself, lambda column, value: column <= value),
)
BEGINS = Operator("startsWith", "Begins with this, in the same case.", _itself, begins)
BEGINS_FOLDED = Operator("startsWith", "Begins with this; upper and lower case are treated alike.", _itself, begins)
CONTAINS = Operator(
    "contains",
    f"Contains this; upper and lower case are treated alike. Give {SHORTEST_PART} to {LONGEST_SEARCH} characters, at least two "
    "of them letters or digits.",
    _itself,
    contains,
)
SELECTIVE = frozenset({"eq", "in", "startsWith", "contains"})
"""What finds few records of many, so that it pays to look these up before anything else."""
RANGES = {"gt", "gte", "lt", "lte"}
COUNTED = SELECTIVE | RANGES
"""What an index finds, however many there are."""
WALKED = RANGES | {"startsWith"}
"""What the planner takes for few records of many when it does not know the values."""
OPERATORS: dict[Any, tuple[str, Any, Sequence[Operator]]] = {
    UUID: ("ID", strawberry.ID, EXACT),
    str: ("String", str, EXACT),
    "searched": ("Text", str, (*EXACT, BEGINS)),
    "searched contains": ("Code", str, (*EXACT, BEGINS, CONTAINS)),
    "searched folded": ("Name", str, (*EXACT, BEGINS_FOLDED)),
    "searched folded contains": ("Search", str, (*EXACT, BEGINS_FOLDED, CONTAINS)),
    int: ("Int", int, ORDERED),
    Int64: ("Int64", Int64, ORDERED),
    Decimal: ("Decimal", Decimal, ORDERED),
    datetime: ("DateTime", datetime, ORDERED),
    date: ("Date", date, ORDERED),
}


@cache
def operators(type_: Any) -> Any:
    """Return the input with the operators of a type: StringFilter, DateTimeFilter, ShipmentStatusFilter."""
    definition = getattr(type_, "__strawberry_definition__", None)
    name, value, known = OPERATORS.get(type_) or (definition.name if definition else type_.__name__, type_, EXACT)
    space: dict[str, Any] = {"__annotations__": {}, "operators": known}
    for each in known:
        space["__annotations__"][each.attribute] = each.of(value) | None
        space[each.attribute] = strawberry.field(default=None, name=each.name, description=each.description)
    described = "Conditions on a value. All operators that are given must be true."
    return strawberry.input(type(f"{name}Filter", (), space), description=described)


def of_text(*, folded: bool, contained: bool) -> str:
    """Return the name in OPERATORS of text that is found by its beginning, *folded*, or by any part that is *contained*."""
    return " ".join(["searched", *(["folded"] if folded else []), *(["contains"] if contained else [])])
