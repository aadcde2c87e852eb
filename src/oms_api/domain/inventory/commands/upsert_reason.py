"""Making and changing the reasons by which stock numbers are corrected."""

from sqlalchemy import Select, select

from oms_api.db.session import Tx
from oms_api.db.statements import statement
from oms_api.domain.inventory.events import InventoryReasonChanged
from oms_api.domain.inventory.states import ReasonDirection
from oms_api.domain.inventory.tables import InventoryReasonRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.ids import InventoryReasonId
from oms_api.kernel.naming import check_code, check_name


@statement
def reason_locked(code: str) -> Select[InventoryReasonRow]:
    """The reason with *code*, locked until the transaction ends."""
    return select(InventoryReasonRow).where(InventoryReasonRow.code == code).with_for_update()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertReason:
    """A reason by its code; of one that exists, what is None stays as it is."""

    code: str
    title: str | None = None
    direction: ReasonDirection | None = None
    active: bool | None = None


async def upsert_reason(tx: Tx, command: UpsertReason) -> InventoryReasonRow:
    """Make or change a reason, which is for all. Raises: InvalidValue; LimitedKey, for a key that sees some locations only."""
    tx.principal.check_unlimited("locations")
    check_code(command.code, "code")
    if command.title is not None:
        check_name(command.title, "title")
    given = {"title": command.title, "direction": command.direction, "active": command.active}
    changes = {name: value for name, value in given.items() if value is not None}
    if command.title is not None:
        new = {
            "id": tx.new_id(InventoryReasonId),
            "code": command.code,
            "direction": ReasonDirection.EITHER,
            **changes,
            "updated_at": tx.now,
        }
        made = await tx.made_or_none(InventoryReasonRow, new)
        if made is not None:
            created = {name: (None, getattr(made, name)) for name in ("code", *given)}
            tx.emit(InventoryReasonChanged(subject_id=made.id, changes=created))
            return made
    reason = await tx.one_or_none(reason_locked(command.code))
    if reason is None:
        raise InvalidValue(problem="A new reason needs a title.", field=("title",))
    moved = {name: (getattr(reason, name), value) for name, value in changes.items() if getattr(reason, name) != value}
    if not moved:
        return reason
    tx.emit(InventoryReasonChanged(subject_id=reason.id, changes=moved))
    return await tx.updated(InventoryReasonRow, {"id": reason.id, **changes, "updated_at": tx.now})
