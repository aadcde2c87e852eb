"""Ending a return: nothing more is expected, or nothing came at all."""

from dataclasses import dataclass
from datetime import datetime

from oms_api.db.records import changed
from oms_api.db.session import Tx
from oms_api.domain.fulfillment.document import emit_status, header_changes
from oms_api.domain.orders.quantities import announce_return
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.returns.document import ReturnDocument, locked_return
from oms_api.domain.returns.events import ReturnCanceled, ReturnClosed
from oms_api.domain.returns.policies import why_not_cancel, why_not_close
from oms_api.domain.returns.states import ReturnOrderStatus
from oms_api.domain.returns.tables import ReturnRow
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, LineId, ReturnId, text_id
from oms_api.kernel.intake import refuse_if
from oms_api.kernel.naming import check_note, check_version
from oms_api.kernel.occurrence import occurred


@dataclass(frozen=True, slots=True, kw_only=True)
class EndReturn:
    """Expect nothing more of a return."""

    idempotency_key: str
    return_id: ReturnId
    note: str | None = None
    expected_version: int | None = None
    occurred_at: datetime | None = None


async def close_return(tx: Tx, command: EndReturn) -> ReturnRow:
    """Close a return, with what is still expected called off, and return it.

    Raises: NotFound, VersionConflict, OccurredTooEarly, IllegalMove.
    """
    return await _end(tx, command, ReturnOrderStatus.CLOSED)


async def cancel_return(tx: Tx, command: EndReturn) -> ReturnRow:
    """Cancel a return of which nothing came, and return it.

    Raises: NotFound, VersionConflict, OccurredTooEarly, IllegalMove.
    """
    return await _end(tx, command, ReturnOrderStatus.CANCELED)


async def _end(tx: Tx, command: EndReturn, status: ReturnOrderStatus) -> ReturnRow:
    at = tx.business_time(command.occurred_at)
    check_note(command.note, "note")
    back, _ = await locked_return(tx, command.return_id)
    if back is None:
        raise NotFound(what="return", given=text_id(IdKind.RETURN, command.return_id), field=("returnId",))
    was = back.row
    check_version(command.expected_version, was.version)
    refuse_if((why_not_close if status is ReturnOrderStatus.CLOSED else why_not_cancel)(was.status))
    if back.last_receipt is None:
        at = occurred(at, command.occurred_at, not_before=was.created_at, what="the return's creation")
    else:
        at = occurred(at, command.occurred_at, not_before=back.last_receipt, what="the return's last receipt")
    document = back.order
    before = {}
    for key, units in back.call_off().items():
        if was.status is not ReturnOrderStatus.REQUESTED:  # units are announced by an approval
            before[key] = document.lines[key].in_return
            document.set_line(announce_return(document.lines[key], -units))
    back.move(status)
    document.settle()
    order = document.header(at)
    document.write(tx, order, at)
    received_at = was.received_at or back.last_receipt
    row = changed(was, status=status, version=was.version + 1, received_at=received_at, closed_at=at, close_note=command.note)
    back.write(tx, row)
    _emit(tx, back, row, order, before, at)
    return row


def _emit(tx: Tx, back: ReturnDocument, row: ReturnRow, order: OrderRow, before: dict[LineId, int], at: datetime) -> None:
    changes: dict[str, tuple[object, object]] = {"return.status": (back.row.status, row.status)}
    for key, units in before.items():
        changes[f"lines.{text_id(IdKind.LINE, key)}.inReturn"] = units, back.order.lines[key].in_return
    kind = ReturnClosed if row.status is ReturnOrderStatus.CLOSED else ReturnCanceled
    tx.emit(
        kind(
            subject_id=row.id,
            order_id=order.id,
            channel_id=order.channel_id,
            location_ids=back.order.location_ids,
            changes={**changes, **header_changes(back.order.order, order)},
            occurred_at=at,
        )
    )
    emit_status(tx, back.order, order, at)
