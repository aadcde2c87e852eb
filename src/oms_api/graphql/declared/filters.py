"""What a list is filtered by and a record is found by: tables of columns, with the operators that each type of column has."""

from asyncio import gather
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import chain, count
from typing import Any, Self
from uuid import UUID

import strawberry
from sqlalchemy import BigInteger, ColumnElement, Text, and_, cast, exists, or_, true
from strawberry.utils.str_converters import to_camel_case

from oms_api.db.columns import folded as without_case
from oms_api.db.relations import Conditions, everything
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.graphql.declared.agreement import Column, bare, of_column, root
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Sight
from oms_api.kernel.errors import InvalidValue, OmsError, TooManyItems
from oms_api.kernel.ids import ID_TYPES, parse_id

DEEPEST = 5
MOST_CONDITIONS = 250
MOST_VALUES = 250
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


def _begins(column: Any, value: Any) -> ColumnElement[bool]:
    """Return that *column* begins with *value* as a range, which an index in C's order serves whatever the value is."""
    text, ordered = cast(value, Text), column.collate("C")
    return and_(ordered >= text, ordered < text.concat(LAST_CHARACTER))


EXACT = (
    Operator("eq", "Exactly this value.", _itself, lambda column, value: column == value),
    Operator("ne", "Any other value, or no value.", _itself, lambda column, value: column.is_distinct_from(value)),
    Operator("in", f"One of these values, at most {MOST_VALUES}.", _list, among),
    Operator(
        "notIn",
        f"None of these values, at most {MOST_VALUES}.",
        _list,
        lambda column, values: among(column, values).is_not(true()),
    ),
    Operator(
        "isNull",
        "True: there is no value. False: there is one.",
        lambda _: bool,
        lambda column, no: column.is_(None) if no else column.is_not(None),
    ),
)
ORDERED = (
    *EXACT,
    Operator("gt", "More, or later, than this.", _itself, lambda column, value: column > value),
    Operator("gte", "This, or more, or later.", _itself, lambda column, value: column >= value),
    Operator("lt", "Less, or earlier, than this.", _itself, lambda column, value: column < value),
    Operator("lte", "This, or less, or earlier.", _itself, lambda column, value: column <= value),
)
SEARCHED = (*EXACT, Operator("startsWith", "Begins with this, in the same case.", _itself, _begins))
OPERATORS: dict[Any, tuple[str, Any, Sequence[Operator]]] = {
    UUID: ("ID", strawberry.ID, EXACT),
    str: ("String", str, EXACT),
    "text": ("Text", str, SEARCHED),
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
    described = "Conditions on a value. All operators that are given must hold."
    return strawberry.input(type(f"{name}Filter", (), space), description=described)


@dataclass(frozen=True, eq=False)
class Through:
    """Rows that belong to those of the list by *link*; filters through the same ones speak of one and the same row.

    *seen* gives what must hold of such a row for it to be seen.
    """

    link: ColumnElement[bool]
    seen: Conditions = everything

    def holds(self, asked: Mapping[str, Sequence[ColumnElement[bool]]], sight: Sight) -> ColumnElement[bool]:
        """Return the condition that there is a row of which all holds that is *asked*, by the names of the filters."""
        return exists().where(self.link, *chain.from_iterable(asked.values()), *self.seen(sight))


class Filter:
    """What a list can be filtered by."""

    through: Through | None = None
    only: ColumnElement[bool] | None = None
    default: Any = None

    def operators(self) -> Any:
        """Return the type of what a client writes."""
        raise NotImplementedError

    def conditions(self, asked: Any) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions that are *asked*."""
        raise NotImplementedError

    def checked(self, asked: Any) -> Any:
        """Return *asked* with ids instead of their texts. Raises: InvalidId, TooManyItems, with the path from here."""
        return asked

    async def known(self, _read: Reader, asked: Any) -> Any:
        """Return *asked* with the ids of what it names otherwise."""
        return asked


@dataclass(frozen=True)
class Asks(Filter):
    """A filter of one plain value."""

    type: Any
    condition: Callable[[Any], ColumnElement[bool]]
    through: Through | None = None
    default: Any = None

    def operators(self) -> Any:
        """Return the type of the value."""
        return self.type

    def conditions(self, asked: Any) -> Iterator[ColumnElement[bool]]:
        """Yield the condition of the value."""
        yield self.condition(asked)


def asks(
    type: Any, condition: Callable[[Any], ColumnElement[bool]], *, through: Through | None = None, default: Any = None
) -> Any:
    """Declare a filter of one plain value of *type*, which *condition* may not look at unless it is a Boolean.

    Unless a client says otherwise, null for any, the value is *default*.
    """
    return Asks(type, condition, through, default)


@dataclass(frozen=True)
class On(Filter):
    """A filter on a column, or a natural key."""

    column: Column
    through: Through | None = None
    only: ColumnElement[bool] | None = None
    searched: bool = False
    folded: bool = False

    def value_type(self) -> Any:
        """Return what a client writes for a value of the column."""
        type_ = of_column(self.column)[0]
        if type_ in ID_TYPES:
            return type_
        return Int64 if isinstance(self.column.type, BigInteger) else root(bare(type_))

    def operators(self) -> Any:
        """Return the input of the filter: that with the operators of its type, or a plain Boolean."""
        if self.searched:
            return operators("text")
        type_ = self.value_type()
        return bool if type_ is bool else operators(UUID if type_ in ID_TYPES or type_ is UUID else type_)

    def conditions(self, asked: Any) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions that are *asked* of the column."""
        if isinstance(asked, bool):
            yield self.column.is_(asked)
            return
        column = without_case(self.column) if self.folded else self.column
        for operator in asked.operators:
            if (value := getattr(asked, operator.attribute)) is not None:
                yield operator.condition(column, value)

    def checked(self, asked: Any) -> Any:
        """Return *asked* with ids instead of their texts, folded. Raises: InvalidId, TooManyItems, naming the operator."""
        if isinstance(asked, bool):
            return asked
        changed: dict[str, Any] = {}
        for operator in asked.operators:
            value = getattr(asked, operator.attribute)
            if isinstance(value, list) and len(value) > MOST_VALUES:
                raise TooManyItems(limit=MOST_VALUES, given=len(value), field=(operator.name,))
            if (type_ := self.value_type()) in ID_TYPES and isinstance(value, list | str):
                changed[operator.attribute] = _ids(type_, operator.name, value)
            elif self.folded:
                changed[operator.attribute] = _folded(value)
        alone = changed.get("in_", asked.in_)
        if alone and len(alone) == 1 and asked.eq_ is None:  # which leaves an index in its order
            changed |= {"in_": None, "eq_": alone[0]}
        return replace(asked, **changed)


def _ids(type_: Callable[[UUID], UUID], operator: str, value: list[str] | str) -> list[UUID] | UUID:
    try:
        return parse_id(type_, value) if isinstance(value, str) else [parse_id(type_, text) for text in value]
    except OmsError as error:
        raise error.at(operator) from None


def _folded(value: Any) -> Any:
    """Return what is asked as `db.columns.folded` has it: its Latin letters small."""
    if isinstance(value, list):
        return [_folded(each) for each in value]
    return value.encode().lower().decode() if isinstance(value, str) else value


def on(
    column: Column,
    *,
    through: Through | None = None,
    only: ColumnElement[bool] | None = None,
    searched: bool = False,
    folded: bool = False,
) -> Any:
    """Declare a filter on *column*, by the operators of its type; *through* other rows, *only* those of a condition.

    *searched* says that an index lets text be found by its beginning (`db.columns.begins`), and gives startsWith.
    *folded* compares without regard to case, which an index serves too (`db.columns.folded`).
    """
    return On(column, through, only, searched, folded)


@dataclass(frozen=True)
class Either(On):
    """A filter of several columns, one of which must be all that is asked."""

    others: tuple[Column, ...] = ()

    def conditions(self, asked: Any) -> Iterator[ColumnElement[bool]]:
        """Yield the condition that one of the columns is what is asked."""
        yield or_(*(and_(true(), *On(column).conditions(asked)) for column in (self.column, *self.others)))


def either(column: Column, *others: Column) -> Any:
    """Declare a filter on columns of the same type, one of which must be all that is asked, by its operators."""
    return Either(column, others=others)


key = on
"""Declare a column that is unique, alone or together with its neighbours."""


class Where:
    """Which records: a table of filters, and AND, OR and NOT of more of the same."""

    filters: dict[str, Filter]
    and_: "list[Self]"
    or_: "list[Self]"
    not_: "list[Self]"

    def __init_subclass__(cls) -> None:
        cls.filters = {name: value for name, value in vars(cls).items() if isinstance(value, Filter)}
        cls.__hash__ = Where.__hash__  # type: ignore[method-assign]
        cls.__annotations__ = {}
        for name, each in cls.filters.items():
            cls.__annotations__[name] = each.operators() | None
            setattr(cls, name, strawberry.field(default=each.default))
        for name, description in (
            ("AND", "All of these must hold as well."),
            ("OR", "At least one of these must hold as well."),
            ("NOT", "None of these may hold."),
        ):
            attribute = f"{name.lower()}_"
            cls.__annotations__[attribute] = list[cls.__name__]  # type: ignore[name-defined]
            setattr(cls, attribute, strawberry.field(default_factory=list, name=name, description=description))

    def checked(self, *path: str, depth: int = 0, counter: Iterator[int] | None = None) -> Self:
        """Return the filter with ids instead of their texts. Raises: InvalidId, InvalidValue, TooManyItems, with *path*."""
        counter = counter or count(1)
        if (number := next(counter)) > MOST_CONDITIONS:
            raise TooManyItems(limit=MOST_CONDITIONS, given=number, field=path)
        if depth > DEEPEST:
            raise InvalidValue(problem=f"Filters nest at most {DEEPEST} deep.", field=path)
        changed: dict[str, Any] = {}
        for name, each in self.filters.items():
            if (asked := getattr(self, name)) is not None:
                try:
                    changed[name] = each.checked(asked)
                except OmsError as error:
                    raise error.at(*path, to_camel_case(name)) from None
        for attribute, name in (("and_", "AND"), ("or_", "OR"), ("not_", "NOT")):
            inner = getattr(self, attribute) or ()
            changed[attribute] = [where.checked(*path, name, depth=depth + 1, counter=counter) for where in inner]
        return replace(self, **changed)  # type: ignore[type-var]

    async def known(self, read: Reader) -> Self:
        """Return the filter with the ids of what it names otherwise, such as SKUs by their codes."""
        asked = {name: value for name in self.filters if (value := getattr(self, name)) is not None}
        named = {name: value for name, value in asked.items() if type(self.filters[name]).known is not Filter.known}
        inner = [*self.and_, *self.or_, *self.not_]
        if not named and not inner:
            return self
        found = iter(await gather(*(self.filters[name].known(read, value) for name, value in named.items())))
        changed: dict[str, Any] = dict(zip(named, found, strict=False))
        for attribute in ("and_", "or_", "not_"):
            changed[attribute] = await gather(*(where.known(read) for where in getattr(self, attribute)))
        return replace(self, **changed)  # type: ignore[type-var]

    def condition(self, sight: Sight) -> ColumnElement[bool]:
        """Return what is asked for as a condition; it looks at no value, so a statement is compiled once with it."""
        found: dict[Through | None, dict[str, list[ColumnElement[bool]]]] = defaultdict(dict)
        for name, each in self.filters.items():
            if (asked := getattr(self, name)) is not None:
                found[each.through][name] = [*([] if each.only is None else [each.only]), *each.conditions(asked)]
        conditions = list(chain.from_iterable(found.pop(None, {}).values()))
        conditions += [through.holds(asked, sight) for through, asked in found.items() if through is not None]
        conditions += [where.condition(sight) for where in self.and_]
        conditions += [or_(*(where.condition(sight) for where in self.or_))] if self.or_ else []
        conditions += [where.condition(sight).is_not(true()) for where in self.not_]  # NOT NULL would be no answer
        return and_(true(), *conditions)

    def __hash__(self) -> int:
        """Return the hash of what is asked, so that one loader serves all who ask the same of a field."""
        return hash(repr(self))


class By:
    """What one record is found by: a table of unique columns, or of inputs that are unique together."""

    keys: dict[str, Any]

    def __init_subclass__(cls, *, together: bool = False) -> None:
        cls.keys = {n: v for n, v in vars(cls).items() if isinstance(v, On) or (isinstance(v, type) and issubclass(v, By))}
        cls.__annotations__ = {}
        for name, each in cls.keys.items():
            type_ = each.value_type() if isinstance(each, On) else each
            cls.__annotations__[name] = type_ if together else type_ | None
            setattr(cls, name, strawberry.field() if together else strawberry.field(default=strawberry.UNSET))

    def given(self) -> Self:
        """Return the same with None for what was left out."""
        left_out = {name: None for name in self.keys if getattr(self, name) is strawberry.UNSET}
        return replace(self, **left_out)  # type: ignore[type-var]

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the record that is asked for; it looks at no value."""
        given = [(each, value) for name, each in self.keys.items() if (value := getattr(self, name)) is not None]
        return and_(*(each.column == value if isinstance(each, On) else value.condition() for each, value in given))
