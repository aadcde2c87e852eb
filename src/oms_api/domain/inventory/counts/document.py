"""A stock count under its lock."""

from oms_api.db.records import Shape
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.inventory.counts.tables import StockCountRow
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import CountId, IdKind, text_id
from oms_api.kernel.naming import check_version

COUNTS = Shape(StockCountRow)
LOCK = Sql(f"SELECT {COUNTS.columns} FROM stock_count WHERE stock_count.id = :count::uuid FOR NO KEY UPDATE")  # noqa: S608 - our columns
HEADER = updates(StockCountRow, "status", "version", "closed_at", "closed_by", "note")


async def found_count(tx: Tx, count_id: CountId, expected_version: int | None) -> StockCountRow:
    """Lock a count to act on it. Raises: NotFound, VersionConflict."""
    rows = await tx.fetch(LOCK(count=count_id))
    row = COUNTS.record(rows[0]) if rows else None
    if row is None or not tx.principal.sees_location(row.location_id):
        raise NotFound(what="stock count", given=text_id(IdKind.COUNT, count_id), field=("stockCountId",))
    check_version(expected_version, row.version)
    return row


def write_header(tx: Tx, row: StockCountRow) -> None:
    """Hand the new state of a count to *tx*, to be written in its last flush."""
    tx.write(HEADER, [row])
