"""Reads of drafts."""

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, by, required
from oms_api.domain.channels.queries import in_channels
from oms_api.domain.orders.drafts.tables import OrderDraftRow
from oms_api.kernel.ids import IdKind, OrderDraftId

NEWEST_FIRST = Ordering("created_at_desc", (OrderDraftRow.created_at, OrderDraftRow.id), descending=True)
LAST_CHANGED_FIRST = Ordering("updated_at_desc", (OrderDraftRow.updated_at, OrderDraftRow.id), descending=True)

visible_to = in_channels(OrderDraftRow.channel_id)
drafts_by_id: One[OrderDraftId, OrderDraftRow] = by(OrderDraftRow.id, visible=visible_to)
draft_by_id = required(drafts_by_id, "order draft", IdKind.ORDER_DRAFT)
