"""The reads that most of a graph is made of, each declared in one line.

A relation finds what belongs to each of many keys with one statement. `await RELATION(read, keys)` gives it by key; in a
resolver `await info.context.load(RELATION, key)` gives it for one, together with the keys of
all others who ask at the same moment.

    shipments_by_id: One[ShipmentId, ShipmentRow] = by(ShipmentRow.id, visible=visible_to)
    packages_by_shipment: Several[ShipmentId, PackageRow] = of(PackageRow.shipment_id, order=PACKAGE_ORDER)
    pages_of_shipment_lines: Pages[ShipmentId, ShipmentLine] = pages_of(ShipmentLine.shipment_id, order=LINE_ORDER)

What no column says is a statement of its own, with the columns of its result that hold the key:

    @one_for("sku_id", "location_id")
    def backordered_by_level(skus: Keys, locations: Keys, sight: Sight) -> Select[Any]: ...

or one by hand, whose parameters have the names of these columns and take an array of ids each:

    steps_by_route = all_for("route_id")(Sql("SELECT ... WHERE step.route_id = ANY (:route_id::uuid[])"))
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, Generic, TypeVar, Unpack, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Label, Select, Uuid, func, select, true
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.selectable import TypedReturnsRows

from oms_api.db.keyset import Ordering, page_of
from oms_api.db.session import Reader
from oms_api.db.sets import among, array, array_of
from oms_api.db.sql import Sql
from oms_api.db.statements import Query, statement
from oms_api.kernel.access import Sight
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.paging import Page, PageRequest

Key = TypeVar("Key")
Loaded_co = TypeVar("Loaded_co", covariant=True)
Other = TypeVar("Other")
Row = TypeVar("Row")
Keys = Sequence[Any]
"""The keys of a relation, as its statement takes them: a parameter for `among`."""
Found = TypedReturnsRows[Unpack[tuple[Any, ...]]]  # noqa: UP044 - mypy takes no star in an alias
"""A statement that gives records of any columns."""
Build = Callable[..., Found] | Sql
Conditions = Callable[[Any], Sequence[ColumnElement[bool]]]
Names = frozenset[str]
"""The names of columns."""
MOST_NARROWED = 16
"""How many selections of its columns a relation is made for: each is a statement that connections prepare."""


class Narrowed(Generic[Other]):
    """Makes what *make* makes for some columns of a table, once for each selection of them; for too many it is the *whole*."""

    def __init__(self, whole: Other, make: Callable[[Names], Other] | None) -> None:
        self.whole, self.make = whole, make
        self.made: dict[Names, Other] = {}

    def __call__(self, names: Names) -> Other:
        """Return what is made for *names*."""
        if names not in self.made:
            if self.make is None or len(self.made) >= MOST_NARROWED:
                return self.whole
            self.made[names] = self.make(names)
        return self.made[names]


class Relation(Generic[Key, Loaded_co]):
    """What belongs to each of many keys.

    `query` gives the statement for all keys, for a `Sight` and further arguments; `sort` gives its records to the keys they
    belong to; `missing` makes what belongs to a key of which nothing was found.
    """

    def __init__(
        self,
        query: Callable[..., Query[Any]],
        sort: Callable[..., Mapping[Key, Loaded_co]],
        missing: Callable[[], Loaded_co],
        narrow: "Callable[[Names], Relation[Key, Loaded_co]] | None" = None,
        sort_by_number: Callable[..., Mapping[Any, Loaded_co]] | None = None,
    ) -> None:
        self.query, self.sort, self.missing = query, sort, missing
        self.sort_by_number = sort_by_number
        """Sorts as `sort` does, to keys that are numbers of ids: Python hashes these faster than ids. `query` takes both."""
        self.narrowed: Narrowed[Relation[Key, Loaded_co]] = Narrowed(self, narrow)
        """Gives the relation to records with the columns that are named, without others where it can leave these out."""

    async def __call__(self, read: Reader, keys: Iterable[Key], *more: object) -> Mapping[Key, Loaded_co]:
        """Return what belongs to each of *keys*, by key, where anything was found. Raises: InvalidCursor, Busy."""
        wanted = list(dict.fromkeys(keys))
        return self.sort(wanted, await read.all(self.query(wanted, read.sight, *more)), *more) if wanted else {}

    async def of_one(self, read: Reader, key: Key, *more: object) -> Loaded_co:
        """Return what belongs to *key*."""
        found = await self(read, [key], *more)
        return found[key] if key in found else self.missing()

    def turned(self, into: Callable[[Loaded_co], Other]) -> "Relation[Key, Other]":
        """Return the relation to what *into* makes of what this one finds, or misses."""

        def sort(keys: Sequence[Key], records: Any, *more: Any) -> Mapping[Key, Other]:
            return {key: into(found) for key, found in self.sort(keys, records, *more).items()}

        return Relation(self.query, sort, lambda: into(self.missing()))


class One(Relation[Key, Row | None], Generic[Key, Row]):
    """A relation to one record, or to None; `visible` says who may see which, where a column alone finds them."""

    def __init__(
        self,
        query: Callable[..., Query[Any]],
        sort: Callable[..., Mapping[Key, Row | None]],
        visible: Conditions | None = None,
        narrow: "Callable[[Names], Relation[Key, Row | None]] | None" = None,
        sort_by_number: Callable[..., Mapping[Any, Row | None]] | None = None,
    ) -> None:
        super().__init__(query, sort, _nothing, narrow, sort_by_number)
        self.visible = visible

    async def __call__(self, read: Reader, keys: Iterable[Key], *more: object) -> Mapping[Key, Row]:
        """Return the record of each of *keys* that has one, by key. Raises: Busy."""
        return cast("Mapping[Key, Row]", await super().__call__(read, keys, *more))

    async def known(self, read: Reader, key: Key) -> Row:
        """Return the record of *key*, which has one. Raises: KeyError."""
        return (await self(read, [key]))[key]


Several = Relation[Key, list[Row]]
"""A relation to a list of records."""
Pages = Relation[Key, Page[Row]]
"""A relation to a page of records, which takes a `PageRequest`."""


def everything(_sight: Sight) -> Sequence[ColumnElement[bool]]:
    """Return no condition: what it belongs to was seen before."""
    return ()


def by(column: InstrumentedAttribute[Key], *, visible: Conditions = everything, order: Ordering | None = None) -> Any:
    """Return `One` relation of each value of *column* to the record that has it; of several to the last in *order*.

    Whoever declares it says of which record: ``shipments_by_id: One[ShipmentId, ShipmentRow] = by(ShipmentRow.id)``.
    """

    def relation(names: Names | None, narrow: Callable[[Names], Any] | None = None) -> Any:
        @statement
        def found(keys: Keys, sight: Sight) -> Select[Any]:
            ordered = () if order is None else order.by(backwards=False)
            rows = select(*columns_of(column.class_, names, column))
            return rows.where(among(column, keys), *visible(sight)).order_by(*ordered)

        return One(found, partial(_of_each, attrgetter(column.key)), visible, narrow, _by_number(_of_each, column))

    return relation(None, relation)


def of(
    parent: InstrumentedAttribute[Key],
    *,
    order: Ordering,
    visible: Conditions = everything,
    first: int | None = None,
) -> Relation[Key, list[Any]]:
    """Relate each value of *parent* to its records in *order*, all of them or the *first*."""

    def relation(names: Names | None, narrow: Callable[[Names], Any] | None = None) -> Relation[Key, list[Any]]:
        @statement
        def found(keys: Keys, sight: Sight) -> Select[Any]:
            columns = columns_of(parent.class_, names, parent, *order.columns)
            if first is not None:
                return first_of_each(parent, keys, order, first, False, *visible(sight), columns=columns)  # noqa: FBT003 - forwards
            return select(*columns).where(among(parent, keys), *visible(sight)).order_by(*order.by(backwards=False))

        return Relation(found, partial(_grouped, attrgetter(parent.key)), list, narrow, _by_number(_grouped, parent))

    return relation(None, relation)


def pages_of(
    parent: InstrumentedAttribute[Key], *, order: Ordering, visible: Callable[..., Sequence[Any]] = everything
) -> Relation[Key, Page[Any]]:
    """Relate each value of *parent* to a page of its records in *order*. Raises: InvalidCursor.

    It takes a `PageRequest`, and whatever *visible* takes beside the `Sight`, such as filters.
    """

    def paged(key_of: Callable[[Any], Key], keys: Sequence[Key], records: Any, page: PageRequest, *_more: Any) -> Any:
        groups = _grouped(key_of, keys, records)
        return {key: page_of(each, by=order, page=page) for key, each in groups.items()}

    def relation(names: Names | None, narrow: Callable[[Names], Any] | None = None) -> Relation[Key, Page[Any]]:
        @statement
        def found(keys: Keys, sight: Sight, limit: int, backwards: bool, place: tuple[Any, ...], *more: Any) -> Select[Any]:
            where = order.past(place, backwards=backwards), *visible(sight, *more)
            columns = columns_of(parent.class_, names, parent, *order.columns)
            return first_of_each(parent, keys, order, limit, backwards, *where, columns=columns)

        def query(keys: Keys, sight: Sight, page: PageRequest, *more: Any) -> Query[Any]:
            return found(keys, sight, page.size + 1, page.backwards, order.at(page), *more)

        nothing = partial(page_of, (), by=order, page=PageRequest())
        return Relation(query, partial(paged, attrgetter(parent.key)), nothing, narrow, _by_number(paged, parent))

    return relation(None, relation)


def columns_of(table: Any, names: Names | None, *needed: InstrumentedAttribute[Any] | Label[Any]) -> Sequence[Any]:
    """Return the columns *names* of *table* in its order, with those that are *needed* besides; all of them for None."""
    columns = table.__table__.columns
    wanted = columns.keys() if names is None else names | {column.key for column in needed}
    return [column for column in columns if column.key in wanted]


def one_for(*names: str) -> Callable[[Build], Any]:
    """Make a function to a `select`, or SQL, the relation of keys to the record with them in *names*, or to None."""
    return lambda build: One(_query(names, build), partial(_single, attrgetter(*names)))


def all_for(*names: str) -> Callable[[Build], Relation[Any, list[Any]]]:
    """Make a function to a `select`, or SQL, the relation of keys to all records with them in *names*."""
    return lambda build: Relation(_query(names, build), partial(_grouped, attrgetter(*names)), list)


def _query(names: Sequence[str], build: Build) -> Callable[..., Query[Any]]:
    """Return what gives the statement for all keys, which the columns *names* hold."""
    found = _written(build, names) if isinstance(build, Sql) else statement(build)
    if len(names) == 1:
        return found
    return lambda keys, sight, *more: found(*map(list, zip(*keys, strict=True)), sight, *more)


def _written(sql: Sql, names: Sequence[str]) -> Callable[..., Query[Any]]:
    """Return what gives *sql* with the keys in its parameters *names*."""
    return lambda *given: Query(*sql(**{name: array(keys) for name, keys in zip(names, given, strict=False)}))


def required(relation: One[Key, Row], what: str, kind: IdKind) -> Callable[[Reader, Key], Awaitable[Row]]:
    """Return the reader of one record by its id, which raises NotFound with *what* it is called where there is none."""

    async def one(read: Reader, key: Key) -> Row:
        found = await relation.of_one(read, key)
        if found is None:
            raise NotFound(what=what, given=text_id(kind, cast("UUID", key)))
        return found

    return one


def first_of_each(
    parent: InstrumentedAttribute[Any],
    keys: Any,
    by: Ordering,
    limit: int,
    backwards: bool,
    *where: ColumnElement[bool],
    columns: Sequence[Any] = (),
) -> Select[Any]:
    """Return the statement for the first *limit* records of each of the parents *keys*: it reads of each no more.

    *columns* are those that are read, where some of the row are not.
    """
    wanted = func.unnest(array_of(parent.type, keys)).table_valued("key", name="wanted").render_derived()
    found = select(*(columns or [parent.class_.__table__])).where(parent == wanted.c.key, *where)
    each = found.order_by(*by.by(backwards=backwards)).limit(limit).lateral("each")
    ordered = by.by(backwards=backwards, of=each)
    return cast("Select[Any]", select(each).select_from(wanted.join(each, true())).order_by(*ordered))


def _nothing() -> None:
    return None


def _by_number(sort: Callable[..., Any], column: InstrumentedAttribute[Any]) -> Callable[..., Any] | None:
    """Return what sorts by the numbers of the ids in *column*, None where it holds none."""
    return partial(sort, attrgetter(f"{column.key}.int")) if isinstance(column.type, Uuid) else None


def _of_each(key_of: Callable[[Any], Key], _keys: Sequence[Key], records: Iterable[Row], *_more: Any) -> dict[Key, Row]:
    return {key_of(record): record for record in records}


def _single(key_of: Callable[[Any], Key], keys: Sequence[Key], records: Iterable[Row], *_more: Any) -> dict[Key, Row]:
    wanted = set(keys)
    return {key: record for record in records if (key := key_of(record)) in wanted}


def _grouped(key_of: Callable[[Any], Key], keys: Sequence[Key], records: Iterable[Row], *_more: Any) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = {key: [] for key in keys}
    for record in records:
        if (group := found.get(key_of(record))) is not None:  # conditions on each column of a key find other pairs, too
            group.append(record)
    return found
