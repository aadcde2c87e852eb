"""Facts as clients receive them."""

from datetime import datetime
from enum import Enum, EnumMeta
from typing import Any, Self, cast
from uuid import UUID

import strawberry

import oms_api.domain.facts  # noqa: F401 - so that every type is known
from oms_api.db.outbox import FeedEvent
from oms_api.graphql.channels.types import Channel, fetch_channel
from oms_api.graphql.context import Info
from oms_api.graphql.described import class_doc, output
from oms_api.graphql.nodes import Node, fetch_if_permitted
from oms_api.graphql.orders.types import Order
from oms_api.graphql.permissions import field, guarded
from oms_api.graphql.scalars import Cursor
from oms_api.kernel.access import Scope
from oms_api.kernel.events import event_types
from oms_api.kernel.ids import IdKind, text_id

_types = {
    name: strawberry.enum_value(name, description=class_doc(event))
    for name, event in sorted(event_types.items())
    if event.__module__.startswith("oms_api.")  # tests have events of their own
}
EventType: Any = strawberry.enum(cast("EnumMeta", Enum("EventType", _types)), description="What can happen.")


@output
class FieldChange:
    """A field that moved."""

    field: str
    """Its path in the schema from the subject on, such as `status`, or `lines.poline_01h....accepted` of one of its lines. What
    returns, refunds, shipments and fulfillment orders do to their order is told from the order on, and of themselves behind
    their type: `return.status`."""
    before: str | None
    """What it was, as text; null where it had no value, or is personal."""
    after: str | None
    """What it became, as text."""


@output
class Event:
    """A fact with its place in the feed. Places have no gaps, and each reader gets each fact once, in order."""

    row: strawberry.Private[FeedEvent]
    cursor: Cursor
    """Its place: give it as `after` to go on behind it."""
    id: strawberry.ID
    """Its id, the same for every reader."""
    type: EventType
    """What happened."""
    subject_id: strawberry.ID
    """The id of the record it happened to."""
    order_id: strawberry.ID | None
    """The order it belongs to; null where it belongs to none."""
    channel_id: strawberry.ID | None
    """The channel it belongs to or is told to; null where it belongs to none."""
    changes: list[FieldChange]
    """The fields that moved, with what they were."""
    actor: str
    """Who did it."""
    occurred_at: datetime
    """When it happened, by the business's clock."""
    recorded_at: datetime
    """When it was recorded here."""

    @classmethod
    def of(cls, cursor: str, row: FeedEvent) -> Self:
        """Describe an event of the feed."""
        return cls(
            row=row,
            cursor=Cursor(cursor),
            id=strawberry.ID(text_id(IdKind.EVENT, row.id)),
            type=EventType[row.type],
            subject_id=strawberry.ID(text_id(IdKind(row.subject_kind), row.subject_id)),
            order_id=_id(IdKind.ORDER, row.order_id),
            channel_id=_id(IdKind.CHANNEL, row.channel_id),
            changes=[FieldChange(field=name, before=_text(b), after=_text(a)) for name, (b, a) in (row.changes or {}).items()],
            actor=row.actor,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
        )

    @field(description="The record it happened to as it is now, where the key may see it.")
    async def subject(self, info: Info) -> Node | None:
        return await fetch_if_permitted(info, self.subject_id)

    @guarded(Scope.ORDERS_READ, description="The order it belongs to as it is now; null where it belongs to none.")
    async def order(self, info: Info) -> Order | None:
        return None if self.row.order_id is None else await Order.fetch(info, self.row.order_id)

    @guarded(
        Scope.CHANNELS_READ, description="The channel it belongs to, or is told to, as it is now; null where there is none."
    )
    async def channel(self, info: Info) -> Channel | None:
        return None if self.row.channel_id is None else await fetch_channel(info, self.row.channel_id)


@output
class OrderStatusChange:
    """An order's state: the present one first, then every one it moves to."""

    cursor: Cursor
    """The place in the feed: give it as `after` to go on behind it."""
    order: Order
    """The order as it is now."""
    event: Event | None
    """What moved it; null for the present state at the start."""


def _id(kind: IdKind, value: UUID | None) -> strawberry.ID | None:
    return None if value is None else strawberry.ID(text_id(kind, value))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
