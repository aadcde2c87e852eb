"""Locations and destinations as sourcing sees them: where they are, in which zones, and how busy. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt

from oms_api.domain.channels.states import LocationKind
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LocationId

EARTH_KM = 6371.0088
Point = tuple[float, float]
"""Latitude and longitude in degrees."""


def plain(postal_code: str) -> str:
    """Return a postal code without blanks and dashes, in capitals, as codes are compared."""
    return postal_code.replace(" ", "").replace("-", "").upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A part of a country by its postal codes: those that begin with a prefix, or lie in a range; without any, all of it.

    A range compares as many characters as each of its ends has.
    """

    code: str
    country: str
    prefixes: tuple[str, ...] = ()
    ranges: tuple[tuple[str, str], ...] = ()
    centre: Point | None = None

    def closeness(self, country: str | None, postal_code: str | None) -> int | None:
        """Return how closely it fits a place: the more characters it names the closer; None where it does not fit."""
        if country != self.country:
            return None
        if not self.prefixes and not self.ranges:
            return 0
        if not postal_code:
            return None
        fits = [len(prefix) for prefix in self.prefixes if postal_code.startswith(prefix)]
        fits += [len(low) for low, high in self.ranges if low <= postal_code[: len(low)] and postal_code[: len(high)] <= high]
        return max(fits, default=None)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the map, as far as it is known; *zones* are the codes of those it lies in."""

    country: str | None = None
    postal_code: str | None = None
    point: Point | None = None
    zones: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFacts:
    """A location."""

    id: LocationId
    code: str
    name: str
    kind: LocationKind
    spot: Spot = field(default_factory=Spot)
    groups: frozenset[str] = frozenset()
    time_zone: str = "UTC"
    open_order_limit: int | None = None


@dataclass(slots=True)
class LocationLoad:
    """The fulfillment orders of a location: all that are open, and those that began today."""

    open_orders: int = 0
    today: int = 0


IDLE = LocationLoad()
"""A location of which nobody asks how busy it is."""


class Map:
    """The postal zones there are."""

    def __init__(self, zones: Sequence[Zone] = ()) -> None:
        self.zones = zones
        self._spots: dict[tuple[str | None, str | None, Point | None], Spot] = {}

    def spot(self, country: str | None, postal_code: str | None, point: Point | None) -> Spot:
        """Return a place with its zones; without a *point* it lies at the centre of the closest zone that has one."""
        key = country, postal_code, point
        found = self._spots.get(key)
        if found is None:
            if len(self._spots) > MOST_SPOTS:
                self._spots.clear()
            found = self._spots[key] = self._found(country, postal_code, point)
        return found

    def _found(self, country: str | None, postal_code: str | None, point: Point | None) -> Spot:
        code = plain(postal_code) if postal_code else None
        fits = [(close, zone) for zone in self.zones if (close := zone.closeness(country, code)) is not None]
        if point is None:
            centres = [(close, zone.centre) for close, zone in fits if zone.centre is not None]
            point = max(centres, key=lambda each: each[0])[1] if centres else None
        return Spot(country, code, point, frozenset(zone.code for _, zone in fits))


MOST_SPOTS = 10_000


@lru_cache(maxsize=50_000)
def kilometres(one: Point, other: Point) -> float:
    """Return the distance of two points over the ground, by the haversine formula."""
    (lat1, lon1), (lat2, lon2) = one, other
    high = sin(radians(lat2 - lat1) / 2) ** 2
    wide = sin(radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(high + cos(radians(lat1)) * cos(radians(lat2)) * wide)))


def metres_between(place: Spot, destination: Spot) -> int | None:
    """Return how far it is, None where either is not known."""
    if place.point is None or destination.point is None:
        return None
    return round(kilometres(place.point, destination.point) * 1000)


Places = Mapping[LocationId, PlaceFacts]
