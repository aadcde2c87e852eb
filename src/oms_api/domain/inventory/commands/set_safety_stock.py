"""Telling levels how many units to keep back: a setting, which moves nothing."""

from uuid import UUID

from sqlalchemy import Select, select

from oms_api.db.rows import Row, inserts, updates
from oms_api.db.session import Reader, Tx
from oms_api.db.statements import statement
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.inventory.events import SafetyStockChanged
from oms_api.domain.inventory.levels import lock_levels
from oms_api.domain.inventory.named import MOST_ROWS, levels_named_once
from oms_api.domain.inventory.tables import InventoryLevelRow, SafetyStockSettingRow
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LevelId, LocationId, new_uuid

SETTINGS, TARGETS = inserts(SafetyStockSettingRow), updates(InventoryLevelRow, "safety_stock_target")


@dataclass(frozen=True, slots=True)
class Target:
    """The safety stock target of one SKU at one location."""

    sku: SkuRef
    location_id: LocationId
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSafetyStock:
    """Tell levels how many units to keep back, all or none."""

    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class SafetyStockSet:
    """The act of telling levels what to keep back, by its id, and the ids of the levels in the order given."""

    id: UUID
    level_ids: tuple[LevelId, ...]


async def set_safety_stock(tx: Tx, command: SetSafetyStock) -> SafetyStockSet:
    """Set the safety stock of levels; those that are missing are made.

    Raises: Refused with an error for each row that is wrong (UnknownSku, NotFound, NotStocked, InvalidValue, LevelTwice),
    TooManyItems, InvalidValue.
    """
    check_length(command.targets, "targets", MOST_ROWS)
    want = await levels_named_once(tx, "targets", command.targets)
    levels = await lock_levels(tx, want)
    act_id = new_uuid()
    rows: list[Row] = []
    touched: dict[int, LevelId] = {}
    for key, (index, target) in want.items():
        level = levels[key]
        assert level.id is not None  # noqa: S101 - it was made if it was missing
        touched[index] = level.id
        rows.append(
            {
                "id": new_uuid(),
                "act_id": act_id,
                "position": index,
                "level_id": level.id,
                "was": level.safety_stock_target,
                "target": target.quantity,
                "actor": tx.actor,
                "recorded_at": tx.now,
            }
        )
        if level.safety_stock_target != target.quantity:
            changes = {"safetyStockTarget": (level.safety_stock_target, target.quantity)}
            tx.emit(SafetyStockChanged(subject_id=level.id, sku_id=key[0], location_ids=(key[1],), changes=changes))
    tx.write(TARGETS, [{"id": row["level_id"], "safety_stock_target": row["target"]} for row in rows])
    tx.write(SETTINGS, rows)
    return SafetyStockSet(act_id, tuple(touched[index] for index in sorted(touched)))


@statement
def levels_of_act(act_id: UUID) -> Select[LevelId]:
    """The levels that an act set, in the order given."""
    setting = SafetyStockSettingRow
    return select(setting.level_id).where(setting.act_id == act_id).order_by(setting.position)


async def safety_stock_set_before(read: Reader, act_id: UUID) -> SafetyStockSet:
    """Return the act with *act_id*."""
    return SafetyStockSet(act_id, tuple(await read.values(levels_of_act(act_id))))
