"""Reading stock counts: seen by whoever may see their location."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset
from oms_api.db.relations import all_for, by, one_for, pages_of
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.db.sql import Sql
from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.inventory.counts.comparing import COMPARE, Compared, summarize
from oms_api.domain.inventory.counts.states import StockCountStatus
from oms_api.domain.inventory.counts.tables import StockCountLineRow, StockCountRow
from oms_api.kernel.access import Sight
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import CountId, IdKind, text_id
from oms_api.kernel.paging import Page, PageRequest

NEWEST_FIRST = Ordering("created_at_desc", (StockCountRow.created_at, StockCountRow.id), descending=True)
OLDEST_FIRST = Ordering("created_at_asc", (StockCountRow.created_at, StockCountRow.id))
LINE_ORDER = Ordering("position", (StockCountLineRow.position, StockCountLineRow.id))
DIFFERS: ColumnElement[bool] = literal_column(f"""EXISTS (
    SELECT FROM ({COMPARE} WHERE line.id = stock_count_line.id) AS compared
    WHERE compared.counted <> compared.expected AND NOT compared.superseded
)""")


@dataclass(frozen=True, slots=True, kw_only=True)
class CountFilter:
    """Which counts. `None` means any."""

    location_ids: tuple[UUID, ...] | None = None
    statuses: tuple[StockCountStatus, ...] | None = None
    sku_ids: tuple[UUID, ...] | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the condition that whoever has *sight* sees the location of a count."""
    return visible_locations(sight, StockCountRow.location_id)


def differing(_sight: Sight) -> list[ColumnElement[bool]]:
    """Return the condition that posting a line moves units, as `Compared.moves` has it; its count was seen before."""
    return [DIFFERS]


async def page_of_counts(
    read: Reader, where: CountFilter, page: PageRequest, *, by: Ordering = NEWEST_FIRST
) -> Page[StockCountRow]:
    """Return one page of the counts that *read.principal* may see. Raises: InvalidCursor."""
    statement = select(StockCountRow).where(*visible_to(read.sight))
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


counts_by_id = by(StockCountRow.id, visible=visible_to)
counts_by_number = by(StockCountRow.number, visible=visible_to)
pages_of_count_lines = pages_of(StockCountLineRow.count_id, order=LINE_ORDER)
pages_of_differences = pages_of(StockCountLineRow.count_id, order=LINE_ORDER, visible=differing)
compared_lines = one_for("id")(Sql(f"{COMPARE} WHERE line.id = ANY (:id::uuid[])")).turned(lambda row: Compared(*row))
compared_by_count = all_for("count_id")(Sql(f"{COMPARE} WHERE line.count_id = ANY (:count_id::uuid[])")).turned(
    lambda rows: [Compared(*row) for row in rows]
)
summaries = compared_by_count.turned(summarize)


async def count_by_id(read: Reader, key: CountId) -> StockCountRow:
    """Return a count. Raises: NotFound, also for one outside the principal's locations."""
    row: StockCountRow | None = await counts_by_id.of_one(read, key)
    if row is None:
        raise NotFound(what="stock count", given=text_id(IdKind.COUNT, key))
    return row
