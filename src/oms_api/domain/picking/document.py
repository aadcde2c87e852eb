"""A pick batch under its lock."""

from datetime import datetime

from oms_api.db.documents import Concerned, Document, published_as
from oms_api.db.sql import Sql
from oms_api.domain.picking.tables import PickBatchLineRow, PickBatchRow
from oms_api.domain.picking.verbs import LIFE
from oms_api.kernel.access import Principal
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import FulfillmentOrderId, FulfillmentOrderLineId, OrderId, PickBatchLineId


@dataclass(frozen=True, slots=True)
class PickLine:
    """A line of the round, and what was found."""

    id: PickBatchLineId
    order_id: OrderId
    fulfillment_order_id: FulfillmentOrderId
    fulfillment_order_line_id: FulfillmentOrderLineId
    quantity: int
    picked: int | None
    short: int | None
    reason: str | None
    confirmed_at: datetime | None


class PickBatchDocument(Document[PickBatchRow, PickLine]):
    """A pick batch with its lines; the orders of the lines are locked after it."""

    table, life = PickBatchRow, LIFE
    line, line_table = PickLine, PickBatchLineRow
    lines_of = Sql("""
        SELECT batch_id, id, order_id, fulfillment_order_id, fulfillment_order_line_id, quantity, picked, short, reason,
               confirmed_at
        FROM pick_batch_line WHERE batch_id = ANY (:ids::uuid[]) ORDER BY position
    """)
    published = published_as("status")

    def visible(self, principal: Principal) -> bool:
        """Tell whether *principal* may see its location."""
        return principal.sees_location(self.was.location_id)

    def facts(self, _principal: Principal) -> None:
        """Return nothing: all depends on its status."""

    def concerned(self) -> Concerned:
        """Return its location."""
        return {"location_ids": (self.was.location_id,)}
