"""Ending a return: nothing more is expected, or nothing came at all."""

from datetime import datetime

from oms_api.db.session import Tx
from oms_api.domain.fulfillment.parts import changing_part
from oms_api.domain.orders.quantities import announce_return
from oms_api.domain.returns.document import ReturnDocument
from oms_api.domain.returns.states import ReturnOrderStatus
from oms_api.domain.returns.tables import ReturnRow
from oms_api.domain.returns.verbs import CANCEL, CLOSE
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import IdKind, ReturnId, text_id
from oms_api.kernel.naming import check_note
from oms_api.kernel.occurrence import occurred
from oms_api.kernel.verbs import Verb


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
    return await _end(tx, command, CLOSE)


async def cancel_return(tx: Tx, command: EndReturn) -> ReturnRow:
    """Cancel a return of which nothing came, and return it.

    Raises: NotFound, VersionConflict, OccurredTooEarly, IllegalMove.
    """
    return await _end(tx, command, CANCEL)


async def _end(tx: Tx, command: EndReturn, verb: Verb[ReturnOrderStatus, ReturnOrderStatus]) -> ReturnRow:
    at = tx.business_time(command.occurred_at)
    check_note(command.note, "note")
    async with changing_part(tx, ReturnDocument, verb, command.return_id, command.expected_version) as back:
        was, lines = back.was, back.order.lines
        not_before, what = was.created_at, "the return's creation"
        if back.last_receipt is not None:
            not_before, what = back.last_receipt, "the return's last receipt"
        back.at = occurred(at, command.occurred_at, not_before=not_before, what=what)
        for key, units in back.call_off().items():
            if was.status is not ReturnOrderStatus.REQUESTED:  # units are announced by an approval
                before, now = lines[key], announce_return(lines[key], -units)
                back.order.set_line(now)
                back.also(f"lines.{text_id(IdKind.LINE, key)}.inReturn", before.in_return, now.in_return)
        back.move()
        back.row.received_at = was.received_at or back.last_receipt
        back.row.closed_at = back.at
        back.row.close_note = command.note
    return back.row
