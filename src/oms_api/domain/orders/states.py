"""The states of an order, and the statuses that are derived from its lines and its money."""

from enum import StrEnum

from oms_api.kernel.states import Transitions


class OrderStatus(StrEnum):
    """Where an order is in its life."""

    DRAFT = "DRAFT"
    OPEN = "OPEN"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


ORDER = Transitions(
    "order",
    {
        OrderStatus.DRAFT: {OrderStatus.OPEN, OrderStatus.CANCELED},
        OrderStatus.OPEN: {OrderStatus.COMPLETED, OrderStatus.CANCELED},
        OrderStatus.COMPLETED: {OrderStatus.OPEN},
        OrderStatus.CANCELED: set(),
    },
)


class LineKind(StrEnum):
    """What an order line is for."""

    GOODS = "GOODS"
    BUNDLE = "BUNDLE"
    SERVICE = "SERVICE"
    FEE = "FEE"
    DIGITAL = "DIGITAL"
    GIFT_CARD = "GIFT_CARD"

    @property
    def ships(self) -> bool:
        """Whether units of the line lie in a location and travel; a bundle's component lines do it for the bundle."""
        return self is LineKind.GOODS


class FulfillmentStatus(StrEnum):
    """How far the lines that ship are; the first that holds, from the top."""

    NOT_REQUIRED = "NOT_REQUIRED"
    DELIVERED = "DELIVERED"
    PARTIALLY_DELIVERED = "PARTIALLY_DELIVERED"
    SHIPPED = "SHIPPED"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    IN_PROGRESS = "IN_PROGRESS"
    ALLOCATED = "ALLOCATED"
    PARTIALLY_ALLOCATED = "PARTIALLY_ALLOCATED"
    BACKORDERED = "BACKORDERED"
    UNALLOCATED = "UNALLOCATED"


class PaymentStatus(StrEnum):
    """How the money stands."""

    PENDING = "PENDING"
    AUTHORIZED = "AUTHORIZED"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    PAID = "PAID"
    OVERPAID = "OVERPAID"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"


class ReturnStatus(StrEnum):
    """Whether goods are coming back."""

    NONE = "NONE"
    REQUESTED = "REQUESTED"
    IN_PROGRESS = "IN_PROGRESS"
    PARTIALLY_RETURNED = "PARTIALLY_RETURNED"
    RETURNED = "RETURNED"


class CancelReason(StrEnum):
    """Why units or orders were canceled."""

    CUSTOMER = "CUSTOMER"
    INVENTORY = "INVENTORY"
    FRAUD = "FRAUD"
    DECLINED = "DECLINED"
    STAFF = "STAFF"
    OTHER = "OTHER"
