"""Facts as clients receive them."""

from datetime import datetime
from uuid import UUID

import strawberry

from oms_api.db.outbox import FeedEvent
from oms_api.graphql.channels.types import Channel
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import answered, leads_to
from oms_api.graphql.declared.records import Record, made
from oms_api.graphql.described import output
from oms_api.graphql.events.kinds import EventType, FieldChange, field_changes
from oms_api.graphql.nodes import Node, fetch_if_permitted
from oms_api.graphql.orders.types import Order
from oms_api.graphql.scalars import Cursor
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import ChannelId, EventId, IdKind, OrderId, text_id


def _subject_id(kind: str, key: UUID) -> strawberry.ID:
    return strawberry.ID(text_id(IdKind(kind), key))


async def _subject(info: Info, row: FeedEvent) -> Node | None:
    return await fetch_if_permitted(info, _subject_id(row.subject_kind, row.subject_id))


@output
class Event(Record[FeedEvent], along="cursor"):
    """Something that happened, with its place in the feed of events.

    The places have no gaps between them, and each reader gets each event once, in order.
    """

    cursor: Cursor = made(Cursor, "cursor")
    """The place of the event in the feed. Give it as `after` to continue after this event."""
    id: EventId
    """Its id, the same for every reader."""
    type: EventType = made(EventType, FeedEvent.type)
    """The type of the event."""
    subject_id: strawberry.ID = made(_subject_id, FeedEvent.subject_kind, FeedEvent.subject_id)
    """The id of the record it happened to."""
    order_id: OrderId | None
    """The order that the event belongs to; null for none."""
    channel_id: ChannelId | None
    """The channel that the event belongs to, or is published to; null for none."""
    changes: list[FieldChange] = made(field_changes, FeedEvent.changes)
    """The changed fields, each with its value before and after."""
    actor: str
    """The person or program behind it."""
    occurred_at: datetime
    """When it happened; it may have been recorded later."""
    recorded_at: datetime
    """When it was recorded in this system."""

    subject: Node | None = answered(_subject)
    """The record it happened to, as it is now; null where the API key may not see it."""
    order: Order | None = leads_to(FeedEvent.order_id, scope=Scope.ORDERS_READ)
    """The order that the event belongs to, as the order is now; null for none."""
    channel: Channel | None = leads_to(FeedEvent.channel_id, scope=Scope.CHANNELS_READ)
    """The channel that the event's record belongs to or is published to, as the channel is now; null for none."""


@output
class OrderStatusChange:
    """One item of a subscription to the status of an order.

    The first item holds the present status, and each later item the status after a change.
    """

    cursor: Cursor
    """The place of the change in the feed. Give it as `after` to continue after this change."""
    order: Order
    """The order as it is now."""
    event: Event | None
    """The event that changed the status; null for the first item, which holds the present status."""
