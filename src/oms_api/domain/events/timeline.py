"""What happened to a document: pages of its events, each in a plain sentence with the record behind it.

Each area narrates its events (`narration.py`): ``narrate(OrderReopened, "The order was opened again.")``. An event that
nobody narrates reads as its own description.
"""

from asyncio import gather
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from inspect import cleandoc
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, SelectBase, Uuid, func, or_, select, true

from oms_api.db.keyset import Ordering, page_of
from oms_api.db.outbox import FeedEvent
from oms_api.db.relations import Keys, Pages, Relation, pages_of
from oms_api.db.sets import array_of
from oms_api.db.statements import Query, statement
from oms_api.domain.events.queries import permitted
from oms_api.kernel.access import Principal, Scope, Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event, event_types
from oms_api.kernel.ids import IdKind, OrderId, split_id
from oms_api.kernel.naming import AN_ID
from oms_api.kernel.paging import Page, PageRequest

OLDEST_FIRST = Ordering("position_asc", (FeedEvent.position,))
NEWEST_FIRST = Ordering("position_desc", (FeedEvent.position,), descending=True)


@dataclass(frozen=True, slots=True)
class LineName:
    """What a line of a document is called, and of the component of a bundle the bundle's line."""

    name: str
    parent_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """An event, the record behind it, and the names of the lines that it changed."""

    event: FeedEvent
    record: Any
    names: Mapping[UUID, LineName]

    def was(self, path: str) -> Any:  # noqa: ANN401 - a value of any field
        """Return what *path* was before, or None."""
        return (self.event.changes or {}).get(path, (None, None))[0]

    def now(self, path: str) -> Any:  # noqa: ANN401 - a value of any field
        """Return what *path* became, or None."""
        return (self.event.changes or {}).get(path, (None, None))[1]

    def units(self, *fields: str) -> dict[str, int]:
        """Return by how many units *fields* of lines rose together, by what the lines are called.

        Components of a bundle that is named as well are left out.
        """
        rises: dict[UUID, int] = {}
        for path, (before, after) in (self.event.changes or {}).items():
            line, name = line_in(path), path.rpartition(".")[2]
            if line is not None and name in fields:
                rises[line[1]] = rises.get(line[1], 0) + int(after or 0) - int(before or 0)
        by_name: dict[str, int] = {}
        for key, rise in rises.items():
            named = self.names.get(key)
            if rise > 0 and named is not None and named.parent_id not in rises:
                by_name[named.name] = by_name.get(named.name, 0) + rise
        return by_name


@dataclass(frozen=True, slots=True)
class Narration:
    """How an event reads to people; *records* are those it is about, the first that can be shown leads on."""

    text: str
    reason: str | None
    note: str | None
    records: tuple[tuple[IdKind, UUID], ...]


@dataclass(frozen=True, slots=True)
class Narrator:
    """How events of one type read; see `narrate`."""

    sentence: Callable[[Happening], str]
    behind: Relation[Any, Any] | None
    cause: IdKind | None
    key: Callable[[FeedEvent], Any]
    reason: Callable[[Any], str | None]
    note: Callable[[Any], str | None]
    scope: Scope | None


NARRATORS: dict[str, Narrator] = {}
"""What narrates the events of each type: areas declare theirs."""
LINES: dict[IdKind, Relation[Any, LineName | None]] = {}
"""What finds the names of the lines of each kind: areas declare theirs."""


def _nothing(_record: object) -> None:
    return None


def narrate(
    event: type[Event],
    sentence: str | Callable[[Happening], str],
    *,
    behind: Relation[Any, Any] | None = None,
    cause: IdKind | None = None,
    key: Callable[[FeedEvent], Any] | None = None,
    reason: Callable[[Any], str | None] = _nothing,
    note: Callable[[Any], str | None] = _nothing,
    scope: Scope | None = None,
) -> None:
    """Let *event* read as *sentence*, or as what that makes of a `Happening`.

    *behind* finds the record that holds more: for the event's cause, whose kind is *cause*, else for its subject, or for what
    *key* gives. *reason* and *note* are taken of that record. Where it is not seen, or the caller lacks *scope*, the event
    reads as its description.
    """
    found = key or attrgetter("subject_id" if cause is None else "cause_id")
    said = (lambda _: sentence) if isinstance(sentence, str) else sentence
    NARRATORS[event.type] = Narrator(said, behind, cause, found, reason, note, scope)


def line_in(path: str) -> tuple[IdKind, UUID] | None:
    """Return the line that a *path* of changes leads to, if to one."""
    first, _, rest = path.partition(".")
    text = rest.partition(".")[0]
    return split_id(text) if first == "lines" and AN_ID.fullmatch(text) else None


async def narrated(
    load: Callable[[Relation[Any, Any], Any], Awaitable[Any]], principal: Principal, events: Sequence[FeedEvent]
) -> list[Narration]:
    """Return how *events* read to *principal*: *load* finds the records behind them, all at once."""
    found, names = await gather(
        gather(*(_behind(load, principal, event) for event in events)), _names(load, [event.changes or {} for event in events])
    )
    return [_narration(principal, Happening(event, record, names)) for event, record in zip(events, found, strict=True)]


