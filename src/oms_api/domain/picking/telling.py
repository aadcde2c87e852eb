"""The events of picking in words, for timelines."""

from oms_api.domain.events.timeline import told
from oms_api.domain.picking.events import FulfillmentOrderPicked
from oms_api.domain.picking.queries import batches_told
from oms_api.kernel.ids import IdKind

told(
    FulfillmentOrderPicked,
    lambda it: f"Picked in batch {it.record.number}.",
    behind=batches_told,
    cause=IdKind.PICK_BATCH,
)
