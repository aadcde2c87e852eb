"""What a level was at an earlier moment: the sums of its ledger by when things happened, not by when they were recorded."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from oms_api.db.records import changed
from oms_api.db.relations import Found, Keys, one_for
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.inventory.correcting import consistent
from oms_api.domain.inventory.queries import levels_by_id
from oms_api.domain.inventory.states import Bucket
from oms_api.domain.inventory.tables import InventoryLevelRow, SafetyStockSettingRow, StockMovementRow
from oms_api.kernel.access import Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LevelId

NO_UNITS = (0,) * len(Bucket)


@dataclass(frozen=True, slots=True)
class LevelThen:
    """A level as it was at a moment; *contradicted* says that what was booked by then does not add up to what is known now."""

    level: InventoryLevelRow
    contradicted: bool


async def levels_as_of(read: Reader, ids: Iterable[LevelId], moment: datetime) -> Mapping[LevelId, LevelThen]:
    """Return the levels among *ids* that can be seen, with their buckets as they were at *moment*.

    What a level kept back then is what it had last been told. A correction that came later may say that fewer units were there
    than had been promised or set aside by then: the buckets show what can have been in them.
    """
    levels = await levels_by_id(read, ids)
    sums = await sums_until(read, levels, moment)
    targets = await targets_at(read, levels, moment)
    return {
        key: _then(level, sums[key][1:] if key in sums else NO_UNITS, targets[key].target if key in targets else 0)
        for key, level in levels.items()
    }


@one_for("level_id")
def sums_until(levels: Keys, _sight: Sight, moment: datetime) -> Found:
    """The units of each bucket that the ledger of levels comes to until *moment*."""
    movement = StockMovementRow
    flows = [
        func.sum(
            case((movement.target == bucket.value, movement.quantity), else_=0)
            - case((movement.source == bucket.value, movement.quantity), else_=0)
        ).label(bucket.value)
        for bucket in Bucket
    ]
    found = select(movement.level_id, *flows).where(among(movement.level_id, levels), movement.occurred_at <= moment)
    return found.group_by(movement.level_id)


@one_for("level_id")
def targets_at(levels: Keys, _sight: Sight, moment: datetime) -> Found:
    """What levels had last been told to keep back at *moment*."""
    setting = SafetyStockSettingRow
    return (
        select(setting.level_id, setting.target)
        .where(among(setting.level_id, levels), setting.recorded_at <= moment)
        .ext(distinct_on(setting.level_id))
        .order_by(setting.level_id, setting.recorded_at.desc(), setting.id.desc())
    )


def _then(level: InventoryLevelRow, units: Sequence[int], target: int) -> LevelThen:
    buckets, contradicted = consistent(dict(zip(Bucket, map(int, units), strict=True)))
    free = buckets[Bucket.FREE]
    then = changed(
        level,
        **{bucket.value: held for bucket, held in buckets.items()},
        on_hand=sum(buckets.values()),
        safety_stock_target=target,
        safety_stock=min(free, target),
        available=max(free - target, 0),
    )
    return LevelThen(then, contradicted)
