"""The one way to change a document: under its lock, by a verb, in memory; its difference is then written and published.

    async with changing(tx, TransferDocument, SHIP, transfer_id, expected_version) as transfer:
        transfer.apply(pieces)
        transfer.row.shipped_at = at
        transfer.move(TransferStatus.IN_TRANSIT)
    return transfer.row

One round trip locks and reads. At the end of the block one statement for header and lines joins the last flush of *tx*, the
version is raised and the verb's event emitted; where nothing differs, nothing happens. An error inside leaves nothing behind.
"""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, ClassVar, Generic, TypedDict, TypeVar, cast, get_args
from uuid import UUID

from oms_api.db.columns import Base
from oms_api.db.pipeline import Rows, Statement
from oms_api.db.records import Shape, revised
from oms_api.db.rows import Writing, updates
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.kernel.access import Principal
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.errors import NotFound, OmsError
from oms_api.kernel.events import Event
from oms_api.kernel.ids import ID_TYPES, ChannelId, IdKind, LocationId, OrderId, SupplierId, text_id
from oms_api.kernel.naming import check_version
from oms_api.kernel.verbs import Life, Verb

Row = TypeVar("Row", bound=Base)
Line = TypeVar("Line")
Changes = dict[str, tuple[object, object]]
KEPT = frozenset({"id", "status", "version"})
"""Columns that `Document.move` and the end of a block set, and nobody else."""


class Concerned(TypedDict, total=False):
    """Whom a document has to do with, as its events name them."""

    order_id: OrderId | None
    channel_id: ChannelId | None
    location_ids: tuple[LocationId, ...]
    supplier_ids: tuple[SupplierId, ...]


class Draft:
    """A row of which some columns may be set; those that were set are its variables."""

    __slots__ = ("__dict__", "_open", "_was")

    def __init__(self, was: Base, columns: Collection[str]) -> None:
        object.__setattr__(self, "_was", was)
        self.let_set(columns)

    def let_set(self, columns: Collection[str]) -> None:
        """Let these columns be set from now on, and no others."""
        object.__setattr__(self, "_open", columns)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a column
        return getattr(self._was, name)

    def __setattr__(self, name: str, value: object) -> None:
        if name not in self._open:
            raise AttributeError(f"{name} cannot be set here")
        vars(self)[name] = value


