"""Events of the units promised to an order."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class AllocationLost(Event):
    """Units promised to an order are missing: its lines wait for other units."""

    type = "ALLOCATION_LOST"
    subject = IdKind.ORDER


@dataclass(frozen=True, kw_only=True)
class OrderSourced(Event):
    """Waiting lines of an order were sourced. They were allocated and have fulfillment orders now, or they were backordered."""

    type = "ORDER_SOURCED"
    subject = IdKind.ORDER


@dataclass(frozen=True, kw_only=True)
class OrderSourcedAnew(Event):
    """Units of an order are promised from other locations than before."""

    type = "ORDER_SOURCED_ANEW"
    subject = IdKind.ORDER


@dataclass(frozen=True, kw_only=True)
class FulfillmentOrderChanged(Event):
    """A fulfillment order was opened, started or moved to another day, or its picked units were put back."""

    type = "FULFILLMENT_ORDER_CHANGED"
    subject = IdKind.FULFILLMENT_ORDER


@dataclass(frozen=True, kw_only=True)
class FulfillmentOrderPacked(Event):
    """Units of a fulfillment order were packed."""

    type = "FULFILLMENT_ORDER_PACKED"
    subject = IdKind.FULFILLMENT_ORDER


@dataclass(frozen=True, kw_only=True)
class FulfillmentOrderMoved(Event):
    """The work of a location for an order was given to another location."""

    type = "FULFILLMENT_ORDER_MOVED"
    subject = IdKind.FULFILLMENT_ORDER


@dataclass(frozen=True, kw_only=True)
class FulfillmentOrderSplit(Event):
    """Some units of a fulfillment order became a fulfillment order of their own, at the same location."""

    type = "FULFILLMENT_ORDER_SPLIT"
    subject = IdKind.FULFILLMENT_ORDER


@dataclass(frozen=True, kw_only=True)
class FulfillmentOrderMerged(Event):
    """A fulfillment order was closed: its units were merged into another fulfillment order at the same location."""

    type = "FULFILLMENT_ORDER_MERGED"
    subject = IdKind.FULFILLMENT_ORDER


@dataclass(frozen=True, kw_only=True)
class FulfillmentOrderRejected(Event):
    """A location rejected units of a fulfillment order: the server looks for other locations."""

    type = "FULFILLMENT_ORDER_REJECTED"
    subject = IdKind.FULFILLMENT_ORDER


@dataclass(frozen=True, kw_only=True)
class OrderLeavesLocation(Event):
    """A location with work of this order stopped taking orders: units not begun there are sourced elsewhere."""

    type = "ORDER_LEAVES_LOCATION"
    subject = IdKind.ORDER


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
