"""Changing what a transfer is, and making it ready to ship."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import TypedDict

from oms_api.db.documents import changing
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.inventory.ledger import make_levels
from oms_api.domain.inventory.transfers.document import TransferDocument
from oms_api.domain.inventory.transfers.errors import DuplicateTransferRef
from oms_api.domain.inventory.transfers.planning import (
    REFERENCE_TAKEN,
    check_destination,
    plan,
    write_lines,
    wrong_ends,
    wrong_header,
)
from oms_api.domain.inventory.transfers.policies import MOST_LINES, LineToSend
from oms_api.domain.inventory.transfers.states import TransferStatus
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.domain.inventory.transfers.verbs import MARK_READY, PLAN, UPDATE
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError, Refused
from oms_api.kernel.ids import LocationId, SkuId, TransferId
from oms_api.kernel.occurrence import occurred

TAKEN = Sql("SELECT id FROM transfer WHERE external_ref = :reference::text AND id <> :transfer::uuid")
DROP_LINES = Sql("DELETE FROM transfer_line WHERE transfer_id = :transfer")


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
    given, lines = command.changes, command.lines
    verb = UPDATE if lines is None and given.keys().isdisjoint({"origin_id", "destination_id"}) else PLAN
    async with changing(tx, TransferDocument, verb, command.transfer_id, command.expected_version) as transfer:
        for name, value in given.items():
            setattr(transfer.row, name, value)
        was, row = transfer.was, transfer.row
        quantities = await _check(tx, was, row, command)
        planned = {line.sku_id: line.quantity for line in transfer.lines.values()}
        if quantities is not None and quantities != planned:
            transfer.also("totals.quantity", sum(planned.values()), sum(quantities.values()))
            tx.closing.append(DROP_LINES(transfer=was.id))
            write_lines(tx, was.id, row.destination_id, quantities)
        elif row.destination_id != was.destination_id:
            make_levels(tx, [(sku_id, row.destination_id) for sku_id in planned])
    return transfer.row


async def mark_ready(tx: Tx, command: MarkReady) -> TransferRow:
    """Make a draft READY_TO_SHIP and return it.

    Raises: NotFound, VersionConflict, IllegalMove, TransferEndHidden, LocationInactive, OccurredTooEarly.
    """
    at = tx.business_time(command.occurred_at)
    async with changing(tx, TransferDocument, MARK_READY, command.transfer_id, command.expected_version) as transfer:
        await check_destination(tx, transfer.was)
        created = transfer.was.created_at
        transfer.at = occurred(at, command.occurred_at, not_before=created, what="the transfer's creation")
        transfer.move(TransferStatus.READY_TO_SHIP)
        transfer.row.ready_at = transfer.at
    return transfer.row


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
