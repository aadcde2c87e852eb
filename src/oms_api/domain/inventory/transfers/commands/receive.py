"""Taking in units of a transfer at its destination: fit for sale, damaged, or found to be lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from oms_api.db.records import changed
from oms_api.db.session import LookAgain, Tx
from oms_api.domain.inventory.errors import TooMuchStock
from oms_api.domain.inventory.levels import lock_levels, look_at
from oms_api.domain.inventory.transfers.commands.update import found_transfer
from oms_api.domain.inventory.transfers.document import MOVES, Act, Piece, TransferDocument, by_lot
from oms_api.domain.inventory.transfers.events import TransferReceived
from oms_api.domain.inventory.transfers.policies import (
    LineToReceive,
    decide_receipt,
    status_once_received,
    why_hidden,
)
from oms_api.domain.inventory.transfers.states import TransferActKind, TransferStatus
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.kernel.errors import Refused
from oms_api.kernel.naming import check_text
from oms_api.kernel.occurrence import occurred
from oms_api.kernel.quantities import LARGEST_QUANTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveTransfer:
    """Units of a transfer came, or are lost: *lines*, or all that is on the way arrived."""

    idempotency_key: str
    transfer_id: UUID
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
    check_text(command.note, "note")
    document = await found_transfer(tx, command.transfer_id, command.expected_version)
    was = document.row
    hidden = why_hidden(tx.principal, was.destination_id, "destination")
    if hidden is not None:
        raise hidden
    pieces = by_lot(decide_receipt(document, command.lines), document.shelves)
    occurred(command.occurred_at, not_before=was.shipped_at or was.created_at, what="the transfer's shipping")
    await check_room(tx, document, pieces, was.destination_id)
    document.apply(pieces)
    status = status_once_received(document)
    over = status is TransferStatus.RECEIVED
    closed_at = max(at, document.last_act_at or at) if over else None
    row = changed(was, status=status, version=was.version + 1, closed_at=closed_at)
    act = Act(
        id=tx.new_id(),
        kind=TransferActKind.RECEIPT,
        location_id=was.destination_id,
        pieces=[(tx.new_id(), piece) for piece in pieces],
        at=at,
        reference=command.reference,
        note=command.note,
    )
    document.write(tx, row, act)
    document.tell(tx, TransferReceived, row, at, act)
    return row


async def check_room(tx: Tx, document: TransferDocument, pieces: Sequence[Piece], location_id: UUID) -> None:
    """Raises: LookAgain, where a look without locks finds a level too full for *pieces*; Refused, where one with locks does.

    An error names the row that told of the units, or without rows the code of the SKU.
    """
    coming: dict[UUID, int] = {}
    names: dict[UUID, str | int] = {}
    for piece in pieces:
        if piece.outcome in MOVES:
            line = document.lines[piece.line_id]
            coming[line.sku_id] = coming.get(line.sku_id, 0) + piece.quantity
            names[line.sku_id] = line.sku_code if piece.row is None else piece.row
    if not coming:
        return
    look = lock_levels if tx.pessimistic else look_at
    levels = await look(tx, [(sku_id, location_id) for sku_id in coming])
    full = [sku_id for sku_id, units in coming.items() if levels[sku_id, location_id].on_hand + units > LARGEST_QUANTITY]
    if full and not tx.pessimistic:
        raise LookAgain
    if full:
        raise Refused(errors=[TooMuchStock().at("lines", names[sku_id]) for sku_id in full])
