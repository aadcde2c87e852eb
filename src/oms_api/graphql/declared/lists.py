"""Lists that are declared: who may see what, by which filters and in which order; and the root fields that ask for them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field
from enum import Enum, StrEnum
from inspect import Parameter
from typing import Annotated, Any, Protocol, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select
from strawberry.utils.str_converters import to_camel_case

from oms_api.db.keyset import Ordering, page_of
from oms_api.db.relations import Names, Narrowed, columns_of
from oms_api.db.session import Reader
from oms_api.db.statements import statement
from oms_api.graphql.connections import PAGE, Connection, page_request
from oms_api.graphql.context import Info
from oms_api.graphql.declared.agreement import Disagreement, argument_of
from oms_api.graphql.declared.filters import By, Where
from oms_api.graphql.declared.gauging import plain
from oms_api.graphql.declared.links import connection
from oms_api.graphql.declared.methods import as_method
from oms_api.graphql.declared.records import Record
from oms_api.graphql.described import argument, output
from oms_api.graphql.nodes import LookUp, entity_of
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope, Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import Busy, InvalidValue
from oms_api.kernel.paging import Page, PageRequest

HIGHEST_COUNT = 10_000
MORE_THAN_ONE = 2
"""How many records with a key tell that it is shared: no more are read."""
MANY_FILTERS = 10
"""Of a hundred filters in one another a statement is made in 6 ms, and a document has a hundred lists."""
A_COUNT = 500
"""What a count costs, which may read as many index entries as it counts."""
A_SURVEY = 25_000
"""What it costs to look at all records of a list or a range: of 20,000 shipments it takes 90 ms in the database, measured."""


class First(Protocol):
    """What makes the statement for the first records of a list."""

    def __call__(
        self, conditions: Sequence[ColumnElement[bool]], order: Ordering, limit: int, /, *, backwards: bool
    ) -> Select[Any]:
        """Return the statement for the first *limit* records under *conditions* in *order*, or turned round."""


@dataclass(frozen=True)
class Within:
    """What no index serves, for others write it, or too often: *filters* and *orders* for parts of a list only.

    A part is named by one of the filters *of*, by some only with certain *values*: an index finds it, and it is small enough to
    be read whole. Who asks for these orders needs *scope*, beside that of the list.
    """

    of: Sequence[str]
    orders: Sequence[Ordering]
    filters: Sequence[str] = ()
    values: Mapping[str, Collection[StrEnum]] = field(default_factory=dict)
    scope: Scope | None = None

    def check(self, read: Reader, where: Where | None, order: Ordering) -> None:
        """Raises: MissingScope; InvalidValue, where what is asked goes through the whole list."""
        if order in self.orders and self.scope is not None:
            read.principal.demand(self.scope)
        if where is not None and any(self._is_part(name, plain(getattr(where, name))) for name in self.of):
            return
        part = ", ".join(f"`{to_camel_case(name)}`{self._told(name)}" for name in self.of)
        if order in self.orders:
            raise InvalidValue(problem=f"This order needs one of {part} in `where`.", field=("orderBy",))
        for each in [] if where is None else where.all():
            for name in self.filters:
                if getattr(each, name) is not None:
                    field = ("where", to_camel_case(name))
                    raise InvalidValue(problem=f"This filter needs one of {part} in `where`, outermost.", field=field)

    def _is_part(self, name: str, asked: Any) -> bool:
        if asked is None or name not in self.values:
            return asked is not None
        named = asked.in_ if asked.eq_ is None else [asked.eq_]
        return bool(named) and set(named) <= set(self.values[name])

    def _told(self, name: str) -> str:
        return f" of {', '.join(self.values[name])}" if name in self.values else ""


class Listing:
    """A list: what it shows, to whom, by which filters, in which orders, and what one of its records is found by.

    Of an entity it shows those that can be seen by their ids, to whoever has its scope, unless *visible* or *scope* says
    otherwise. *order* is an enum of orderings, the first of which is taken by default, or the only ordering there is. *which*
    describes the argument `where`. *columns* are those that are read, where some of the row are not. *first* makes the
    statement for the first records under conditions, where one that selects from the table is not good enough. *within*
    says what is asked of parts of the list only.
    """

    def __init__(
        self,
        *,
        show: Any,
        order: type[Enum] | Ordering,
        scope: Scope | None = None,
        visible: Callable[[Sight], Sequence[ColumnElement[bool]]] | None = None,
        where: type[Where] | None = None,
        by: type[By] | None = None,
        columns: Sequence[Any] = (),
        which: str = "Conditions on the listed records; by default, all records are included.",
        first: First | None = None,
        within: Within | None = None,
    ) -> None:
        if scope is None or visible is None:
            entity = entity_of(show)
            scope, visible = scope or entity.scope, visible or entity.relation.visible
        if scope is None or visible is None:
            raise Disagreement(f"Nothing says who may see which {show.__name__}")
        self.show, self.order, self.scope = show, order, scope
        self.where, self.by, self.which, self.visible, self.within = where, by, which, visible, within
        defaults = [] if where is None else [each.default for each in where.filters.values()]
        self.by_default = where() if where is not None and any(each is not None for each in defaults) else None
        row = argument_of(show, Record)

        def page_with(names: Names | None) -> Any:
            @statement
            def page(
                where: Where | None,
                sight: Sight,
                order: Ordering,
                limit: int,
                backwards: bool,
                place: tuple[Any, ...],
            ) -> Select[Any]:
                wanted = [*visible(sight), *asked_of(where, sight), order.past(place, backwards=backwards)]
                if first is not None:
                    return first(wanted, order, limit, backwards=backwards)
                read = select(*(columns or columns_of(row, names, *order.columns)), *order.labels)
                return read.where(*wanted).order_by(*order.by(backwards=backwards)).limit(limit)

            return page

        @statement
        def one(by: By, sight: Sight) -> Select[Any]:
            return select(*(columns or [row])).where(by.condition(), *visible(sight)).limit(MORE_THAN_ONE)

        @statement(alone=True)
        def count(where: Where | None, sight: Sight, limit: int) -> Select[Any]:
            wanted = select(literal(1)).select_from(row).where(*visible(sight), *asked_of(where, sight)).limit(limit)
            return select(func.count()).select_from(wanted.subquery())

        self.page, self.one, self.count = page_with(None), one, count
        self.narrowed = Narrowed(self.page, page_with)

    async def page_of(
        self, read: Reader, where: Where | None, order: Ordering, page: PageRequest, names: Names | None = None
    ) -> Page[Any]:
        """Return a page of what *where* asks for, with the columns *names* or all. Raises: InvalidCursor, InvalidValue."""
        if self.within is not None:
            self.within.check(read, where, order)
        place = order.at(page)
        found = self.page if names is None else self.narrowed(names)
        rows: list[Any] = await read.all(found(where, read.sight, order, page.size + 1, page.backwards, place))
        return page_of(rows, by=order, page=page)


def asked_of(where: Where | None, sight: Sight) -> list[ColumnElement[bool]]:
    """Return what *where* asks for, if anything, as conditions."""
    return [] if where is None else [where.condition(sight)]


async def known_of(listing: Listing, read: Reader, where: Where | None, order: Ordering | None = None) -> Where | None:
    """Return what *where*, or else the list by default, asks for, as statements take it that read in this *order*, or in none.

    Raises: OmsError, with its path.
    """
    where = where or listing.by_default
    if where is None:
        return None
    part = listing.within.of if listing.within is not None and order in listing.within.orders else ()
    return await where.checked("where").known(read, None if part else order, "where", part=part)


async def asked_in_turn(listing: Listing, info: Info, where: Where | None, order: Ordering | None = None) -> Where | None:
    """Return what *where* asks for, as `known_of` does; others have turns between lists that are asked much."""
    if where is not None and len(list(where.all())) > MANY_FILTERS:
        await info.context.turn()
    return await known_of(listing, info.context.read, where, order)


def listed(listing: Listing) -> Any:
    """Declare the field that asks for a page of the list."""

    async def resolve(_self: Any, info: Info, where: Any = None, order_by: Any = None, **given: Any) -> Any:
        read, page = info.context.read, page_request(given)
        order = listing.order if isinstance(listing.order, Ordering) else order_by.value
        asked, names = await asked_in_turn(listing, info, where, order), info.context.needed(listing.show)
        return connection(await listing.page_of(read, asked, order, page, names), listing.show)

    taken: dict[str, tuple[Any, Any]] = {}
    if listing.where is not None:
        taken["where"] = which_of(listing)
    if not isinstance(listing.order, Ordering):
        taken["order_by"] = Annotated[cast("Any", listing.order), argument("The order of the list.")], next(iter(listing.order))
    shown: Any = listing.show
    return query(listing.scope, description="")(as_method(resolve, taken | PAGE, Connection[shown]))


def found(listing: Listing, describes: str) -> Any:
    """Declare the field that asks for one record of the list; *describes* is the text of its argument."""

    def resolve(_self: Any, info: Info, by: Any) -> Any:
        if isinstance(id_ := getattr(by, "id", None), UUID):
            return LookUp(id_, listing.show.fetch(info, id_))
        return sought(info, by)

    async def sought(info: Info, by: Any) -> Any:
        row = await info.context.read.one_or_none(listing.one(by.given(), info.context.read.sight))
        return None if row is None else listing.show.of(row)

    taken = {"by": (Annotated[cast("Any", listing.by), argument(describes)], Parameter.empty)}
    return query(listing.scope, description="")(as_method(resolve, taken, listing.show | None))


@output
class Count:
    """How many records match."""

    count: int
    """The number, counted up to the limit."""
    at_least: bool
    """True where more may match: the limit was reached, or counting took too long."""


def counted(listing: Listing, show: Any = Count) -> Any:
    """Declare the field that counts the list, up to a limit, and answers with *show*."""

    async def resolve(_self: Any, info: Info, limit: int, where: Any = None) -> Any:
        if not 0 < limit <= HIGHEST_COUNT:
            raise InvalidValue(problem=f"limit is between 1 and {HIGHEST_COUNT:,}.", field=("limit",))
        read = info.context.read
        asked = await asked_in_turn(listing, info, where)
        try:
            many = await read.value(listing.count(asked, read.sight, limit + 1)) or 0
        except Busy:  # a number that takes too long is no reason to lose the list beside it
            return show(count=0, at_least=True)
        return show(count=min(many, limit), at_least=many > limit)

    limited = Annotated[int, argument("The limit of the count; 10,000 at most.")], HIGHEST_COUNT
    declare = query(listing.scope, description="", price=A_COUNT)
    return declare(as_method(resolve, {"where": which_of(listing), "limit": limited}, show))


def which_of(listing: Listing) -> tuple[Any, Any]:
    """Return the argument `where`, with its default."""
    return Annotated[cast("Any", listing.where) | None, argument(listing.which)], None
