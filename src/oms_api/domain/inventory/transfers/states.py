"""The states of a transfer, and what can become of its units."""

from enum import StrEnum

from oms_api.kernel.states import Transitions


class TransferStatus(StrEnum):
    """How far a transfer is."""

    DRAFT = "DRAFT"
    """Being written: lines and locations may change, and nothing is expected."""
    READY_TO_SHIP = "READY_TO_SHIP"
    """The destination expects it; nothing has left."""
    IN_TRANSIT = "IN_TRANSIT"
    """Units have left, nothing has been received, and more is on the way or to be sent."""
    PARTIALLY_RECEIVED = "PARTIALLY_RECEIVED"
    """Something was received, and more is to come or to be sent."""
    RECEIVED = "RECEIVED"
    """It is known what became of every unit."""
    CANCELED = "CANCELED"
    """It was called off before anything was received."""

    @property
    def open(self) -> bool:
        """Whether the destination still expects units."""
        return self in {S.READY_TO_SHIP, S.IN_TRANSIT, S.PARTIALLY_RECEIVED}


S = TransferStatus
TRANSFER = Transitions(
    "transfer",
    {
        S.DRAFT: {S.READY_TO_SHIP, S.CANCELED},
        S.READY_TO_SHIP: {S.IN_TRANSIT, S.CANCELED},
        S.IN_TRANSIT: {S.PARTIALLY_RECEIVED, S.RECEIVED, S.CANCELED},
        S.PARTIALLY_RECEIVED: {S.RECEIVED},
        S.RECEIVED: set(),
        S.CANCELED: set(),
    },
)


class TransferActKind(StrEnum):
    """What was done with a transfer."""

    SHIPMENT = "SHIPMENT"
    """Units left the origin."""
    RECEIPT = "RECEIPT"
    """Units came to the destination, or it was found that they do not."""
    CANCELLATION = "CANCELLATION"
    """What was not received, or a part of it on the way, was called off, brought back or written off."""


class TransferOutcome(StrEnum):
    """What became of units of a transfer."""

    SENT = "SENT"
    """They left the origin."""
    ARRIVED = "ARRIVED"
    """They came and can be sold."""
    DAMAGED = "DAMAGED"
    """They came, and are not fit for sale."""
    LOST = "LOST"
    """They do not come."""
    BROUGHT_BACK = "BROUGHT_BACK"
    """They are back at the origin."""
    CALLED_OFF = "CALLED_OFF"
    """They were never sent, and will not be."""


class TransferDiscrepancy(StrEnum):
    """Why units are damaged or lost."""

    DAMAGED_IN_TRANSIT = "DAMAGED_IN_TRANSIT"
    """They broke on the way."""
    LOST_IN_TRANSIT = "LOST_IN_TRANSIT"
    """They went astray on the way."""
    STOLEN = "STOLEN"
    """They were stolen on the way."""
    SHORT_SHIPPED = "SHORT_SHIPPED"
    """Fewer left the origin than it said."""
    WRONG_ITEM = "WRONG_ITEM"
    """Something else came in their place."""
    OTHER = "OTHER"
    """Something else: say it in the note."""


class TransferResolution(StrEnum):
    """What becomes of units that are on the way when a transfer is canceled."""

    RETURN_TO_SOURCE = "RETURN_TO_SOURCE"
    """They are back at the origin, free."""
    WRITE_OFF = "WRITE_OFF"
    """They are given up as lost."""
