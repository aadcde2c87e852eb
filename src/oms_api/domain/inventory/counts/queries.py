"""Reading stock counts: seen by whoever may see their location."""

from sqlalchemy import ColumnElement, literal_column

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Pages, Relation, all_for, by, one_for, pages_of
from oms_api.db.sql import Sql
from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.inventory.counts.comparing import COMPARE, Compared, Summary, summarize
from oms_api.domain.inventory.counts.tables import StockCountLineRow, StockCountRow
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.stock_documents import document_behind
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import CountId, CountLineId, IdKind

NEWEST_FIRST = Ordering("created_at_desc", (StockCountRow.created_at, StockCountRow.id), descending=True)
OLDEST_FIRST = Ordering("created_at_asc", (StockCountRow.created_at, StockCountRow.id))
LINE_ORDER = Ordering("position", (StockCountLineRow.position, StockCountLineRow.id))
COMPARE_LINES = Sql(f"{COMPARE} WHERE line.id = ANY (:id::uuid[])")
COMPARE_COUNTS = Sql(f"{COMPARE} WHERE line.count_id = ANY (:count_id::uuid[])")
DIFFERS: ColumnElement[bool] = literal_column(f"""EXISTS (
    SELECT FROM ({COMPARE} WHERE line.id = stock_count_line.id) AS compared
    WHERE compared.counted <> compared.expected AND NOT compared.superseded
)""")


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the condition that whoever has *sight* sees the location of a count."""
    return visible_locations(sight, StockCountRow.location_id)


def differing(_sight: Sight) -> list[ColumnElement[bool]]:
    """Return the condition that posting a line moves units, as `Compared.moves` has it; its count was seen before."""
    return [DIFFERS]


counts_by_id: One[CountId, StockCountRow] = by(StockCountRow.id, visible=visible_to)
"""The counts that the principal may see."""
pages_of_count_lines: Pages[CountId, StockCountLineRow] = pages_of(StockCountLineRow.count_id, order=LINE_ORDER)
"""A page of the lines of each count, in their order."""
pages_of_differences: Pages[CountId, StockCountLineRow] = pages_of(
    StockCountLineRow.count_id, order=LINE_ORDER, visible=differing
)
"""A page of the lines of each count that move units when it is posted."""
compared_lines: Relation[CountLineId, Compared] = one_for("id")(COMPARE_LINES).turned(lambda row: Compared(*row))
"""What each line is compared with; its count was seen before."""
summaries: Relation[CountId, Summary] = all_for("count_id")(COMPARE_COUNTS).turned(
    lambda rows: summarize([Compared(*row) for row in rows])
)
"""What each count comes to; it was seen before."""


document_behind(CauseKind.COUNT_LINE, IdKind.COUNT, StockCountLineRow.id, StockCountLineRow.count_id)
