"""Planning a transfer: where from, where to, what, and by when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.domain.catalog.references import skus_by_reference
from oms_api.domain.channels.errors import LocationInactive
from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.channels.states import Activity
from oms_api.domain.inventory.errors import NotStocked
from oms_api.domain.inventory.ledger import make_levels
from oms_api.domain.inventory.transfers.document import TRANSFERS
from oms_api.domain.inventory.transfers.errors import DuplicateTransferRef, SameLocation
from oms_api.domain.inventory.transfers.events import TransferCreated
from oms_api.domain.inventory.transfers.policies import LineToSend, check_length, check_quantity
from oms_api.domain.inventory.transfers.states import TransferStatus
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.kernel.errors import LineTwice, NotFound, OmsError, Refused, wrong_in
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.naming import check_code, check_text
from oms_api.kernel.occurrence import check_planned

NUMBER = "SELECT nextval('transfer_number'), (SELECT id FROM transfer WHERE external_ref = $1::text)"
REFERENCE_TAKEN = "uq_transfer_external_ref"
INSERT = """
INSERT INTO transfer (id, number, external_ref, origin_id, destination_id, status, expected_at, note, actor, created_at,
                      recorded_at, ready_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
INSERT_LINES = """
INSERT INTO transfer_line (id, transfer_id, position, sku_id, quantity)
SELECT line.id, $1, line.position, line.sku_id, line.quantity
FROM unnest($2::uuid[], $3::uuid[], $4::int[]) WITH ORDINALITY AS line (id, sku_id, quantity, position)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTransfer:
    """Let goods go from one location to another; *ready* says that the destination may expect them."""

    idempotency_key: str
    origin_id: UUID
    destination_id: UUID
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
    check_length(command.lines)
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
        tx.new_id(), number, command.external_ref, command.origin_id, command.destination_id, status, command.expected_at,
        command.note, 1, tx.actor, at, None, None, tx.now, at if command.ready else None,
    ))  # fmt: skip
    tx.races = frozenset({REFERENCE_TAKEN})
    tx.closing.append((INSERT, (
        row.id, row.number, row.external_ref, row.origin_id, row.destination_id, row.status, row.expected_at, row.note,
        row.actor, at, tx.now, row.ready_at,
    )))  # fmt: skip
    write_lines(tx, row.id, row.destination_id, quantities)
    changes: dict[str, tuple[object, object]] = {"transfer.status": (None, row.status)}
    tx.emit(
        TransferCreated(subject_id=row.id, location_ids=(row.origin_id, row.destination_id), changes=changes, occurred_at=at)
    )
    return row


def wrong_header(external_ref: str | None, note: str | None, expected_at: datetime | None) -> list[OmsError]:
    """Return what is wrong with a reference, a note and the day of arrival."""
    return wrong_in(
        lambda: None if external_ref is None else check_code(external_ref, "externalRef"),
        lambda: check_text(note, "note"),
        lambda: check_planned(expected_at, "expectedAt"),
    )


async def wrong_ends(tx: Tx, origin_id: UUID, destination_id: UUID) -> list[OmsError]:
    """Return what is wrong with the ends of a transfer: whoever plans it sees both, and no goods go to an inactive location."""
    if origin_id == destination_id:
        return [SameLocation(field=("destinationId",))]
    found = await locations_by_id(tx, (origin_id, destination_id))
    errors: list[OmsError] = [
        NotFound(what="location", given=text_id(IdKind.LOCATION, given), field=(name,))
        for name, given in (("originId", origin_id), ("destinationId", destination_id))
        if given not in found
    ]
    destination = found.get(destination_id)
    if destination is not None and destination.status is not Activity.ACTIVE:
        errors.append(LocationInactive(location=destination.code, field=("destinationId",)))
    return errors


async def plan(tx: Tx, lines: Sequence[LineToSend]) -> tuple[Mapping[UUID, int], list[OmsError]]:
    """Return how many units of which SKU *lines* ask for, in their order, and what is wrong with them."""
    skus = await skus_by_reference(tx, [line.sku for line in lines])
    quantities: dict[UUID, int] = {}
    errors: list[OmsError] = []
    for index, line in enumerate(lines):
        sku, path = skus.get(line.sku), ("lines", index)
        if sku is None:
            errors.append(line.sku.unknown("sku").at(*path))
        elif not sku.kind.stocked:
            errors.append(NotStocked(sku=sku.code, kind=sku.kind, field=("sku",)).at(*path))
        elif sku.id in quantities:
            errors.append(LineTwice(field=("sku",)).at(*path))
        try:
            check_quantity(line.quantity, "quantity")
        except OmsError as error:
            errors.append(error.at(*path))
        if sku is not None:
            quantities[sku.id] = line.quantity
    return quantities, errors


def write_lines(tx: Tx, transfer_id: UUID, destination_id: UUID, quantities: Mapping[UUID, int]) -> None:
    """Write the lines of a transfer in the last flush of *tx*, with the levels that they will come to: receipts find them."""
    ids = array(tx.new_id() for _ in quantities)
    tx.closing.append((INSERT_LINES, (transfer_id, ids, array(quantities), array(quantities.values()))))
    make_levels(tx, [(sku_id, destination_id) for sku_id in quantities])
