"""Fields that lead on from a record: to another one, to a list or to pages of its children.

A link says which relation finds what it shows, by which columns of the record's row, and what is shown of it. So whoever
executes a page can ask for all records of a level at once.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import field
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar, cast

import strawberry
from graphql import GraphQLField, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, get_named_type
from strawberry.types.field import StrawberryField

from oms_api.db.relations import Names, Relation
from oms_api.graphql.connections import PAGE, Connection, LoadedPage, page_request
from oms_api.graphql.context import Info
from oms_api.graphql.declared.agreement import Column, Disagreement, check_belongs, kind_of, of_column
from oms_api.graphql.declared.methods import as_method
from oms_api.graphql.described import SCOPE
from oms_api.graphql.internals import declared_field
from oms_api.graphql.nodes import ENTITIES, shown
from oms_api.kernel.access import Scope
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import Page

Row = TypeVar("Row")
Value = TypeVar("Value")
LINK = "link"
Source = Column | str
"""What a record gives along: a column of its row, or the name of what it took along itself."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a field leads: *relation*, or the one by which records of *kind* are fetched, for the columns *key* of the row.

    `key_of` gives the key of a record, None where a part of it is null; `show` makes what the field shows of the record and
    what was found for it. `paged` says that the field takes the arguments
    of a page, and the relation a `PageRequest`; `leads_to` and `optional` are what `check_links` compares the field with.
    `along` is what the record gives to what it shows; `whole` says that a function looks at the rows on both ends.
    """

    show: Callable[[Any, Any], Any]
    key: tuple[Column, ...]
    relation: Relation[Any, Any] | None = None
    kind: IdKind | None = None
    paged: bool = False
    scope: Scope | None = None
    leads_to: Any = None
    optional: bool = False
    along: tuple[Source, ...] = ()
    whole: bool = False
    key_of: Callable[[Any], Any] = field(init=False)

    def __post_init__(self) -> None:
        names = [f"row.{name}" for name in self.key_names]
        get = attrgetter(*names)
        object.__setattr__(self, "key_of", get if len(names) == 1 else lambda record: _whole(get(record)))

    def number_of(self) -> Callable[[Any], Any]:
        """Return what gives the number of the id that is the key of a record, None where that is null."""
        (name,) = self.key_names
        if self.key and of_column(self.key[0])[1]:
            get = self.key_of
            return lambda record: None if (key := get(record)) is None else key.int
        return attrgetter(f"row.{name}.int")

    @property
    def key_names(self) -> list[str]:
        """The names of the columns that hold the key."""
        return [column.key for column in self.key] or ["id"]

    @property
    def read(self) -> Names | None:
        """The columns of the record's row that it reads; None where it may read any."""
        return None if self.whole else frozenset([*self.key_names, *(e.key for e in self.along if not isinstance(e, str))])

    @property
    def shown(self) -> Any:
        """The type that each row which is found is shown as, and that alone reads the row; None where there is none."""
        return None if self.whole else ENTITIES[self.kind].show if self.kind is not None else self.leads_to

    def followed(self) -> Relation[Any, Any]:
        """Return the relation that finds what the field shows."""
        return self.relation or ENTITIES[cast("IdKind", self.kind)].relation

    def narrowed(self, needed: Callable[[type], Names | None]) -> Relation[Any, Any]:
        """Return the relation that finds what the field shows, with no more of its rows than what is *needed*."""
        names = None if self.shown is None else needed(self.shown)
        return self.followed() if names is None else self.followed().narrowed(names | {self.shown.along or "id"})

    def declared(self, owner: type, name: str, annotation: Any, row: type) -> StrawberryField:
        """Return the field *name* of *owner*, which shows a *row*. Raises: Disagreement."""
        for column in self.key:
            check_belongs(f"{owner.__qualname__}.{name}", column, row)
        resolve = as_method(self._resolver(), PAGE if self.paged else {}, annotation)
        resolve.__module__ = owner.__module__
        return cast("StrawberryField", _resolved(resolve, self.scope, self))

    def _resolver(self) -> Callable[..., Any]:
        link = self

        async def resolve(self: Any, info: Info, **page: Any) -> Any:
            key = link.key_of(self)
            if key is None:
                return None
            asked = (page_request(page),) if link.paged else ()
            return link.show(self, await info.context.load(link.followed(), key, *asked))

        return resolve


def leads_to(
    key: Column,
    relation: Relation[Any, Any] | None = None,
    show: Any = None,
    *,
    scope: Scope | None = None,
) -> Any:
    """Declare a link to the record whose id *key* holds: as records of its kind are fetched, or by *relation*, shown as *show*.

    *show* is a type, or the kind of its ids where it is declared later. Where *key* is null, or the caller may not see the
    record, the field is null. What *show* takes along from a parent must be a column of what *relation* finds.
    """
    link = partial(Link, key=(key,), relation=relation, scope=scope, optional=True)
    if relation is not None and not isinstance(show, IdKind):
        return link(lambda _, found: shown(show, found), leads_to=show)
    kind = show or kind_of(key)
    if kind is None:
        raise Disagreement(f"{key} holds no id of one kind, and no relation says how to follow it")
    return link(lambda _, found: shown(ENTITIES[kind].show, found), kind=kind)


