"""What can be done with a record now, and what stands in the way: areas decide by the rules that their commands refuse by."""

from dataclasses import dataclass
from enum import StrEnum

from oms_api.kernel.errors import OmsError


class ActionName(StrEnum):
    """Something that a person or a program can do with a record."""

    CANCEL_ORDER = "CANCEL_ORDER"
    """Cancel the whole order: `orderCancel` without lines."""
    CANCEL_LINES = "CANCEL_LINES"
    """Cancel quantities of lines: `orderCancel` with lines."""
    FREE_EXTERNAL_REF = "FREE_EXTERNAL_REF"
    """Let a canceled order give its external reference up: `orderFreeExternalRef`."""
    START_FULFILLMENT = "START_FULFILLMENT"
    """Begin to pick: `fulfillmentOrderStart`."""
    PUT_BACK_FULFILLMENT = "PUT_BACK_FULFILLMENT"
    """Put back what was picked: `fulfillmentOrderPutBack`."""
    CREATE_SHIPMENT = "CREATE_SHIPMENT"
    """Ship what is left: `shipmentCreate`."""
    MARK_DELIVERED = "MARK_DELIVERED"
    """Record that all packages arrived: `shipmentMarkDelivered`."""
    MARK_LOST = "MARK_LOST"
    """Record that a package was lost: `packageMarkLost`."""
    MARK_RETURNED = "MARK_RETURNED"
    """Record that a package came back undelivered: `packageMarkReturned`."""
    CREATE_RETURN = "CREATE_RETURN"
    """Let units come back: `returnCreate`."""
    RECEIVE_RETURN = "RECEIVE_RETURN"
    """Take goods of a return in: `returnReceive`."""
    CLOSE_RETURN = "CLOSE_RETURN"
    """Expect nothing more of a return: `returnClose`."""
    CANCEL_RETURN = "CANCEL_RETURN"
    """Call a return off before anything came: `returnCancel`."""
    CREATE_REFUND = "CREATE_REFUND"
    """Grant a refund: `refundCreate`."""
    REQUEST_REFUND = "REQUEST_REFUND"
    """Record that a provider was told to pay a refund: `refundRequest`."""
    CANCEL_REFUND = "CANCEL_REFUND"
    """Call a refund off that nobody is paying: `refundCancel`."""
    UPDATE_PURCHASE_ORDER = "UPDATE_PURCHASE_ORDER"
    """Rewrite a draft: `purchaseOrderUpdate`."""
    SUBMIT_PURCHASE_ORDER = "SUBMIT_PURCHASE_ORDER"
    """Send a draft to its supplier: `purchaseOrderSubmit`."""
    CONFIRM_PURCHASE_ORDER = "CONFIRM_PURCHASE_ORDER"
    """Record what the supplier says will come: `purchaseOrderConfirm`."""
    RECEIVE_PURCHASE_ORDER = "RECEIVE_PURCHASE_ORDER"
    """Take goods that were bought in: `purchaseOrderReceive`."""
    CLOSE_PURCHASE_ORDER = "CLOSE_PURCHASE_ORDER"
    """Expect nothing more of a purchase order: `purchaseOrderClose`."""
    CANCEL_PURCHASE_ORDER = "CANCEL_PURCHASE_ORDER"
    """Call a purchase order off before anything came: `purchaseOrderCancel`."""
    CONVERT_RESERVATION = "CONVERT_RESERVATION"
    """Take what a reservation holds: `orderPlace` with `reservationId`."""
    EXTEND_RESERVATION = "EXTEND_RESERVATION"
    """Hold its units for longer: `reservationExtend`."""
    RELEASE_RESERVATION = "RELEASE_RESERVATION"
    """Give it up: `reservationRelease`."""
    UPDATE_TRANSFER = "UPDATE_TRANSFER"
    """Change its date, note or reference, of a draft all of it: `transferUpdate`."""
    MARK_TRANSFER_READY = "MARK_TRANSFER_READY"
    """Let the destination expect it: `transferMarkReady`."""
    SHIP_TRANSFER = "SHIP_TRANSFER"
    """Let units leave the origin: `transferShip`."""
    RECEIVE_TRANSFER = "RECEIVE_TRANSFER"
    """Take units in at the destination: `transferReceive`."""
    CANCEL_TRANSFER = "CANCEL_TRANSFER"
    """Call off what was not received: `transferCancel`."""
    SUBMIT_STOCK_COUNT = "SUBMIT_STOCK_COUNT"
    """Tell what was counted: `stockCountSubmit`."""
    POST_STOCK_COUNT = "POST_STOCK_COUNT"
    """Correct stock by the count: `stockCountPost`."""
    CANCEL_STOCK_COUNT = "CANCEL_STOCK_COUNT"
    """Call the count off: `stockCountCancel`."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action, and why it is not allowed now (None where it is)."""

    name: ActionName
    blocked_by: OmsError | None = None

    @property
    def allowed(self) -> bool:
        """Whether it can be done now."""
        return self.blocked_by is None
