"""Matching surplus with need. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Protocol

from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LocationId, SkuId


class PlannedLevel(Protocol):
    """What matching looks at."""

    @property
    def sku_id(self) -> SkuId: ...  # noqa: D102
    @property
    def location_id(self) -> LocationId: ...  # noqa: D102
    @property
    def available(self) -> int: ...  # noqa: D102
    @property
    def incoming(self) -> int: ...  # noqa: D102
    @property
    def drafted(self) -> int: ...  # noqa: D102
    @property
    def backordered(self) -> int: ...  # noqa: D102
    @property
    def reorder_point(self) -> int: ...  # noqa: D102
    @property
    def order_up_to(self) -> int: ...  # noqa: D102
    @property
    def urgency(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class SuggestedTransfer:
    """Units of one SKU that would better lie elsewhere."""

    sku_id: SkuId
    origin_id: LocationId
    destination_id: LocationId
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How a level stands at one moment: what can be promised, comes, is still to leave, and waits; drafts among them.

    Nothing new goes to a *closed* one.
    """

    available: int
    coming: int
    leaving: int = 0
    waiting: int
    closed: bool = False

    @classmethod
    def planned(cls, level: PlannedLevel) -> "Position":
        """Return how *level* stood when it was planned."""
        return cls(available=level.available, coming=level.incoming + level.drafted, waiting=level.backordered)

    @property
    def left(self) -> int:
        """What will be left of what is there; below zero where more waits."""
        return self.available - self.leaving - self.waiting


def need(level: PlannedLevel, now: Position) -> int:
    """Return how many units are wanted: as many as are ordered, but whatever packs and minimums a supplier has."""
    position = now.left + now.coming
    return level.order_up_to - position if position <= level.reorder_point and not now.closed else 0


def surplus(level: PlannedLevel, now: Position) -> int:
    """Return how many units lie there beyond what is to leave, what is to be had and what waits."""
    return max(now.left - level.order_up_to, 0)


def suggested_transfers(
    levels: Sequence[PlannedLevel], now: Mapping[LevelKey, Position] = MappingProxyType({})
) -> list[SuggestedTransfer]:
    """Return what to move: from where most is above what is to be had to where it is most urgent. *levels* by SKU.

    A level of which nobody says how it stands *now* stands as it was planned.
    """
    found = [(level, now.get((level.sku_id, level.location_id)) or Position.planned(level)) for level in levels]
    by_sku = groupby(found, key=lambda each: each[0].sku_id)
    return [transfer for _, group in by_sku for transfer in _of_one_sku(list(group))]


def _of_one_sku(found: list[tuple[PlannedLevel, Position]]) -> Iterable[SuggestedTransfer]:
    left = {level.location_id: surplus(level, now) for level, now in found}
    givers = sorted((level for level, _ in found if left[level.location_id]), key=lambda giver: -left[giver.location_id])
    for taker, now in sorted(found, key=lambda each: each[0].urgency):
        wanted = need(taker, now)
        for giver in givers:
            units = min(wanted, left[giver.location_id])
            if units > 0:
                left[giver.location_id] -= units
                wanted -= units
                yield SuggestedTransfer(taker.sku_id, giver.location_id, taker.location_id, units)
