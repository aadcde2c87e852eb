"""What a list is filtered by and a record is found by: tables of columns, with the operators that each type of column has."""

from asyncio import gather
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import MISSING, replace
from enum import Enum
from itertools import chain, count
from typing import Any, Self
from uuid import UUID

import strawberry
from sqlalchemy import BigInteger, ColumnElement, and_, func, literal_column, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute
from strawberry.utils.str_converters import to_camel_case

from oms_api.db.columns import folded as without_case
from oms_api.db.keyset import Ordering
from oms_api.db.session import Reader
from oms_api.db.sets import array_of
from oms_api.db.trigrams import has_trigram_index
from oms_api.graphql.declared.agreement import Column, Disagreement, bare, of_column, root
from oms_api.graphql.declared.asking import Filter
from oms_api.graphql.declared.gauging import Frequent, Part, Rare, plain
from oms_api.graphql.declared.indexes import index_of, indexed, looked_up
from oms_api.graphql.declared.operators import (
    CONTAINS,
    COUNTED,
    EQ,
    IN,
    IS_NULL,
    MOST_VALUES,
    SELECTIVE,
    WALKED,
    Operator,
    fold,
    of_text,
    operators,
    pattern_of,
)
from oms_api.graphql.declared.through import Through
from oms_api.graphql.described import attribute_docs
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Scope, Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, SearchUnavailable, TooManyConditions, TooManyItems
from oms_api.kernel.ids import ID_TYPES, parse_id

DEEPEST = 5
MOST_CONDITIONS = 100
CONNECTIVES = {"and_": "AND", "or_": "OR", "not_": "NOT"}


