"""Output types that show a row: plain fields are filled from its columns by name, links lead on from it."""

from collections.abc import Callable, Sequence
from types import GenericAlias
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, cast, dataclass_transform

import strawberry
from strawberry.types.field import StrawberryField

from oms_api.db.relations import One, required
from oms_api.graphql.context import Info
from oms_api.graphql.declared.agreement import (
    Column,
    argument_of,
    check_belongs,
    check_same,
    column_named,
    evaluated,
    of_column,
    optional,
    root,
)
from oms_api.graphql.declared.links import Answered, Link, Source
from oms_api.graphql.described import SCOPE, output
from oms_api.graphql.money import MinorUnits, UnitPrice
from oms_api.graphql.nodes import ENTITIES, Entity
from oms_api.kernel.access import Scope
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ID_TYPES

Row = TypeVar("Row")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Made:
    """A plain field that is no copy of its own column: made of *sources* when the record is made.

    A source is a column, or the name of what the record takes along from its parent.
    """

    make: Callable[..., Any] | None
    sources: tuple[Source, ...]
    scope: Scope | None


def column(of: Column, *, scope: Scope | None = None) -> Any:
    """Declare a field that shows a column of another name, or that needs *scope*."""
    return Made(None, (of,), scope)


def made(make: Callable[..., Value], *sources: Source, scope: Scope | None = None) -> Value:
    """Declare a field that is worked out from *sources*, in their order."""
    return cast("Value", Made(make, sources, scope))


def money(minor: Column, currency: Source, *, scope: Scope | None = None) -> Any:
    """Declare a sum that is stored in minor units, in the currency of another column or of the parent."""
    return Made(MinorUnits, (minor, currency), scope)


def price(amount: Column, currency: Source, *, scope: Scope | None = None) -> Any:
    """Declare a unit price, in the currency of another column or of the parent."""
    return Made(UnitPrice, (amount, currency), scope)


def _unless_null(make: Callable[..., Any]) -> Callable[..., Any]:
    return lambda amount, currency: None if amount is None or currency is None else make(amount, currency)


if TYPE_CHECKING:

    class Shows(Generic[Row]):
        """What takes the row as its argument."""

else:

    class Shows:
        """Takes the row as its argument without being generic: strawberry looks for variables in generic types without end."""

        __class_getitem__ = classmethod(GenericAlias)


class Record(Shows[Row]):
    """An output type that shows a *Row*. An attribute is read from the row, or made of it, when it is asked for.

    Nothing is set on a record later: whatever completes a page reads its row.

    ``class OrderTax(Record[TaxRow], along="currency")`` takes the attribute `currency` along from its parent: `many` and
    `pages` say which of the parent's columns that is. A record that inherits from another one of the same row has the fields
    of that, too.
    """

    row: Row
    along: ClassVar[str | None] = None
    sources: ClassVar[dict[str, tuple[Callable[..., Any] | None, tuple[str, ...]]]] = {}
    """What makes each plain field, None for a copy, and what of: columns of the row, or what the record took along."""

    @classmethod
    def of(cls, row: Row, *along: object) -> Self:
        """Show *row*, with what the record takes along from its parent."""
        self = object.__new__(cls)
        self.row = row
        if cls.along is not None:
            (value,) = along
            setattr(self, cls.along, value)
        return self

    @classmethod
    def of_all(cls, rows: Sequence[Row], *along: object) -> list[Self]:
        """Show *rows*, as `of` does."""
        new = object.__new__
        records = [new(cls) for _ in rows]
        for self, row in zip(records, rows, strict=True):
            self.row = row
        if cls.along is not None:
            (value,) = along
            for self in records:
                setattr(self, cls.along, value)
        return records

    if not TYPE_CHECKING:  # to mypy it has the attributes that it declares, and no others

        def __getattr__(self, name: str) -> Any:
            """Return what the plain field *name* shows."""
            if name not in self.sources:
                raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
            make, names = self.sources[name]
            given = [getattr(self if each == self.along else self.row, each) for each in names]
            return make(*given) if make else given[0]

    @classmethod
    async def fetch(cls, info: Info, key: Any) -> Self | None:
        """Return the record with *key*, if the caller may see it; made for each entity when it is declared."""
        raise NotImplementedError

    def __init_subclass__(cls, *, along: str | None = None) -> None:
        super().__init_subclass__()
        row = argument_of(cls, Record)
        if row is None:
            return
        cls.along = along
        sources: dict[str, Any] = {}
        for base in cls.__mro__[1:]:
            sources |= vars(base).get("sources", {})
        for name, annotation in cls.__annotations__.items():
            match vars(cls).get(name):
                case Link() | Answered() as link:
                    setattr(cls, name, link.declared(cls, name, annotation, row))
                case StrawberryField(base_resolver=resolver) if resolver is not None:
                    pass  # written by hand, in its place among the others
                case Made() as field:
                    sources[name] = _source(cls, name, annotation, field, row)
                    setattr(cls, name, strawberry.field(metadata={SCOPE: field.scope}))
                case _:
                    copied = Made(None, (column_named(cls, name, row),), None)
                    sources[name] = _source(cls, name, annotation, copied, row)
        cls.sources = sources


def _source(cls: type["Record[Any]"], name: str, annotation: Any, field: Made, row: type) -> Any:
    """Return what fills a field: a function or None, and the names it takes. Raises: Disagreement."""
    here = f"{cls.__qualname__}.{name}"
    make, names = field.make, []
    for each in field.sources:
        if isinstance(each, str):
            if each != cls.along:
                raise TypeError(f"{here} is made of {each!r}, which {cls.__qualname__} does not take along")
            names.append(each)
        else:
            check_belongs(here, each, row)
            names.append(each.key)
            if field.make in {MinorUnits, UnitPrice} and of_column(each)[1]:
                make = _unless_null(field.make)
    if make is None:
        (shown_column,) = field.sources
        inner, null = optional(evaluated(cls, annotation))
        stored, stored_null = of_column(cast("Column", shown_column))
        if root(stored) is dict and hasattr(inner, "of"):
            make = inner.of  # an address, a contact: stored as JSON
        else:
            check_same(here, inner | None if null else inner, stored | None if stored_null else stored)
    return make, tuple(names)


@dataclass_transform(kw_only_default=True)
def entity(relation: One[Any, Any], scope: Scope | None) -> Callable[[type[Record[Row]]], Any]:
    """Make a record an output type that is fetched by its id, from what *relation* finds, by those who have *scope*.

    Without a scope it is no node: other records lead to it.
    """

    def declare(cls: type[Record[Row]]) -> Any:
        shown: Any = output(cls)
        kind = ID_TYPES[cls.__annotations__["id"]]
        declared = ENTITIES[kind] = Entity(scope, relation, shown, required(relation, cls.__name__, kind))

        async def fetch(info: Info, key: Any) -> Any:
            return declared.shown(await info.context.load(relation, key))

        shown.fetch = staticmethod(fetch)
        return shown

    return declare
