"""The explanation of a step's decision: as it is stored, field by field, and in words. Pure."""

from collections.abc import Sequence

from oms_api.domain.sourcing.costs import minor
from oms_api.domain.sourcing.optimum import Best
from oms_api.domain.sourcing.posing import Posed
from oms_api.domain.sourcing.profile import Profile, Step
from oms_api.domain.sourcing.states import SourceBy
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LocationId
from oms_api.kernel.money import amount_text, exponent

Term = tuple[str, int]
"""A part of what a location would cost, by name: in minor units, or, named `distance`, in metres."""


@dataclass(slots=True)
class CandidateLocation:
    """A location that was looked at. *cost* is in minor units, None where the step does not go by it."""

    location: LocationId
    units: int
    cost: int | None
    terms: Sequence[Term]
    rejected: str | None


@dataclass(frozen=True, slots=True)
class ChosenLocation:
    """Units from one location."""

    location: LocationId
    units: int


@dataclass(frozen=True, slots=True)
class DecidedStep:
    """The decision of one step; without a *step*: that none serves the remaining units."""

    step: str | None
    candidates: tuple[CandidateLocation, ...] = ()
    chosen: tuple[ChosenLocation, ...] = ()
    bounded: bool = False


def explained_candidates(step: Step, posed: Posed, best: Best | None, currency: str) -> tuple[CandidateLocation, ...]:
    """Return each location with what it would cost, and why it was not chosen."""
    served = {} if best is None else posed.by_place(best)
    wanted, opened, by_cost = _wanted(posed), any(posed.problem.open), step.by is SourceBy.COST
    total, first = sum(wanted), None if opened else min(served, default=None)
    chosen_cost = None if best is None or not by_cost else best.key[1]
    candidates: list[CandidateLocation] = []
    for at, place in enumerate(posed.places):
        there = map(min, wanted, posed.problem.stock[at])
        taken = served.get(at) or list(enumerate(there))
        units = sum(each for _, each in taken)
        parts = posed.cost_of(at, taken, first=at not in served or at == first)
        why = None
        if at not in served:
            dearer = None if chosen_cost is None else parts.total - chosen_cost
            why = _why_not(step, units, total, dearer, currency, served=bool(served))
        cost = minor(parts.total, currency) if by_cost else None
        terms = [(name, minor(amount, currency)) for name, amount in parts.terms()] if by_cost else []
        if step.by is SourceBy.DISTANCE and (metres := posed.metres[at]) is not None:
            terms.append(("distance", metres))
        candidates.append(CandidateLocation(place.id, units, cost, terms, why))
    candidates += [CandidateLocation(place.id, 0, None, (), reason) for place, reason in posed.rejected]
    return tuple(candidates)


def _wanted(posed: Posed) -> list[int]:
    wanted = list(posed.problem.demand)
    for group in posed.problem.groups:
        for sku, units in group:
            wanted[sku] += units
    return wanted


def _why_not(step: Step, units: int, total: int, dearer: int | None, currency: str, *, served: bool) -> str:
    """Return why a candidate was not chosen that has *units* of *total*."""
    if not served or units < total:
        return f"has {units} of {total} units"
    if dearer is not None:
        more = minor(dearer, currency)
        return f"costs {_money(more, currency)} more" if more > 0 else "costs the same and comes later"
    return "further away" if step.by is SourceBy.DISTANCE else "comes later in the order of priority"


def reason_for(profile: Profile, step: Step, posed: Posed, best: Best, currency: str) -> str:
    """Return in words why units come from where they do."""
    places, used = len(posed.places), len(posed.by_place(best))
    among = f"{used} of {places} locations" if used > 1 else f"of {places} location{'s' if places > 1 else ''}"
    by = f"by profile {profile.code}"
    match step.by:
        case SourceBy.COST:
            return f"cheapest {among} {by}: {_money(minor(best.key[1], currency), currency)}"
        case SourceBy.DISTANCE:
            known = [posed.metres[at] for at in posed.by_place(best)]
            far = "" if any(each is None for each in known) else f": {sum(each or 0 for each in known) / 1000:.0f} km"
            return f"nearest {among} {by}{far}"
        case SourceBy.PRIORITY:
            return f"first {among} {by}, step {step.name}"


def _money(amount: int, currency: str) -> str:
    return amount_text(amount, exponent(currency))
