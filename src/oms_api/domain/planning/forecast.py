"""Forecasting weekly demand. Pure: each method runs once over the past and forecasts every week from the weeks before it.

So the one-step errors of the past are what the method would have got wrong then, and the method with the smallest is chosen.

A week that is not known, since there was nothing to sell, moves no method and is not judged: the forecast stays what it was.
Source: for smoothing, Durbin & Koopman, Time Series Analysis by State Space Methods, 2nd ed., 4.10 (a missing observation is
predicted and not updated); that sales without stock are no demand, Nahmias, Demand estimation in lost sales inventory systems,
Naval Research Logistics 41, 1994.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import sqrt

from oms_api.domain.planning.states import ForecastMethod
from oms_api.kernel.dataclass import dataclass

SEASON = 52
BACKTEST = 13
LEAST_HISTORY = 8
SMOOTHINGS = (0.05, 0.1, 0.2, 0.3, 0.5)
CROSTON_SMOOTHINGS = (0.05, 0.1, 0.2)
DECIMALS = 4
"""As many as plans keep: what rounds to nothing is nothing."""

Demand = Sequence[int | None]
"""Units a week, the oldest first; None where a week is not known."""
Forecasts = list[float]
"""What was forecast for each week from the weeks before it, and last what is forecast for the week to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Units a week to come, and by how many units one-step forecasts were wrong over the last known weeks.

    missed: sum of absolute errors. beyond: sum of errors (forecast - demand), above 0 too much was forecast. demanded: units
    that were demanded. deviation: root of the mean squared error, in units a week. naive_missed: the absolute errors of
    forecasting as many as the week before.
    """

    method: ForecastMethod
    weekly: float
    deviation: float
    missed: float
    beyond: float
    naive_missed: float
    demanded: int

    @property
    def wape(self) -> float | None:
        """Absolute errors over demand (Hyndman & Koehler 2006); None where nothing was demanded."""
        return self._of_demand(self.missed)

    @property
    def bias(self) -> float | None:
        """Errors over demand; None where nothing was demanded."""
        return self._of_demand(self.beyond)

    @property
    def naive_wape(self) -> float | None:
        """The naive forecast's absolute errors over demand; None where nothing was demanded."""
        return self._of_demand(self.naive_missed)

    def _of_demand(self, units: float) -> float | None:
        return units / self.demanded if self.demanded else None


def naive(demand: Demand) -> Forecasts:
    """Forecast each week as the last known week before it."""
    return [0.0, *_carried(demand)]


def mean(demand: Demand) -> Forecasts:
    """Forecast each week as the mean of all known weeks before it."""
    forecasts = [0.0]
    total = weeks = 0
    for units in demand:
        total, weeks = (total, weeks) if units is None else (total + units, weeks + 1)
        forecasts.append(total / weeks if weeks else 0.0)
    return forecasts


def seasonal_naive(demand: Demand, season: int = SEASON, horizon: int = 1) -> Forecasts:
    """Forecast each week as the same week of the season before; source: Hyndman & Athanasopoulos, FPP3, 5.2.

    Where that one is not known the last known week before it stands in. Last is what is forecast a week for *horizon* weeks to
    come, the mean of theirs: one week of a season says little of those behind it.
    """
    weeks, season_ago = list(_carried(demand)), len(demand) - season
    past = [0.0] * min(season, len(weeks)) + weeks[: max(season_ago, 0)]
    to_come = weeks[season_ago : season_ago + min(horizon, season)] if season_ago >= 0 else [0.0]
    return [*past, sum(to_come) / len(to_come)]


def exponential_smoothing(demand: Demand, smoothing: float) -> Forecasts:
    """Forecast by simple exponential smoothing: level' = smoothing x demand + (1 - smoothing) x level.

    Source: Brown 1956; Hyndman & Athanasopoulos, FPP3, 8.1. The first level is the demand of the first known week.
    """
    forecasts = [0.0]
    level: float | None = None
    for units in demand:
        if units is not None:
            level = float(units) if level is None else level + smoothing * (units - level)
        forecasts.append(level or 0.0)
    return forecasts


