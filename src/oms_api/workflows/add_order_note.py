"""Writing a note on an order, whatever its status: nothing is locked, and its version stays."""

from datetime import datetime

from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.orders.events import OrderNoteAdded
from oms_api.domain.orders.notes.tables import OrderNoteRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound
from oms_api.kernel.ids import IdKind, OrderId, OrderNoteId, text_id
from oms_api.kernel.naming import check_note
from oms_api.kernel.occurrence import occurred

NOTES = inserts(OrderNoteRow)
ORDER = Sql("""
SELECT channel_id, placed_at,
       ARRAY (SELECT DISTINCT location_id FROM fulfillment_order WHERE order_id = orders.id ORDER BY location_id)
FROM orders WHERE id = :order::uuid
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote:
    """Write *text* on an order."""

    idempotency_key: str
    order_id: OrderId
    text: str
    occurred_at: datetime | None = None


async def add_note(tx: Tx, command: AddNote) -> OrderNoteRow:
    """Write a note on an order and return it; the event names the note and holds none of its text.

    Raises: InvalidValue, NotFound, OccurredTooEarly.
    """
    at = tx.business_time(command.occurred_at)
    check_note(command.text, "text")
    if not command.text.strip():
        raise InvalidValue(problem="A note says something: it is not blank.", field=("text",))
    found = await tx.fetch(ORDER(order=command.order_id))
    if not found or not tx.principal.sees_channel(found[0][0]):
        raise NotFound(what="order", given=text_id(IdKind.ORDER, command.order_id), field=("orderId",))
    channel_id, placed_at, locations = found[0]
    at = occurred(at, command.occurred_at, not_before=placed_at, what="the order's placing")
    note = tx.put(
        NOTES,
        id=tx.new_id(OrderNoteId),
        order_id=command.order_id,
        channel_id=channel_id,
        text=command.text,
        actor=tx.actor,
        occurred_at=at,
        recorded_at=tx.now,
    )
    tx.emit(
        OrderNoteAdded(
            subject_id=command.order_id,
            order_id=command.order_id,
            channel_id=channel_id,
            location_ids=tuple(locations),
            cause_id=note.id,
            occurred_at=at,
        )
    )
    return note
