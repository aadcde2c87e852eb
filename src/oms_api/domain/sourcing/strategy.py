"""Sourcing by a profile: its steps one after the other, the first that covers all remaining units. Pure."""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import field, replace

from oms_api.domain.channels.states import LocationKind
from oms_api.domain.inventory.sourcing import Demand, LevelKey, Source, joined
from oms_api.domain.sourcing.candidates import Journey, serves, why_not
from oms_api.domain.sourcing.costs import GoodsFacts
from oms_api.domain.sourcing.explaining import ChosenLocation, DecidedStep, explained_candidates, reason_for
from oms_api.domain.sourcing.optimum import Best, as_far_as_it_goes, covering
from oms_api.domain.sourcing.places import IDLE, LocationLoad, PlaceFacts, Places
from oms_api.domain.sourcing.posing import Posed, pose
from oms_api.domain.sourcing.profile import Profile, Step
from oms_api.domain.sourcing.states import Otherwise
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LocationId, SkuId

PINNED = "the order asked for this location"


@dataclass(slots=True)
class ProfileStrategy:
    """The sourcing of one order by a profile. Its last decisions are in `decisions` and, if short, in `short`.

    `ship_groups` are the groups of its lines by line, `homes` the location that already serves a group.
    """

    profile: Profile
    places: Places
    goods: GoodsFacts
    journey: Journey
    currency: str
    busy: dict[LocationId, LocationLoad] = field(default_factory=dict)
    ship_complete: bool = False
    ship_groups: Mapping[int, str] = field(default_factory=dict)
    homes: Mapping[str, LocationId] = field(default_factory=dict)
    decisions: list[DecidedStep] = field(default_factory=list)
    short: Mapping[SkuId, int] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        """Whether what is not served waits without a source."""
        return self.profile.otherwise is Otherwise.WAIT

    def source(
        self, demands: Sequence[Demand], locations: Sequence[LocationId], stock: MutableMapping[LevelKey, int], *, partly: bool
    ) -> tuple[list[Source], Mapping[SkuId, int]]:
        """Serve *demands* from *stock*, as `inventory.sourcing.source` does, but as the profile says."""
        work = _Work(self, [found for place in locations if (found := self.places.get(place)) is not None], stock)
        work.serve(demands)
        missing: dict[SkuId, int] = {}
        for demand in work.left:
            missing[demand.sku_id] = missing.get(demand.sku_id, 0) + demand.quantity
        self.decisions, self.short = work.decisions, {}
        if missing:
            self.short = work.shortfall()
            if not partly or (self.ship_complete and work.sources):
                stock.update(work.before)
                return [], missing if not partly else _wanted(demands)
        self.note(work.sources)
        return joined(work.sources), missing

    def note(self, sources: Sequence[Source]) -> None:
        """Count the fulfillment orders that *sources* begin, for the orders that are decided after this one."""
        for place in {taken.location_id for taken in sources} - self.journey.opened:
            work = self.busy.setdefault(place, LocationLoad())
            work.open_orders += 1
            work.today += 1


def _wanted(demands: Sequence[Demand]) -> Mapping[SkuId, int]:
    wanted: dict[SkuId, int] = {}
    for demand in demands:
        wanted[demand.sku_id] = wanted.get(demand.sku_id, 0) + demand.quantity
    return wanted


