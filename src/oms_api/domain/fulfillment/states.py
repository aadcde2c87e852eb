"""The states of fulfillment orders."""

from enum import StrEnum


class FulfillmentOrderStatus(StrEnum):
    """The status of a location's work for an order."""

    SCHEDULED = "SCHEDULED"
    """Work for a later day: it becomes OPEN when its `opensOn` comes."""
    OPEN = "OPEN"
    """Work that nobody has started."""
    IN_PROGRESS = "IN_PROGRESS"
    """Its units are being picked, or are picked or packed."""
    INCOMPLETE = "INCOMPLETE"
    """Fewer units were found than were wanted: the work of this location is closed, and the missing units are sourced again."""
    CLOSED = "CLOSED"
    """All units were shipped, canceled, or given to other fulfillment orders."""


class FulfillmentAction(StrEnum):
    """What can be done with a fulfillment order."""

    START_FULFILLMENT = "START_FULFILLMENT"
    """Start picking: `fulfillmentOrderStart`."""
    PUT_BACK_FULFILLMENT = "PUT_BACK_FULFILLMENT"
    """Put picked units back: `fulfillmentOrderPutBack`."""
    PACK_FULFILLMENT = "PACK_FULFILLMENT"
    """Pack units: `fulfillmentOrderPack`."""
    READY_FOR_PICKUP = "READY_FOR_PICKUP"
    """Mark the goods as ready for their customer to fetch: `pickupReady`."""
    CREATE_SHIPMENT = "CREATE_SHIPMENT"
    """Ship remaining units: `shipmentCreate`."""
    MOVE_FULFILLMENT = "MOVE_FULFILLMENT"
    """Move the work to another location: `fulfillmentOrderMove`."""
    SPLIT_FULFILLMENT = "SPLIT_FULFILLMENT"
    """Split units off into a fulfillment order of their own: `fulfillmentOrderSplit`."""
    MERGE_FULFILLMENT = "MERGE_FULFILLMENT"
    """Merge several fulfillment orders into one: `fulfillmentOrderMerge`."""
    REJECT_FULFILLMENT = "REJECT_FULFILLMENT"
    """Reject units that the location cannot send: `fulfillmentOrderReject`."""
    RESCHEDULE_FULFILLMENT = "RESCHEDULE_FULFILLMENT"
    """Choose the day from which the location works on the fulfillment order: `fulfillmentOrderReschedule`."""
    HOLD_FULFILLMENT = "HOLD_FULFILLMENT"
    """Keep the fulfillment order from being picked and shipped: `fulfillmentOrderHold`."""
    RELEASE_FULFILLMENT_HOLD = "RELEASE_FULFILLMENT_HOLD"
    """Release holds of the fulfillment order: `fulfillmentOrderHoldRelease`."""
