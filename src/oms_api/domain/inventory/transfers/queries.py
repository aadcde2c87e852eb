"""Reading transfers: whoever may see either end sees all of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset, keyset_of_each
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.inventory.transfers.states import TransferStatus
from oms_api.domain.inventory.transfers.tables import TransferAct, TransferActLine, TransferLineRow, TransferRow
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.paging import Page, PageRequest

NEWEST_FIRST = Ordering("created_at_desc", (TransferRow.created_at, TransferRow.id), descending=True)
OLDEST_FIRST = Ordering("created_at_asc", (TransferRow.created_at, TransferRow.id))
LINE_ORDER = Ordering("position", (TransferLineRow.position, TransferLineRow.id))
ACT_ORDER = Ordering("occurred_at", (TransferAct.occurred_at, TransferAct.id))
ACT_LINE_ORDER = Ordering("line", (TransferActLine.id,))


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFilter:
    """Which transfers. `None` means any; `location_ids` are those of either end."""

    origin_ids: tuple[UUID, ...] | None = None
    destination_ids: tuple[UUID, ...] | None = None
    location_ids: tuple[UUID, ...] | None = None
    statuses: tuple[TransferStatus, ...] | None = None
    external_refs: tuple[str, ...] | None = None
    sku_ids: tuple[UUID, ...] | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    expected_from: datetime | None = None
    expected_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class TransferTotals:
    """The units of all lines of a transfer, by what became of them."""

    quantity: int = 0
    sent: int = 0
    in_transit: int = 0
    arrived: int = 0
    damaged: int = 0
    lost: int = 0
    brought_back: int = 0
    called_off: int = 0

    @property
    def unsent(self) -> int:
        """Units that are still to be sent."""
        return self.quantity - self.called_off - self.sent


def at_either_end(locations: Collection[UUID]) -> ColumnElement[bool]:
    """Return the condition that a transfer begins or ends at one of *locations*."""
    return or_(among(TransferRow.origin_id, locations), among(TransferRow.destination_id, locations))


def visible(read: Reader) -> list[ColumnElement[bool]]:
    """Return the principal's limit of locations, as conditions."""
    allowed = read.principal.locations
    return [] if allowed is None else [at_either_end(sorted(allowed))]


def matching(where: TransferFilter) -> list[ColumnElement[bool]]:
    """Return *where* as conditions."""
    columns: tuple[tuple[InstrumentedAttribute[Any], Sequence[object] | None], ...] = (
        (TransferRow.origin_id, where.origin_ids),
        (TransferRow.destination_id, where.destination_ids),
        (TransferRow.status, where.statuses),
        (TransferRow.external_ref, where.external_refs),
    )
    conditions = [among(column, values) for column, values in columns if values is not None]
    if where.location_ids is not None:
        conditions.append(at_either_end(where.location_ids))
    if where.sku_ids is not None:
        of_line = TransferLineRow.transfer_id == TransferRow.id, among(TransferLineRow.sku_id, where.sku_ids)
        conditions.append(exists().where(*of_line))
    conditions += [
        column >= moment
        for column, moment in ((TransferRow.created_at, where.created_from), (TransferRow.expected_at, where.expected_from))
        if moment is not None
    ]
    conditions += [
        column < moment
        for column, moment in ((TransferRow.created_at, where.created_before), (TransferRow.expected_at, where.expected_before))
        if moment is not None
    ]
    return conditions


async def page_of_transfers(
    read: Reader, where: TransferFilter, page: PageRequest, *, by: Ordering = NEWEST_FIRST
) -> Page[TransferRow]:
    """Return one page of the transfers that *read.principal* may see. Raises: InvalidCursor."""
    return await keyset(read, select(TransferRow).where(*visible(read), *matching(where)), by=by, page=page)


async def transfers_by_id(read: Reader, ids: Iterable[UUID]) -> dict[UUID, TransferRow]:
    """Return the transfers among *ids* that the principal may see."""
    return {row.id: row for row in await read.all(select(TransferRow).where(among(TransferRow.id, ids), *visible(read)))}


async def transfer_by_id(read: Reader, key: UUID) -> TransferRow:
    """Return a transfer. Raises: NotFound, also for one of which the principal sees no end."""
    found = await transfers_by_id(read, [key])
    if key not in found:
        raise NotFound(what="transfer", given=text_id(IdKind.TRANSFER, key))
    return found[key]


async def transfer_by_number(read: Reader, number: int) -> TransferRow | None:
    """Return the transfer with *number*, if the principal may see it."""
    return await read.one_or_none(select(TransferRow).where(TransferRow.number == number, *visible(read)))


async def transfer_by_reference(read: Reader, reference: str) -> TransferRow | None:
    """Return the transfer with the external *reference*, if the principal may see it."""
    return await read.one_or_none(select(TransferRow).where(TransferRow.external_ref == reference, *visible(read)))


async def totals_by_transfer(read: Reader, transfers: Collection[UUID]) -> Mapping[UUID, TransferTotals]:
    """Return the units of all lines of each transfer; the transfers themselves were seen before."""
    line = TransferLineRow
    units = (line.quantity, line.sent, line.in_transit, line.arrived, line.damaged, line.lost, line.brought_back)
    sums = [func.sum(column) for column in (*units, line.called_off)]
    statement = select(line.transfer_id, *sums).where(among(line.transfer_id, transfers)).group_by(line.transfer_id)
    return {row[0]: TransferTotals(*map(int, row[1:])) for row in await read.rows(statement)}


async def pages_of_transfer_lines(
    read: Reader, transfers: Sequence[UUID], page: PageRequest
) -> Mapping[UUID, Page[TransferLineRow]]:
    """Return a page of the lines of each transfer, in the order given. Raises: InvalidCursor."""
    parent = TransferLineRow.transfer_id
    return await keyset_of_each(read, TransferLineRow, parent=parent, keys=transfers, by=LINE_ORDER, page=page)


async def pages_of_acts(read: Reader, transfers: Sequence[UUID], page: PageRequest) -> Mapping[UUID, Page[TransferAct]]:
    """Return a page of what was done with each transfer, oldest first. Raises: InvalidCursor."""
    return await keyset_of_each(read, TransferAct, parent=TransferAct.transfer_id, keys=transfers, by=ACT_ORDER, page=page)


async def pages_of_act_lines(read: Reader, acts: Sequence[UUID], page: PageRequest) -> Mapping[UUID, Page[TransferActLine]]:
    """Return a page of the lines of each act, in the order of their making. Raises: InvalidCursor."""
    return await keyset_of_each(read, TransferActLine, parent=TransferActLine.act_id, keys=acts, by=ACT_LINE_ORDER, page=page)


async def transfer_lines_by_id(read: Reader, ids: Iterable[UUID]) -> Mapping[UUID, TransferLineRow]:
    """Return the lines with *ids*; their transfers were seen before."""
    return {row.id: row for row in await read.all(select(TransferLineRow).where(among(TransferLineRow.id, ids)))}
