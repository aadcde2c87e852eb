"""Reading bins and pick batches."""

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Pages, by, one_for, pages_of, required
from oms_api.db.sql import Sql
from oms_api.domain.channels.queries import at_locations
from oms_api.domain.picking.tables import PickBatchLineRow, PickBatchRow
from oms_api.kernel.ids import IdKind, PickBatchId

NEWEST_FIRST = Ordering("created_at_desc", (PickBatchRow.created_at, PickBatchRow.id), descending=True)
OLDEST_FIRST = Ordering("created_at_asc", (PickBatchRow.created_at, PickBatchRow.id))
LINE_ORDER = Ordering("position", (PickBatchLineRow.position,))
visible_to = at_locations(PickBatchRow.location_id)
batches_by_id: One[PickBatchId, PickBatchRow] = by(PickBatchRow.id, visible=visible_to)
"""The pick batches of locations that can be seen."""
batch_by_id = required(batches_by_id, "pick batch", IdKind.PICK_BATCH)
pages_of_pick_lines: Pages[PickBatchId, PickBatchLineRow] = pages_of(PickBatchLineRow.batch_id, order=LINE_ORDER)
"""A page of the lines of each pick batch, in the order of the round."""
bins = one_for("sku_id", "location_id")(
    Sql("""
SELECT placed.sku_id, placed.location_id, placed.bin
FROM unnest(:sku_id::uuid[], :location_id::uuid[]) AS asked (sku_id, location_id)
JOIN bin_placement placed ON placed.sku_id = asked.sku_id AND placed.location_id = asked.location_id
""")
)
"""The bin of each SKU at a location."""
narrated_batches = one_for("id")(Sql("SELECT id, number FROM pick_batch WHERE id = ANY (:id::uuid[])"))
"""The number of each pick batch."""
