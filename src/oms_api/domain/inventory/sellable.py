"""What may be promised to whom: those who wait for units already come before a newcomer of the same priority.

Goods that come in are theirs from the moment they lie there, before anybody has promised them.
"""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, Protocol
from uuid import UUID

from oms_api.domain.inventory.sourcing import Demand, LevelKey, Source, Strategy, source
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LevelId, LocationId, SkuId


class Seller(Protocol):
    """Who promises units: from which locations in which order, and whether from what they keep back too."""

    @property
    def locations(self) -> Sequence[LocationId]:
        """The active locations by priority."""

    @property
    def sells_safety_stock(self) -> bool:
        """Whether safety stock may be promised."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Units of a SKU that order lines of one channel and priority wait for; it is a Seller as its channel is.

    Where the orders insist on a location, that is the only one.
    """

    sku_id: SkuId
    priority: int
    units: int
    sells_safety_stock: bool
    locations: tuple[LocationId, ...]

    @classmethod
    def of(cls, row: Iterable[Any]) -> "Waiting":
        """Return who a row of WAITING tells of, read as it is or from JSON."""
        sku, priority, units, sells_safety_stock, locations = row
        places = tuple(LocationId(_uuid(location)) for location in locations)
        return cls(SkuId(_uuid(sku)), priority, units, sells_safety_stock, places)


@dataclass(frozen=True, slots=True)
class LevelSnapshot:
    """A level and how much of it can be promised, without and with its safety stock: *free* as `lots.good` has it."""

    id: LevelId
    available: int
    free: int

    def plus(self, units: int, *, target: int) -> "LevelSnapshot":
        """Return the level with more free *units*, where *target* is what it keeps back."""
        return replace(self, free=self.free + units, available=max(self.free + units - target, 0))


@dataclass(slots=True)
class Sellable:
    """Units by level that can be promised, without and with their safety stock; whoever is served takes what is used."""

    available: MutableMapping[LevelKey, int]
    free: MutableMapping[LevelKey, int]
    waiting: Sequence[Waiting] = ()

    @classmethod
    def of(cls, levels: Mapping[LevelKey, LevelSnapshot], waiting: Sequence[Waiting]) -> "Sellable":
        """Begin with what *levels* hold."""
        available = {key: level.available for key, level in levels.items()}
        more = {key: max(level.free, 0) for key, level in levels.items() if level.free != level.available}
        return cls(available, available | more, waiting)

    def source(
        self,
        seller: Seller,
        demands: Sequence[Demand],
        *,
        priority: int = 0,
        partly: bool = False,
        strategy: Strategy | None = None,
    ) -> tuple[list[Source], Mapping[SkuId, int]]:
        """Serve *demands* of an order of *priority* after those who wait, as a *strategy* has it; see `sourcing.source`."""
        left = self.left_for(priority, {demand.sku_id for demand in demands}) if self.waiting else self
        find = source if strategy is None else strategy.source
        sources, missing = find(demands, seller.locations, dict(left.to(seller)), partly=partly)
        for taken in sources:
            key = taken.sku_id, taken.location_id
            for units in (self.available, self.free):
                units[key] = max(units[key] - taken.quantity, 0)
        return sources, missing

    def promisable(self, seller: Seller, sku_id: SkuId, *, priority: int = 0) -> int:
        """Return how many units of a SKU could be promised to an order of *priority*."""
        units = self.left_for(priority, {sku_id}).to(seller)
        return sum(units.get((sku_id, location), 0) for location in seller.locations)

    def to(self, seller: Seller) -> MutableMapping[LevelKey, int]:
        """Return the units that *seller* may promise, by level."""
        return self.free if seller.sells_safety_stock else self.available

    def left_for(self, priority: int, skus: AbstractSet[SkuId]) -> "Sellable":
        """Return what is left of *skus* when everybody has been served who waits for them at *priority* or above."""
        ahead = [waiting for waiting in self.waiting if waiting.sku_id in skus and waiting.priority >= priority]
        if not ahead:
            return self
        available, free = (
            {key: units for key, units in each.items() if key[0] in skus} for each in (self.available, self.free)
        )
        return Sellable(available, free, ahead).after_waiting(priority)[0]

    def after_waiting(self, priority: int) -> tuple["Sellable", list[Waiting]]:
        """Return what is left when everybody has been served who waits at *priority* or above, and who of them still waits."""
        left = Sellable(dict(self.available), dict(self.free))
        ahead = [waiting for waiting in self.waiting if waiting.priority >= priority]
        served = [(waiting, left.serve(waiting)) for waiting in ahead]
        return left, [replace(waiting, units=missing) for waiting, missing in served if missing]

    def serve(self, waiting: Waiting) -> int:
        """Set aside for *waiting* what there is, and return how many units are missing.

        Nobody may take safety stock where some of it lies: less of that would make what is available less, too.
        """
        sources, missing = self.source(waiting, [Demand(0, waiting.sku_id, waiting.units)], partly=True)
        for taken in () if waiting.sells_safety_stock else sources:
            key = taken.sku_id, taken.location_id
            self.free[key] = self.available[key]
        return missing.get(waiting.sku_id, 0)


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
