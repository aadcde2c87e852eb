"""Methods, classes, reasons, and kinds of alert."""

from enum import StrEnum


class ForecastMethod(StrEnum):
    """The method of a demand forecast. The one that would have predicted the past demand of the level best is used."""

    SEASONAL_NAIVE = "SEASONAL_NAIVE"
    """The demand in the same week a year ago."""
    EXPONENTIAL_SMOOTHING = "EXPONENTIAL_SMOOTHING"
    """A mean that gives recent weeks more weight."""
    CROSTON = "CROSTON"
    """For demand with empty weeks: the mean size of a demand, divided by the mean time between two demands."""
    MEAN = "MEAN"
    """The average demand of a week. Used where there are fewer than eight weeks of demand, too few to compare methods."""
    NAIVE = "NAIVE"
    """The demand of last week, or the mean where the past was too short to choose a method. New plans no longer use it."""


class AbcClass(StrEnum):
    """The class of an article by its share of the value sold: ABC analysis."""

    A = "A"
    """Among the best-selling articles, which together bring 80 % of the value sold."""
    B = "B"
    """Among the articles that together bring the next 15 % of the value sold."""
    C = "C"
    """Among the articles that together bring the last 5 % of the value sold, or that sold nothing."""


class XyzClass(StrEnum):
    """The class of an article by the steadiness of its demand: the coefficient of variation from week to week."""

    X = "X"
    """The demand is steady: the coefficient of variation is at most 0.5."""
    Y = "Y"
    """The demand varies: the coefficient of variation is above 0.5 and at most 1."""
    Z = "Z"
    """The demand is erratic: the coefficient of variation is above 1, or there was no demand at all."""


class SupplierReason(StrEnum):
    """The reason why a plan suggests a supplier; only ACTIVE suppliers are suggested."""

    PREFERRED = "PREFERRED"
    """It is the preferred supplier."""
    ONLY = "ONLY"
    """No other supplier supplies the SKU."""
    CHEAPEST = "CHEAPEST"
    """It has the lowest cost. Only suppliers whose cost is in the currency of the SKU's own cost are compared."""
    FASTEST = "FASTEST"
    """No supplier alone is the cheapest: costs are equal, unknown or in different currencies. The shortest lead time
    decided."""


class AlertKind(StrEnum):
    """The kind of problem of a level."""

    STOCKOUT = "STOCKOUT"
    """There is demand, but no unit is available."""
    LOW_STOCK = "LOW_STOCK"
    """Available units plus units on their way, minus units that orders wait for, are at or below the reorder point."""
    OVERSTOCK = "OVERSTOCK"
    """The available units last for more days than the stock band of the level's ABC class allows."""
    DEAD_STOCK = "DEAD_STOCK"
    """There is stock, but there has been no demand for a long time."""
