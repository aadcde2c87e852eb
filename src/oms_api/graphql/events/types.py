"""Facts as clients receive them."""

from datetime import datetime
from enum import Enum, EnumMeta
from typing import Any, cast
from uuid import UUID

import strawberry

import oms_api.domain.facts  # noqa: F401 - so that every type is known
from oms_api.db.outbox import FeedEvent
from oms_api.graphql.channels.types import Channel
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import answered, leads_to
from oms_api.graphql.declared.records import Record, made
from oms_api.graphql.described import class_doc, output
from oms_api.graphql.nodes import Node, fetch_if_permitted
from oms_api.graphql.orders.types import Order
from oms_api.graphql.scalars import Cursor
from oms_api.kernel.access import Scope
from oms_api.kernel.events import event_types
from oms_api.kernel.ids import ChannelId, EventId, IdKind, OrderId, text_id

_types = {
    name: strawberry.enum_value(name, description=class_doc(event))
    for name, event in sorted(event_types.items())
    if event.__module__.startswith("oms_api.")  # tests have events of their own
}
EventType: Any = strawberry.enum(cast("EnumMeta", Enum("EventType", _types)), description="The type of an event.")


@output
class FieldChange:
    """A changed field of an event's subject."""

    field: str
    """Its path in the schema, from the subject on, such as `status`, or `lines.poline_01h....accepted` for one of its lines.
    Where returns, refunds, shipments and fulfillment orders change their order, the path starts at the order; a change of their
    own starts with their type: `return.status`."""
    before: str | None
    """The value before, as text; null where there was none, or it is personal."""
    after: str | None
    """The value after, as text."""


def _subject_id(kind: str, key: UUID) -> strawberry.ID:
    return strawberry.ID(text_id(IdKind(kind), key))


async def _subject(info: Info, row: FeedEvent) -> Node | None:
    return await fetch_if_permitted(info, _subject_id(row.subject_kind, row.subject_id))


def _changes(changes: dict[str, Any] | None) -> list[FieldChange]:
    return [FieldChange(field=name, before=_text(b), after=_text(a)) for name, (b, a) in (changes or {}).items()]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


@output
class Event(Record[FeedEvent], along="cursor"):
    """A fact with its place in the feed. Places have no gaps, and each reader gets each fact once, in order."""

    cursor: Cursor = made(Cursor, "cursor")
    """Its place: give it as `after` to continue behind it."""
    id: EventId
    """Its id, the same for every reader."""
    type: EventType = made(EventType.__getitem__, FeedEvent.type)
    """The type of the event."""
    subject_id: strawberry.ID = made(_subject_id, FeedEvent.subject_kind, FeedEvent.subject_id)
    """The id of the record it happened to."""
    order_id: OrderId | None
    """The order it belongs to; null for none."""
    channel_id: ChannelId | None
    """The channel it belongs to or is published to; null for none."""
    changes: list[FieldChange] = made(_changes, FeedEvent.changes)
    """The changed fields, each with its value before and after."""
    actor: str
    """The person or program behind it."""
    occurred_at: datetime
    """When it happened, by the business's clock."""
    recorded_at: datetime
    """When it was recorded here."""

    subject: Node | None = answered(_subject)
    """The record it happened to as it is now, where the key may see it."""
    order: Order | None = leads_to(FeedEvent.order_id, scope=Scope.ORDERS_READ)
    """The order it belongs to, as it is now; null for none."""
    channel: Channel | None = leads_to(FeedEvent.channel_id, scope=Scope.CHANNELS_READ)
    """The channel it belongs to or is published to, as it is now; null for none."""


@output
class OrderStatusChange:
    """A status of one order: the present one first, then each change."""

    cursor: Cursor
    """The place in the feed: give it as `after` to continue behind it."""
    order: Order
    """The order as it is now."""
    event: Event | None
    """The event that changed it; null for the present status at the start."""
