"""Saying what a supplier supplies, at which cost, in which quantities and how fast."""

from dataclasses import field
from typing import Any

from sqlalchemy import Select, select

from oms_api.db.session import LookAgain, Tx
from oms_api.db.statements import statement
from oms_api.db.versioned import change, locking
from oms_api.domain.catalog.references import SkuRef, sku_named
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.states import Activity
from oms_api.domain.inventory.errors import NotStocked
from oms_api.domain.purchasing.events import SupplierSkuChanged
from oms_api.domain.purchasing.given import SupplierSkuChanges, check_changes, supplier_sku_columns
from oms_api.domain.purchasing.suppliers import suppliers_by_id
from oms_api.domain.purchasing.tables import SupplierSkuRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, LimitedKey, NotFound
from oms_api.kernel.ids import IdKind, SkuId, SupplierId, SupplierSkuId, text_id
from oms_api.kernel.naming import check_version

COSTS = ("cost", "currency")
lock_sku = locking(SkuRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertSupplierSku:
    """Say how a supplier sells *sku*, or change that."""

    supplier_id: SupplierId
    sku: SkuRef
    changes: SupplierSkuChanges = field(default_factory=SupplierSkuChanges)
    expected_version: int | None = None


@statement
def locked_supply(supplier_id: SupplierId, sku_id: SkuId) -> Select[SupplierSkuRow]:
    """What a supplier supplies of a SKU, locked; others may still refer to it."""
    of_both = SupplierSkuRow.supplier_id == supplier_id, SupplierSkuRow.sku_id == sku_id
    return select(SupplierSkuRow).where(*of_both).with_for_update(key_share=True)


@statement
def preferred_otherwise(supplier_id: SupplierId, sku_id: SkuId) -> Select[SupplierSkuRow]:
    """What another supplier is preferred for, locked; others may still refer to it."""
    other = SupplierSkuRow.sku_id == sku_id, SupplierSkuRow.supplier_id != supplier_id, SupplierSkuRow.preferred
    return select(SupplierSkuRow).where(*other).with_for_update(key_share=True)


async def upsert_supplier_sku(tx: Tx, command: UpsertSupplierSku) -> SupplierSkuRow:
    """Make or change what a supplier supplies.

    Raises: NotFound, UnknownSku, NotStocked, VersionConflict; Refused, with all that is wrong with the changes; LimitedKey, for
    a key that sees some suppliers only and prefers one of them.
    """
    supplier = (await suppliers_by_id(tx, [command.supplier_id])).get(command.supplier_id)
    if supplier is None:
        raise NotFound(what="supplier", given=text_id(IdKind.SUPPLIER, command.supplier_id), field=("supplierId",))
    sku = await sku_named(tx, command.sku, "sku")
    if not sku.kind.stocked:
        raise NotStocked(sku=sku.code, kind=sku.kind, field=("sku",))
    check_changes(command.changes)
    columns = supplier_sku_columns(command.changes, supplier.currency)
    if command.changes.get("preferred"):
        await _prefer_over_others(tx, supplier.id, sku.id)
    before = await tx.one_or_none(locked_supply(supplier.id, sku.id))
    if before is None:
        return await _create(tx, command, {"supplier_id": supplier.id, "sku_id": sku.id, **columns})
    check_version(command.expected_version, before.version)
    supplied, moved = await change(tx, SupplierSkuRow, before, columns)
    if moved:
        shown = {name: values for name, values in moved.items() if name not in COSTS}
        if len(shown) < len(moved):
            shown["cost"] = None, None
        tx.emit(SupplierSkuChanged(subject_id=supplied.id, supplier_ids=(supplier.id,), changes=shown))
    return supplied


async def _prefer_over_others(tx: Tx, supplier_id: SupplierId, sku_id: SkuId) -> None:
    """Take the preference for a SKU from any other supplier.

    The SKU is locked before any supplier's row: who moves the preference waits here for whoever does it at the same time.
    Raises: LimitedKey, since the other one may lie outside the principal's limits.
    """
    if tx.principal.suppliers is not None:
        raise LimitedKey(what="suppliers", field=("preferred",))
    await lock_sku(tx, sku_id)
    before = await tx.one_or_none(preferred_otherwise(supplier_id, sku_id))
    if before is not None:
        after, moved = await change(tx, SupplierSkuRow, before, {"preferred": False})
        tx.emit(SupplierSkuChanged(subject_id=after.id, supplier_ids=(after.supplier_id,), changes=moved))


async def _create(tx: Tx, command: UpsertSupplierSku, columns: dict[str, Any]) -> SupplierSkuRow:
    if command.expected_version is not None:
        problem = "The supplier does not supply this SKU yet, so there is no version."
        raise InvalidValue(problem=problem, field=("expectedVersion",))
    new = {"id": tx.new_id(SupplierSkuId), "status": Activity.ACTIVE, "created_at": tx.now, "updated_at": tx.now}
    supplied = await tx.made_or_none(SupplierSkuRow, {**new, **columns})
    if supplied is None:
        raise LookAgain
    tx.emit(SupplierSkuChanged(subject_id=supplied.id, supplier_ids=(supplied.supplier_id,)))
    return supplied
