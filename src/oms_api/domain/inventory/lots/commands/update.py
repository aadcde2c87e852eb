"""Correcting what is known of a lot: its expiry and its attributes, never its code, for movements name that."""

from dataclasses import field
from datetime import date
from typing import Any, TypedDict

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.db.versioned import change, locking
from oms_api.domain.inventory.lots.events import LotChanged
from oms_api.domain.inventory.lots.given import AttributeOfLot, check_attributes
from oms_api.domain.inventory.lots.queries import locations_of_lot, visible_to
from oms_api.domain.inventory.lots.tables import LotRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import LimitedKey, NotFound
from oms_api.kernel.ids import IdKind, LotId, text_id
from oms_api.kernel.naming import check_version


class LotChanges(TypedDict, total=False):
    """What is said of a lot; what is left out stays as it is."""

    expires_on: date | None
    attributes: tuple[AttributeOfLot, ...] | None


LOCK_LEVELS = Sql("""
SELECT level.id FROM inventory_level level WHERE level.id IN (SELECT level_id FROM lot_level WHERE lot_id = :lot::uuid)
ORDER BY level.sku_id, level.location_id FOR NO KEY UPDATE OF level
""")
EXPIRE = Sql("UPDATE lot_level SET expires_on = :expires_on::date WHERE lot_id = :lot_id::uuid")
lock_lot = locking(LotRow, visible=visible_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateLot:
    """Change what is known of a lot."""

    lot_id: LotId
    changes: LotChanges = field(default_factory=LotChanges)
    expected_version: int | None = None


async def update_lot(tx: Tx, command: UpdateLot) -> LotRow:
    """Change a lot, at every level where it lies, and return it.

    Raises: NotFound, also for a lot that lies nowhere the caller may see; LimitedKey, for one that lies elsewhere too;
    VersionConflict, InvalidValue, TooManyItems.
    """
    check_attributes(command.changes.get("attributes") or ())
    if "expires_on" in command.changes:
        await tx.fetch(LOCK_LEVELS(lot=command.lot_id))
    before = await lock_lot(tx, command.lot_id)
    if before is None:
        raise NotFound(what="lot", given=text_id(IdKind.LOT, command.lot_id), field=("lotId",))
    locations = tuple(await tx.values(locations_of_lot(before.id)))
    if not all(tx.principal.sees_location(location) for location in locations):
        raise LimitedKey(what="locations", field=("lotId",))
    check_version(command.expected_version, before.version)
    columns: dict[str, Any] = dict(command.changes)
    if "attributes" in columns:
        columns["attributes"] = {each.name: each.value for each in columns["attributes"] or ()}
    lot, moved = await change(tx, LotRow, before, columns)
    if "expires_on" in moved:
        tx.closing.append(EXPIRE(lot_id=lot.id, expires_on=lot.expires_on))
    if moved:
        tx.emit(LotChanged(subject_id=lot.id, sku_id=lot.sku_id, location_ids=locations, changes=moved))
    return lot
