"""Matching surplus with need. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Protocol
from uuid import UUID


class PlannedLevel(Protocol):
    """What matching looks at."""

    @property
    def sku_id(self) -> UUID: ...  # noqa: D102
    @property
    def location_id(self) -> UUID: ...  # noqa: D102
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

    sku_id: UUID
    origin_id: UUID
    destination_id: UUID
    quantity: int


def need(level: PlannedLevel) -> int:
    """Return how many units are wanted: as many as are ordered, but whatever packs and minimums a supplier has."""
    position = level.available + level.incoming + level.drafted - level.backordered
    return level.order_up_to - position if position <= level.reorder_point else 0


def surplus(level: PlannedLevel) -> int:
    """Return how many units lie there beyond what is to be had and what waits."""
    return max(level.available - level.backordered - level.order_up_to, 0)


def suggested_transfers(levels: Sequence[PlannedLevel]) -> list[SuggestedTransfer]:
    """Return what to move: from where most is above what is to be had to where it is most urgent. *levels* by SKU."""
    return [found for _, group in groupby(levels, key=attrgetter("sku_id")) for found in _of_one_sku(list(group))]


def _of_one_sku(levels: list[PlannedLevel]) -> Iterable[SuggestedTransfer]:
    left = {level.location_id: surplus(level) for level in levels}
    givers = sorted((level for level in levels if left[level.location_id]), key=lambda giver: -left[giver.location_id])
    for taker in sorted(levels, key=attrgetter("urgency")):
        wanted = need(taker)
        for giver in givers:
            units = min(wanted, left[giver.location_id])
            if units > 0:
                left[giver.location_id] -= units
                wanted -= units
                yield SuggestedTransfer(taker.sku_id, giver.location_id, taker.location_id, units)
