"""Planning one level. Pure: from its history, its supply and the rules to a line of the plan."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from typing import Protocol

from oms_api.domain.planning.alerting import CONDITIONS
from oms_api.domain.planning.classes import ages, days_of_cover, xyz_class
from oms_api.domain.planning.forecast import Forecast, best_forecast
from oms_api.domain.planning.history import History
from oms_api.domain.planning.states import AlertKind, ForecastMethod, SupplierReason, XyzClass
from oms_api.domain.planning.stocking import NOT_STOCKED, LeadTime, OrderRules, Stocking, exposed_weeks, stocking
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import SupplierId
from oms_api.kernel.quantities import LARGEST_QUANTITY

ANY_QUANTITY = OrderRules()
NO_DEMAND = LARGEST_QUANTITY
XYZ_WEEKS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """How a level is supplied: by whom, why and how fast, in what quantities, what is on its way and what is drafted."""

    supplier_id: SupplierId | None = None
    reason: SupplierReason | None = None
    lead_time: LeadTime
    rules: OrderRules = ANY_QUANTITY
    incoming: int = 0
    drafted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Aims:
    """What is planned for: the moment, in what share of cycles stock shall last, and every how many days orders are written."""

    at: datetime
    service_level: float
    review_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How a level is kept: what it holds back, whether its article is still sold, and the limits of its class."""

    safety_stock_target: int = 0
    sold: bool = True
    limits: "Limits"


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


def plan_level(history: History, supply: Supply, keeping: Keeping, aims: Aims) -> Planned:
    """Return the plan of a level. The position is what can be promised and what comes, less what waits for goods.

    What drafts would bring is not suggested again. What is not sold any more is not ordered; what nobody asked for until it was
    dead is ordered for those who wait only.
    """
    demand = history.demand
    horizon = max(ceil(exposed_weeks(supply.lead_time, aims.review_days)), 1)
    forecast = expected(history, best_forecast(demand, horizon), keeping.limits, aims.at)
    levels = NOT_STOCKED
    if keeping.sold:
        levels = stocking(
            weekly=forecast.weekly,
            deviation=forecast.deviation,
            lead_time=supply.lead_time,
            service_level=aims.service_level,
            review_days=aims.review_days,
        )
    available = max(history.free - keeping.safety_stock_target, 0)
    position = available + supply.incoming - history.waiting
    cover, drafted = days_of_cover(available, forecast.weekly), position + supply.drafted
    return Planned(
        forecast=forecast,
        xyz=xyz_class([units for units in demand if units is not None][-XYZ_WEEKS:]),
        available=available,
        position=position,
        levels=levels,
        suggested=supply.rules.order(max(levels.needed(drafted), -drafted)) if keeping.sold else 0,
        urgency=urgency(cover, position),
        ages=ages(history.on_hand, history.inflows),
    )


def urgency(cover: float | None, position: int) -> int:
    """Return for how many days what is there lasts: at once where more waits than is there and comes."""
    if cover is None:
        return 0 if position < 0 else NO_DEMAND
    return min(int(cover), NO_DEMAND)


def expected(history: History, forecast: Forecast, limits: "Limits", at: datetime) -> Forecast:
    """Return *forecast*, of nothing where nobody asked for so long that stock of it is dead; a season may yet return."""
    last = history.last_demand_at
    dead = last is not None and last < at - timedelta(days=limits.dead_after_days)
    return replace(forecast, weekly=0.0) if dead and forecast.method is not ForecastMethod.SEASONAL_NAIVE else forecast


class Limits(Protocol):
    """How many days of cover are too many, and after how many without demand stock is dead."""

    @property
    def most_days(self) -> int: ...  # noqa: D102
    @property
    def dead_after_days(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A level at the plan's moment, as the conditions of alerts look at it."""

    on_hand: int
    available: int
    position: int
    reorder_point: int
    weekly: float
    most_days: int
    idle_since: datetime
    dead_before: datetime


def wrong_with(planned: Planned, history: History, limits: Limits, at: datetime) -> list[AlertKind]:
    """Return what is wrong with a level at the plan's moment, by the conditions that alerts follow afterwards; see `watch`."""
    seen = Seen(
        on_hand=history.on_hand,
        available=planned.available,
        position=planned.position,
        reorder_point=planned.levels.reorder_point,
        weekly=planned.forecast.weekly,
        most_days=limits.most_days,
        idle_since=history.idle_since(at) or at,
        dead_before=at - timedelta(days=limits.dead_after_days),
    )
    return [kind for kind, holds in CONDITIONS.items() if holds(seen)]
