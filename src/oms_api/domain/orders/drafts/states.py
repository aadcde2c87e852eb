"""The states of a draft, and its actions."""

from enum import StrEnum


class OrderDraftStatus(StrEnum):
    """The status of a draft of an order."""

    DRAFT = "DRAFT"
    """In preparation: nothing is promised."""
    PLACED = "PLACED"
    """The draft was placed. The order is independent of the draft from then on."""
    DISCARDED = "DISCARDED"
    """It was given up and will not be placed."""


class OrderDraftAction(StrEnum):
    """The actions on a draft."""

    UPDATE_ORDER_DRAFT = "UPDATE_ORDER_DRAFT"
    """Change the draft: `orderDraftUpdate`."""
    PLACE_ORDER_DRAFT = "PLACE_ORDER_DRAFT"
    """Place the order that the draft prepares: `orderDraftPlace`."""
    DISCARD_ORDER_DRAFT = "DISCARD_ORDER_DRAFT"
    """Give the draft up: `orderDraftDiscard`."""
