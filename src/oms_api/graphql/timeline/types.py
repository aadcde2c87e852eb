"""What happened to a document, as people read it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import Enum
from operator import attrgetter
from typing import Annotated, Any, cast

import strawberry

import oms_api.domain.narrations  # noqa: F401 - so that every event is narrated
from oms_api.db.keyset import Ordering
from oms_api.db.outbox import FeedEvent
from oms_api.db.relations import Relation
from oms_api.domain.events.timeline import NEWEST_FIRST, OLDEST_FIRST, Narration, narrated
from oms_api.graphql.connections import PAGE, Connection, LoadedPage, page_request
from oms_api.graphql.context import Info
from oms_api.graphql.declared.methods import as_method
from oms_api.graphql.declared.records import Record, made
from oms_api.graphql.described import argument, enum, output
from oms_api.graphql.events.kinds import EventType, FieldChange, field_changes
from oms_api.graphql.nodes import Node, fetch_if_permitted
from oms_api.graphql.permissions import field
from oms_api.kernel.events import event_types
from oms_api.kernel.ids import EventId, text_id


@enum
class TimelineOrder(Enum):
    """How a timeline is ordered: by the time when entries were recorded."""

    OLDEST_FIRST = OLDEST_FIRST
    """The oldest first."""
    NEWEST_FIRST = NEWEST_FIRST
    """The newest first."""


@output
class TimelineEntry(Record[FeedEvent], along="narration"):
    """Something that happened to a document, with who did it and why."""

    id: EventId
    """The id of the event."""
    type: EventType = made(EventType, FeedEvent.type)
    """The type of the event."""
    text: str = made(attrgetter("text"), "narration")
    """The event in a sentence, with less detail for keys that may not read the record behind it."""
    actor: str
    """The person or program behind it."""
    reason: str | None = made(attrgetter("reason"), "narration")
    """The code of the reason that was given; null for none."""
    note: str | None = made(attrgetter("note"), "narration")
    """The remark that was given; null for none."""
    changes: list[FieldChange] = made(field_changes, FeedEvent.changes)
    """The changed fields, each with its value before and after."""
    occurred_at: datetime
    """When it happened; it may have been recorded later."""
    recorded_at: datetime
    """When it was recorded in this system."""

    @field(
        description=(
            "The record behind the entry as it is now, such as a shipment or a note; null where there is none that "
            "the API key may see."
        )
    )
    async def record(self, info: Info) -> Node | None:
        narration: Narration = cast("Any", self).narration
        for kind, key in narration.records:
            found = await fetch_if_permitted(info, text_id(kind, key))
            if found is not None:
                return found
        return None


OrderBy = Annotated[TimelineOrder, argument("How the list is ordered: the oldest first by default.")]


def timeline(events: Mapping[Ordering, Relation[Any, Any]], *key: str) -> Any:
    """Declare the timeline of a record whose *events*, by their order, belong to its columns *key*."""
    key_of = attrgetter(*(key or ("id",)))

    async def resolve(self: Any, info: Info, order_by: TimelineOrder, **page: Any) -> Any:
        relation = events[order_by.value]
        found = await info.context.load(relation, key_of(self.row), page_request(page))
        found = replace(found, items=[event for event in found.items if event.type in event_types])
        narrations = await narrated(info.context.load, info.context.principal, found.items)
        return LoadedPage(found, [TimelineEntry.of(event, each) for event, each in zip(found.items, narrations, strict=True)])

    taken = {**PAGE, "order_by": (OrderBy, TimelineOrder.OLDEST_FIRST)}
    return strawberry.field(resolver=as_method(resolve, taken, Connection[TimelineEntry]))
