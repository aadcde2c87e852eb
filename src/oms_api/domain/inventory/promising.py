"""When demand can leave and arrive: from what lies there, then from what is on its way. Pure."""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import InitVar, dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from oms_api.domain.channels.calendar import Calendar
from oms_api.domain.inventory.sourcing import Demand, LevelKey, source

FAR = date.max


class SupplyKind(StrEnum):
    """Where units come from."""

    STOCK = "STOCK"
    """They lie at a location."""
    PURCHASE_ORDER = "PURCHASE_ORDER"
    """A supplier will deliver them."""
    TRANSFER = "TRANSFER"
    """They come from another location."""
    RULE = "RULE"
    """Nothing is on its way: the day is the one that the channel's rule names."""


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

    *sites* are all locations that matter, *at* is the moment of asking.
    """

    sites: Mapping[UUID, Site]
    stock: MutableMapping[LevelKey, int]
    incoming: InitVar[Iterable[Incoming]]
    at: datetime
    coming: dict[UUID, list[Incoming]] = field(init=False, default_factory=dict)

    def __post_init__(self, incoming: Iterable[Incoming]) -> None:
        for supply in sorted(incoming, key=lambda supply: (supply.expected_on or FAR, supply.line_id)):
            self.coming.setdefault(supply.sku_id, []).append(supply)

    def promise(self, demand: Demand, locations: Sequence[UUID], country: str | None) -> Promise:
        """Return what can be promised of *demand*: stock by the priority of *locations*, then supply to them by day.

        *country* is where it goes.
        """
        parts = [*self._from_stock(demand, locations, country)]
        left = demand.quantity - sum(part.quantity for part in parts)
        parts += self._from_supply(demand, left, locations, country)
        return Promise(demand=demand, parts=tuple(parts), missing=demand.quantity - sum(part.quantity for part in parts))

    def leaves(self, location: UUID, ready: datetime, country: str | None) -> tuple[date, date | None]:
        """Return when goods leave that are ready at a moment, and when they arrive where the way is known."""
        site = self.sites[location]
        day = site.calendar.ships_on(ready, site.zone)
        return day, site.calendar.delivered_on(day, country)

    def _from_stock(self, demand: Demand, locations: Sequence[UUID], country: str | None) -> Iterable[Part]:
        for taken in source([demand], locations, self.stock, partly=True)[0]:
            leaves, arrives = self.leaves(taken.location_id, self.at, country)
            yield Part(
                kind=SupplyKind.STOCK,
                location_id=taken.location_id,
                quantity=taken.quantity,
                ships_on=leaves,
                arrives_on=arrives,
            )

    def _from_supply(self, demand: Demand, left: int, locations: Sequence[UUID], country: str | None) -> Iterable[Part]:
        coming = self.coming.get(demand.sku_id, [])
        for place, supply in enumerate(coming):
            serves = supply.location_id in locations and demand.location_id in {None, supply.location_id}
            units = min(left, supply.quantity) if serves else 0
            if units > 0 and supply.expected_on is not None:
                coming[place] = replace(supply, quantity=supply.quantity - units)
                left -= units
                zone = self.sites[supply.location_id].zone
                ready = max(datetime.combine(supply.expected_on, time(), zone), self.at)
                leaves, arrives = self.leaves(supply.location_id, ready, country)
                yield Part(
                    kind=supply.kind,
                    location_id=supply.location_id,
                    quantity=units,
                    ships_on=leaves,
                    arrives_on=arrives,
                    line_id=supply.line_id,
                )
