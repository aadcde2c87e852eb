"""The events of orders in words, for timelines."""

from sqlalchemy import func, select

from oms_api.db.relations import Found, Keys, one_for
from oms_api.db.sets import among
from oms_api.domain.events.timeline import LINES, Happening, LineName, narrate
from oms_api.domain.orders.changes.events import OrderChangeApplied, OrderChangeDeclined, OrderChangeRequested
from oms_api.domain.orders.changes.queries import changes_by_id
from oms_api.domain.orders.events import (
    OrderCanceled,
    OrderCompleted,
    OrderEdited,
    OrderLinesCanceled,
    OrderNoteAdded,
    OrderPlaced,
    OrderReferenceFreed,
    OrderReleased,
    OrderReopened,
    OrderUpdated,
    OrderWithheld,
)
from oms_api.domain.orders.notes.queries import notes_by_id
from oms_api.domain.orders.queries import cancellations_by_id, orders_by_id
from oms_api.domain.orders.tables import OrderCancellationRow, OrderLineRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import IdKind
from oms_api.kernel.sentences import enumerated, were, words


@one_for("id")
def names_of_lines(lines: Keys, _sight: Sight) -> Found:
    """Find the names of order lines, whose orders were seen before."""
    named = func.coalesce(OrderLineRow.sku_code, OrderLineRow.name).label("named")
    return select(OrderLineRow.id, named, OrderLineRow.parent_line_id).where(among(OrderLineRow.id, lines))


def reason_of(cancellation: OrderCancellationRow) -> str:
    """Return the code of the reason of a cancellation."""
    return cancellation.reason_code or cancellation.reason.value


def canceled(it: Happening) -> str:
    """Say of units that were canceled."""
    return f"{were(it.units('canceled'))} canceled."


def updated(it: Happening) -> str:
    """Say which details were changed."""
    details = list(dict.fromkeys(f"the {words(path.partition('.')[0])}" for path in it.event.changes or {}))
    what = enumerated(details) or "details"
    return f"{what[0].upper()}{what[1:]} {'was' if len(details) == 1 else 'were'} changed."


def edited(it: Happening) -> str:
    """Say that the order was edited, and its new total."""
    was, now = (it.event.changes or {}).get("total", (None, None))
    return "The order was edited." if was == now else f"The order was edited: its total is {now} instead of {was}."


LINES[IdKind.LINE] = names_of_lines.turned(lambda line: None if line is None else LineName(line.named, line.parent_line_id))

narrate(OrderPlaced, lambda it: f"Order {it.record.number} was placed.", behind=orders_by_id)
narrate(
    OrderCanceled,
    "The order was canceled.",
    behind=cancellations_by_id,
    cause=IdKind.CANCELLATION,
    reason=reason_of,
    note=lambda cancellation: cancellation.note,
)
narrate(
    OrderLinesCanceled,
    canceled,
    behind=cancellations_by_id,
    cause=IdKind.CANCELLATION,
    reason=reason_of,
    note=lambda cancellation: cancellation.note,
)
narrate(
    OrderUpdated,
    updated,
    behind=changes_by_id,
    cause=IdKind.ORDER_CHANGE,
    reason=lambda change: change.reason,
    note=lambda change: change.note,
)
narrate(
    OrderEdited,
    edited,
    behind=changes_by_id,
    cause=IdKind.ORDER_CHANGE,
    reason=lambda change: change.reason,
    note=lambda change: change.note,
)
for event, sentence in (
    (OrderChangeRequested, "A change was proposed."),
    (OrderChangeApplied, "A proposed change was applied."),
    (OrderChangeDeclined, "A proposed change was declined."),
):
    narrate(
        event,
        sentence,
        behind=changes_by_id,
        reason=lambda change: change.reason,
        note=lambda change: change.decision_note or change.note,
    )
narrate(OrderReferenceFreed, lambda it: f"The external reference {it.was('externalRef')} was given up.")
narrate(
    OrderNoteAdded,
    "A note was written.",
    behind=notes_by_id,
    cause=IdKind.ORDER_NOTE,
    note=lambda written: written.text,
)
narrate(OrderReleased, "The order no longer waits for its payment: it was released.")
narrate(OrderWithheld, "The order waits for its payment again: what came no longer suffices.")
narrate(OrderCompleted, "The order was completed.")
narrate(OrderReopened, "The order was opened again.")
