"""Events of picking."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class BinsSet(Event):
    """The bins of SKUs at a location were set."""

    type = "BINS_SET"
    subject = IdKind.LOCATION


@dataclass(frozen=True, kw_only=True)
class PickBatchCreated(Event):
    """Fulfillment orders were taken into a pick batch."""

    type = "PICK_BATCH_CREATED"
    subject = IdKind.PICK_BATCH


@dataclass(frozen=True, kw_only=True)
class PickBatchConfirmed(Event):
    """Lines of a pick batch were confirmed."""

    type = "PICK_BATCH_CONFIRMED"
    subject = IdKind.PICK_BATCH


@dataclass(frozen=True, kw_only=True)
class PickBatchCanceled(Event):
    """A pick batch was given up."""

    type = "PICK_BATCH_CANCELED"
    subject = IdKind.PICK_BATCH


@dataclass(frozen=True, kw_only=True)
class FulfillmentOrderPicked(Event):
    """Units of a fulfillment order were picked."""

    type = "FULFILLMENT_ORDER_PICKED"
    subject = IdKind.FULFILLMENT_ORDER
