"""A step over an order as the numbers that `optimum` works on, and back again. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from oms_api.domain.inventory.sourcing import Demand, LevelKey
from oms_api.domain.sourcing.candidates import Journey
from oms_api.domain.sourcing.costs import GoodsFacts, Parts, UnitCost, rate_for, unit_cost
from oms_api.domain.sourcing.optimum import Best, Group, Problem, by_priority
from oms_api.domain.sourcing.places import PlaceFacts, metres_between
from oms_api.domain.sourcing.profile import Profile, ShipmentRate, Step
from oms_api.domain.sourcing.states import SourceBy
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import SkuId

MOST_CANDIDATES = 20
FREE = (0, 0, 0)
UNKNOWN_METRES = 100_000_000
"""Further than anything on earth: what lies nobody knows where comes last."""


@dataclass(slots=True)
class Posed:
    """A step as a problem: its candidates as `places`, its SKUs and groups by number, and why the others are none."""

    places: list[PlaceFacts]
    skus: list[SkuId]
    group_names: list[str]
    problem: Problem
    rejected: list[tuple[PlaceFacts, str]]
    metres: list[int | None]
    costs: list[list[UnitCost]]
    bounded: bool = False
    ship_groups: Mapping[int, str] = field(default_factory=dict)

    def by_place(self, best: Best) -> dict[int, list[tuple[int, int]]]:
        """Return the units of each SKU by the place that serves them."""
        served: dict[int, list[tuple[int, int]]] = {}
        for home, group in zip(best.homes, self.problem.groups, strict=True):
            if home is not None:
                served.setdefault(home, []).extend(group)
        for place, sku, units in best.units:
            served.setdefault(place, []).append((sku, units))
        return dict(sorted(served.items()))

    def lines(self, best: Best, wanted: Sequence[Demand]) -> Iterator[tuple[Demand, int, int]]:
        """Yield how many units of each line come from which place."""
        numbers = {sku: number for number, sku in enumerate(self.skus)}
        homes = dict(zip(self.group_names, best.homes, strict=True))
        there: dict[int, list[list[int]]] = {}
        for place, sku, units in best.units:
            there.setdefault(sku, []).append([place, units])
        for demand in wanted:
            group = self.ship_groups.get(demand.line)
            if group is not None:
                if (home := homes[group]) is not None:
                    yield demand, home, demand.quantity
                continue
            left = demand.quantity
            for lot in there.get(numbers[demand.sku_id], ()):
                units = min(left, lot[1])
                if units:
                    lot[1] -= units
                    left -= units
                    yield demand, lot[0], units

    def missing_of(self, best: Best) -> Mapping[SkuId, int]:
        """Return the units that *best* leaves missing."""
        left = list(self.problem.demand)
        for _, sku, units in best.units:
            left[sku] -= units
        for home, group in zip(best.homes, self.problem.groups, strict=True):
            if home is None:
                for sku, units in group:
                    left[sku] += units
        return {self.skus[sku]: units for sku, units in enumerate(left) if units}

    def cost_of(self, at: int, taken: Sequence[tuple[int, int]], *, first: bool) -> Parts:
        """Return what it costs that a place serves *taken* (SKU, units); *first* says that the order has no other shipment."""
        sums, costs = Parts(shipment=self.problem.fixed[at]), self.costs[at]
        if not self.problem.open[at] and not first:
            sums.split = self.problem.split
        for sku, units in taken:
            weight, handling, scarcity = costs[sku]
            sums.weight += weight * units
            sums.handling += handling * units
            sums.scarcity += scarcity * units
        return sums


@dataclass(frozen=True, slots=True)
class Looked:
    """A location with the units of each SKU that `lie` there, those that are `free` for the step, and the rate to send them."""

    place: PlaceFacts
    lie: list[int]
    free: list[int]
    rate: ShipmentRate | None
    metres: int | None


def pose(
    profile: Profile,
    goods: GoodsFacts,
    step: Step,
    places: Sequence[tuple[PlaceFacts, str | None]],
    wanted: Sequence[Demand],
    ship_groups: Mapping[int, str],
    stock: Mapping[LevelKey, int],
    journey: Journey,
) -> Posed:
    """Return *wanted* over the candidates of *step*: those of *places* that have no reason not to be."""
    skus = list(dict.fromkeys(demand.sku_id for demand in wanted))
    numbers = {sku: number for number, sku in enumerate(skus)}
    demand = [0] * len(skus)
    grouped: dict[str, dict[int, int]] = {}
    for each in wanted:
        number, group = numbers[each.sku_id], ship_groups.get(each.line)
        if group is None:
            demand[number] += each.quantity
        else:
            units = grouped.setdefault(group, {})
            units[number] = units.get(number, 0) + each.quantity
    groups: list[Group] = [tuple(units.items()) for units in grouped.values()]
    found: list[Looked] = []
    rejected: list[tuple[PlaceFacts, str]] = []
    barred = {(numbers[each.sku_id], place) for each in wanted for place in each.barred}
    by_cost = step.by is SourceBy.COST
    for place, reason in places:
        lie = [stock.get((sku, place.id), 0) for sku in skus]
        kept_from = {sku for sku, there in barred if there == place.id} if barred else ()
        free = [0 if sku in kept_from else max(units - step.keep_back, 0) for sku, units in enumerate(lie)]
        rate = rate_for(profile, place, journey.destination) if by_cost else None
        why = reason
        if why is None and by_cost and rate is None:
            why = "no rate of the profile fits"
        if why is None and not any(free):
            none = "has none of it" if not step.keep_back else f"has none of it beyond the {step.keep_back} kept back"
            why = "rejected it before" if kept_from else none
        if why is None:
            found.append(Looked(place, lie, free, rate, metres_between(place.spot, journey.destination)))
        else:
            rejected.append((place, why))
    bounded = len(found) > MOST_CANDIDATES
    if bounded:
        found, beyond = _nearest_to_use(step, found)
        rejected += [(each.place, f"not among the {MOST_CANDIDATES} candidates looked at") for each in beyond]
    costs = _costs(profile, goods, skus, found)
    opened = [each.place.id in journey.opened for each in found]
    posed = Problem(
        demand=demand,
        stock=[each.free for each in found],
        unit=[[sum(parts) for parts in row] for row in costs],
        fixed=[0 if each.rate is None or ships else each.rate.fixed for each, ships in zip(found, opened, strict=True)],
        open=opened,
        weight=_weights(step, found),
        split=profile.split_penalty if by_cost else 0,
        most=step.shipments,
        groups=groups,
    )
    at, metres = [each.place for each in found], [each.metres for each in found]
    return Posed(at, skus, list(grouped), posed, rejected, metres, costs, bounded, ship_groups)


def _costs(profile: Profile, goods: GoodsFacts, skus: Sequence[SkuId], found: Sequence[Looked]) -> list[list[UnitCost]]:
    """Return what a unit of each SKU costs at each place; nothing where costs do not count."""
    grams, scarcity = [goods.grams.get(sku, 0) for sku in skus], profile.scarcity
    costs: list[list[UnitCost]] = []
    for each in found:
        if each.rate is None:
            costs.append([FREE] * len(skus))
            continue
        daily = [0 if scarcity is None else goods.daily.get((sku, each.place.id), 0) for sku in skus]
        rate = each.rate
        costs.append([unit_cost(scarcity, rate, *said) for said in zip(grams, daily, each.lie, strict=True)])
    return costs


def _weights(step: Step, found: Sequence[Looked]) -> list[int] | None:
    if step.by is SourceBy.COST:
        return None
    if step.by is SourceBy.PRIORITY:
        return by_priority(len(found))
    return [UNKNOWN_METRES if each.metres is None else each.metres for each in found]


def _nearest_to_use(step: Step, found: Sequence[Looked]) -> tuple[list[Looked], list[Looked]]:
    """Return the candidates that are looked at, in their order, and those beyond.

    Who has more of the SKUs comes first, then as the step would have it.
    """

    def use(at: int) -> tuple[int, int]:
        each = found[at]
        far = UNKNOWN_METRES if each.metres is None else each.metres
        light = far if each.rate is None else each.rate.fixed
        return -sum(1 for units in each.free if units), 0 if step.by is SourceBy.PRIORITY else light

    first = sorted(range(len(found)), key=use)
    kept, beyond = sorted(first[:MOST_CANDIDATES]), sorted(first[MOST_CANDIDATES:])
    return [found[at] for at in kept], [found[at] for at in beyond]