class Document(Generic[Row, Line]):
    """A header and its lines under their lock: `row` and `lines` are changed, `was` and `before` stay what they were.

    A subclass declares its *table*, the *life* of its verbs and the columns that its events publish; where it has lines, their
    class, their table, and *lines_of*, which gives the fields of that class. Like each of *more*, whose rows `take` keeps, it
    takes `:ids` of documents and gives their id first.
    """

    table: ClassVar[type[Base]]
    life: ClassVar[Life[Any, Any]]
    published: ClassVar[Mapping[str, str]]
    line: ClassVar[Any] = None
    line_table: ClassVar[type[Base]]
    lines_of: ClassVar[Sql]
    more: ClassVar[Sequence[Sql]] = ()
    lock: ClassVar[str] = "ORDER BY id FOR NO KEY UPDATE"

    shape: ClassVar[Shape[Any]]
    kinds: ClassVar[Mapping[str, IdKind]]
    columns: ClassVar[Collection[str]]
    line_columns: ClassVar[Sequence[str]]
    line_kind: ClassVar[IdKind]
    reads: ClassVar[Sequence[Sql]]

    def __init_subclass__(cls) -> None:
        if not hasattr(cls, "table"):
            return
        cls.shape, cls.kinds = Shape(cls.table), kinds_of(cls.table)
        cls.columns = frozenset(cls.shape.names) - KEPT
        found = f"SELECT {cls.shape.columns} FROM {cls.table.__tablename__} WHERE id = ANY (:ids::uuid[])"  # noqa: S608 - our own
        cls.reads = (Sql(f"{found} {cls.lock}"), *cls.more)
        if cls.line is not None:
            stored = set(Shape(cls.line_table).names) - {"id"}
            cls.line_columns = tuple(name for name in cls.line.__dataclass_fields__ if name in stored)
            cls.line_kind = kinds_of(cls.line_table)["id"]
            cls.reads = (cls.reads[0], cls.lines_of, *cls.more)

    def __init__(self, was: Row, lines: Mapping[Any, Line], verb: Verb[Any, Any]) -> None:
        self.was, self.verb = was, verb
        self.row = cast("Row", Draft(was, self.columns))
        self.before = lines
        self.lines: dict[Any, Line] = dict(lines)
        self.others: Changes = {}
        self.at: datetime | None = None
        """When it happened; left None, now."""
        self.cause_id: UUID | None = None
        self.asked: Sequence[Rows] = ()
        """What the statements gave that travelled along with the lock."""

    @classmethod
    def asks(cls, keys: Collection[UUID]) -> list[Statement]:
        """Return the statements that lock and read the documents *keys*."""
        ids = array(keys)
        return [read(ids=ids) for read in cls.reads]

    def take(self, *answers: Any, **_none: Any) -> None:  # noqa: ANN401 - mypy's word for any signature
        """Keep the rows that each of *more* gave for this document."""

    def visible(self, principal: Principal) -> bool:
        """Tell whether *principal* may see it."""
        raise NotImplementedError

    def facts(self, principal: Principal) -> Any:  # noqa: ANN401 - each kind of document has its own
        """Return what the refusals of its verbs decide by."""
        raise NotImplementedError

    def concerned(self) -> Concerned:
        """Return whom it has to do with, before and after."""
        raise NotImplementedError

    def events(self, changes: Changes) -> Mapping[type[Event], Changes]:
        """Return the events to emit, with the *changes* in each: all of them in the verb's."""
        if self.verb.event is None:
            raise TypeError(f"what is done to the {self.life.noun} is published by another document's event")
        return {self.verb.event: changes}

    def move(self, target: StrEnum | None = None) -> None:
        """Let it become *target*, or what the verb aims at. Raises: IllegalMove, where the verb does not lead there."""
        status = self.verb.aim if target is None else target
        self.life.check(self.verb, cast("Any", self.was).status, status)
        vars(self.row)["status"] = status

    def also(self, path: str, before: object, after: object) -> None:
        """Publish something else that differs, which others write."""
        self.others[path] = before, after

    def close(self, now: datetime) -> bool:
        """Let nothing be changed after *now*, and tell whether anything differs. Raises: RuntimeError, the second time."""
        draft = cast("Any", self.row)
        if type(draft) is not Draft:
            raise RuntimeError(f"the {self.life.noun} is saved already")
        draft.let_set(())
        self.header = {name: (was, value) for name, value in vars(draft).items() if (was := getattr(self.was, name)) != value}
        lines = ((key, line, self.before[key]) for key, line in self.lines.items())
        self.moved = {key: moved for key, line, was in lines if line is not was and (moved := self._moved(was, line))}
        differs = bool(self.header or self.moved or self.others)
        if differs:
            self.row = revised(self.was, now, **{name: value for name, (_, value) in self.header.items()})
        else:
            self.row = self.was
        self.lines = cast("Any", MappingProxyType(self.lines))
        return differs

    def _moved(self, before: Line, after: Line) -> Changes:
        both = ((name, getattr(before, name), getattr(after, name)) for name in self.line_columns)
        return {name: (was, now) for name, was, now in both if was != now}

    def _texts(self, name: str, was: Any, now: Any) -> tuple[object, object]:  # noqa: ANN401 - values of a column
        kind = self.kinds.get(name)
        return (was, now) if kind is None else (was and text_id(kind, was), now and text_id(kind, now))

    @property
    def changes(self) -> Changes:
        """What differs, as events publish it."""
        paths = self.published
        changes: Changes = {paths[name]: self._texts(name, *both) for name, both in self.header.items() if name in paths}
        return changes | self.line_changes | self.others

    @property
    def line_changes(self) -> Changes:
        """What differs of its lines, as events publish it."""
        return {
            f"lines.{text_id(self.line_kind, key)}.{name}": both
            for key, moved in self.moved.items()
            for name, both in moved.items()
        }


