"""Calling off the rest of a transfer, or a part of what is on the way.

Before it left that is simple; what is on the way is brought back or written off.
"""

from datetime import datetime

from oms_api.db.documents import changing
from oms_api.db.session import Tx
from oms_api.domain.inventory.transfers.capacity import check_capacity
from oms_api.domain.inventory.transfers.document import TransferDocument, by_lot, record
from oms_api.domain.inventory.transfers.policies import LineToSend, decide_cancellation, once_over
from oms_api.domain.inventory.transfers.states import TransferActKind, TransferResolution
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.domain.inventory.transfers.units import RecordedAct
from oms_api.domain.inventory.transfers.verbs import CANCEL
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import TransferActId, TransferActLineId, TransferId
from oms_api.kernel.naming import check_note
from oms_api.kernel.occurrence import occurred


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTransfer:
    """Call off *lines* of what is on the way, or the rest of a transfer; *resolution* says what becomes of units on the way."""

    idempotency_key: str
    transfer_id: TransferId
    resolution: TransferResolution | None = None
    lines: tuple[LineToSend, ...] | None = None
    note: str | None = None
    expected_version: int | None = None
    occurred_at: datetime | None = None


async def cancel_transfer(tx: Tx, command: CancelTransfer) -> TransferRow:
    """End a transfer and return it: CANCELED, or RECEIVED where something was received before.

    With *lines* it goes on as it was, unless nothing is left that is on the way or to be sent.
    Raises: NotFound, VersionConflict, TransferEndHidden, IllegalMove, NothingInTransit, ResolutionNeeded, OccurredTooEarly;
    Refused with all that is wrong with the rows: TooMuchStock, where the origin cannot hold what is brought back.
    """
    at = tx.business_time(command.occurred_at)
    check_note(command.note, "note")
    async with changing(tx, TransferDocument, CANCEL, command.transfer_id, command.expected_version) as transfer:
        was, on_the_way = transfer.was, transfer.in_transit
        pieces = by_lot(decide_cancellation(transfer, command.resolution, command.lines), transfer.shelves)
        at = occurred(at, command.occurred_at, not_before=was.created_at, what="the transfer's creation")
        if transfer.last_act_at is not None:
            last = transfer.last_act_at
            at = occurred(at, command.occurred_at, not_before=last, what="what was done with the transfer last")
        await check_capacity(tx, transfer, pieces, was.origin_id)
        act = RecordedAct(
            id=tx.new_id(TransferActId),
            kind=TransferActKind.CANCELLATION,
            location_id=was.origin_id,
            pieces=[(tx.new_id(TransferActLineId), piece) for piece in pieces],
            at=at,
            resolution=command.resolution if on_the_way else None,
            note=command.note,
        )
        transfer.carry_out(act)
        if not (transfer.in_transit or transfer.unsent):
            transfer.move(once_over(was.status))
            transfer.row.closed_at = at
    record(tx, transfer, act)
    return transfer.row
