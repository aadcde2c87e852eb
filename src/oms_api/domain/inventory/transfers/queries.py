"""Reading transfers: whoever may see either end sees all of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset
from oms_api.db.relations import Keys, by, one_for, pages_of
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.inventory.transfers.states import TransferStatus
from oms_api.domain.inventory.transfers.tables import TransferAct, TransferActLine, TransferLineRow, TransferRow
from oms_api.kernel.access import Sight
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, TransferId, text_id
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


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the condition that whoever has *sight* sees an end of a transfer."""
    return [] if sight.locations is None else [at_either_end(sight.locations)]


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
    return await keyset(read, select(TransferRow).where(*visible_to(read.sight), *matching(where)), by=by, page=page)


transfers_by_id = by(TransferRow.id, visible=visible_to)
transfers_by_number = by(TransferRow.number, visible=visible_to)
transfers_by_reference = by(TransferRow.external_ref, visible=visible_to)
transfer_lines_by_id = by(TransferLineRow.id)
pages_of_transfer_lines = pages_of(TransferLineRow.transfer_id, order=LINE_ORDER)
pages_of_acts = pages_of(TransferAct.transfer_id, order=ACT_ORDER)
pages_of_act_lines = pages_of(TransferActLine.act_id, order=ACT_LINE_ORDER)


async def transfer_by_id(read: Reader, key: TransferId) -> TransferRow:
    """Return a transfer. Raises: NotFound, also for one of which the principal sees no end."""
    row: TransferRow | None = await transfers_by_id.of_one(read, key)
    if row is None:
        raise NotFound(what="transfer", given=text_id(IdKind.TRANSFER, key))
    return row


@one_for("transfer_id")
def sums_by_transfer(transfers: Keys, _sight: Sight) -> Select[Any]:
    """The units of all lines of each transfer; the transfers themselves were seen before."""
    line = TransferLineRow
    units = (line.quantity, line.sent, line.in_transit, line.arrived, line.damaged, line.lost, line.brought_back)
    columns: list[Any] = [line.transfer_id, *[func.sum(column) for column in (*units, line.called_off)]]
    return select(*columns).where(among(line.transfer_id, transfers)).group_by(line.transfer_id)


totals_by_transfer = sums_by_transfer.turned(lambda sums: TransferTotals(*sums[1:]) if sums else TransferTotals())
