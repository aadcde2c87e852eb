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
    def order_up_to(self) -> int: ...  # noqa: D102
    @property
    def suggested(self) -> int: ...  # noqa: D102
    @property
    def urgency(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class SuggestedTransfer:
    """Units of one SKU that would better lie elsewhere."""

    sku_id: UUID
    origin_id: UUID
    destination_id: UUID
    quantity: int


def suggested_transfers(levels: Sequence[PlannedLevel]) -> list[SuggestedTransfer]:
    """Return what to move: from where most is above what is to be had to where it is most urgent. *levels* by SKU."""
    return [found for _, group in groupby(levels, key=attrgetter("sku_id")) for found in _of_one_sku(list(group))]


def _of_one_sku(levels: list[PlannedLevel]) -> Iterable[SuggestedTransfer]:
    surplus = {level.location_id: level.available - level.order_up_to for level in levels}
    givers = sorted((level for level in levels if surplus[level.location_id] > 0), key=lambda g: -surplus[g.location_id])
    for taker in sorted((level for level in levels if level.suggested > 0), key=attrgetter("urgency")):
        wanted = taker.suggested
        for giver in givers:
            units = min(wanted, surplus[giver.location_id])
            if units > 0:
                surplus[giver.location_id] -= units
                wanted -= units
                yield SuggestedTransfer(taker.sku_id, giver.location_id, taker.location_id, units)
