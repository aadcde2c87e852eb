"""The events of picking in words, for timelines."""

from oms_api.domain.events.timeline import narrate
from oms_api.domain.picking.events import FulfillmentOrderPicked
from oms_api.domain.picking.queries import narrated_batches
from oms_api.kernel.ids import IdKind

narrate(
    FulfillmentOrderPicked,
    lambda it: f"Picked in batch {it.record.number}.",
    behind=narrated_batches,
    cause=IdKind.PICK_BATCH,
)
