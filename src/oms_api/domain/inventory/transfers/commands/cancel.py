"""Calling off the rest of a transfer, or a part of what is on the way.

Before it left that is simple; what is on the way is brought back or written off.
"""

from dataclasses import dataclass
from datetime import datetime

from oms_api.db.records import changed
from oms_api.db.session import Tx
from oms_api.domain.inventory.transfers.document import by_lot, found_transfer, tell, write
from oms_api.domain.inventory.transfers.events import TransferCanceled
from oms_api.domain.inventory.transfers.policies import LineToSend, decide_cancellation, status_once_canceled, why_hidden
from oms_api.domain.inventory.transfers.room import check_room
from oms_api.domain.inventory.transfers.states import TransferActKind, TransferResolution
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.domain.inventory.transfers.units import Act
from oms_api.kernel.ids import TransferActId, TransferActLineId, TransferId
from oms_api.kernel.intake import refuse_if
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
    document = await found_transfer(tx, command.transfer_id, command.expected_version)
    was = document.row
    refuse_if(why_hidden(tx.principal, was.origin_id, "origin"))
    on_the_way = document.in_transit
    pieces = by_lot(decide_cancellation(document, command.resolution, command.lines), document.shelves)
    at = occurred(at, command.occurred_at, not_before=was.created_at, what="the transfer's creation")
    if document.last_act_at is not None:
        at = occurred(at, command.occurred_at, not_before=document.last_act_at, what="what was done with the transfer last")
    await check_room(tx, document, pieces, was.origin_id)
    document.apply(pieces)
    rest = document.in_transit + document.unsent
    status = status_once_canceled(was.status, rest=rest)
    row = changed(was, status=status, version=was.version + 1, closed_at=None if rest else at)
    act = Act(
        id=tx.new_id(TransferActId),
        kind=TransferActKind.CANCELLATION,
        location_id=was.origin_id,
        pieces=[(tx.new_id(TransferActLineId), piece) for piece in pieces],
        at=at,
        resolution=command.resolution if on_the_way else None,
        note=command.note,
    )
    write(tx, document, row, act)
    tell(tx, document, TransferCanceled, row, at, act)
    return row
