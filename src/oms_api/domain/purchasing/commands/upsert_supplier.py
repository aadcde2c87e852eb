"""Making and changing suppliers."""

from dataclasses import field
from typing import Any

from sqlalchemy import Select, select

from oms_api.db.session import LookAgain, Tx
from oms_api.db.statements import statement
from oms_api.db.versioned import change
from oms_api.domain.channels.states import Activity
from oms_api.domain.purchasing.events import SupplierChanged, SupplierCreated
from oms_api.domain.purchasing.given import SupplierChanges, check_changes, supplier_columns
from oms_api.domain.purchasing.suppliers import visible_suppliers
from oms_api.domain.purchasing.tables import SupplierRow
from oms_api.kernel.access import Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused
from oms_api.kernel.ids import SupplierId
from oms_api.kernel.naming import check_code, check_version


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertSupplier:
    """Make the supplier *code*, or change it."""

    code: str
    changes: SupplierChanges = field(default_factory=SupplierChanges)
    expected_version: int | None = None


@statement
def locked_supplier(code: str, sight: Sight) -> Select[SupplierRow]:
    """The supplier with *code*, if whoever has *sight* sees it, locked; others may still refer to it."""
    of_code = SupplierRow.code == code, *visible_suppliers(sight, SupplierRow.id)
    return select(SupplierRow).where(*of_code).with_for_update(key_share=True)


async def upsert_supplier(tx: Tx, command: UpsertSupplier) -> SupplierRow:
    """Make or change a supplier.

    Raises: Refused, with all that is wrong; VersionConflict; LimitedKey, for a new one by a key that sees some suppliers only.
    """
    check_code(command.code, "code")
    check_changes(command.changes)
    columns = supplier_columns(command.changes)
    before = await tx.one_or_none(locked_supplier(command.code, tx.sight))
    if before is None:
        return await _create(tx, command, columns)
    check_version(command.expected_version, before.version)
    supplier, moved = await change(tx, SupplierRow, before, columns)
    if moved:
        if "contact" in moved:
            moved["contact"] = None, None
        if "currency" in moved:
            moved["currency_code"] = moved.pop("currency")
        tx.emit(SupplierChanged(subject_id=supplier.id, supplier_ids=(supplier.id,), changes=moved))
    return supplier


async def _create(tx: Tx, command: UpsertSupplier, columns: dict[str, Any]) -> SupplierRow:
    tx.principal.check_unlimited("suppliers")
    shown = {"name": "name", "currency": "currencyCode"}
    errors: list[OmsError] = [
        InvalidValue(problem=f"A new supplier needs a {name}.", field=(path,))
        for name, path in shown.items()
        if name not in columns
    ]
    if command.expected_version is not None:
        problem = "There is no such supplier yet, so it has no version."
        errors.append(InvalidValue(problem=problem, field=("expectedVersion",)))
    if errors:
        raise Refused(errors=errors)
    new = {
        "id": tx.new_id(SupplierId),
        "code": command.code,
        "status": Activity.ACTIVE,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    supplier = await tx.made_or_none(SupplierRow, {**new, **columns})
    if supplier is None:
        raise LookAgain
    tx.emit(SupplierCreated(subject_id=supplier.id, supplier_ids=(supplier.id,)))
    return supplier
