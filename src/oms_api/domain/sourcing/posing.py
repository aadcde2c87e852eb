"""A step over an order as the numbers that `optimum` works on, and back again. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from oms_api.domain.inventory.sourcing import Demand, LevelKey
from oms_api.domain.sourcing.candidates import Journey
from oms_api.domain.sourcing.costs import Goods, Parts, rate_for, unit_parts
from oms_api.domain.sourcing.optimum import Best, Group, Problem, by_priority
from oms_api.domain.sourcing.places import PlaceFacts, metres_between
from oms_api.domain.sourcing.profile import Profile, Rate, Step
from oms_api.domain.sourcing.states import SourceBy
from oms_api.kernel.ids import LocationId, SkuId

MOST_CANDIDATES = 20
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
    parts: list[list[Parts]] = field(default_factory=list)
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
        sums = Parts(shipment=self.problem.fixed[at])
        if not self.problem.open[at] and not first:
            sums.split = self.problem.split
        for sku, units in taken:
            each = self.parts[at][sku]
            sums.weight += each.weight * units
            sums.handling += each.handling * units
            sums.scarcity += each.scarcity * units
        return sums


def pose(
    profile: Profile,
    goods: Goods,
    step: Step,
    places: Sequence[PlaceFacts],
    reasons: Mapping[LocationId, str | None],
    wanted: Sequence[Demand],
    ship_groups: Mapping[int, str],
    stock: Mapping[LevelKey, int],
    journey: Journey,
) -> Posed:
    """Return *wanted* over the candidates of *step*, of which those with a reason are none."""
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
    found: list[PlaceFacts] = []
    rejected: list[tuple[PlaceFacts, str]] = []
    there: dict[LocationId, list[int]] = {}
    rates: dict[LocationId, Rate | None] = {}
    barred = {(each.sku_id, place) for each in wanted for place in each.barred}
    for place in places:
        reason = reasons[place.id]
        row = [0 if (sku, place.id) in barred else max(stock.get((sku, place.id), 0) - step.keep_back, 0) for sku in skus]
        rate = rate_for(profile, place, journey.destination) if step.by is SourceBy.COST else None
        if reason is None and step.by is SourceBy.COST and rate is None:
            reason = "no rate of the profile fits"
        if reason is None and not any(row) and barred and any((sku, place.id) in barred for sku in skus):
            reason = "rejected it before"
        if reason is None and not any(row):
            reason = "has none of it" if not step.keep_back else f"has none of it beyond the {step.keep_back} kept back"
        if reason is None:
            found.append(place)
            there[place.id], rates[place.id] = row, rate
        else:
            rejected.append((place, reason))
    metres = {place.id: metres_between(place.spot, journey.destination) for place in found}
    bounded = len(found) > MOST_CANDIDATES
    if bounded:
        found, beyond = _nearest_to_use(step, found, metres, rates, there)
        rejected += [(place, f"not among the {MOST_CANDIDATES} candidates looked at") for place in beyond]
    parts = _parts(profile, goods, skus, found, rates, stock)
    opened = [place.id in journey.opened for place in found]
    chosen_rates = [rates[place.id] for place in found]
    opening = [0 if rate is None or ships else rate.fixed for rate, ships in zip(chosen_rates, opened, strict=True)]
    problem = Problem(
        demand=demand,
        stock=[there[place.id] for place in found],
        unit=[[each.total for each in row] for row in parts] if parts else [[0] * len(skus) for _ in found],
        fixed=opening,
        open=opened,
        weight=_weights(step, found, metres),
        split=profile.split_penalty if step.by is SourceBy.COST else 0,
        most=step.shipments,
        groups=groups,
    )
    return Posed(
        found,
        skus,
        list(grouped),
        problem,
        rejected,
        [metres[place.id] for place in found],
        parts or [[Parts() for _ in skus] for _ in found],
        bounded,
        ship_groups,
    )


def _parts(
    profile: Profile,
    goods: Goods,
    skus: Sequence[SkuId],
    found: Sequence[PlaceFacts],
    rates: Mapping[LocationId, Rate | None],
    stock: Mapping[LevelKey, int],
) -> list[list[Parts]]:
    """Return what a unit of each SKU costs at each place; nothing where costs do not count."""
    parts = []
    for place in found:
        rate = rates[place.id]
        if rate is None:
            return []
        keys = [(sku, place.id) for sku in skus]
        parts.append([unit_parts(profile, rate, goods, key, stock.get(key, 0)) for key in keys])
    return parts


def _weights(step: Step, found: Sequence[PlaceFacts], metres: Mapping[LocationId, int | None]) -> list[int] | None:
    if step.by is SourceBy.COST:
        return None
    if step.by is SourceBy.PRIORITY:
        return by_priority(len(found))
    return [UNKNOWN_METRES if (far := metres[place.id]) is None else far for place in found]


def _nearest_to_use(
    step: Step,
    found: Sequence[PlaceFacts],
    metres: Mapping[LocationId, int | None],
    rates: Mapping[LocationId, Rate | None],
    there: Mapping[LocationId, Sequence[int]],
) -> tuple[list[PlaceFacts], list[PlaceFacts]]:
    """Return the candidates that are looked at, in their order, and those beyond.

    Who has more of the SKUs comes first, then as the step would have it.
    """

    def use(place: PlaceFacts) -> tuple[int, int]:
        rate = rates[place.id]
        far = metres[place.id]
        light = rate.fixed if rate is not None else UNKNOWN_METRES if far is None else far
        return -sum(1 for units in there[place.id] if units), 0 if step.by is SourceBy.PRIORITY else light

    kept = {place.id for place in sorted(found, key=use)[:MOST_CANDIDATES]}
    return [place for place in found if place.id in kept], [place for place in found if place.id not in kept]
