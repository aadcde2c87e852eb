"""Taking in units of a transfer at its destination: fit for sale, damaged, or found to be lost."""

from datetime import datetime

from oms_api.db.documents import changing
from oms_api.db.session import Tx
from oms_api.domain.inventory.transfers.capacity import check_capacity
from oms_api.domain.inventory.transfers.document import TransferDocument, by_lot, record
from oms_api.domain.inventory.transfers.policies import TransferLineToReceive, decide_receipt
from oms_api.domain.inventory.transfers.states import TransferActKind, TransferStatus
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.domain.inventory.transfers.units import RecordedAct
from oms_api.domain.inventory.transfers.verbs import RECEIVE
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import TransferActId, TransferActLineId, TransferId
from oms_api.kernel.naming import check_note, check_text
from oms_api.kernel.occurrence import occurred


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveTransfer:
    """Units of a transfer came, or are lost: *lines*, or all that is on the way arrived."""

    idempotency_key: str
    transfer_id: TransferId
    lines: tuple[TransferLineToReceive, ...] | None = None
    reference: str | None = None
    note: str | None = None
    expected_version: int | None = None
    occurred_at: datetime | None = None


async def receive_transfer(tx: Tx, command: ReceiveTransfer) -> TransferRow:
    """Record what came of a transfer and return it: PARTIALLY_RECEIVED, or RECEIVED when nothing more is to come.

    Raises: NotFound, VersionConflict, TransferEndHidden, IllegalMove, NothingInTransit, OccurredTooEarly; Refused with all that
    is wrong with the rows.
    """
    at = tx.business_time(command.occurred_at)
    check_text(command.reference, "reference")
    check_note(command.note, "note")
    async with changing(tx, TransferDocument, RECEIVE, command.transfer_id, command.expected_version) as transfer:
        was = transfer.was
        pieces = by_lot(decide_receipt(transfer, command.lines), transfer.shelves)
        at = occurred(at, command.occurred_at, not_before=was.shipped_at or was.created_at, what="the transfer's shipping")
        await check_capacity(tx, transfer, pieces, was.destination_id)
        act = RecordedAct(
            id=tx.new_id(TransferActId),
            kind=TransferActKind.RECEIPT,
            location_id=was.destination_id,
            pieces=[(tx.new_id(TransferActLineId), piece) for piece in pieces],
            at=at,
            reference=command.reference,
            note=command.note,
        )
        transfer.carry_out(act)
        over = not (transfer.in_transit or transfer.unsent)
        transfer.move(TransferStatus.RECEIVED if over else TransferStatus.PARTIALLY_RECEIVED)
        transfer.row.closed_at = max(at, transfer.last_act_at or at) if over else None
    record(tx, transfer, act)
    return transfer.row
