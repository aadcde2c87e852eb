"""Planning one level. Pure: from its history, its supply and the rules to a line of the plan."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from oms_api.domain.planning.classes import ages, days_of_cover, xyz_class
from oms_api.domain.planning.forecast import Forecast, best_forecast
from oms_api.domain.planning.history import History
from oms_api.domain.planning.states import AlertKind, SupplierReason, XyzClass
from oms_api.domain.planning.stocking import LeadTime, OrderRules, Stocking, stocking

ANY_QUANTITY = OrderRules()
NO_DEMAND = 2**31 - 1
XYZ_WEEKS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """How a level is supplied: by whom and why, how fast, in what quantities, what is on its way and what waits for it."""

    supplier_id: UUID | None = None
    reason: SupplierReason | None = None
    lead_time: LeadTime
    rules: OrderRules = ANY_QUANTITY
    incoming: int = 0
    backordered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What planning a level came to; quantities in units."""

    forecast: Forecast
    xyz: XyzClass
    available: int
    position: int
    levels: Stocking
    suggested: int
    urgency: int
    ages: list[int]


def plan_level(
    history: History, supply: Supply, *, safety_stock_target: int, service_level: float, review_days: int
) -> Planned:
    """Return the plan of a level. The position is what can be promised and what comes, less what waits for goods."""
    demand = history.demand
    forecast = best_forecast(demand)
    levels = stocking(
        weekly=forecast.weekly,
        deviation=forecast.deviation,
        lead_time=supply.lead_time,
        service_level=service_level,
        review_days=review_days,
    )
    available = max(history.free - safety_stock_target, 0)
    position = available + supply.incoming - supply.backordered
    cover = days_of_cover(available, forecast.weekly)
    return Planned(
        forecast=forecast,
        xyz=xyz_class([units for units in demand if units is not None][-XYZ_WEEKS:]),
        available=available,
        position=position,
        levels=levels,
        suggested=supply.rules.order(max(levels.needed(position), supply.backordered - available - supply.incoming)),
        urgency=NO_DEMAND if cover is None else min(int(cover), NO_DEMAND),
        ages=ages(history.on_hand, history.inflows),
    )


class Limits(Protocol):
    """How many days of cover are too many, and after how many without demand stock is dead."""

    @property
    def most_days(self) -> int: ...  # noqa: D102
    @property
    def dead_after_days(self) -> int: ...  # noqa: D102


def wrong_with(planned: Planned, history: History, limits: Limits, at: datetime) -> list[AlertKind]:
    """Return what is wrong with a level at the plan's moment, by the rules that alerts follow afterwards; see `watch`."""
    weekly, available = planned.forecast.weekly, planned.available
    idle_since = history.idle_since(at)
    dead = idle_since is not None and idle_since < at - timedelta(days=limits.dead_after_days)
    checks = (
        (AlertKind.STOCKOUT, weekly > 0 and available == 0),
        (AlertKind.LOW_STOCK, weekly > 0 and available > 0 and planned.position <= planned.levels.reorder_point),
        (AlertKind.OVERSTOCK, weekly > 0 and available * 7 > limits.most_days * weekly),
        (AlertKind.DEAD_STOCK, history.on_hand > 0 and dead),
    )
    return [kind for kind, holds in checks if holds]
