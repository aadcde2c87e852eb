"""The states of a return, and what becomes of units that came back."""

from enum import StrEnum


class ReturnOrderStatus(StrEnum):
    """The status of a return."""

    REQUESTED = "REQUESTED"
    """The customer asked for the return; it is not approved yet."""
    APPROVED = "APPROVED"
    """The goods may be sent back."""
    DECLINED = "DECLINED"
    """The return was refused; the goods stay with the customer."""
    IN_TRANSIT = "IN_TRANSIT"
    """The goods are on their way."""
    PARTIALLY_RECEIVED = "PARTIALLY_RECEIVED"
    """Some of the goods were received."""
    RECEIVED = "RECEIVED"
    """All of the goods were received."""
    CLOSED = "CLOSED"
    """No more goods are expected."""
    CANCELED = "CANCELED"
    """Canceled before any of the goods were received."""

    @property
    def open(self) -> bool:
        """Whether something is still to be done, so that its order cannot be completed."""
        return self in {S.REQUESTED, S.APPROVED, S.IN_TRANSIT, S.PARTIALLY_RECEIVED}


S = ReturnOrderStatus


class ReturnReason(StrEnum):
    """The reason why a customer sends goods back."""

    UNWANTED = "UNWANTED"
    """The customer changed their mind."""
    SIZE_OR_FIT = "SIZE_OR_FIT"
    """The item does not fit."""
    DEFECTIVE = "DEFECTIVE"
    """The item does not work."""
    DAMAGED = "DAMAGED"
    """The item arrived damaged."""
    WRONG_ITEM = "WRONG_ITEM"
    """The item that was sent is not the item that was ordered."""
    NOT_AS_DESCRIBED = "NOT_AS_DESCRIBED"
    """The item differs from its description in the shop."""
    LATE = "LATE"
    """The item came too late."""
    OTHER = "OTHER"
    """Another reason: say it in the note."""


class Disposition(StrEnum):
    """The treatment of returned units."""

    RESTOCK = "RESTOCK"
    """The units can be sold again."""
    SCRAP = "SCRAP"
    """The units are thrown away."""
    INSPECT = "INSPECT"
    """The units wait in quality control for inspection."""


class ReturnAction(StrEnum):
    """What can be done with a return, or with an order of which goods come back."""

    CREATE_RETURN = "CREATE_RETURN"
    """Announce a return: `returnCreate`."""
    RECEIVE_RETURN = "RECEIVE_RETURN"
    """Receive goods of a return: `returnReceive`."""
    CLOSE_RETURN = "CLOSE_RETURN"
    """Close a return, and expect no more units of it: `returnClose`."""
    CANCEL_RETURN = "CANCEL_RETURN"
    """Cancel a return before any of it was received: `returnCancel`."""
