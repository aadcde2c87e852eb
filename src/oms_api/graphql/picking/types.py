"""Pick batches, as clients read them."""

from datetime import datetime

from oms_api.domain.picking.queries import batches_by_id, pages_of_pick_lines
from oms_api.domain.picking.states import PickBatchStatus
from oms_api.domain.picking.tables import PickBatchLineRow, PickBatchRow
from oms_api.domain.picking.verbs import LIFE
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import Connection
from oms_api.graphql.declared.links import leads_to, pages
from oms_api.graphql.declared.records import Record, entity
from oms_api.graphql.described import enum, output
from oms_api.graphql.fulfillment.types import FulfillmentOrder, OrderLineType, OrderType
from oms_api.graphql.nodes import Node
from oms_api.graphql.permissions import field
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import FulfillmentOrderLineId, PickBatchId, PickBatchLineId

enum(PickBatchStatus)


@output
class PickBatchLine(Node, Record[PickBatchLineRow]):
    """Units of one order line to pick from one bin. They go into the slot of their fulfillment order."""

    id: PickBatchLineId
    position: int
    """The place in the round, from 1."""
    slot: int
    """The number of the fulfillment order within the batch, from 1."""
    bin: str | None
    """The bin; null where none was known."""
    quantity: int
    """Units to pick."""
    picked: int | None
    """Units that were picked; null until the line is confirmed."""
    short: int | None
    """Units that were missing; null until the line is confirmed."""
    reason: str | None
    """The code of the reason why units were missing, see `orderReasons`; null where no units were missing."""
    confirmed_at: datetime | None
    """When the line was confirmed; null until then."""
    fulfillment_order_line_id: FulfillmentOrderLineId
    """The line of the fulfillment order."""
    sku: Sku = leads_to(PickBatchLineRow.sku_id)
    """The goods."""
    line: OrderLineType = leads_to(PickBatchLineRow.line_id)
    """The order's line."""
    fulfillment_order: FulfillmentOrder | None = leads_to(PickBatchLineRow.fulfillment_order_id)
    """The fulfillment order."""
    order: OrderType = leads_to(PickBatchLineRow.order_id)
    """The order."""


@entity(batches_by_id, Scope.SHIPPING_READ)
class PickBatch(Node, Record[PickBatchRow]):
    """Fulfillment orders of one location that are picked in one round."""

    id: PickBatchId
    number: Int64
    """The unique number of the batch."""
    status: PickBatchStatus
    """The status."""
    version: int
    """Increases with every change."""
    actor: str
    """The person or program that made the batch."""
    created_at: datetime
    """When it was made."""
    closed_at: datetime | None
    """When the batch was picked or canceled; null while it is OPEN."""
    updated_at: datetime
    """When it was last changed."""
    location: Location = leads_to(PickBatchRow.location_id)
    """The location."""
    lines: Connection[PickBatchLine] = pages(pages_of_pick_lines, PickBatchLine)
    """The lines in the order of the round: by bin, then by SKU."""

    @field(description="The actions on it, and whether each is allowed now.")
    def available_actions(self) -> list[AvailableAction]:
        return AvailableAction.of(LIFE.actions(self.row.status, None))
