"""What can be told of the units promised to an order."""

from dataclasses import dataclass

from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class AllocationLost(Event):
    """Units promised to an order are missing: its lines wait for other units."""

    type = "ALLOCATION_LOST"
    subject = IdKind.ORDER


@dataclass(frozen=True, kw_only=True)
class OrderSourced(Event):
    """Waiting lines of an order were allocated, with fulfillment orders for them, or are backordered."""

    type = "ORDER_SOURCED"
    subject = IdKind.ORDER


@dataclass(frozen=True, kw_only=True)
class FulfillmentOrderChanged(Event):
    """A fulfillment order was opened, started, put back or moved to another day."""

    type = "FULFILLMENT_ORDER_CHANGED"
    subject = IdKind.FULFILLMENT_ORDER


@dataclass(frozen=True, kw_only=True)
class FulfillmentOrderHeld(Event):
    """A fulfillment order was put on hold: nothing of it is picked or shipped before every hold has ended."""

    type = "FULFILLMENT_ORDER_HELD"
    subject = IdKind.FULFILLMENT_ORDER


@dataclass(frozen=True, kw_only=True)
class FulfillmentOrderHoldReleased(Event):
    """Holds of a fulfillment order were released."""

    type = "FULFILLMENT_ORDER_HOLD_RELEASED"
    subject = IdKind.FULFILLMENT_ORDER
