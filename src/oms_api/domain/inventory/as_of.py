"""What a level was at an earlier moment: the sums of its ledger by when things happened, not by when they were recorded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import cast

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from oms_api.db.records import Shape
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.inventory.correcting import consistent
from oms_api.domain.inventory.queries import levels_by_id
from oms_api.domain.inventory.states import Bucket
from oms_api.domain.inventory.tables import InventoryLevel, SafetyStockSetting, StockMovement
from oms_api.kernel.ids import LevelId

LEVELS = Shape(InventoryLevel)


@dataclass(frozen=True, slots=True)
class LevelThen:
    """A level as it was at a moment; *contradicted* says that what was booked by then does not add up to what is known now."""

    level: InventoryLevel
    contradicted: bool


async def levels_as_of(read: Reader, ids: Iterable[LevelId], moment: datetime) -> Mapping[LevelId, LevelThen]:
    """Return the levels among *ids* that can be seen, with their buckets as they were at *moment*.

    What a level kept back then is what it had last been told. A correction that came later may say that fewer units were there
    than had been promised or set aside by then: the buckets show what can have been in them.
    """
    levels = await levels_by_id(read, ids)
    sums = await _sums(read, levels, moment)
    targets = await _targets(read, levels, moment)
    return {key: _then(level, sums.get(key, {}), targets.get(key, 0)) for key, level in levels.items()}


async def _sums(read: Reader, levels: Iterable[LevelId], moment: datetime) -> dict[LevelId, dict[str, int]]:
    movement = StockMovement
    flows = [
        func.sum(
            case((movement.target == bucket.value, movement.quantity), else_=0)
            - case((movement.source == bucket.value, movement.quantity), else_=0)
        ).label(bucket.value)
        for bucket in Bucket
    ]
    found = select(movement.level_id, *flows).where(among(movement.level_id, levels), movement.occurred_at <= moment)
    rows = await read.rows(found.group_by(movement.level_id))
    return {key: dict(zip((bucket.value for bucket in Bucket), map(int, units), strict=True)) for key, *units in rows}


async def _targets(read: Reader, levels: Iterable[LevelId], moment: datetime) -> dict[LevelId, int]:
    setting = SafetyStockSetting
    last = (
        select(setting.level_id, setting.target)
        .where(among(setting.level_id, levels), setting.recorded_at <= moment)
        .ext(distinct_on(setting.level_id))
        .order_by(setting.level_id, setting.recorded_at.desc(), setting.id.desc())
    )
    return {row.level_id: row.target for row in await read.rows(last)}


def _then(level: InventoryLevel, units: Mapping[str, int], target: int) -> LevelThen:
    buckets, contradicted = consistent({bucket: units.get(bucket.value, 0) for bucket in Bucket})
    free = buckets[Bucket.FREE]
    then = {bucket.value: held for bucket, held in buckets.items()} | {
        "on_hand": sum(buckets.values()),
        "safety_stock_target": target,
        "safety_stock": min(free, target),
        "available": max(free - target, 0),
    }
    row = cast("InventoryLevel", SimpleNamespace(**{name: getattr(level, name) for name in LEVELS.names} | then))
    return LevelThen(row, contradicted)
