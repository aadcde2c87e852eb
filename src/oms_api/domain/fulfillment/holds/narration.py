"""Holds in words, for timelines."""

from uuid import UUID

from oms_api.db.outbox import FeedEvent
from oms_api.domain.events.timeline import Happening, narrate
from oms_api.domain.fulfillment.events import FulfillmentOrderHeld, FulfillmentOrderHoldReleased
from oms_api.domain.orders.events import OrderHeld, OrderHoldReleased
from oms_api.domain.orders.holds.queries import holds_by_id
from oms_api.domain.orders.holds.states import HoldStatus
from oms_api.kernel.ids import IdKind, split_id
from oms_api.kernel.naming import AN_ID


def hold_of(event: FeedEvent) -> UUID | None:
    """Return the first hold that an event names: its cause, or one that it changed."""
    parts = (part for path in event.changes or () for part in path.split(".") if AN_ID.fullmatch(part))
    return event.cause_id or next((key for kind, key in map(split_id, parts) if kind is IdKind.HOLD), None)


def placed(it: Happening) -> str:
    """Say what is on hold, and what ends it."""
    what = "The order" if it.record.fulfillment_order_id is None else "The work of a location"
    approval = "; it waits for an approval" if it.record.approval else ""
    until = f", until {it.record.release_at:%Y-%m-%d %H:%M} UTC" if it.record.release_at else ""
    return f"{what} was put on hold for {it.record.reason}{until}{approval}."


def ended(it: Happening) -> str:
    """Say which hold ended, and whether work goes on."""
    expired = it.record.status is HoldStatus.EXPIRED
    name = "onHold" if it.record.fulfillment_order_id is None else "fulfillmentOrder.onHold"
    rest = "work goes on" if it.now(name) is False else "others remain"
    return f"The hold for {it.record.reason} {'ended at its time' if expired else 'was released'}: {rest}."


for beginning in (OrderHeld, FulfillmentOrderHeld):
    narrate(
        beginning,
        placed,
        behind=holds_by_id,
        cause=IdKind.HOLD,
        key=hold_of,
        reason=lambda hold: hold.reason,
        note=lambda hold: hold.note,
    )
for end in (OrderHoldReleased, FulfillmentOrderHoldReleased):
    narrate(
        end,
        ended,
        behind=holds_by_id,
        cause=IdKind.HOLD,
        key=hold_of,
        reason=lambda hold: hold.reason,
        note=lambda hold: hold.release_note,
    )