class _Work:
    """The demands of one order being served, step by step."""

    def __init__(self, strategy: ProfileStrategy, places: Sequence[PlaceFacts], stock: MutableMapping[LevelKey, int]) -> None:
        self.of, self.places, self.stock = strategy, places, stock
        self.opened = set(strategy.journey.opened)
        self.sources: list[Source] = []
        self.decisions: list[DecidedStep] = []
        self.left: list[Demand] = []
        self.before: dict[LevelKey, int] = {}
        self.tried: list[tuple[Step, Posed]] = []

    def serve(self, demands: Sequence[Demand]) -> None:
        """Serve what insists on a location, then the rest by the steps."""
        self.left = self._pinned(demands)
        profile, journey = self.of.profile, self.of.journey
        stuck = any(demand.location_id is not None for demand in self.left)
        for step in (each for given in profile.steps for each in _passes(given)):
            wanted = [demand for demand in self.left if demand.location_id is None]
            if not wanted or (self.of.ship_complete and stuck):
                break
            if serves(step, journey.destination):
                self._try(step, wanted)
        if self.left and self.tried:
            step, posed = self.tried[-1]
            candidates = explained_candidates(step, posed, None, self.of.currency)
            self.decisions.append(DecidedStep(None, candidates))
        elif self.left:
            self.decisions.append(DecidedStep(None))

    def shortfall(self) -> Mapping[SkuId, int]:
        """Return the units that are missing where the step that comes closest serves what it can."""
        pinned: dict[SkuId, int] = {}
        for demand in self.left:
            if demand.location_id is not None:
                pinned[demand.sku_id] = pinned.get(demand.sku_id, 0) + demand.quantity
        wanted = _wanted([demand for demand in self.left if demand.location_id is None])
        closest: Mapping[SkuId, int] = wanted
        for _, posed in self.tried:
            best, _bounded = as_far_as_it_goes(posed.problem)
            if best.missing < sum(closest.values()):
                closest = posed.missing_of(best)
        return {sku: units for sku in {**pinned, **closest} if (units := pinned.get(sku, 0) + closest.get(sku, 0))}

    def _pinned(self, demands: Sequence[Demand]) -> list[Demand]:
        """Serve what insists on a location, its own or the one of its group, and return what is left."""
        left: list[Demand] = []
        groups = self.of.ship_groups
        pinned = ((groups.get(each.line), each.location_id) for each in demands)
        homes = {**self.of.homes, **{group: place for group, place in pinned if group is not None and place is not None}}
        for given in demands:
            group = groups.get(given.line)
            home = None if group is None else homes.get(group)
            demand = given if home is None or given.location_id is not None else replace(given, location_id=home)
            if demand.location_id is None:
                left.append(demand)
                continue
            key = demand.sku_id, demand.location_id
            units = min(self.stock.get(key, 0), demand.quantity) if demand.allows(demand.location_id) else 0
            if units and (units == demand.quantity or group is None):
                self._take(demand, demand.location_id, units, PINNED)
                self.opened.add(demand.location_id)
            else:
                units = 0
            if units < demand.quantity:
                left.append(replace(demand, quantity=demand.quantity - units))
        return left

    def _try(self, step: Step, wanted: Sequence[Demand]) -> None:
        """Serve *wanted* by *step* if it covers them, or as far as it goes where it may."""
        of = self.of
        journey = replace(of.journey, opened=frozenset(self.opened))
        places = [(place, why_not(step, place, of.busy.get(place.id, IDLE), journey)) for place in self.places]
        posed = pose(of.profile, of.goods, step, places, wanted, of.ship_groups, self.stock, journey)
        self.tried.append((step, posed))
        best, bounded = covering(posed.problem)
        bounded |= posed.bounded
        if best is None and step.serves_part and not of.ship_complete:
            best, more = as_far_as_it_goes(posed.problem)
            bounded |= more
        if best is None or not (best.units or any(home is not None for home in best.homes)):
            return
        self._carry_out(step, posed, best, wanted, bounded=bounded)

    def _carry_out(self, step: Step, posed: Posed, best: Best, wanted: Sequence[Demand], *, bounded: bool) -> None:
        """Take the units of *best*, and note the decision."""
        candidates = explained_candidates(step, posed, best, self.of.currency)
        served = posed.by_place(best)
        chosen = tuple(ChosenLocation(posed.places[at].id, sum(units for _, units in taken)) for at, taken in served.items())
        reason = reason_for(self.of.profile, step, posed, best, self.of.currency)
        taken_by_line: dict[int, int] = {}
        for demand, at, units in posed.lines(best, wanted):
            place = posed.places[at]
            self._take(demand, place.id, units, reason)
            self.opened.add(place.id)
            taken_by_line[demand.line] = taken_by_line.get(demand.line, 0) + units
        self.decisions.append(DecidedStep(step.name, candidates, chosen, bounded=bounded))
        self.left = [
            replace(demand, quantity=left)
            for demand in self.left
            if (left := demand.quantity - (taken_by_line.get(demand.line, 0) if demand.location_id is None else 0))
        ]

    def _take(self, demand: Demand, location: LocationId, units: int, reason: str) -> None:
        key = demand.sku_id, location
        self.before.setdefault(key, self.stock[key])
        self.stock[key] -= units
        self.sources.append(Source(demand.line, demand.sku_id, location, units, reason))


def _passes(step: Step) -> Sequence[Step]:
    """Return the steps that a step is tried as: first without suppliers, where they come last."""
    if not step.suppliers_last:
        return (step,)
    kinds = step.location_kinds or tuple(LocationKind)
    return (replace(step, location_kinds=tuple(kind for kind in kinds if kind is not LocationKind.SUPPLIER)), step)
