"""Taking in units of a transfer at its destination: fit for sale, damaged, or found to be lost."""

from dataclasses import dataclass
from datetime import datetime

from oms_api.db.records import changed
from oms_api.db.session import Tx
from oms_api.domain.inventory.transfers.document import by_lot, found_transfer, tell, write
from oms_api.domain.inventory.transfers.events import TransferReceived
from oms_api.domain.inventory.transfers.policies import (
    LineToReceive,
    decide_receipt,
    status_once_received,
    why_hidden,
)
from oms_api.domain.inventory.transfers.room import check_room
from oms_api.domain.inventory.transfers.states import TransferActKind, TransferStatus
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.domain.inventory.transfers.units import Act
from oms_api.kernel.ids import TransferActId, TransferActLineId, TransferId
from oms_api.kernel.intake import refuse_if
from oms_api.kernel.naming import check_note, check_text
from oms_api.kernel.occurrence import occurred


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveTransfer:
    """Units of a transfer came, or are lost: *lines*, or all that is on the way arrived."""

    idempotency_key: str
    transfer_id: TransferId
    lines: tuple[LineToReceive, ...] | None = None
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
    document = await found_transfer(tx, command.transfer_id, command.expected_version)
    was = document.row
    refuse_if(why_hidden(tx.principal, was.destination_id, "destination"))
    pieces = by_lot(decide_receipt(document, command.lines), document.shelves)
    at = occurred(at, command.occurred_at, not_before=was.shipped_at or was.created_at, what="the transfer's shipping")
    await check_room(tx, document, pieces, was.destination_id)
    document.apply(pieces)
    status = status_once_received(document)
    over = status is TransferStatus.RECEIVED
    closed_at = max(at, document.last_act_at or at) if over else None
    row = changed(was, status=status, version=was.version + 1, closed_at=closed_at)
    act = Act(
        id=tx.new_id(TransferActId),
        kind=TransferActKind.RECEIPT,
        location_id=was.destination_id,
        pieces=[(tx.new_id(TransferActLineId), piece) for piece in pieces],
        at=at,
        reference=command.reference,
        note=command.note,
    )
    write(tx, document, row, act)
    tell(tx, document, TransferReceived, row, at, act)
    return row