async def _behind(load: Callable[..., Awaitable[Any]], principal: Principal, event: FeedEvent) -> Any:  # noqa: ANN401
    narrator = NARRATORS.get(event.type)
    if narrator is None or narrator.behind is None or not (narrator.scope is None or principal.may(narrator.scope)):
        return None
    key = narrator.key(event)
    return None if key is None else await load(narrator.behind, key)


async def _names(load: Callable[..., Awaitable[Any]], changes: Sequence[Mapping[str, Any]]) -> dict[UUID, LineName]:
    mentioned = dict.fromkeys(line for each in changes for path in each if (line := line_in(path)) is not None)
    lines = [(kind, key) for kind, key in mentioned if kind in LINES]
    found = await gather(*(load(LINES[kind], key) for kind, key in lines))
    return {key: name for (_, key), name in zip(lines, found, strict=True) if name is not None}


def _narration(principal: Principal, it: Happening) -> Narration:
    event, narrator = it.event, NARRATORS.get(it.event.type)
    records = [(IdKind(event.subject_kind), event.subject_id)]
    if narrator is None:
        return Narration(described(event.type), None, None, tuple(records))
    if narrator.cause is not None and event.cause_id is not None:
        records.insert(0, (narrator.cause, event.cause_id))
    allowed = narrator.scope is None or principal.may(narrator.scope)
    if not allowed or (narrator.behind is not None and it.record is None):
        return Narration(described(event.type), None, None, tuple(records))
    return Narration(narrator.sentence(it), narrator.reason(it.record), narrator.note(it.record), tuple(records))


def described(type_: str) -> str:
    """Return the description of a type of event, in one line."""
    event = event_types.get(type_)
    return type_ if event is None else " ".join(cleandoc(event.__doc__ or type_).split())


Records = Callable[[ColumnElement[UUID]], SelectBase]


def of_no_order(sight: Sight) -> list[ColumnElement[bool]]:
    """Return as conditions that an event belongs to no order, and that whoever has *sight* may see it."""
    return [FeedEvent.order_id.is_(None), *permitted(sight)]


def pages_of_part(order: Ordering, records: Records | None = None) -> Pages[tuple[OrderId, UUID], FeedEvent]:
    """Relate documents of orders, as (order, document), to pages of the events about them, in *order*.

    What selects the ids of the *records* that belong to a document brings their events, too.
    """

    @statement
    def found(orders: Keys, subjects: Keys, sight: Sight, limit: int, backwards: bool, place: tuple[Any, ...]) -> Select[Any]:
        given = array_of(Uuid(), orders), array_of(Uuid(), subjects)
        wanted = func.unnest(*given).table_valued("order_id", "subject_id", name="wanted").render_derived()
        own = FeedEvent.subject_id == wanted.c.subject_id
        about = own if records is None else or_(own, FeedEvent.subject_id.in_(records(wanted.c.subject_id)))
        past = order.past(place, backwards=backwards)
        events = select(FeedEvent.__table__, wanted.c.subject_id.label("document_id"))
        events = events.where(FeedEvent.order_id == wanted.c.order_id, about, past, *permitted(sight))
        each = events.order_by(*order.by(backwards=backwards)).limit(limit).lateral("each")
        return select(each).select_from(wanted.join(each, true())).order_by(*order.by(backwards=backwards, of=each))

    def query(keys: Keys, sight: Sight, page: PageRequest) -> Query[Any]:
        orders, subjects = zip(*keys, strict=True)
        return found(list(orders), list(subjects), sight, page.size + 1, page.backwards, order.at(page))

    def sort(keys: Keys, found: Sequence[Any], page: PageRequest) -> dict[Any, Page[Any]]:
        groups: dict[Any, list[Any]] = {key: [] for key in keys}
        for record in found:
            groups[record.order_id, record.document_id].append(record)
        return {key: page_of(each, by=order, page=page) for key, each in groups.items()}

    return Relation(query, sort, partial(page_of, (), by=order, page=PageRequest()))


def both_ways(relate: Callable[[Ordering], Pages[Any, FeedEvent]]) -> Mapping[Ordering, Pages[Any, FeedEvent]]:
    """Return the relations that *relate* gives, by their order: the oldest event first, and the newest."""
    return {order: relate(order) for order in (OLDEST_FIRST, NEWEST_FIRST)}


ORDER_EVENTS = both_ways(lambda order: pages_of(FeedEvent.order_id, order=order, visible=permitted))
"""The events of orders, of all that belongs to them too."""
PART_EVENTS = both_ways(pages_of_part)
"""The events about documents of orders, such as returns."""
DOCUMENT_EVENTS = both_ways(lambda order: pages_of(FeedEvent.subject_id, order=order, visible=of_no_order))
"""The events about documents that belong to no order, such as purchase orders."""
