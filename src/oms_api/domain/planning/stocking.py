"""How much to have and how much to order. Pure."""

from math import ceil, sqrt
from statistics import NormalDist

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.quantities import LARGEST_QUANTITY

DAYS_A_WEEK = 7
LEAST_STOCKED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTime:
    """The lead time: days from ordering to receiving."""

    mean_days: float
    deviation_days: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRules:
    """What a supplier delivers at least, and in multiples of what."""

    minimum: int = 1
    pack: int = 1

    def order(self, units: int) -> int:
        """Return the smallest quantity that can be ordered and holds *units*, as far as one order goes."""
        packs = min(-(-max(units, self.minimum) // self.pack), LARGEST_QUANTITY // self.pack)
        return packs * self.pack if units > 0 else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stocking:
    """Levels in units: order when what is there and comes is at or below `reorder_point`, and up to `order_up_to`."""

    safety_stock: int
    reorder_point: int
    order_up_to: int

    def needed(self, position: int) -> int:
        """Return how many units are wanted at *position*: what can be promised and what comes, less what waits."""
        return self.order_up_to - position if position <= self.reorder_point else 0


NOT_STOCKED = Stocking(safety_stock=0, reorder_point=-1, order_up_to=0)


def exposed_weeks(lead_time: LeadTime, review_days: int) -> float:
    """Return for how many weeks stock has to last: what is not ordered now comes a lead time after the next review."""
    return (lead_time.mean_days + review_days) / DAYS_A_WEEK


def stocking(*, weekly: float, deviation: float, lead_time: LeadTime, service_level: float, review_days: int) -> Stocking:
    """Return the levels of periodic review for demand of *weekly* units, whose forecast is wrong by *deviation* units a week.

    What is not ordered at one review is only ordered at the next and comes a lead time later, so the reorder point covers both:
    reorder point = weekly x T + safety stock, safety stock = z x sqrt(T x deviation^2 + weekly^2 x s^2), T = lead time and
    review period in weeks, s the deviation of the lead time in weeks, z the quantile of the normal distribution at the service
    level of a cycle (0.95: 1.645). An order brings what is sold between two reviews on top: order up to = reorder point +
    weekly x review period. What comes to less than half a unit in all is not stocked.
    Source: Silver, Pyke & Thomas, Inventory and Production Management in Supply Chains, 4th ed., 6.9-6.10, (R, s, S) systems.
    """
    review, exposed = review_days / DAYS_A_WEEK, exposed_weeks(lead_time, review_days)
    spread = lead_time.deviation_days / DAYS_A_WEEK
    safety = NormalDist().inv_cdf(service_level) * sqrt(exposed * deviation**2 + weekly**2 * spread**2)
    if weekly <= 0 or weekly * exposed + safety < LEAST_STOCKED:
        return NOT_STOCKED
    kept = ceil(safety)
    reorder_point = ceil(weekly * exposed) + kept
    return Stocking(safety_stock=kept, reorder_point=reorder_point, order_up_to=reorder_point + max(ceil(weekly * review), 1))
