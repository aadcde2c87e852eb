"""The states of a purchase order, and why goods that came are not taken in."""

from enum import StrEnum


class PurchaseOrderStatus(StrEnum):
    """The status of a purchase order."""

    DRAFT = "DRAFT"
    """In preparation; the supplier does not have it yet."""
    ORDERED = "ORDERED"
    """Submitted to the supplier."""
    CONFIRMED = "CONFIRMED"
    """The supplier confirmed quantities and dates."""
    PARTIALLY_RECEIVED = "PARTIALLY_RECEIVED"
    """Some of the goods were received."""
    RECEIVED = "RECEIVED"
    """All of the goods were received."""
    CLOSED = "CLOSED"
    """No more goods are expected."""
    CANCELED = "CANCELED"
    """Canceled before any of the goods were received."""

    @property
    def incoming(self) -> bool:
        """Whether its open quantities are on their way."""
        return self in INCOMING


S = PurchaseOrderStatus
INCOMING = (S.ORDERED, S.CONFIRMED, S.PARTIALLY_RECEIVED)
"""While it is one of these, what is open of its lines is expected at its location."""


class RejectReason(StrEnum):
    """The reason for rejecting delivered units."""

    DAMAGED = "DAMAGED"
    """The units arrived damaged."""
    DEFECTIVE = "DEFECTIVE"
    """The units do not work."""
    WRONG_ITEM = "WRONG_ITEM"
    """The item that was delivered is not the item that was ordered."""
    EXPIRED = "EXPIRED"
    """The units are too old to be sold."""
    TOO_MANY = "TOO_MANY"
    """More units were delivered than were ordered."""
    OTHER = "OTHER"
    """Another reason: say it in the note."""


class ReceiptBucket(StrEnum):
    """The bucket for units that are accepted: a part of the units on hand."""

    FREE = "free"
    """The units can be sold at once."""
    QUALITY_CONTROL = "quality_control"
    """The units wait in quality control for inspection."""


class PurchaseOrderAction(StrEnum):
    """What can be done with a purchase order."""

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
