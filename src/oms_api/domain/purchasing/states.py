"""The states of a purchase order, and why goods that came are not taken in."""

from enum import StrEnum

from oms_api.kernel.states import Transitions


class PurchaseOrderStatus(StrEnum):
    """How far a purchase order is."""

    DRAFT = "DRAFT"
    """It is being written; the supplier knows nothing of it."""
    ORDERED = "ORDERED"
    """The supplier has it."""
    CONFIRMED = "CONFIRMED"
    """The supplier said what will come, and when."""
    PARTIALLY_RECEIVED = "PARTIALLY_RECEIVED"
    """Some of the goods came."""
    RECEIVED = "RECEIVED"
    """All of the goods came."""
    CLOSED = "CLOSED"
    """Nothing more is expected."""
    CANCELED = "CANCELED"
    """It was called off before anything came."""

    @property
    def incoming(self) -> bool:
        """Whether its open quantities are on their way."""
        return self in INCOMING


S = PurchaseOrderStatus
INCOMING = (S.ORDERED, S.CONFIRMED, S.PARTIALLY_RECEIVED)
"""While it is one of these, what is open of its lines is expected at its location."""
PURCHASE_ORDER = Transitions(
    "purchase order",
    {
        S.DRAFT: {S.ORDERED, S.CANCELED},
        S.ORDERED: {S.CONFIRMED, S.PARTIALLY_RECEIVED, S.RECEIVED, S.CANCELED},
        S.CONFIRMED: {S.PARTIALLY_RECEIVED, S.RECEIVED, S.CANCELED},
        S.PARTIALLY_RECEIVED: {S.RECEIVED, S.CLOSED},
        S.RECEIVED: {S.CLOSED},
        S.CLOSED: set(),
        S.CANCELED: set(),
    },
)


class RejectReason(StrEnum):
    """Why units that a supplier delivered are not taken in."""

    DAMAGED = "DAMAGED"
    """They arrived damaged."""
    DEFECTIVE = "DEFECTIVE"
    """They do not work."""
    WRONG_ITEM = "WRONG_ITEM"
    """Something else was delivered than was ordered."""
    EXPIRED = "EXPIRED"
    """They are too old to be sold."""
    TOO_MANY = "TOO_MANY"
    """More were delivered than were ordered."""
    OTHER = "OTHER"
    """Something else: say it in the note."""


class ReceiptBucket(StrEnum):
    """Where accepted units go."""

    FREE = "free"
    """They can be sold at once."""
    QUALITY_CONTROL = "quality_control"
    """Somebody has to look at them first."""