@dataclass(frozen=True)
class On(Filter):
    """A filter on a column, or a natural key."""

    column: Any
    through: Through | None = None
    only: ColumnElement[bool] | None = None
    searched: bool = False
    folded: bool = False
    contained: bool = False
    sought: bool = False
    gauged: bool = False
    scope: Scope | None = None

    def __post_init__(self) -> None:
        """Raises: Disagreement, where text is to be found by any part of it and no index of the table does that."""
        if self.contained and self.index not in {index.name for index in self.column.table.indexes}:
            raise Disagreement(f"{self.column} is not in an index {self.index}: see db.columns.contained")

    @property
    def index(self) -> str:
        """The index that finds text by any part of it."""
        return f"ix_{self.column.table.name}_contains"

    def value_type(self) -> Any:
        """Return what a client writes for a value of the column: text, where it is a part of one."""
        if isinstance(self.column.type, BigInteger):
            return Int64
        if not isinstance(self.column, InstrumentedAttribute):
            return str
        type_ = of_column(self.column)[0]
        return type_ if type_ in ID_TYPES else root(bare(type_))

    def operators(self) -> Any:
        """Return the input of the filter: that with the operators of its type, or a plain Boolean."""
        if self.searched:
            return operators(of_text(folded=self.folded, contained=self.contained))
        type_ = self.value_type()
        return bool if type_ is bool else operators(UUID if type_ in ID_TYPES or type_ is UUID else type_)

    def conditions(self, asked: Any, _sight: Sight) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions that are *asked* of the column."""
        if isinstance(asked, bool):
            yield self.column.is_(asked)
        elif self.through is None and self._looked_up(asked):
            yield looked_up(self.column, self.met(plain(asked), rare=isinstance(asked, Rare)))
        else:
            yield from self.met(plain(asked), rare=isinstance(asked, Rare | Part), walked=isinstance(asked, Frequent))

    def met(self, asked: Any, *, rare: bool = False, walked: bool = False) -> list[ColumnElement[bool]]:
        """Return what is *asked*, so that the planner takes an index for what is *rare*, and none where the list is *walked*.

        It knows no values, and expects few rows within a range, but many with one of few values that a column has.
        """
        met: list[ColumnElement[bool]] = []
        for operator, value in given(asked):
            column = self._compared(operator)
            if rare and operator in {EQ, IN}:
                each = value if operator is EQ else func.unnest(array_of(self.column.type, value)).column_valued()
                met += [column >= each, column <= each]
            else:
                condition = operator.condition(column, value)
                met.append(condition.is_(true()) if walked and operator.name in WALKED else condition)
        return met

    def _looked_up(self, asked: Any) -> bool:
        return isinstance(asked, Rare) or _contains(asked) or (self.sought and self.selective(asked))

    def _compared(self, operator: Operator) -> Any:
        """Return what *operator* compares: text in the order in which an index has it."""
        if operator is CONTAINS or operator is IS_NULL:
            return self.column
        if self.folded:
            return without_case(self.column)
        return self.column.collate("C") if self.searched else self.column

    def selective(self, asked: Any) -> bool:
        """Tell whether something is *asked* that holds of few records of many."""
        if self.gauged or isinstance(asked, bool):
            return isinstance(asked, Rare)
        return any(operator.name in SELECTIVE for operator, _ in given(asked))

    def checked(self, asked: Any) -> Any:
        """Return *asked* with ids instead of their texts, folded.

        Raises: InvalidId, TooManyItems, SearchTooShort, SearchTooLong, naming the operator.
        """
        if isinstance(asked, bool):
            return asked
        changed: dict[str, Any] = {}
        for operator, value in given(asked):
            if isinstance(value, list) and len(value) > MOST_VALUES:
                raise TooManyItems(limit=MOST_VALUES, given=len(value), field=(operator.name,))
            if (type_ := self.value_type()) in ID_TYPES and isinstance(value, list | str):
                changed[operator.attribute] = _ids(type_, operator.name, value)
            elif operator is CONTAINS:
                changed[operator.attribute] = _pattern(operator.name, value)
            elif self.folded:
                changed[operator.attribute] = _folded(value)
        if (others := self._others(asked)) is not None:
            changed |= {"in_": others, "ne_": None, "notIn_": None}
        if (alone := changed.get("in_", asked.in_)) and len(alone) == 1 and asked.eq_ is None:  # an index stays in order
            changed |= {"in_": None, "eq_": alone[0]}
        return replace(asked, **changed)

    def _others(self, asked: Any) -> list[Any] | None:
        """Return all values but those that *asked* excludes, where there are only so many: an index finds them."""
        kind, values = self.value_type(), {operator.name: value for operator, value in given(asked)}
        excluded = [*values.get("notIn", ()), *([values["ne"]] if "ne" in values else [])]
        if not excluded or "in" in values or not (isinstance(kind, type) and issubclass(kind, Enum)) or self.column.nullable:
            return None
        return [value for value in kind if value not in excluded]

    def looks(self, asked: Any) -> bool:
        """Tell whether something is *asked* that not everybody may ask, or not every database answers."""
        return self.scope is not None or _contains(asked)

    async def known(self, read: Reader, asked: Any) -> Any:
        """Return *asked*. Raises: MissingScope, SearchUnavailable."""
        await super().known(read, asked)
        if _contains(asked) and not await has_trigram_index(read, self.index):
            raise SearchUnavailable(field=(CONTAINS.name,))
        return asked

    def gauges(self, asked: Any, order: Ordering | None) -> bool:
        """Tell whether something is *asked* that an index counts, and the *order* is not that of the same index."""
        if not self.gauged or isinstance(asked, bool) or (order is not None and order.columns[0] is self.column):
            return False
        nulls = not self.searched  # an index by which text is found has none
        return any(each.name in COUNTED or (each is IS_NULL and (nulls or not value)) for each, value in given(asked))

    def equal(self, asked: Any) -> Any:
        """Return the column, where exactly one value is *asked* of it."""
        alone = self.through is None and not isinstance(asked, bool) and [each.name for each, _ in given(asked)] == ["eq"]
        return self.column if alone else None

    def rows(self, asked: Any) -> Any:
        """Return what selects the rows that meet what is *asked*, of the table that has the column."""
        wanted = [] if self.only is None else [self.only]
        table = self.column.table
        return select(literal_column("1")).select_from(table).where(*wanted, *self.met(asked)).order_by(*index_of(self.column))


def given(asked: Any) -> Iterator[tuple[Operator, Any]]:
    """Yield the operators that are *asked*, each with its value."""
    for operator in asked.operators:
        if (value := getattr(asked, operator.attribute)) is not None:
            yield operator, value


def _contains(asked: Any) -> bool:
    return getattr(asked, CONTAINS.attribute, None) is not None


def _pattern(operator: str, text: str) -> str:
    try:
        return pattern_of(text)
    except OmsError as error:
        raise error.at(operator) from None


def _ids(type_: Callable[[UUID], UUID], operator: str, value: list[str] | str) -> list[UUID] | UUID:
    try:
        return parse_id(type_, value) if isinstance(value, str) else [parse_id(type_, text) for text in value]
    except OmsError as error:
        raise error.at(operator) from None


def _folded(value: Any) -> Any:
    """Return what is asked as `db.columns.folded` has it: its Latin letters small."""
    if isinstance(value, list):
        return [_folded(each) for each in value]
    return fold(value) if isinstance(value, str) else value


def on(
    column: Column | ColumnElement[Any],
    *,
    through: Through | None = None,
    only: ColumnElement[bool] | None = None,
    searched: bool = False,
    folded: bool = False,
    contained: bool = False,
    sought: bool = False,
    gauged: bool = False,
    scope: Scope | None = None,
) -> Any:
    """Declare a filter on *column*, by the operators of its type; *through* other rows, *only* those of a condition.

    *searched* says that an index lets text be found by its beginning (`db.columns.begins`), and gives startsWith.
    *folded* compares without regard to case, which an index serves too (`db.columns.folded`). *contained* says that one finds
    it by any part of it (`db.columns.contained`), and gives contains. What is *sought* is looked up before the list is
    walked in its order; what is *gauged* so only where few rows meet it, which an index tells. Who asks needs *scope*, beside
    that of the list.
    """
    return On(column, through, only, searched, folded, contained, sought, gauged, scope)


key = on
"""Declare a column that is unique, alone or together with its neighbours."""


def _undescribed(cls: type, start: str, name: str) -> str | None:
    """Return what a field of *cls* is described by where nothing stands below it: ``By status.``, ``Its id.``."""
    return None if name in attribute_docs(cls) else f"{start} {name.removesuffix('_id').replace('_', ' ')}."


class Where:
    """Which records: a table of filters, and AND, OR and NOT of more of the same.

    A filter of whose description the name says all, ``By status.``, needs none.
    """

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
            setattr(cls, name, strawberry.field(default=each.default, description=_undescribed(cls, "By", name)))
        for name, description in (
            ("AND", "All of these must be true as well."),
            ("OR", "At least one of these must be true as well."),
            ("NOT", "None of these may be true."),
        ):
            attribute = f"{name.lower()}_"
            cls.__annotations__[attribute] = list[cls.__name__]  # type: ignore[name-defined]
            setattr(cls, attribute, strawberry.field(default_factory=list, name=name, description=description))

    def checked(self, *path: str, depth: int = 0, counter: Iterator[int] | None = None) -> Self:
        """Return the filter with ids instead of their texts. Raises: InvalidId, InvalidValue, TooManyItems, with *path*."""
        counter = counter or count(1)
        for _ in range(max(1, sum(getattr(self, name) is not None for name in self.filters))):
            if next(counter) > MOST_CONDITIONS:
                raise TooManyConditions(limit=MOST_CONDITIONS, field=path)
        if depth > DEEPEST:
            raise InvalidValue(problem=f"Filters nest at most {DEEPEST} deep.", field=path)
        changed: dict[str, Any] = {}
        for name, each in self.filters.items():
            if (asked := getattr(self, name)) is not None:
                try:
                    changed[name] = each.checked(asked)
                except OmsError as error:
                    raise error.at(*path, to_camel_case(name)) from None
        for attribute, name in CONNECTIVES.items():
            inner = getattr(self, attribute) or ()
            changed[attribute] = [where.checked(*path, name, depth=depth + 1, counter=counter) for where in inner]
        return replace(self, **changed)  # type: ignore[type-var]

    async def known(self, read: Reader, order: Ordering | None, *path: str, part: Collection[str] = ()) -> Self:
        """Return the filter with the ids of what it names otherwise, such as SKUs, and with what is rare in this *order*.

        *part* names the filters whose part of the list is read whole. Raises: MissingScope, SearchUnavailable, with *path*.
        """
        asked = {name: value for name in self.filters if (value := getattr(self, name)) is not None}
        inner = [*self.and_, *self.or_, *self.not_]
        parts = {name: Part(value) for name, value in asked.items() if name in part and self.filters[name].gauged}
        gauged = {name for name, value in asked.items() if name not in parts and self.filters[name].gauges(value, order)}
        if gauged and not inner and self._in_order(asked, order):
            gauged.clear()
        looks = [name for name, value in asked.items() if name in gauged or self.filters[name].looks(value)]
        if not looks and not inner and not parts:
            return self
        found = await gather(*(self._known(read, name, asked[name], order, name in gauged, *path) for name in looks))
        changed: dict[str, Any] = dict(zip(looks, found, strict=True)) | parts
        for attribute, name in CONNECTIVES.items():
            changed[attribute] = await gather(*(where.known(read, order, *path, name) for where in getattr(self, attribute)))
        return replace(self, **changed)  # type: ignore[type-var]

    async def _known(self, read: Reader, name: str, value: Any, order: Ordering | None, gauged: bool, *path: str) -> Any:
        try:
            known = await self.filters[name].known(read, value)
        except OmsError as error:
            raise error.at(*path, to_camel_case(name)) from None
        return await self.filters[name].gauged_by(read, known, order) if gauged else known

    def _in_order(self, asked: dict[str, Any], order: Ordering | None) -> bool:
        """Tell whether an index has the records of exactly what is *asked*, in the *order* of the list."""
        columns = [self.filters[name].equal(value) for name, value in asked.items()]
        after = () if order is None else order.columns
        return all(column is not None for column in columns) and indexed(frozenset(columns), after)

    def condition(self, sight: Sight) -> ColumnElement[bool]:
        """Return what is asked for as a condition; it looks at no value, so a statement is compiled once with it."""
        found: dict[Through | None, dict[str, list[ColumnElement[bool]]]] = defaultdict(dict)
        selective: set[Through | None] = set()
        walked: set[Through | None] = set()
        for name, each in self.filters.items():
            if (asked := getattr(self, name)) is not None:
                found[each.through][name] = [*([] if each.only is None else [each.only]), *each.conditions(asked, sight)]
                selective |= {each.through} if each.selective(asked) else set()
                walked |= {each.through} if isinstance(asked, Frequent) else set()
        conditions = list(chain.from_iterable(found.pop(None, {}).values()))
        conditions += [
            through.holds(asked, sight, selective=through in selective, walked=through in walked)
            for through, asked in found.items()
            if through
        ]
        conditions += [where.condition(sight) for where in self.and_]
        conditions += [or_(*(where.condition(sight) for where in self.or_))] if self.or_ else []
        conditions += [where.condition(sight).is_not(true()) for where in self.not_]  # NOT NULL would be no answer
        return and_(true(), *conditions)

    def all(self) -> Iterator[Self]:
        """Yield the filter and those that are nested in it."""
        yield self
        for inner in (*self.and_, *self.or_, *self.not_):
            yield from inner.all()

    def __hash__(self) -> int:
        """Return the hash of what is asked, so that one loader serves all who ask the same of a field."""
        return hash(repr(self))


class By:
    """What one record is found by: a table of unique columns, or of inputs that are unique together.

    A key of whose description the name says all, ``Its id.``, needs none.
    """

    keys: dict[str, Any]

    def __init_subclass__(cls, *, together: bool = False) -> None:
        cls.keys = {n: v for n, v in vars(cls).items() if isinstance(v, On) or (isinstance(v, type) and issubclass(v, By))}
        cls.__annotations__ = {}
        for name, each in cls.keys.items():
            type_ = each.value_type() if isinstance(each, On) else each
            cls.__annotations__[name] = type_ if together else type_ | None
            default = MISSING if together else strawberry.UNSET
            setattr(cls, name, strawberry.field(default=default, description=_undescribed(cls, "Its", name)))

    def given(self) -> Self:
        """Return the same with None for what was left out."""
        left_out = {name: None for name in self.keys if getattr(self, name) is strawberry.UNSET}
        return replace(self, **left_out)  # type: ignore[type-var]

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the record that is asked for; it looks at no value."""
        given = [(each, value) for name, each in self.keys.items() if (value := getattr(self, name)) is not None]
        return and_(*(each.column == value if isinstance(each, On) else value.condition() for each, value in given))