D = TypeVar("D", bound=Document[Any, Any])


class changing(Generic[D]):  # noqa: N801 - reads as a verb where it is used
    """Lock one document and read it, and *alongside*, in one round trip, to do *verb* with it; save it where the block ends.

    Raises: NotFound, also for one that cannot be seen; VersionConflict; what the verb is refused with.
    """

    def __init__(
        self, tx: Tx, kind: type[D], verb: Verb[Any, Any], key: UUID, version: int | None, *alongside: Statement
    ) -> None:
        self.tx, self.kind, self.verb, self.key, self.version, self.alongside = tx, kind, verb, key, version, alongside

    async def __aenter__(self) -> D:
        """Begin the block with the document."""
        found, asked = await _locked(self.tx, self.kind, self.verb, [self.key], self.alongside)
        self.document = _admitted(self.tx, self.kind, self.verb, found.get(self.key), self.key, self.version)
        self.document.asked = asked
        return self.document

    async def __aexit__(self, failed: type[BaseException] | None, *_failure: object) -> None:
        """End the block: save the document, unless it failed."""
        if failed is None:
            _save(self.tx, [self.document])


@asynccontextmanager
async def changing_each(
    tx: Tx, kind: type[D], verb: Verb[Any, Any], wanted: Mapping[UUID, int | None]
) -> AsyncIterator[tuple[dict[UUID, D], dict[UUID, OmsError]]]:
    """Lock many documents in the order of their ids, to do *verb* with them; save them by one statement where the block ends.

    *wanted* holds their ids with the versions expected. Gives those with which the verb can be done, by id, and why not of the
    others; whoever refuses one of them later takes it out.
    """
    found, _ = await _locked(tx, kind, verb, wanted)
    refused: dict[UUID, OmsError] = {}
    for key, version in wanted.items():
        try:
            _admitted(tx, kind, verb, found.get(key), key, version)
        except OmsError as error:
            refused[key] = error
            found.pop(key, None)
    yield found, refused
    _save(tx, list(found.values()))


@contextmanager
def changing_held(tx: Tx, document: D, version: int | None) -> Iterator[D]:
    """Do the verb of *document*, which was read under the lock of another one; save it where the block ends.

    Raises: as `changing`.
    """
    kind, key = type(document), cast("Any", document.was).id
    _open(tx, kind, document.verb, [key])
    yield _admitted(tx, kind, document.verb, document, key, version)
    _save(tx, [document])


async def _locked(
    tx: Tx, kind: type[D], verb: Verb[Any, Any], wanted: Collection[UUID], alongside: Sequence[Statement] = ()
) -> tuple[dict[UUID, D], Sequence[Rows]]:
    """Lock and read documents, in one round trip. Returns them by id, and what *alongside* gave."""
    reads = kind.asks(_open(tx, kind, verb, wanted))
    answers = await tx.flush([*reads, *alongside])
    return read_together(kind, verb, answers[: len(reads)]), answers[len(reads) :]


def read_together(kind: type[D], verb: Verb[Any, Any], answers: Sequence[Rows]) -> dict[UUID, D]:
    """Return the documents in the *answers* to what their kind asks, by id, to do *verb* with them."""
    headers, *parts = answers
    found = [kind.shape.record(header) for header in headers]
    of_each = [{found[0].id: rows} if len(found) == 1 else _by_document(rows) for rows in parts]
    documents = {}
    for was in found:
        mine = [rows.get(was.id, []) for rows in of_each]
        lines = mine.pop(0) if kind.line is not None else ()
        documents[was.id] = kind(was, {line[1]: kind.line(*line[1:]) for line in lines}, verb)
        documents[was.id].take(*([row[1:] for row in rows] for rows in mine))
    return documents


