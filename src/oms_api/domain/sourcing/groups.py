"""Sourcing without a profile where lines belong together: each group from the first location that has all of it. Pure."""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import field

from oms_api.domain.inventory.sourcing import Demand, LevelKey, Source, source
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LocationId, SkuId


@dataclass(frozen=True, slots=True)
class SentFrom:
    """The locations that serve an order already, and those that serve its ship groups."""

    places: frozenset[LocationId] = frozenset()
    homes: Mapping[str, LocationId] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Iterable[tuple[str | None, Sequence[LocationId]]]) -> "SentFrom":
        """Return them of its lines: the group of each, and where its units are promised from."""
        places: set[LocationId] = set()
        homes: dict[str, LocationId] = {}
        for group, there in lines:
            places.update(there)
            if group is not None and there:
                homes[group] = there[-1]
        return cls(frozenset(places), homes)


@dataclass(frozen=True, slots=True)
class GroupsKept:
    """The channel's order of priority, with each of the `ship_groups` (by line) from one location, its home if it has one."""

    ship_groups: Mapping[int, str]
    homes: Mapping[str, LocationId] = field(default_factory=dict)

    def source(
        self, demands: Sequence[Demand], locations: Sequence[LocationId], stock: MutableMapping[LevelKey, int], *, partly: bool
    ) -> tuple[list[Source], Mapping[SkuId, int]]:
        """Serve *demands* from *stock*, groups first; see `inventory.sourcing.source`."""
        before, after = dict(stock), dict(stock)
        sources: list[Source] = []
        missing: dict[SkuId, int] = {}
        groups: dict[str, list[Demand]] = {}
        for demand in demands:
            if (group := self.ship_groups.get(demand.line)) is not None:
                groups.setdefault(group, []).append(demand)
        for group, members in groups.items():
            pins = {each.location_id for each in members if each.location_id is not None} or {self.homes.get(group)} - {None}
            for location in (place for place in locations if pins <= {place}):
                taken, short = source(members, [location], after)
                if not short:
                    sources += [Source(each.line, each.sku_id, location, each.quantity, _reason(group)) for each in taken]
                    break
            else:
                for each in members:
                    missing[each.sku_id] = missing.get(each.sku_id, 0) + each.quantity
        loose = [demand for demand in demands if demand.line not in self.ship_groups]
        more, short = source(loose, locations, after, partly=partly)
        for sku, units in short.items():
            missing[sku] = missing.get(sku, 0) + units
        if missing and not partly:
            stock.update(before)
            return [], missing
        stock.update(after)
        return sorted([*sources, *more], key=lambda each: each.line), missing


def _reason(group: str) -> str:
    return f"first location with all of ship group {group}"
