"""Reading stock counts: seen by whoever may see their location."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, exists, select, text
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset, keyset_of_each
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.inventory.counts.comparing import COMPARE, Compared, Summary, summarize
from oms_api.domain.inventory.counts.states import StockCountStatus
from oms_api.domain.inventory.counts.tables import StockCountLineRow, StockCountRow
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.paging import Page, PageRequest

NEWEST_FIRST = Ordering("created_at_desc", (StockCountRow.created_at, StockCountRow.id), descending=True)
OLDEST_FIRST = Ordering("created_at_asc", (StockCountRow.created_at, StockCountRow.id))
LINE_ORDER = Ordering("position", (StockCountLineRow.position, StockCountLineRow.id))
COMPARE_LINES = text(COMPARE + "WHERE line.id = ANY (:ids)").bindparams(bindparam("ids", type_=ARRAY(Uuid)))
COMPARE_COUNTS = text(COMPARE + "WHERE line.count_id = ANY (:ids)").bindparams(bindparam("ids", type_=ARRAY(Uuid)))


@dataclass(frozen=True, slots=True, kw_only=True)
class CountFilter:
    """Which counts. `None` means any."""

    location_ids: tuple[UUID, ...] | None = None
    statuses: tuple[StockCountStatus, ...] | None = None
    sku_ids: tuple[UUID, ...] | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


async def page_of_counts(
    read: Reader, where: CountFilter, page: PageRequest, *, by: Ordering = NEWEST_FIRST
) -> Page[StockCountRow]:
    """Return one page of the counts that *read.principal* may see. Raises: InvalidCursor."""
    statement = select(StockCountRow).where(*visible_locations(read.principal, StockCountRow.location_id))
    columns: tuple[tuple[InstrumentedAttribute[Any], Sequence[object] | None], ...] = (
        (StockCountRow.location_id, where.location_ids),
        (StockCountRow.status, where.statuses),
    )
    statement = statement.where(*(among(column, values) for column, values in columns if values is not None))
    if where.sku_ids is not None:
        line = StockCountLineRow
        statement = statement.where(exists().where(line.count_id == StockCountRow.id, among(line.sku_id, where.sku_ids)))
    if where.created_from is not None:
        statement = statement.where(StockCountRow.created_at >= where.created_from)
    if where.created_before is not None:
        statement = statement.where(StockCountRow.created_at < where.created_before)
    return await keyset(read, statement, by=by, page=page)


async def counts_by_id(read: Reader, ids: Iterable[UUID]) -> dict[UUID, StockCountRow]:
    """Return the counts among *ids* that the principal may see."""
    seen = visible_locations(read.principal, StockCountRow.location_id)
    return {row.id: row for row in await read.all(select(StockCountRow).where(among(StockCountRow.id, ids), *seen))}


async def count_by_id(read: Reader, key: UUID) -> StockCountRow:
    """Return a count. Raises: NotFound, also for one outside the principal's locations."""
    found = await counts_by_id(read, [key])
    if key not in found:
        raise NotFound(what="stock count", given=text_id(IdKind.COUNT, key))
    return found[key]


async def count_by_number(read: Reader, number: int) -> StockCountRow | None:
    """Return the count with *number*, if the principal may see it."""
    seen = visible_locations(read.principal, StockCountRow.location_id)
    return await read.one_or_none(select(StockCountRow).where(StockCountRow.number == number, *seen))


async def pages_of_count_lines(
    read: Reader, counts: Sequence[UUID], page: PageRequest, *, only: Collection[UUID] | None = None
) -> Mapping[UUID, Page[StockCountLineRow]]:
    """Return a page of the lines of each count in their order (*only* some of them). Raises: InvalidCursor."""
    table, where = StockCountLineRow, [] if only is None else [among(StockCountLineRow.id, only)]
    return await keyset_of_each(read, table, parent=table.count_id, keys=counts, by=LINE_ORDER, page=page, where=where)


async def pages_of_differences(
    read: Reader, counts: Sequence[UUID], page: PageRequest
) -> Mapping[UUID, Page[StockCountLineRow]]:
    """Return a page of the lines of each count that move units when it is posted. Raises: InvalidCursor."""
    differing = [line.id for line in await _compared(read, counts) if line.moves]
    return await pages_of_count_lines(read, counts, page, only=differing)


async def compared_lines(read: Reader, lines: Sequence[UUID]) -> Mapping[UUID, Compared]:
    """Return what each of *lines* is compared with; their counts were seen before."""
    return {row[0]: Compared(*row) for row in await read.rows(COMPARE_LINES, {"ids": list(lines)})}


async def summaries(read: Reader, counts: Sequence[UUID]) -> Mapping[UUID, Summary]:
    """Return what each of *counts* comes to; they were seen before."""
    lines: dict[UUID, list[Compared]] = {key: [] for key in counts}
    for line in await _compared(read, counts):
        lines[line.count_id].append(line)
    return {key: summarize(found) for key, found in lines.items()}


async def _compared(read: Reader, counts: Sequence[UUID]) -> Sequence[Compared]:
    return [Compared(*row) for row in await read.rows(COMPARE_COUNTS, {"ids": list(counts)})]
