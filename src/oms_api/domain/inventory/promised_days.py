"""When demand can leave and arrive: from what lies there, then from what is on its way. Pure."""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import InitVar, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from oms_api.domain.channels.calendar import Calendar
from oms_api.domain.inventory.sourcing import Demand, LevelKey, source
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LocationId, SkuId

FAR = datetime.max.replace(tzinfo=UTC)


class SupplyKind(StrEnum):
    """The source of units."""

    STOCK = "STOCK"
    """The units lie at a location."""
    PURCHASE_ORDER = "PURCHASE_ORDER"
    """A purchase order brings the units."""
    TRANSFER = "TRANSFER"
    """A transfer brings the units from another location."""
    RULE = "RULE"
    """No supply is on its way: the expected day follows from the channel's oversell rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Units of a SKU that a line of a document brings to a location; `expected_at` is None where that is not known."""

    kind: SupplyKind
    line_id: UUID
    sku_id: SkuId
    location_id: LocationId
    quantity: int
    expected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Site:
    """When a location works, by its own clock."""

    calendar: Calendar
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisablePart:
    """Units of a demand from one place: when they leave, where that is known, and when they arrive where the way is."""

    kind: SupplyKind
    location_id: LocationId
    quantity: int
    ships_on: date | None
    arrives_on: date | None
    line_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promisable:
    """What can be promised of a demand; `missing` units have no supply with a known day."""

    demand: Demand
    parts: tuple[PromisablePart, ...]
    missing: int

    @property
    def ships_on(self) -> date | None:
        """When all of it has left, or None where that is not known of some of it."""
        return None if self.missing else last([part.ships_on for part in self.parts])

    @property
    def arrives_on(self) -> date | None:
        """When all of it has arrived, or None where that is not known."""
        return None if self.missing else last([part.arrives_on for part in self.parts])


Days = tuple[date | None, date | None]
"""When goods leave, and when they arrive, where that is known."""


@dataclass(slots=True)
class Promising:
    """Promises demand by demand, each taking what it uses: *stock* in units by SKU and location, *incoming* in any order.

    *sites* are all locations that matter, *at* is the moment of asking.
    """

    sites: Mapping[LocationId, Site]
    stock: MutableMapping[LevelKey, int]
    incoming: InitVar[Iterable[Incoming]]
    at: datetime
    coming: dict[SkuId, list[Incoming]] = field(init=False, default_factory=dict)
    days: dict[tuple[LocationId, datetime, str | None], Days] = field(init=False, default_factory=dict)

    def __post_init__(self, incoming: Iterable[Incoming]) -> None:
        for supply in sorted(incoming, key=lambda supply: (supply.expected_at or FAR, supply.line_id)):
            self.coming.setdefault(supply.sku_id, []).append(supply)

    def promise(self, demand: Demand, locations: Sequence[LocationId], country: str | None) -> Promisable:
        """Return what can be promised of *demand*: stock by the priority of *locations*, then supply to them by day.

        *country* is where it goes.
        """
        parts = [*self._from_stock(demand, locations, country)]
        left = demand.quantity - sum(part.quantity for part in parts)
        parts += self._from_supply(demand, left, locations, country)
        return Promisable(demand=demand, parts=tuple(parts), missing=demand.quantity - sum(part.quantity for part in parts))

    def leaves(self, location: LocationId, ready: datetime, country: str | None) -> Days:
        """Return when goods leave that are ready at a moment, and when they arrive where the way is known."""
        asked = location, max(ready, self.at), country
        if asked not in self.days:
            site = self.sites[location]
            day = site.calendar.ships_on(asked[1], site.zone)
            self.days[asked] = day, None if day is None else site.calendar.delivered_on(day, country)
        return self.days[asked]

    def overdue(self, location: LocationId, ready: datetime) -> bool:
        """Tell whether the day on which goods were to be ready at *location* is over: nobody knows when they will be."""
        zone = self.sites[location].zone
        return ready.astimezone(zone).date() < self.at.astimezone(zone).date()

    def latest(self, sku_id: SkuId, locations: Sequence[LocationId]) -> datetime:
        """Return when the last of what is known to come to *locations* is expected, whoever took it; by default now."""
        known = [
            supply.expected_at
            for supply in self.coming.get(sku_id, ())
            if supply.location_id in locations and supply.expected_at is not None
        ]
        return max(known, default=self.at)

    def _from_stock(self, demand: Demand, locations: Sequence[LocationId], country: str | None) -> Iterable[PromisablePart]:
        for taken in source([demand], locations, self.stock, partly=True)[0]:
            leaves, arrives = self.leaves(taken.location_id, self.at, country)
            yield PromisablePart(
                kind=SupplyKind.STOCK,
                location_id=taken.location_id,
                quantity=taken.quantity,
                ships_on=leaves,
                arrives_on=arrives,
            )

    def _from_supply(
        self, demand: Demand, left: int, locations: Sequence[LocationId], country: str | None
    ) -> Iterable[PromisablePart]:
        coming = self.coming.get(demand.sku_id, [])
        for place, supply in enumerate(coming):
            serves = supply.location_id in locations and demand.location_id in {None, supply.location_id}
            units = min(left, supply.quantity) if serves else 0
            ready = supply.expected_at
            if units > 0 and ready is not None and not self.overdue(supply.location_id, ready):
                coming[place] = replace(supply, quantity=supply.quantity - units)
                left -= units
                leaves, arrives = self.leaves(supply.location_id, ready, country)
                yield PromisablePart(
                    kind=supply.kind,
                    location_id=supply.location_id,
                    quantity=units,
                    ships_on=leaves,
                    arrives_on=arrives,
                    line_id=supply.line_id,
                )


def last(days: Sequence[date | None]) -> date | None:
    """Return the last of *days*, or None where there is none or one of them is not known."""
    known = [day for day in days if day is not None]
    return max(known, default=None) if len(known) == len(days) else None
