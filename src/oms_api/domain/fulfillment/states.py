"""The states of fulfillment orders."""

from enum import StrEnum

from oms_api.kernel.states import Transitions


class FulfillmentOrderStatus(StrEnum):
    """How far the work at a location is."""

    SCHEDULED = "SCHEDULED"
    OPEN = "OPEN"
    IN_PROGRESS = "IN_PROGRESS"
    INCOMPLETE = "INCOMPLETE"
    CLOSED = "CLOSED"


FULFILLMENT_ORDER = Transitions(
    "fulfillment order",
    {
        FulfillmentOrderStatus.SCHEDULED: {FulfillmentOrderStatus.OPEN, FulfillmentOrderStatus.CLOSED},
        FulfillmentOrderStatus.OPEN: {FulfillmentOrderStatus.IN_PROGRESS, FulfillmentOrderStatus.CLOSED},
        FulfillmentOrderStatus.IN_PROGRESS: {FulfillmentOrderStatus.CLOSED, FulfillmentOrderStatus.INCOMPLETE},
        FulfillmentOrderStatus.INCOMPLETE: {FulfillmentOrderStatus.CLOSED},
        FulfillmentOrderStatus.CLOSED: set(),
    },
)
