"""Letting units of a transfer leave their origin: free ones, safety stock too, never what is promised."""

from collections.abc import Sequence
from datetime import datetime

from oms_api.db.documents import changing
from oms_api.db.session import Tx
from oms_api.domain.inventory.errors import of_sku
from oms_api.domain.inventory.levels import Levels, shelves
from oms_api.domain.inventory.lots.policies import Shelf
from oms_api.domain.inventory.shortfall import Cover, Missing, Taking, refuse
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.transfers.document import TransferDocument, by_lot, record
from oms_api.domain.inventory.transfers.planning import check_destination
from oms_api.domain.inventory.transfers.policies import LineToSend, decide_shipment
from oms_api.domain.inventory.transfers.states import TransferActKind, TransferStatus
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.domain.inventory.transfers.units import RecordedAct, TransferPiece
from oms_api.domain.inventory.transfers.verbs import SHIP
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import IdKind, TransferActId, TransferActLineId, TransferId, TransferLineId
from oms_api.kernel.naming import check_note, check_text
from oms_api.kernel.occurrence import occurred


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipTransfer:
    """Units of a transfer leave: *lines*, or all that are still to be sent."""

    idempotency_key: str
    transfer_id: TransferId
    lines: tuple[LineToSend, ...] | None = None
    reference: str | None = None
    note: str | None = None
    expected_version: int | None = None
    occurred_at: datetime | None = None


async def ship_transfer(tx: Tx, command: ShipTransfer, cover: Cover = refuse) -> TransferRow:
    """Send units of a transfer and return it: IN_TRANSIT, or PARTIALLY_RECEIVED where something came before.

    Raises: NotFound, VersionConflict, TransferEndHidden, IllegalMove, NothingToSend, LocationInactive, OccurredTooEarly;
    Refused with all that is wrong with the rows: BelowZero, where fewer units are free.
    """
    at = tx.business_time(command.occurred_at)
    check_text(command.reference, "reference")
    check_note(command.note, "note")
    async with changing(tx, TransferDocument, SHIP, command.transfer_id, command.expected_version) as transfer:
        was = transfer.was
        pieces = decide_shipment(transfer, command.lines)
        await check_destination(tx, was)
        at = occurred(at, command.occurred_at, not_before=was.created_at, what="the transfer's creation")
        levels = await check_free(tx, transfer, pieces, at, cover)
        act = RecordedAct(
            id=tx.new_id(TransferActId),
            kind=TransferActKind.SHIPMENT,
            location_id=was.origin_id,
            pieces=[(tx.new_id(TransferActLineId), piece) for piece in by_lot(pieces, shelves_of_lines(transfer, levels))],
            at=at,
            reference=command.reference,
            note=command.note,
        )
        transfer.carry_out(act)
        if was.status is not TransferStatus.PARTIALLY_RECEIVED:
            transfer.move(TransferStatus.IN_TRANSIT)
        transfer.row.shipped_at = min(at, was.shipped_at or at)
    record(tx, transfer, act)
    return transfer.row


def shelves_of_lines(document: TransferDocument, levels: Levels) -> dict[TransferLineId, Shelf]:
    """Return what lies at those *levels* of the origin that have lots, by the line that takes from it."""
    found, origin = shelves(levels), document.was.origin_id
    return {key: found[line.sku_id, origin] for key, line in document.lines.items() if (line.sku_id, origin) in found}


async def check_free(tx: Tx, document: TransferDocument, pieces: Sequence[TransferPiece], at: datetime, cover: Cover) -> Levels:
    """Return the levels that units leave.

    Raises: LookAgain, where a look without locks finds too few free units; Refused, where one with locks does. An error names
    the row that asked for the units, or without rows the transfer and the SKU.
    """
    origin = document.was.origin_id
    sent: dict[LevelKey, TransferPiece] = {(document.lines[piece.line_id].sku_id, origin): piece for piece in pieces}

    def missing(levels: Levels) -> dict[LevelKey, Missing]:
        return {
            key: Missing(requested=piece.quantity, units=piece.quantity - levels[key].good)
            for key, piece in sent.items()
            if piece.quantity > levels[key].good
        }

    taking = Taking(document=(IdKind.TRANSFER, document.was.id), keys=sent, missing=missing, at=at)
    covered = await cover(tx, taking)
    errors: list[OmsError] = []
    for key, error in covered.short.items():
        line, row = document.lines[sent[key].line_id], sent[key].row
        errors.append(of_sku(error, line.sku_code).at("transferId") if row is None else error.at("lines", row, "quantity"))
    if errors:
        raise Refused(errors=errors)
    return covered.levels