def many(
    relation: Relation[Any, Sequence[Row]],
    show: Any,
    *,
    key: Column | tuple[Column, ...] = (),
    along: Source | None = None,
    only: Callable[[Any, Row], bool] | None = None,
    scope: Scope | None = None,
) -> Any:
    """Declare the list of what *relation* finds for the record's id, or for *key*, each shown as *show*.

    Each takes *along* a column of the record, such as its currency, or what that took along itself, by name. *only* tells, of
    the record's row and a found one, whether that one is shown.
    """
    carry = _carried(*_columns(along))

    def show_all(record: Any, found: Sequence[Row]) -> Any:
        rows = found if only is None else [row for row in found if only(record.row, row)]
        return show.of_all(rows, *carry(record))

    return Link(show_all, _columns(key), relation, scope=scope, leads_to=show, along=_columns(along), whole=only is not None)


def pages(
    relation: Relation[Any, Page[Row]],
    show: Any,
    *,
    key: Column | tuple[Column, ...] = (),
    along: Source | None = None,
    scope: Scope | None = None,
) -> Any:
    """Declare the connection of what *relation* finds for the record's id, or for *key*, page by page, each shown as *show*.

    *along* as with `many`.
    """
    carry = _carried(*_columns(along))

    def show_all(record: Any, found: Page[Row]) -> Any:
        return LoadedPage(found, show.of_all(found.items, *carry(record)))

    return Link(show_all, _columns(key), relation, paged=True, scope=scope, leads_to=show, along=_columns(along))


def loaded(
    relation: Relation[Any, Row],
    show: Callable[..., Value],
    *,
    key: Column | tuple[Column, ...] = (),
    along: Source | tuple[Source, ...] = (),
    scope: Scope | None = None,
) -> Value:
    """Declare a field that shows what *show* makes of what *relation* finds for the record's id, or for *key*.

    *show* takes as well what the record gives *along*.
    """
    carry = _carried(*_columns(along))
    link = Link(lambda record, found: show(found, *carry(record)), _columns(key), relation, scope=scope, along=_columns(along))
    return cast("Value", link)


@dataclass(frozen=True, slots=True)
class Answered:
    """A field that a function answers from the request and the record's row."""

    answer: Callable[[Info, Any], Any]
    scope: Scope | None

    def declared(self, owner: type, _name: str, annotation: Any, _row: type) -> StrawberryField:
        """Return the field of *owner*."""
        answer = self.answer

        async def resolve(self: Any, info: Info) -> Any:
            return await answer(info, self.row)

        resolve.__module__ = owner.__module__
        return cast("StrawberryField", _resolved(as_method(resolve, {}, annotation), self.scope))


def answered(answer: Callable[[Info, Any], Awaitable[Value]], *, scope: Scope | None = None) -> Value:
    """Declare a field that *answer* gives, of the request and the record's row: in its place among the others."""
    return cast("Value", Answered(answer, scope))


def _resolved(resolve: Callable[..., Any], scope: Scope | None, link: Link | None = None) -> Any:
    return strawberry.field(resolver=resolve, metadata={SCOPE: scope, LINK: link})


def connection(page: Page[Any], show: Any) -> Connection[Any]:
    """Return *page* with each row shown as *show*."""
    return cast("Connection[Any]", LoadedPage(page, show.of_all(page.items)))


def link_of(declared: GraphQLField) -> Link | None:
    """Return the link that a field of the built schema is, if it is one."""
    definition = declared_field(declared)
    return None if definition is None else definition.metadata.get(LINK)


def _whole(key: tuple[Any, ...]) -> tuple[Any, ...] | None:
    return None if None in key else key


def _columns(given: Any) -> tuple[Any, ...]:
    return given if isinstance(given, tuple) else () if given is None else (given,)


def _carried(*along: Source) -> Callable[[Any], tuple[Any, ...]]:
    values = [attrgetter(each if isinstance(each, str) else f"row.{each.key}") for each in along]
    return lambda record: tuple([value(record) for value in values])


def check_links(schema: GraphQLSchema) -> None:
    """Raises: Disagreement, for a link of *schema* that leads to records of another type than its field says, or to none."""
    for type_ in schema.type_map.values():
        for name, declared in type_.fields.items() if isinstance(type_, GraphQLObjectType) else ():
            if (link := link_of(declared)) is not None:
                _check(f"{type_.name}.{name}", link, declared)


def _check(where: str, link: Link, declared: GraphQLField) -> None:
    if link.kind is not None and link.kind not in ENTITIES:
        raise Disagreement(f"{where} leads to the {link.kind.name} with an id, but none is fetched by it")
    expected = ENTITIES[link.kind].show if link.kind is not None else link.leads_to
    shown = get_named_type(declared.type)
    if link.paged:
        shown = get_named_type(cast("GraphQLObjectType", shown).fields["nodes"].type)
    if expected is not None and shown.name != expected.__strawberry_definition__.name:
        raise Disagreement(f"{where} is of {shown.name}, but leads to {expected.__name__}")
    if link.optional and isinstance(declared.type, GraphQLNonNull) and of_column(link.key[0])[1]:
        raise Disagreement(f"{where} is never null, but {link.key[0]} can be")
