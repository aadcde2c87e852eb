"""Past orders sourced by a version of a profile, compared with the real sourcing; both are judged by its rates. Pure.

Stock begins as it was, moves by what came in and went since apart from orders, and by what the simulated orders take.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, field, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from oms_api.domain.inventory.sourcing import Demand, LevelKey
from oms_api.domain.sourcing.candidates import Journey
from oms_api.domain.sourcing.costs import GRAMS_IN_KG, GoodsFacts, minor, rate_for
from oms_api.domain.sourcing.places import LocationLoad, PlaceFacts, Places, Spot, metres_between
from oms_api.domain.sourcing.profile import Profile
from oms_api.domain.sourcing.strategy import ProfileStrategy
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LocationId, SkuId

Served = Mapping[LocationId, Mapping[SkuId, int]]


@dataclass(frozen=True, slots=True)
class SourcedOrder:
    """An order that was placed: what was wanted of it in the end, where that came from, and how many units had to wait."""

    placed_at: datetime
    destination: Spot
    ship_complete: bool
    demands: Sequence[Demand]
    ship_groups: Mapping[int, str]
    served: Served
    waited: int


@dataclass(frozen=True, slots=True)
class Flow:
    """Free units that came (or, negative, went) at a level, not for an order."""

    at: datetime
    key: LevelKey
    units: int


@dataclass(slots=True)
class SourcingSums:
    """The totals of orders: `cost` in millionths of a major unit, distances in metres, `far_unknown` shipments without one.

    `unpriced` are shipments that no rate fits. `short_units` are units that were not to be had at once.
    """

    orders: int = 0
    units: int = 0
    cost: int = 0
    shipments: int = 0
    split_orders: int = 0
    metres: int = 0
    far_unknown: int = 0
    unpriced: int = 0
    short_units: int = 0
    short_orders: int = 0
    by_location: dict[str, int] = field(default_factory=dict)

    def stored(self, currency: str) -> dict[str, Any]:
        """Return it as it is stored, in minor units of *currency* and kilometres."""
        said = {name: value for name, value in asdict(self).items() if name not in {"cost", "metres"}}
        return {**said, "cost": minor(self.cost, currency), "kilometres": round(self.metres / 1000)}


@dataclass(slots=True)
class Simulation:
    """A profile at work on past orders, one after the other in the order of time."""

    profile: Profile
    places: Places
    goods: GoodsFacts
    locations: Sequence[LocationId]
    currency: str
    stock: dict[LevelKey, int]
    flows: Iterator[Flow]
    simulated: SourcingSums = field(default_factory=SourcingSums)
    happened: SourcingSums = field(default_factory=SourcingSums)
    coming: Flow | None = None
    days: dict[LocationId, date] = field(default_factory=dict)
    busy: dict[LocationId, LocationLoad] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places = {key: replace(place, open_order_limit=None) for key, place in self.places.items()}
        self.coming = next(self.flows, None)

    def play(self, order: SourcedOrder) -> None:
        """Source an order anew, and count it on both sides."""
        while self.coming is not None and self.coming.at <= order.placed_at:
            key = self.coming.key
            self.stock[key] = max(self.stock.get(key, 0) + self.coming.units, 0)
            self.coming = next(self.flows, None)
        self._turn_days(order.placed_at)
        strategy = ProfileStrategy(
            profile=self.profile,
            places=self.places,
            goods=self.goods,
            journey=Journey(order.destination, order.placed_at),
            currency=self.currency,
            busy=self.busy,
            ship_complete=order.ship_complete,
            ship_groups=order.ship_groups,
        )
        sources, missing = strategy.source(order.demands, self.locations, self.stock, partly=True)
        served: dict[LocationId, dict[SkuId, int]] = {}
        for taken in sources:
            units = served.setdefault(taken.location_id, {})
            units[taken.sku_id] = units.get(taken.sku_id, 0) + taken.quantity
        self._count(self.simulated, served, order.destination, sum(missing.values()))
        self._count(self.happened, order.served, order.destination, order.waited)

    def _turn_days(self, now: datetime) -> None:
        """Forget the fulfillment orders of a day that is over."""
        for place in self.places.values() if self.profile.asks_day else ():
            day = now.astimezone(ZoneInfo(place.time_zone)).date()
            if self.days.get(place.id) != day:
                self.days[place.id] = day
                self.busy.setdefault(place.id, LocationLoad()).today = 0

    def _count(self, tally: SourcingSums, served: Served, destination: Spot, short: int) -> None:
        shipments = {key: units for key, units in served.items() if any(units.values())}
        tally.orders += 1
        tally.units += sum(sum(units.values()) for units in shipments.values())
        tally.shipments += len(shipments)
        tally.split_orders += len(shipments) > 1
        tally.short_units += short
        tally.short_orders += short > 0
        tally.cost += self.profile.split_penalty * max(len(shipments) - 1, 0)
        for key, units in shipments.items():
            self._count_shipment(tally, self.places.get(key), units, destination)

    def _count_shipment(
        self, tally: SourcingSums, place: PlaceFacts | None, units: Mapping[SkuId, int], destination: Spot
    ) -> None:
        rate = None if place is None else rate_for(self.profile, place, destination)
        if rate is None:
            tally.unpriced += 1
        else:
            tally.cost += rate.fixed
            tally.cost += sum(
                n * (rate.per_kg * self.goods.grams.get(sku, 0) // GRAMS_IN_KG + rate.per_unit) for sku, n in units.items()
            )
        metres = None if place is None else metres_between(place.spot, destination)
        if metres is None:
            tally.far_unknown += 1
        else:
            tally.metres += metres
        if place is not None:
            tally.by_location[place.code] = tally.by_location.get(place.code, 0) + 1
