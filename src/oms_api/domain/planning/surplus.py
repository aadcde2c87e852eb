"""Matching surplus with need. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Protocol
from uuid import UUID

from oms_api.domain.inventory.sourcing import LevelKey


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


@dataclass(frozen=True, slots=True)
class Traffic:
    """What comes to a level and what is still to leave it, planned transfers among it; nothing new goes to a *closed* one."""

    coming: int
    leaving: int = 0
    closed: bool = False


def need(level: PlannedLevel, traffic: Traffic) -> int:
    """Return how many units are wanted: as many as are ordered, but whatever packs and minimums a supplier has."""
    position = level.available - traffic.leaving + traffic.coming + level.drafted - level.backordered
    return level.order_up_to - position if position <= level.reorder_point and not traffic.closed else 0


def surplus(level: PlannedLevel, traffic: Traffic) -> int:
    """Return how many units lie there beyond what is to leave, what is to be had and what waits."""
    return max(level.available - traffic.leaving - level.backordered - level.order_up_to, 0)


def suggested_transfers(
    levels: Sequence[PlannedLevel], traffic: Mapping[LevelKey, Traffic] = MappingProxyType({})
) -> list[SuggestedTransfer]:
    """Return what to move: from where most is above what is to be had to where it is most urgent. *levels* by SKU.

    Of a level without *traffic* what comes is what the plan counted.
    """
    found = [(level, traffic.get((level.sku_id, level.location_id), Traffic(level.incoming))) for level in levels]
    by_sku = groupby(found, key=lambda each: each[0].sku_id)
    return [transfer for _, group in by_sku for transfer in _of_one_sku(list(group))]


def _of_one_sku(found: list[tuple[PlannedLevel, Traffic]]) -> Iterable[SuggestedTransfer]:
    levels, busy = [level for level, _ in found], {level.location_id: traffic for level, traffic in found}
    left = {level.location_id: surplus(level, traffic) for level, traffic in found}
    givers = sorted((level for level in levels if left[level.location_id]), key=lambda giver: -left[giver.location_id])
    for taker in sorted(levels, key=attrgetter("urgency")):
        wanted = need(taker, busy[taker.location_id])
        for giver in givers:
            units = min(wanted, left[giver.location_id])
            if units > 0:
                left[giver.location_id] -= units
                wanted -= units
                yield SuggestedTransfer(taker.sku_id, giver.location_id, taker.location_id, units)
