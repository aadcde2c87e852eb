"""The kinds of changes of an order, and their states."""

from enum import StrEnum


class OrderChangeKind(StrEnum):
    """The kind of a change of an order."""

    UPDATE = "UPDATE"
    """Details of the order: contact, addresses, note, tags, priority, attributes."""
    EDIT = "EDIT"
    """The purchase as agreed with the customer: lines, quantities, prices, discounts, shipping."""


class OrderChangeAction(StrEnum):
    """What can be done with a change of an order."""

    APPLY_ORDER_CHANGE = "APPLY_ORDER_CHANGE"
    """Apply the proposed change: `orderChangeApply`."""
    DECLINE_ORDER_CHANGE = "DECLINE_ORDER_CHANGE"
    """Decline the proposed change: `orderChangeDecline`."""


class OrderChangeStatus(StrEnum):
    """The state of a change."""

    REQUESTED = "REQUESTED"
    """The change was proposed. The order is not changed yet."""
    APPLIED = "APPLIED"
    """The order was changed."""
    DECLINED = "DECLINED"
    """The change was declined. The order stays as it was."""
