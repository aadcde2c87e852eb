"""Reading documents that are to become orders. Whoever is limited to channels sees those that became orders of them."""

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Several, by, of, required
from oms_api.domain.channels.queries import in_channels
from oms_api.domain.intake.tables import OrderIntakeAttemptRow, OrderIntakeRow
from oms_api.kernel.ids import IdKind, OrderId, OrderIntakeId
from oms_api.kernel.paging import LARGEST_PAGE

NEWEST_FIRST = Ordering("received_at_desc", (OrderIntakeRow.received_at, OrderIntakeRow.id), descending=True)
OLDEST_FIRST = Ordering("received_at_asc", (OrderIntakeRow.received_at, OrderIntakeRow.id))

visible_to = in_channels(OrderIntakeRow.channel_id)
intakes_by_id: One[OrderIntakeId, OrderIntakeRow] = by(OrderIntakeRow.id, visible=visible_to)
intake_by_id = required(intakes_by_id, "order intake", IdKind.ORDER_INTAKE)
intakes_by_order: One[OrderId | None, OrderIntakeRow] = by(OrderIntakeRow.order_id)
"""The document that each order came of; the orders were seen before."""
attempts_by_intake: Several[OrderIntakeId, OrderIntakeAttemptRow] = of(
    OrderIntakeAttemptRow.intake_id, order=Ordering("number", (OrderIntakeAttemptRow.number,)), first=LARGEST_PAGE
)
"""The first 250 attempts to read each document; the documents were seen before."""
