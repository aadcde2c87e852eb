"""Reading boxes, and the unpacked units of fulfillment orders."""

from typing import Any

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Several, all_for, by
from oms_api.db.sql import Sql
from oms_api.domain.channels.queries import at_locations
from oms_api.domain.packing.tables import BoxRow
from oms_api.kernel.ids import BoxId, FulfillmentOrderId, LocationId

BY_CODE = Ordering("code", (BoxRow.location_id, BoxRow.code))
visible_to = at_locations(BoxRow.location_id)
boxes_by_id: One[BoxId, BoxRow] = by(BoxRow.id, visible=visible_to)
"""The boxes of locations that can be seen."""
MOST_BOXES = 100
boxes_in_use: Several[LocationId, Any] = all_for("location_id")(
    Sql(f"""
SELECT box.* FROM unnest(:location_id::uuid[]) AS asked (location_id) CROSS JOIN LATERAL (
    SELECT location_id, id, code, inner_length_mm, inner_width_mm, inner_height_mm, tare_g, max_weight_g FROM box
    WHERE box.location_id = asked.location_id AND status = 'ACTIVE' ORDER BY code LIMIT {MOST_BOXES}
) AS box
""")  # noqa: S608 - a constant
)
"""The first boxes of locations that are in use, by code."""
to_pack: Several[FulfillmentOrderId, Any] = all_for("work_id")(
    Sql("""
SELECT part.fulfillment_order_id AS work_id, part.id, sku.code,
       part.quantity - part.shipped - part.canceled - part.packed AS units, sku.weight_g,
       sku.length_mm, sku.width_mm, sku.height_mm
FROM fulfillment_order_line part JOIN order_line line ON line.id = part.line_id JOIN sku ON sku.id = line.sku_id
WHERE part.fulfillment_order_id = ANY (:work_id::uuid[]) AND part.quantity > part.shipped + part.canceled + part.packed
ORDER BY part.id
""")
)
"""What is left to pack of fulfillment orders, by line, with what its SKU weighs and measures."""
weights_by_work: Several[FulfillmentOrderId, Any] = all_for("work_id")(
    Sql("""
SELECT part.fulfillment_order_id AS work_id, part.id, sku.weight_g
FROM fulfillment_order_line part JOIN order_line line ON line.id = part.line_id JOIN sku ON sku.id = line.sku_id
WHERE part.fulfillment_order_id = ANY (:work_id::uuid[])
""")
)
"""What one unit of each line of fulfillment orders weighs."""
