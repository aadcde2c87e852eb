"""The states of a document that is to become an order, and its actions."""

from enum import StrEnum


class OrderIntakeStatus(StrEnum):
    """The status of a document that is to become an order."""

    RECEIVED = "RECEIVED"
    """The document was kept and has not been read yet."""
    PLACED = "PLACED"
    """The document became an order."""
    REFUSED = "REFUSED"
    """The document was read, and its order was refused. It can be read again."""
    UNREADABLE = "UNREADABLE"
    """The document does not have the format that its connector expects. It can be read again by another version of the
    connector."""
    DISCARDED = "DISCARDED"
    """It was given up and will not be placed."""


class OrderIntakeAction(StrEnum):
    """The actions on a document that is to become an order."""

    RETRY_ORDER_INTAKE = "RETRY_ORDER_INTAKE"
    """Process the received document again: `orderIntakeRetry`."""
    RESOLVE_ORDER_INTAKE = "RESOLVE_ORDER_INTAKE"
    """Place the order of the received document by hand: `orderIntakeResolve`."""
    DISCARD_ORDER_INTAKE = "DISCARD_ORDER_INTAKE"
    """Give the document up: `orderIntakeDiscard`."""
