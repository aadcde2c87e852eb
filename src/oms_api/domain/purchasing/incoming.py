"""What is on its way to locations, as one query that levels, promises, backorders and replenishment select from."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.domain.inventory.transfers.states import TransferStatus
from oms_api.domain.purchasing.states import INCOMING

EXPECTED = ", ".join(f"'{status}'" for status in INCOMING)
PURCHASED = f"""
SELECT 'PURCHASE_ORDER' AS kind, parent.id AS document_id, line.id AS line_id, line.sku_id, parent.location_id,
       line.open AS quantity, line.open AS promisable, line.expected_at
FROM purchase_order_line line JOIN purchase_order parent ON parent.id = line.purchase_order_id
WHERE line.open > 0 AND parent.status IN ({EXPECTED})
"""  # noqa: S608 - our own statuses
MOVING = ", ".join(f"'{status}'" for status in TransferStatus if status.open)
TRANSFERRED = f"""
SELECT 'TRANSFER' AS kind, parent.id AS document_id, line.id AS line_id, line.sku_id, parent.destination_id AS location_id,
       line.to_come AS quantity, line.in_transit AS promisable, parent.expected_at
FROM transfer_line line JOIN transfer parent ON parent.id = line.transfer_id
WHERE line.to_come > 0 AND parent.status IN ({MOVING})
"""  # noqa: S608 - our own statuses
SOURCES = (PURCHASED, TRANSFERRED)
"""Queries with these columns: every kind of document that brings goods to a location has its own here."""
SUPPLY = " UNION ALL ".join(SOURCES)
"""Units on their way by line: kind, document_id, line_id, sku_id, location_id, quantity, promisable, expected_at.

`promisable` are those of them that may be promised as what comes: of a transfer those that have left, for the others are
promised as stock of its origin. `expected_at` is NULL where it is not known.
"""

NEXT = f"""
SELECT supply.sku_id, min(supply.expected_at) FROM ({SUPPLY}) AS supply
WHERE supply.sku_id IN ({{skus}}) AND supply.location_id IN ({{served}}) AND supply.expected_at IS NOT NULL
  AND supply.promisable > 0 AND supply.expected_at >= {{now}} GROUP BY supply.sku_id
"""  # noqa: S608 - made of the texts above
"""When more of the `{skus}` is expected next at one of the locations in `{served}`, if known and not past `{now}`."""
NEXT_IN_CHANNEL = NEXT.format(
    skus="SELECT unnest($1::uuid[])",
    served="SELECT location_id FROM channel_location WHERE channel_id = $2::uuid",
    now="$3::timestamptz",
)

BY_SKU = f"""
SELECT supply.kind, supply.document_id, supply.line_id, supply.sku_id, supply.location_id, supply.quantity, supply.expected_at
FROM ({SUPPLY}) AS supply
WHERE supply.sku_id = ANY (:skus) AND (CAST(:locations AS uuid[]) IS NULL OR supply.location_id = ANY (:locations))
ORDER BY supply.expected_at NULLS LAST, supply.line_id
"""  # noqa: S608 - made of the texts above
BY_LEVEL = f"""
SELECT want.sku_id, want.location_id, supply.units FROM unnest(:skus, :locations) AS want (sku_id, location_id)
CROSS JOIN LATERAL (
    SELECT sum(supply.quantity) AS units FROM ({SUPPLY}) AS supply
    WHERE supply.sku_id = want.sku_id AND supply.location_id = want.location_id OFFSET 0
) AS supply WHERE supply.units > 0
"""  # noqa: S608 - made of the texts above


async def next_arrivals(tx: Tx, channel_id: UUID, skus: Collection[UUID]) -> Mapping[UUID, datetime]:
    """Return when more of each of *skus* is expected next at the locations of a channel, where that is known."""
    return dict(await tx.fetch(NEXT_IN_CHANNEL, (array(skus), channel_id, tx.now)))
