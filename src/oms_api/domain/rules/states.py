"""The modes, triggers and actions of rules."""

from enum import StrEnum


class RuleMode(StrEnum):
    """The stage of a rule or of one version of a rule. It only moves forward."""

    DRAFT = "DRAFT"
    """The rule is being written; it is not evaluated."""
    SHADOW = "SHADOW"
    """The rule is evaluated for each order and its matches are listed, but its actions are not carried out."""
    ACTIVE = "ACTIVE"
    """The rule is evaluated for each order, and its actions are carried out."""
    RETIRED = "RETIRED"
    """The rule is not evaluated any more."""


class RuleTrigger(StrEnum):
    """The moment at which a rule is evaluated."""

    ORDER_PLACED = "ORDER_PLACED"
    """An order is placed."""
    ORDER_EDITED = "ORDER_EDITED"
    """An order is edited: the rule is evaluated for the order as the edit would leave it."""


class RuleActionKind(StrEnum):
    """The kind of action on an order that matches a rule."""

    HOLD = "HOLD"
    """Put the order on hold."""
    REQUIRE_APPROVAL = "REQUIRE_APPROVAL"
    """Put the order on hold until somebody with the scope `orders:approve` releases it."""
    REJECT = "REJECT"
    """Refuse the order."""
    TAG = "TAG"
    """Add tags."""
    NOTE = "NOTE"
    """Write a note on the order."""
    SET_PRIORITY = "SET_PRIORITY"
    """Set the order's priority."""
    SET_SHIPPING = "SET_SHIPPING"
    """Set the order's shipping method; the charge stays."""
    ADD_LINE = "ADD_LINE"
    """Add units of a SKU at price 0, if all of them are in stock."""
    ROUTE = "ROUTE"
    """Set the sourcing profile that chooses the order's locations."""
    STOP = "STOP"
    """Skip all later rules."""
