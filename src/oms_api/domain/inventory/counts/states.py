"""The states of a stock count, and what becomes of its lines."""

from enum import StrEnum

from oms_api.kernel.states import Transitions


class StockCountStatus(StrEnum):
    """How far a stock count is."""

    OPEN = "OPEN"
    """Nothing has been counted yet."""
    COUNTING = "COUNTING"
    """Some of it has been counted."""
    REVIEW = "REVIEW"
    """Counting is over; somebody looks at what differs."""
    POSTED = "POSTED"
    """Stock was corrected by it."""
    CANCELED = "CANCELED"
    """It was called off; stock is as it was."""


S = StockCountStatus
STOCK_COUNT = Transitions(
    "stock count",
    {
        S.OPEN: {S.COUNTING, S.CANCELED},
        S.COUNTING: {S.REVIEW, S.CANCELED},
        S.REVIEW: {S.POSTED, S.CANCELED},
        S.POSTED: set(),
        S.CANCELED: set(),
    },
)


class StockCountOutcome(StrEnum):
    """What a line of a stock count comes to."""

    MATCHED = "MATCHED"
    """As many were there as were known: nothing moves."""
    FOUND = "FOUND"
    """More were there: they are free now."""
    NOT_FOUND = "NOT_FOUND"
    """Fewer were there: they are taken away."""
    SUPERSEDED = "SUPERSEDED"
    """The number was told as of a later moment meanwhile, by a count, a feed or by hand: nothing moves."""
    NOT_COUNTED = "NOT_COUNTED"
    """Nobody counted it: nothing moves."""
