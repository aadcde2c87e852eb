"""Notes on orders."""

from datetime import datetime

from oms_api.domain.orders.notes.queries import notes_by_id, pages_of_notes
from oms_api.domain.orders.notes.tables import OrderNoteRow
from oms_api.domain.orders.tables import OrderRow
from oms_api.graphql.connections import Connection
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.links import leads_to, pages
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.declared.records import Record, entity
from oms_api.graphql.described import input_type, output
from oms_api.graphql.fulfillment.types import OrderType
from oms_api.graphql.nodes import Node
from oms_api.graphql.payloads import Payload
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import OrderId, OrderNoteId
from oms_api.workflows.add_order_note import AddNote, add_note


@entity(notes_by_id, Scope.ORDERS_READ)
class OrderNote(Node, Record[OrderNoteRow]):
    """A remark that somebody wrote on an order. It is never changed."""

    id: OrderNoteId
    text: str
    """The remark."""
    actor: str
    """The author."""
    occurred_at: datetime
    """When it was written; it may have been recorded later."""
    recorded_at: datetime
    """When it was recorded in this system."""
    order: OrderType = leads_to(OrderNoteRow.order_id)
    """The order."""


@output
class NotesOfOrder(Record[OrderRow]):
    """The field of an order that shows its notes; `Order` inherits it."""

    notes: Connection[OrderNote] = pages(pages_of_notes, OrderNote)
    """The notes that the staff wrote on the order, oldest first; `last` reads from the newest."""


@input_type
class OrderNoteAddInput(Input[AddNote]):
    """A remark on an order."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same note."""
    order_id: OrderId
    """The order, in any status."""
    text: str
    """The remark, 1 to 10,000 characters."""
    occurred_at: datetime | None = None
    """When the note was written; by default now. Never in the future, never before the order was placed. Needs the scope
    `orders:import`."""


@output
class OrderNoteAddPayload(Payload):
    """The note, or why there is none."""

    order_note: OrderNote | None = None
    """The note."""


@output
class OrderNoteMutations:
    """Writing notes on orders."""

    order_note_add = carries_out(add_note, OrderNoteAddInput, OrderNoteAddPayload, Scope.ORDERS_WRITE, describes="The remark.")
    """Write a note on an order. The order's version does not change, so that a note causes no VERSION_CONFLICT in other
    changes."""
