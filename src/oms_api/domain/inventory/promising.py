"""When demand can leave and arrive: from what lies there, then from what is on its way. Pure."""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from oms_api.domain.channels.calendar import Calendar
from oms_api.domain.inventory.sourcing import Demand, LevelKey

FAR = date.max


class SupplyKind(StrEnum):
    """Where units come from."""

    STOCK = "STOCK"
    """They lie at a location."""
    PURCHASE_ORDER = "PURCHASE_ORDER"
    """A supplier will deliver them."""
    TRANSFER = "TRANSFER"
    """They come from another location."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Units of a SKU that a line of a document brings to a location on a day of that location; None where it is not known."""

    kind: SupplyKind
    line_id: UUID
    sku_id: UUID
    location_id: UUID
    quantity: int
    expected_on: date | None


@dataclass(frozen=True, slots=True)
class Site:
    """When a location works, by its own clock."""

    calendar: Calendar
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Units of a demand from one place: when they leave, and when they arrive where the way is known."""

    kind: SupplyKind
    location_id: UUID
    quantity: int
    ships_on: date
    arrives_on: date | None
    line_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What can be promised of a demand; `missing` units have no supply with a known day."""

    demand: Demand
    parts: tuple[Part, ...]
    missing: int

    @property
    def ships_on(self) -> date | None:
        """When all of it has left, or None where some of it has no supply."""
        return None if self.missing else max((part.ships_on for part in self.parts), default=None)

    @property
    def arrives_on(self) -> date | None:
        """When all of it has arrived, or None where that is not known."""
        days = [part.arrives_on for part in self.parts]
        return None if self.missing or None in days else max(filter(None, days), default=None)


@dataclass(slots=True)
class Promising:
    """Promises demand by demand, each taking what it uses: *stock* in units by SKU and location, *incoming* in any order.

    *locations* are those of the channel by priority, *country* is where it goes, *at* the moment of asking.
    """

    locations: Sequence[UUID]
    sites: Mapping[UUID, Site]
    stock: MutableMapping[LevelKey, int]
    incoming: list[Incoming]
    country: str | None
    at: datetime

    def __post_init__(self) -> None:
        rank = {location: place for place, location in enumerate(self.locations)}
        served = [supply for supply in self.incoming if supply.location_id in rank and supply.expected_on is not None]
        self.incoming = sorted(served, key=lambda supply: (supply.expected_on or FAR, rank[supply.location_id], supply.line_id))

    def promise(self, demand: Demand) -> Promise:
        """Return what can be promised of *demand*: stock by priority of locations, then supply by day."""
        parts = [*self._from_stock(demand)]
        left = demand.quantity - sum(part.quantity for part in parts)
        parts += self._from_supply(demand, left)
        return Promise(demand=demand, parts=tuple(parts), missing=demand.quantity - sum(part.quantity for part in parts))

    def _from_stock(self, demand: Demand) -> Iterable[Part]:
        left = demand.quantity
        for location in self.locations:
            units = min(left, self.stock.get((demand.sku_id, location), 0)) if _may(demand, location) else 0
            if units > 0:
                self.stock[demand.sku_id, location] -= units
                left -= units
                yield self._part(SupplyKind.STOCK, location, units, self.at)

    def _from_supply(self, demand: Demand, left: int) -> Iterable[Part]:
        for place, supply in enumerate(self.incoming):
            units = min(left, supply.quantity) if supply.sku_id == demand.sku_id and _may(demand, supply.location_id) else 0
            if units > 0 and supply.expected_on is not None:
                self.incoming[place] = _less(supply, units)
                left -= units
                zone = self.sites[supply.location_id].zone
                ready = max(datetime.combine(supply.expected_on, time(), zone), self.at)
                yield self._part(supply.kind, supply.location_id, units, ready, supply.line_id)

    def _part(self, kind: SupplyKind, location: UUID, units: int, ready: datetime, line: UUID | None = None) -> Part:
        site = self.sites[location]
        leaves = site.calendar.ships_on(ready, site.zone)
        arrives = site.calendar.delivered_on(leaves, self.country)
        return Part(kind=kind, location_id=location, quantity=units, ships_on=leaves, arrives_on=arrives, line_id=line)


def _may(demand: Demand, location: UUID) -> bool:
    return demand.location_id in {None, location}


def _less(supply: Incoming, units: int) -> Incoming:
    return Incoming(
        kind=supply.kind,
        line_id=supply.line_id,
        sku_id=supply.sku_id,
        location_id=supply.location_id,
        quantity=supply.quantity - units,
        expected_on=supply.expected_on,
    )
