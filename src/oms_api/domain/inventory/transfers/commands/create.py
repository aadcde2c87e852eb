"""Planning a transfer: where from, where to, what, and by when."""

from datetime import datetime

from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.inventory.transfers.errors import DuplicateTransferRef
from oms_api.domain.inventory.transfers.events import TransferCreated
from oms_api.domain.inventory.transfers.planning import REFERENCE_TAKEN, plan, write_lines, wrong_ends, wrong_header
from oms_api.domain.inventory.transfers.policies import MOST_LINES, LineToSend
from oms_api.domain.inventory.transfers.states import TransferStatus
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import Refused
from oms_api.kernel.ids import LocationId, TransferId

NUMBER = Sql("SELECT nextval('transfer_number'), (SELECT id FROM transfer WHERE external_ref = :reference::text)")
HEADERS = inserts(TransferRow)


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
    ((number, taken),) = await tx.fetch(NUMBER(reference=reference))
    if taken is not None:
        errors.append(DuplicateTransferRef(external_ref=reference or "", transfer_id=taken, field=("externalRef",)))
    if errors:
        raise Refused(errors=errors)
    status = TransferStatus.READY_TO_SHIP if command.ready else TransferStatus.DRAFT
    row = tx.put(
        HEADERS,
        id=tx.new_id(TransferId),
        number=number,
        external_ref=command.external_ref,
        origin_id=command.origin_id,
        destination_id=command.destination_id,
        status=status,
        expected_at=command.expected_at,
        note=command.note,
        version=1,
        actor=tx.actor,
        created_at=at,
        recorded_at=tx.now,
        ready_at=at if command.ready else None,
    )
    tx.races = frozenset({REFERENCE_TAKEN})
    write_lines(tx, row.id, row.destination_id, quantities)
    changes: dict[str, tuple[object, object]] = {"status": (None, row.status)}
    tx.emit(
        TransferCreated(subject_id=row.id, location_ids=(row.origin_id, row.destination_id), changes=changes, occurred_at=at)
    )
    return row
