"""The locations that a step may use, and the reasons against the others. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from oms_api.domain.sourcing.places import LocationLoad, PlaceFacts, Spot, metres_between
from oms_api.domain.sourcing.profile import Step
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LocationId


@dataclass(frozen=True, slots=True)
class Journey:
    """The destination of an order, the time, and the locations that send something to it anyway."""

    destination: Spot
    now: datetime
    opened: frozenset[LocationId] = frozenset()


def serves(step: Step, destination: Spot) -> bool:
    """Tell whether the step is for orders that go there."""
    if step.destination_countries and destination.country not in step.destination_countries:
        return False
    return not step.destination_zones or not destination.zones.isdisjoint(step.destination_zones)


def why_not(step: Step, place: PlaceFacts, work: LocationLoad, journey: Journey) -> str | None:
    """Return why the step does not use a location, None where it may."""
    return next((problem for problem in _problems(step, place, work, journey) if problem), None)


def _problems(step: Step, place: PlaceFacts, work: LocationLoad, journey: Journey) -> Iterable[str | None]:
    there, spot = journey.destination, place.spot
    if step.location_groups:
        yield None if place.groups & {*step.location_groups} else f"in no group of {_listed(step.location_groups)}"
    if step.location_kinds:
        yield None if place.kind in step.location_kinds else f"a {place.kind.value}"
    if step.same_country:
        yield None if spot.country is not None and spot.country == there.country else "in another country"
    if step.same_zone:
        yield None if spot.zones & there.zones else "in another zone"
    if step.max_distance_km is not None:
        yield _too_far(step.max_distance_km, metres_between(spot, there))
    if place.id in journey.opened:
        return
    if place.open_order_limit is not None and work.open_orders >= place.open_order_limit:
        yield f"has {work.open_orders} open fulfillment orders of {place.open_order_limit}"
    if step.orders_per_day is not None and work.today >= step.orders_per_day:
        yield f"began {work.today} fulfillment orders today of {step.orders_per_day}"
    if step.cut_off is not None and journey.now.astimezone(ZoneInfo(place.time_zone)).time() >= step.cut_off:
        yield f"after {step.cut_off.isoformat('minutes')} there"


def _too_far(most: int, metres: int | None) -> str | None:
    if metres is None:
        return "its distance is not known"
    return None if metres <= most * 1000 else f"{metres / 1000:.0f} km away, more than {most}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