def croston(demand: Demand, smoothing: float) -> Forecasts:
    """Forecast intermittent demand: smoothed size over smoothed interval, corrected for the bias of that ratio.

    The first interval is the one that was seen between two demands; until there is one, it is the weeks since the only one.
    Source: Croston 1972; the factor (1 - smoothing / 2) of Syntetos & Boylan 2005.
    """
    forecasts = [0.0]
    size = interval = 0.0
    weeks = 0
    for units in demand:
        weeks += units is not None
        if units:
            interval = interval + smoothing * (weeks - interval) if interval else weeks if size else 0.0
            size = size + smoothing * (units - size) if size else float(units)
            weeks = 0
        forecasts.append((1 - smoothing / 2) * size / (interval or weeks + 1) if size else 0.0)
    return forecasts


def best_forecast(demand: Demand, horizon: int = 1) -> Forecast:
    """Return the forecast of the method that was least wrong over the last weeks, for *horizon* weeks to come.

    *demand* is by week, the oldest first.

    Weeks before the first demand say nothing of an article that was not sold yet: they are left out. Too few weeks tell little
    of how wrong a forecast is: it counts as at least as wrong as independent buyers make it (Poisson: variance = mean).
    """
    first = next((week for week, units in enumerate(demand) if units), len(demand))
    past = [None if units is None else max(units, 0) for units in demand[first:]]
    if len(list(_known(past))) < LEAST_HISTORY:
        return _judged(ForecastMethod.MEAN, past, mean(past))
    method, forecasts = min(_candidates(past, horizon), key=lambda candidate: _squared_error(past, candidate[1]))
    return _judged(method, past, forecasts)


def _candidates(past: Demand, horizon: int) -> Iterator[tuple[ForecastMethod, Forecasts]]:
    methods: tuple[tuple[ForecastMethod, Callable[[Demand, float], Forecasts], Sequence[float]], ...] = (
        (ForecastMethod.EXPONENTIAL_SMOOTHING, exponential_smoothing, SMOOTHINGS),
        (ForecastMethod.CROSTON, croston, CROSTON_SMOOTHINGS),
    )
    for method, forecast, smoothings in methods:
        for smoothing in smoothings:
            yield method, forecast(past, smoothing)
    if len(past) >= SEASON + BACKTEST:
        yield ForecastMethod.SEASONAL_NAIVE, seasonal_naive(past, horizon=horizon)


def _known(demand: Demand) -> Iterator[int]:
    return (units for units in demand if units is not None)


def _carried(demand: Demand) -> Iterable[float]:
    """Yield the demand of each week, of one that is not known that of the last known week before it."""
    last = 0.0
    for units in demand:
        last = last if units is None else float(units)
        yield last


def _errors(past: Demand, forecasts: Forecasts) -> list[float]:
    """Return the errors of the last known weeks but the very first, of which nothing could be forecast."""
    return [forecast - units for forecast, units in zip(forecasts, past, strict=False) if units is not None][1:][-BACKTEST:]


def _squared_error(past: Demand, forecasts: Forecasts) -> float:
    return sum(error * error for error in _errors(past, forecasts))


def _judged(method: ForecastMethod, past: Demand, forecasts: Forecasts) -> Forecast:
    errors, known = _errors(past, forecasts), list(_known(past))
    weekly = round(forecasts[-1], DECIMALS)
    deviation = sqrt(sum(error * error for error in errors) / len(errors)) if errors else 0.0
    if len(known) < LEAST_HISTORY:
        deviation = max(deviation, sqrt(weekly))
    return Forecast(
        method=method,
        weekly=weekly,
        deviation=round(deviation, DECIMALS),
        missed=sum(map(abs, errors)),
        beyond=sum(errors),
        naive_missed=sum(map(abs, _errors(past, naive(past)))),
        demanded=sum(known[-len(errors) :]) if errors else 0,
    )
