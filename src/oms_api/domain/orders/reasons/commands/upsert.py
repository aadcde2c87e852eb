"""Making and changing the reasons for which orders are canceled, held and changed, and work is rejected."""

from collections.abc import Mapping

from sqlalchemy import Select, select

from oms_api.db.session import Tx
from oms_api.db.statements import statement
from oms_api.domain.orders.reasons.events import OrderReasonChanged
from oms_api.domain.orders.reasons.states import OrderReasonUse, RejectEffect
from oms_api.domain.orders.reasons.tables import OrderReasonRow
from oms_api.domain.orders.states import CanceledStock, CancelReason
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.ids import OrderReasonId
from oms_api.kernel.naming import check_code, check_name


@statement
def reason_locked(use: OrderReasonUse, code: str) -> Select[OrderReasonRow]:
    """The reason with *code*, locked until the transaction ends."""
    return select(OrderReasonRow).where(OrderReasonRow.use == use, OrderReasonRow.code == code).with_for_update()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertOrderReason:
    """A reason by its use and code; of one that exists, what is None stays as it is."""

    idempotency_key: str
    use: OrderReasonUse
    code: str
    name: str | None = None
    cancel_reason: CancelReason | None = None
    stock: CanceledStock | None = None
    effect: RejectEffect | None = None
    active: bool | None = None


async def upsert_order_reason(tx: Tx, command: UpsertOrderReason) -> OrderReasonRow:
    """Make or change a reason, which is for all.

    Raises: InvalidValue; LimitedKey, for a key that sees some channels or locations only.
    """
    tx.principal.check_unlimited("channels", "locations")
    check_code(command.code, "code")
    if command.name is not None:
        check_name(command.name, "name")
    given = {name: getattr(command, name) for name in ("name", "cancel_reason", "stock", "effect", "active")}
    changes = {name: value for name, value in given.items() if value is not None}
    _check_use(command)
    if command.name is not None and (made := await _made(tx, command, changes)) is not None:
        created = {name: (None, getattr(made, name)) for name in ("use", "code", *given)}
        tx.emit(
            OrderReasonChanged(
                subject_id=made.id, changes={name: both for name, both in created.items() if both[1] is not None}
            )
        )
        return made
    reason = await tx.one_or_none(reason_locked(command.use, command.code))
    if reason is None:
        raise InvalidValue(problem="A new reason needs a name.", field=("name",))
    moved = {name: (getattr(reason, name), value) for name, value in changes.items() if getattr(reason, name) != value}
    if not moved:
        return reason
    tx.emit(OrderReasonChanged(subject_id=reason.id, changes=moved))
    return await tx.updated(OrderReasonRow, {"id": reason.id, **changes, "updated_at": tx.now})


def _check_use(command: UpsertOrderReason) -> None:
    """Raises: InvalidValue, for what only a reason of another use has."""
    of = {"cancelReason": OrderReasonUse.CANCEL, "stock": OrderReasonUse.CANCEL, "effect": OrderReasonUse.REJECT}
    given = {"cancelReason": command.cancel_reason, "stock": command.stock, "effect": command.effect}
    for name, value in given.items():
        if value is not None and command.use is not of[name]:
            raise InvalidValue(problem=f"Only a reason for {of[name]} has {name}.", field=(name,))


async def _made(tx: Tx, command: UpsertOrderReason, changes: Mapping[str, object]) -> OrderReasonRow | None:
    """Return the new reason, or None where there is one.

    Unless told otherwise a cancellation counts as OTHER with it, and a rejection leaves stock as it is.
    """
    by_use: dict[OrderReasonUse, dict[str, object]] = {
        OrderReasonUse.CANCEL: {"cancel_reason": CancelReason.OTHER},
        OrderReasonUse.REJECT: {"effect": RejectEffect.NOTHING},
    }
    more = by_use.get(command.use, {})
    new = {"id": tx.new_id(OrderReasonId), "use": command.use, "code": command.code, **more, **changes}
    return await tx.made_or_none(OrderReasonRow, {**new, "updated_at": tx.now})
