"""The modes, triggers and actions of rules."""

from enum import StrEnum


class RuleMode(StrEnum):
    """How far a rule, or a version of one, is in force. It only goes forward."""

    DRAFT = "DRAFT"
    """Not asked: it is being written."""
    SHADOW = "SHADOW"
    """Asked about each order, and its matches are listed; nothing is done."""
    ACTIVE = "ACTIVE"
    """Asked about each order, and its actions are done."""
    RETIRED = "RETIRED"
    """Not asked any more."""


class RuleTrigger(StrEnum):
    """The moment at which a rule is asked."""

    ORDER_PLACED = "ORDER_PLACED"
    """An order is placed."""
    ORDER_EDITED = "ORDER_EDITED"
    """An order is edited: the rule is asked about the order as the edit would leave it."""


class RuleActionKind(StrEnum):
    """The kind of action on an order that matches a rule."""

    HOLD = "HOLD"
    """Put it on hold."""
    REQUIRE_APPROVAL = "REQUIRE_APPROVAL"
    """Put it on hold until somebody with the scope `orders:approve` releases it."""
    REJECT = "REJECT"
    """Refuse it."""
    TAG = "TAG"
    """Add tags."""
    NOTE = "NOTE"
    """Write a note on it."""
    SET_PRIORITY = "SET_PRIORITY"
    """Set its priority."""
    SET_SHIPPING = "SET_SHIPPING"
    """Name its shipping method; the amount stays."""
    ADD_LINE = "ADD_LINE"
    """Add units of a SKU at price 0, if they are in stock."""
    ROUTE = "ROUTE"
    """Name the sourcing profile that finds its goods."""
    STOP = "STOP"
    """Ask no later rule."""
