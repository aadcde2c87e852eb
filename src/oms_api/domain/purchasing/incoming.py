"""What is on its way to locations, as one query that levels, promises, backorders and replenishment select from."""

from uuid import UUID

from sqlalchemy import BigInteger, literal_column

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, one_for
from oms_api.db.sets import listed
from oms_api.db.sql import Sql
from oms_api.domain.inventory.open_sums import open_units_by_level
from oms_api.domain.inventory.tables import InventoryLevelRow
from oms_api.domain.inventory.transfers.coming import TRANSFERRED
from oms_api.domain.purchasing.states import INCOMING
from oms_api.kernel.ids import IdKind

EXPECTED = listed(INCOMING)
PURCHASED = f"""
SELECT 'PURCHASE_ORDER' AS kind, parent.id AS document_id, line.id AS line_id, line.sku_id, parent.location_id,
       line.open AS quantity, line.open AS promisable, line.expected_at
FROM purchase_order_line line JOIN purchase_order parent ON parent.id = line.purchase_order_id
WHERE line.open > 0 AND parent.status IN ({EXPECTED}) AND parent.fulfillment_order_id IS NULL
"""  # noqa: S608 - our own statuses
SOURCES = (PURCHASED, TRANSFERRED)
"""Queries with these columns: every kind of document that brings goods to a location has its own here."""
SUPPLY = " UNION ALL ".join(SOURCES)
"""Units on their way by line: kind, document_id, line_id, sku_id, location_id, quantity, promisable, expected_at.

`promisable` are those of them that may be promised as what comes: of a transfer those that have left, for the others are
promised as stock of its origin. `expected_at` is NULL where it is not known.
"""

NEXT = f"""
SELECT supply.sku_id, min(supply.expected_at) AS expected_at FROM ({SUPPLY}) AS supply
WHERE supply.sku_id IN ({{skus}}) AND supply.location_id IN ({{served}}) AND supply.expected_at IS NOT NULL
  AND supply.promisable > 0 AND supply.expected_at >= {{now}} GROUP BY supply.sku_id
"""  # noqa: S608 - made of the texts above
"""When more of the `{skus}` is expected next at one of the locations in `{served}`, if known and not past `{now}`."""
incoming_units = open_units_by_level("quantity", SUPPLY)
"""How many units are on their way to each level. What comes to a level is told whole to whoever sees that."""

COMING = literal_column(
    f"""CASE WHEN (inventory_level.sku_id, inventory_level.location_id) IN (
        SELECT sku_id, location_id FROM ({SUPPLY}) AS anything
    ) THEN (
        SELECT sum(quantity)::bigint FROM ({SUPPLY}) AS beside
        WHERE beside.sku_id = inventory_level.sku_id AND beside.location_id = inventory_level.location_id
    ) ELSE 0 END""",  # noqa: S608 - made of the texts above
    BigInteger,
).label("incoming")
"""The same of a row of the levels, to filter and sort a part of them by: few have any, so these are looked up first, once."""
LEAST_COMING_FIRST = Ordering("incoming_asc", (COMING, InventoryLevelRow.id))
MOST_COMING_FIRST = Ordering("incoming_desc", (COMING, InventoryLevelRow.id), descending=True)

lines_of_supply = one_for("line_id")(
    Sql("""
SELECT id AS line_id, 'PURCHASE_ORDER' AS kind, purchase_order_id AS document_id FROM purchase_order_line
WHERE id = ANY (:line_id::uuid[])
UNION ALL SELECT id, 'TRANSFER', transfer_id FROM transfer_line WHERE id = ANY (:line_id::uuid[])
""")
)
documents_of_supply: One[UUID, tuple[IdKind, UUID]] = lines_of_supply.turned(
    lambda line: None if line is None else (IdKind[line.kind], line.document_id)
)
"""The document of each line that brings goods."""
