"""The kinds and statuses of sourcing."""

from enum import StrEnum


class ProfileStatus(StrEnum):
    """The state of a sourcing profile or of one of its versions."""

    DRAFT = "DRAFT"
    """Not in effect yet: previews and simulations are possible."""
    ACTIVE = "ACTIVE"
    """In effect: orders are sourced by it."""
    RETIRED = "RETIRED"
    """No longer in effect."""


class SourceBy(StrEnum):
    """The measure that a step of a sourcing profile minimizes."""

    PRIORITY = "PRIORITY"
    """The number of shipments. Among choices with equally many shipments, the ranks of the chosen locations in the channel's
    list of priority."""
    DISTANCE = "DISTANCE"
    """The number of shipments. Among choices with equally many shipments, the kilometres to the destination."""
    COST = "COST"
    """The cost, by the profile's rates."""


class Otherwise(StrEnum):
    """The treatment of units that no step of a sourcing profile serves, where the channel does not oversell them."""

    REFUSE = "REFUSE"
    """The order is refused with INSUFFICIENT_STOCK."""
    WAIT = "WAIT"
    """The order is taken, and the units wait without a source."""


class SourcingAct(StrEnum):
    """The occasion on which a sourcing profile decided."""

    PLACED = "PLACED"
    """The order was placed."""
    EDITED = "EDITED"
    """The order was edited."""
    SOURCED_AGAIN = "SOURCED_AGAIN"
    """A new source was found for units that had been waiting, or that had been lost."""
