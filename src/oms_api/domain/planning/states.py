"""Methods, classes, reasons, and kinds of alert."""

from enum import StrEnum


class ForecastMethod(StrEnum):
    """How demand was forecast: the method that did best on the level's own past."""

    SEASONAL_NAIVE = "SEASONAL_NAIVE"
    """As many as in the same week a year ago."""
    EXPONENTIAL_SMOOTHING = "EXPONENTIAL_SMOOTHING"
    """A mean in which recent weeks weigh more."""
    CROSTON = "CROSTON"
    """For demand with weeks of nothing: the mean size over the mean time between two demands."""
    MEAN = "MEAN"
    """As many as in the mean week: there are less than eight to choose by."""
    NAIVE = "NAIVE"
    """As many as last week, or the mean where there was too little past to choose; no plan says it any more."""


class AbcClass(StrEnum):
    """How much of the value sold an article makes up."""

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
    """What is wrong with a level."""

    STOCKOUT = "STOCKOUT"
    """There is demand, and nothing can be promised."""
    LOW_STOCK = "LOW_STOCK"
    """What is there and what comes lies at or below the reorder point."""
    OVERSTOCK = "OVERSTOCK"
    """It covers more days than the band of its class allows."""
    DEAD_STOCK = "DEAD_STOCK"
    """Units lie there, and nobody asked for any in a long time."""
