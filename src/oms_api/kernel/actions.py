"""What can be done with a record now, and what stands in the way: areas decide by the rules that their commands refuse by."""

from dataclasses import dataclass
from enum import StrEnum

from oms_api.kernel.errors import OmsError


class ActionName(StrEnum):
    """An action on a record, by a person or a program."""

    CANCEL_ORDER = "CANCEL_ORDER"
    """Cancel the whole order: `orderCancel` without lines."""
    CANCEL_LINES = "CANCEL_LINES"
    """Cancel quantities of lines: `orderCancel` with lines."""
    FREE_EXTERNAL_REF = "FREE_EXTERNAL_REF"
    """Take the external reference from a canceled order: `orderFreeExternalRef`."""
    START_FULFILLMENT = "START_FULFILLMENT"
    """Start picking: `fulfillmentOrderStart`."""
    PUT_BACK_FULFILLMENT = "PUT_BACK_FULFILLMENT"
    """Put picked units back: `fulfillmentOrderPutBack`."""
    CREATE_SHIPMENT = "CREATE_SHIPMENT"
    """Ship remaining units: `shipmentCreate`."""
    MARK_DELIVERED = "MARK_DELIVERED"
    """Record that all packages arrived: `shipmentMarkDelivered`."""
    MARK_LOST = "MARK_LOST"
    """Record that a package was lost: `packageMarkLost`."""
    MARK_RETURNED = "MARK_RETURNED"
    """Record that a package came back undelivered: `packageMarkReturned`."""
    CREATE_RETURN = "CREATE_RETURN"
    """Announce a return: `returnCreate`."""
    RECEIVE_RETURN = "RECEIVE_RETURN"
    """Receive goods of a return: `returnReceive`."""
    CLOSE_RETURN = "CLOSE_RETURN"
    """Close a return, and expect no more units of it: `returnClose`."""
    CANCEL_RETURN = "CANCEL_RETURN"
    """Cancel a return before any of it was received: `returnCancel`."""
    CREATE_REFUND = "CREATE_REFUND"
    """Grant a refund: `refundCreate`."""
    REQUEST_REFUND = "REQUEST_REFUND"
    """Record that a provider was told to pay a refund: `refundRequest`."""
    CANCEL_REFUND = "CANCEL_REFUND"
    """Cancel a refund that no provider is paying: `refundCancel`."""
    UPDATE_PURCHASE_ORDER = "UPDATE_PURCHASE_ORDER"
    """Rewrite a draft: `purchaseOrderUpdate`."""
    SUBMIT_PURCHASE_ORDER = "SUBMIT_PURCHASE_ORDER"
    """Send a draft to its supplier: `purchaseOrderSubmit`."""
    CONFIRM_PURCHASE_ORDER = "CONFIRM_PURCHASE_ORDER"
    """Record the supplier's confirmation: `purchaseOrderConfirm`."""
    RECEIVE_PURCHASE_ORDER = "RECEIVE_PURCHASE_ORDER"
    """Receive goods of a purchase order: `purchaseOrderReceive`."""
    CLOSE_PURCHASE_ORDER = "CLOSE_PURCHASE_ORDER"
    """Close a purchase order, and expect no more units of it: `purchaseOrderClose`."""
    CANCEL_PURCHASE_ORDER = "CANCEL_PURCHASE_ORDER"
    """Cancel a purchase order before any of it was received: `purchaseOrderCancel`."""
    CONVERT_RESERVATION = "CONVERT_RESERVATION"
    """Place the order with the units that a reservation holds: `orderPlace` with `reservationId`."""
    EXTEND_RESERVATION = "EXTEND_RESERVATION"
    """Extend a reservation: `reservationExtend`."""
    RELEASE_RESERVATION = "RELEASE_RESERVATION"
    """Release a reservation: `reservationRelease`."""
    UPDATE_TRANSFER = "UPDATE_TRANSFER"
    """Change the date, note or reference of a transfer, and in a draft its lines and locations too: `transferUpdate`."""
    MARK_TRANSFER_READY = "MARK_TRANSFER_READY"
    """Mark a transfer as ready, so that its destination expects it: `transferMarkReady`."""
    SHIP_TRANSFER = "SHIP_TRANSFER"
    """Ship units from the origin: `transferShip`."""
    RECEIVE_TRANSFER = "RECEIVE_TRANSFER"
    """Receive units at the destination: `transferReceive`."""
    CANCEL_TRANSFER = "CANCEL_TRANSFER"
    """Cancel the units of a transfer that were not received: `transferCancel`."""
    SUBMIT_STOCK_COUNT = "SUBMIT_STOCK_COUNT"
    """Record counted quantities: `stockCountSubmit`."""
    POST_STOCK_COUNT = "POST_STOCK_COUNT"
    """Correct stock by the count: `stockCountPost`."""
    CANCEL_STOCK_COUNT = "CANCEL_STOCK_COUNT"
    """Cancel a stock count: `stockCountCancel`."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action, and why it is not allowed now (None where it is)."""

    name: ActionName
    blocked_by: OmsError | None = None

    @property
    def allowed(self) -> bool:
        """Whether it can be done now."""
        return self.blocked_by is None
