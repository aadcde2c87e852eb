"""Methods, classes, reasons, and kinds of alert."""

from enum import StrEnum


class ForecastMethod(StrEnum):
    """The method of a demand forecast: the one that did best on the level's own past."""

    SEASONAL_NAIVE = "SEASONAL_NAIVE"
    """As many as in the same week a year ago."""
    EXPONENTIAL_SMOOTHING = "EXPONENTIAL_SMOOTHING"
    """A mean in which recent weeks weigh more."""
    CROSTON = "CROSTON"
    """For demand with weeks of nothing: the mean size over the mean time between two demands."""
    MEAN = "MEAN"
    """As many as in the mean week: there are fewer than eight weeks to choose a method by."""
    NAIVE = "NAIVE"
    """As many as last week, or the mean where the past was too short to choose; new plans no longer use it."""


class AbcClass(StrEnum):
    """The share of the value sold, by ABC analysis."""

    A = "A"
    """Among the articles that make up the first 80 % of the value."""
    B = "B"
    """Among those that make up the next 15 %."""
    C = "C"
    """Among those that make up the last 5 %, or sold nothing."""


class XyzClass(StrEnum):
    """How steady the demand is, by its coefficient of variation from week to week."""

    X = "X"
    """Steady: at most 0.5."""
    Y = "Y"
    """Variable: at most 1."""
    Z = "Z"
    """Erratic: above 1, or no demand at all."""


class SupplierReason(StrEnum):
    """Why a plan would ask a supplier; only ACTIVE ones are asked."""

    PREFERRED = "PREFERRED"
    """It is the preferred one."""
    ONLY = "ONLY"
    """Nobody else supplies the SKU."""
    CHEAPEST = "CHEAPEST"
    """Nobody else supplies the SKU at so low a cost, of those whose cost is in the currency of the SKU's own."""
    FASTEST = "FASTEST"
    """Others cost the same, or no cost is known or can be compared, and none of them is faster."""


class AlertKind(StrEnum):
    """The kind of problem of a level."""

    STOCKOUT = "STOCKOUT"
    """There is demand, but no unit is available."""
    LOW_STOCK = "LOW_STOCK"
    """Units there and on their way are at or below the reorder point."""
    OVERSTOCK = "OVERSTOCK"
    """The stock covers more days than the band of its class allows."""
    DEAD_STOCK = "DEAD_STOCK"
    """There is stock, but there has been no demand for a long time."""
