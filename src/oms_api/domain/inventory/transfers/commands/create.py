"""Planning a transfer: where from, where to, what, and by when."""

from dataclasses import dataclass
from datetime import datetime

from oms_api.db.session import Tx
from oms_api.domain.inventory.transfers.document import TRANSFERS
from oms_api.domain.inventory.transfers.errors import DuplicateTransferRef
from oms_api.domain.inventory.transfers.events import TransferCreated
from oms_api.domain.inventory.transfers.planning import REFERENCE_TAKEN, plan, write_lines, wrong_ends, wrong_header
from oms_api.domain.inventory.transfers.policies import MOST_LINES, LineToSend
from oms_api.domain.inventory.transfers.states import TransferStatus
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.kernel.errors import Refused
from oms_api.kernel.ids import LocationId, TransferId
from oms_api.kernel.intake import check_length

NUMBER = "SELECT nextval('transfer_number'), (SELECT id FROM transfer WHERE external_ref = $1::text)"
INSERT = """
INSERT INTO transfer (id, number, external_ref, origin_id, destination_id, status, expected_at, note, actor, created_at,
                      recorded_at, ready_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTransfer:
    """Let goods go from one location to another; *ready* says that the destination may expect them."""

    idempotency_key: str
    origin_id: LocationId
    destination_id: LocationId
    lines: tuple[LineToSend, ...]
    ready: bool = False
    expected_at: datetime | None = None
    external_ref: str | None = None
    note: str | None = None
    occurred_at: datetime | None = None


async def create_transfer(tx: Tx, command: CreateTransfer) -> TransferRow:
    """Plan a transfer and return it: a DRAFT, or READY_TO_SHIP. Levels that are missing at the destination are made.

    Raises: MissingScope, InvalidValue, TooManyItems; Refused with all that is wrong with texts, locations and lines.
    """
    at = tx.business_time(command.occurred_at)
    check_length(command.lines, "lines", MOST_LINES)
    errors = wrong_header(command.external_ref, command.note, command.expected_at)
    errors += await wrong_ends(tx, command.origin_id, command.destination_id)
    quantities, wrong = await plan(tx, command.lines)
    errors += wrong
    reference = None if errors else command.external_ref
    ((number, taken),) = await tx.fetch(NUMBER, (reference,))
    if taken is not None:
        errors.append(DuplicateTransferRef(external_ref=reference or "", transfer_id=taken, field=("externalRef",)))
    if errors:
        raise Refused(errors=errors)
    status = TransferStatus.READY_TO_SHIP if command.ready else TransferStatus.DRAFT
    row = TRANSFERS.record((
        tx.new_id(TransferId), number, command.external_ref, command.origin_id, command.destination_id, status,
        command.expected_at, command.note, 1, tx.actor, at, None, None, tx.now, at if command.ready else None,
    ))  # fmt: skip
    tx.races = frozenset({REFERENCE_TAKEN})
    tx.closing.append((INSERT, (
        row.id, row.number, row.external_ref, row.origin_id, row.destination_id, row.status, row.expected_at, row.note,
        row.actor, at, tx.now, row.ready_at,
    )))  # fmt: skip
    write_lines(tx, row.id, row.destination_id, quantities)
    changes: dict[str, tuple[object, object]] = {"status": (None, row.status)}
    tx.emit(
        TransferCreated(subject_id=row.id, location_ids=(row.origin_id, row.destination_id), changes=changes, occurred_at=at)
    )
    return row
