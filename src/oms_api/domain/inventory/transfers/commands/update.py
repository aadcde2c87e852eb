"""Changing what a transfer is, and making it ready to ship."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from oms_api.db.records import changed, moves_between
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.inventory.ledger import make_levels
from oms_api.domain.inventory.transfers.document import found_transfer
from oms_api.domain.inventory.transfers.errors import DuplicateTransferRef
from oms_api.domain.inventory.transfers.events import TransferChanged
from oms_api.domain.inventory.transfers.planning import (
    REFERENCE_TAKEN,
    check_destination,
    plan,
    write_lines,
    wrong_ends,
    wrong_header,
)
from oms_api.domain.inventory.transfers.policies import (
    MOST_LINES,
    LineToSend,
    why_hidden,
    why_not_change,
    why_not_ready,
)
from oms_api.domain.inventory.transfers.states import TransferStatus
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import IdKind, LocationId, SkuId, TransferId, text_id
from oms_api.kernel.intake import check_length, refuse_if
from oms_api.kernel.occurrence import occurred

TAKEN = Sql("SELECT id FROM transfer WHERE external_ref = :reference::text AND id <> :transfer::uuid")
DROP_LINES = Sql("DELETE FROM transfer_line WHERE transfer_id = :transfer")
PLANNED = ("external_ref", "origin_id", "destination_id", "expected_at", "note", "status", "version", "ready_at")
HEADER = updates(TransferRow, *PLANNED)


class TransferChanges(TypedDict, total=False):
    """What is to be different; what is left out stays. Ends change in a draft only, as `lines` do."""

    origin_id: LocationId
    destination_id: LocationId
    expected_at: datetime | None
    external_ref: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTransfer:
    """Change a transfer; *lines*, when given, are all of its lines."""

    idempotency_key: str
    transfer_id: TransferId
    changes: TransferChanges = field(default_factory=TransferChanges)
    lines: tuple[LineToSend, ...] | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReady:
    """Let the destination expect a transfer that was a draft."""

    idempotency_key: str
    transfer_id: TransferId
    expected_version: int | None = None
    occurred_at: datetime | None = None


async def update_transfer(tx: Tx, command: UpdateTransfer) -> TransferRow:
    """Change a transfer and return it.

    Raises: NotFound, VersionConflict, TransferFixed, TransferEndHidden, InvalidValue, TooManyItems; Refused with all that is
    wrong with texts, locations and lines.
    """
    document = await found_transfer(tx, command.transfer_id, command.expected_version)
    was = document.row
    plans = command.lines is not None or not command.changes.keys().isdisjoint({"origin_id", "destination_id"})
    refuse_if(why_not_change(was, plan=plans) or why_hidden(tx.principal, was.origin_id, "origin"))
    row = changed(was, **command.changes)
    quantities = await _check(tx, was, row, command)
    moved = moves_between(was, row)
    planned = {line.sku_id: line.quantity for line in document.lines.values()}
    if not moved and (quantities is None or quantities == planned):
        return was
    row = changed(row, version=was.version + 1)
    write_header(tx, row)
    changes = {name: told(*values) for name, values in moved.items()}
    if quantities is not None:
        tx.closing.append(DROP_LINES(transfer=row.id))
        write_lines(tx, row.id, row.destination_id, quantities)
        changes["totals.quantity"] = sum(planned.values()), sum(quantities.values())
    elif row.destination_id != was.destination_id:
        make_levels(tx, [(sku_id, row.destination_id) for sku_id in planned])
    _tell(tx, was, row, changes)
    return row


async def mark_ready(tx: Tx, command: MarkReady) -> TransferRow:
    """Make a draft READY_TO_SHIP and return it.

    Raises: NotFound, VersionConflict, IllegalMove, TransferEndHidden, LocationInactive, OccurredTooEarly.
    """
    at = tx.business_time(command.occurred_at)
    document = await found_transfer(tx, command.transfer_id, command.expected_version)
    was = document.row
    refuse_if(why_not_ready(was) or why_hidden(tx.principal, was.origin_id, "origin"))
    await check_destination(tx, was)
    at = occurred(at, command.occurred_at, not_before=was.created_at, what="the transfer's creation")
    row = changed(was, status=TransferStatus.READY_TO_SHIP, version=was.version + 1, ready_at=at)
    write_header(tx, row)
    _tell(tx, was, row, {"status": (was.status, row.status)}, at)
    return row


async def _check(tx: Tx, was: TransferRow, row: TransferRow, command: UpdateTransfer) -> Mapping[SkuId, int] | None:
    """Return the new lines, if any. Raises: InvalidValue, TooManyItems, Refused."""
    if command.lines is not None:
        check_length(command.lines, "lines", MOST_LINES)
    errors = wrong_header(row.external_ref, row.note, row.expected_at)
    if (row.origin_id, row.destination_id) != (was.origin_id, was.destination_id):
        errors += await wrong_ends(tx, row.origin_id, row.destination_id)
    quantities = None
    if command.lines is not None:
        quantities, wrong = await plan(tx, command.lines)
        errors += wrong
    errors += await _reference_taken(tx, row) if row.external_ref != was.external_ref and not errors else []
    if errors:
        raise Refused(errors=errors)
    return quantities


async def _reference_taken(tx: Tx, row: TransferRow) -> list[OmsError]:
    tx.races = frozenset({REFERENCE_TAKEN})
    return [
        DuplicateTransferRef(external_ref=row.external_ref or "", transfer_id=other, field=("externalRef",))
        for (other,) in await tx.fetch(TAKEN(reference=row.external_ref, transfer=row.id))
    ]


def write_header(tx: Tx, row: TransferRow) -> None:
    """Hand what an edit changes of a transfer to *tx*, to be written in its last flush."""
    tx.write(HEADER, [row])


def told(before: object, after: object) -> tuple[object, object]:
    """Return values as an event tells them: locations by their ids."""
    shown_ids = [text_id(IdKind.LOCATION, value) if isinstance(value, UUID) else value for value in (before, after)]
    return shown_ids[0], shown_ids[1]


def _tell(
    tx: Tx, was: TransferRow, row: TransferRow, changes: Mapping[str, tuple[object, object]], at: datetime | None = None
) -> None:
    ends = dict.fromkeys((was.origin_id, was.destination_id, row.origin_id, row.destination_id))
    tx.emit(TransferChanged(subject_id=row.id, location_ids=tuple(ends), changes=changes, occurred_at=at))
