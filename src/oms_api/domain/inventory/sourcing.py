"""The location of each line, by priority. Pure: decided over a snapshot, guarded again where stock is taken."""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import Protocol

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LocationId, SkuId

LevelKey = tuple[SkuId, LocationId]


def in_key_order(keys: Iterable[LevelKey]) -> list[LevelKey]:
    """Return *keys* in the order in which levels are locked: as the database orders them, each once.

    Ids are compared as numbers: comparing them as objects takes ten times as long. What is in order already
    costs little.
    """
    return sorted(dict.fromkeys(keys), key=lambda key: (key[0].int, key[1].int))


@dataclass(frozen=True, slots=True)
class Demand:
    """Units of one SKU that a line wants; with *location_id* only from there, and never from those that it is *barred* from."""

    line: int
    sku_id: SkuId
    quantity: int
    location_id: LocationId | None = None
    barred: Sequence[LocationId] = ()

    def allows(self, location: LocationId) -> bool:
        """Tell whether *location* may serve it."""
        return (self.location_id is None or self.location_id == location) and location not in self.barred


@dataclass(frozen=True, slots=True)
class Source:
    """Units of one line taken from one location, and why there."""

    line: int
    sku_id: SkuId
    location_id: LocationId
    quantity: int
    reason: str

    @property
    def key(self) -> LevelKey:
        """The level that they are taken from."""
        return self.sku_id, self.location_id


def joined(sources: Iterable[Source]) -> list[Source]:
    """Return one source for each line and location, with the units of all of them: there one promise is made."""
    found: dict[tuple[int, LocationId], Source] = {}
    for taken in sources:
        key = taken.line, taken.location_id
        before = found.get(key)
        found[key] = (
            taken
            if before is None
            else replace(before, quantity=before.quantity + taken.quantity, reason=f"{before.reason}; {taken.reason}")
        )
    return list(found.values())


class Strategy(Protocol):
    """Another way to serve the demands of one order than the channel's order of priority."""

    def source(
        self, demands: Sequence[Demand], locations: Sequence[LocationId], stock: MutableMapping[LevelKey, int], *, partly: bool
    ) -> tuple[list[Source], Mapping[SkuId, int]]:
        """Serve *demands* and take the units from *stock*, as the function `source` does: each from a location once."""


def source(
    demands: Sequence[Demand], locations: Sequence[LocationId], stock: MutableMapping[LevelKey, int], *, partly: bool = False
) -> tuple[list[Source], Mapping[SkuId, int]]:
    """Serve *demands* from *locations*, the first as far as it goes, then the next.

    Takes what it uses from *stock* (sellable units by SKU and location), so that two lines of one SKU share it.
    Returns the sources, and the units missing by SKU: when any is missing, nothing was taken, unless *partly* says to go
    as far as the stock does.
    """
    sources: list[Source] = []
    missing: dict[SkuId, int] = {}
    for demand in demands:
        left = demand.quantity
        for rank, location in enumerate(locations):
            key = (demand.sku_id, location)
            there = stock.get(key, 0) if demand.allows(location) else 0
            taken = min(left, there)
            if taken > 0:
                stock[key] = there - taken
                left -= taken
                sources.append(Source(demand.line, demand.sku_id, location, taken, _reason(demand, rank, left)))
            if left == 0:
                break
        if left:
            missing[demand.sku_id] = missing.get(demand.sku_id, 0) + left
    if missing and not partly:
        for given_back in sources:
            stock[given_back.key] += given_back.quantity
        return [], missing
    return sources, missing


def _reason(demand: Demand, rank: int, left: int) -> str:
    if demand.location_id is not None:
        return "the order asked for this location"
    place = "first" if rank == 0 else f"number {rank + 1}"
    return f"{place} in the channel's priority{'' if left == 0 else ', as far as its stock went'}"
