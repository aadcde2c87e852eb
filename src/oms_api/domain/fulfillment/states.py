"""The states of fulfillment orders."""

from enum import StrEnum


class FulfillmentOrderStatus(StrEnum):
    """The status of a location's work for an order."""

    SCHEDULED = "SCHEDULED"
    """Work for later: it opens when its day comes."""
    OPEN = "OPEN"
    """Work that nobody has started."""
    IN_PROGRESS = "IN_PROGRESS"
    """Being picked, picked or packed."""
    INCOMPLETE = "INCOMPLETE"
    """Fewer units were found than wanted; the rest is closed here and sourced again."""
    CLOSED = "CLOSED"
    """Nothing is left to do: all of it was shipped or canceled."""


class FulfillmentAction(StrEnum):
    """What can be done with a fulfillment order."""

    START_FULFILLMENT = "START_FULFILLMENT"
    """Start picking: `fulfillmentOrderStart`."""
    PUT_BACK_FULFILLMENT = "PUT_BACK_FULFILLMENT"
    """Put picked units back: `fulfillmentOrderPutBack`."""
    CREATE_SHIPMENT = "CREATE_SHIPMENT"
    """Ship remaining units: `shipmentCreate`."""
    HOLD_FULFILLMENT = "HOLD_FULFILLMENT"
    """Keep the fulfillment order from being picked and shipped: `fulfillmentOrderHold`."""
    RELEASE_FULFILLMENT_HOLD = "RELEASE_FULFILLMENT_HOLD"
    """Release holds of the fulfillment order: `fulfillmentOrderHoldRelease`."""