def _by_document(rows: Rows) -> dict[UUID, Rows]:
    of_each: dict[UUID, Rows] = {}
    for row in rows:
        of_each.setdefault(row[0], []).append(row)
    return of_each


def _open(tx: Tx, kind: type[Document[Any, Any]], verb: Verb[Any, Any], wanted: Collection[UUID]) -> Sequence[UUID]:
    """Return the ids *wanted* in their order.

    Raises: TypeError, for a verb of another kind of document; RuntimeError, where one was locked before that is the same, or
    comes later in that order.
    """
    noun, ordered = kind.life.noun, sorted(wanted)
    if verb not in kind.life.verbs:
        raise TypeError(f"that is not done with a {noun}")
    if ordered and noun in tx.opened and tx.opened[noun] >= ordered[0]:
        raise RuntimeError(f"a transaction locks each {noun} once, in the order of their ids")
    if ordered:
        tx.opened[noun] = ordered[-1]
    return ordered


def _admitted(tx: Tx, kind: type[D], verb: Verb[Any, Any], document: D | None, key: UUID, version: int | None) -> D:
    """Return *document*. Raises: NotFound, VersionConflict, what *verb* is refused with."""
    if document is None or not document.visible(tx.principal):
        raise not_found(kind, key)
    was: Any = document.was
    check_version(version, was.version)
    refuse_if(kind.life.why_not(verb, was.status, document.facts(tx.principal)))
    return document


def not_found(kind: type[Document[Any, Any]], key: UUID) -> NotFound:
    """Return the error that there is no such document, or none that can be seen."""
    return NotFound(what=kind.life.noun, given=text_id(kind.kinds["id"], key), field=(kind.life.argument,))


def _save(tx: Tx, documents: Sequence[Document[Any, Any]]) -> None:
    """Write with the last flush of *tx* what differs of *documents* of one kind, by one statement, and emit its events."""
    changed_ones = [document for document in documents if document.close(tx.now)]
    if not changed_ones:
        return
    kind = type(changed_ones[0])
    rows = [document.row for document in changed_ones]
    lines = [document.lines[key] for document in changed_ones for key in document.moved]
    moved = {name for document in changed_ones for name in document.header}
    kept = {"version", "updated_at"} | moved
    header = updates(kind.table, *(name for name in kind.shape.names if name in kept))
    if lines:
        moved = {name for document in changed_ones for each in document.moved.values() for name in each}
        below = updates(kind.line_table, *(name for name in kind.line_columns if name in moved))
        given = {below.parameter: below(lines), header.parameter: header(rows)}
        tx.closing.append(_together(below, header)(**given))
    else:
        tx.write(header, rows)
    for document in changed_ones:
        at, cause, about = document.at, document.cause_id, document.concerned()
        for event, changes in document.events(document.changes).items():
            tx.emit(event(subject_id=document.was.id, changes=changes, occurred_at=at, cause_id=cause, **about))


@lru_cache(maxsize=512)
def _together(first: Writing[Any], second: Writing[Any]) -> Sql:
    """Return the statement that writes both."""
    return Sql(f"WITH lines AS ({first}) {second}")


def published_as(*names: str, **others: str) -> dict[str, str]:
    """Return the paths of the fields that show columns: *names* are fields of the same name, *others* lie at a path."""
    return dict(zip(names, names, strict=True)) | others


def kinds_of(table: type[Base]) -> dict[str, IdKind]:
    """Return the columns of *table* that hold ids, with their kinds."""
    inner = {name: get_args(of)[0] for name, of in table.__annotations__.items() if get_args(of)}
    return {name: ID_TYPES[type_] for name, of in inner.items() for type_ in (of, *get_args(of)) if type_ in ID_TYPES}
