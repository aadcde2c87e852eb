"""The states of a stock count, and what becomes of its lines."""

from enum import StrEnum


class StockCountStatus(StrEnum):
    """The status of a stock count."""

    OPEN = "OPEN"
    """Nothing has been counted yet."""
    COUNTING = "COUNTING"
    """Some of the lines have been counted."""
    REVIEW = "REVIEW"
    """Counting has ended; the differences are reviewed."""
    POSTED = "POSTED"
    """The count was posted: stock was corrected by it."""
    CANCELED = "CANCELED"
    """The count was canceled; stock is unchanged."""


class StockCountOutcome(StrEnum):
    """The result of a line of a stock count."""

    MATCHED = "MATCHED"
    """The counted number equals the recorded number: nothing moves."""
    FOUND = "FOUND"
    """More units were there than recorded: the found units are added to the FREE units."""
    NOT_FOUND = "NOT_FOUND"
    """Fewer units were there than recorded: the missing units are taken off stock."""
    SUPERSEDED = "SUPERSEDED"
    """The line has no effect, because a count, an inventory sync or a person reported the units on hand for a later moment.
    Nothing moves."""
    NOT_COUNTED = "NOT_COUNTED"
    """Nobody counted the line: nothing moves."""


class StockCountAction(StrEnum):
    """What can be done with a stock count."""

    SUBMIT_STOCK_COUNT = "SUBMIT_STOCK_COUNT"
    """Record counted quantities: `stockCountSubmit`."""
    POST_STOCK_COUNT = "POST_STOCK_COUNT"
    """Correct stock according to the count: `stockCountPost`."""
    CANCEL_STOCK_COUNT = "CANCEL_STOCK_COUNT"
    """Cancel a stock count: `stockCountCancel`."""
