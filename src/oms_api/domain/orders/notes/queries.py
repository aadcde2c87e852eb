"""Reading notes on orders: they are seen by whoever sees the order."""

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Pages, by, pages_of
from oms_api.domain.channels.queries import in_channels
from oms_api.domain.orders.notes.tables import OrderNoteRow
from oms_api.kernel.ids import OrderId, OrderNoteId

OLDEST_FIRST = Ordering("occurred_at", (OrderNoteRow.occurred_at, OrderNoteRow.id))

notes_by_id: One[OrderNoteId, OrderNoteRow] = by(OrderNoteRow.id, visible=in_channels(OrderNoteRow.channel_id))
pages_of_notes: Pages[OrderId, OrderNoteRow] = pages_of(OrderNoteRow.order_id, order=OLDEST_FIRST)
"""A page of the notes on each order, which was seen before."""
