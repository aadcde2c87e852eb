"""What transfers are to bring to their destinations, as one query that whoever asks selects from."""

from oms_api.db.sets import listed
from oms_api.domain.inventory.open_sums import open_units_by_level
from oms_api.domain.inventory.transfers.states import TransferStatus

MOVING = listed(status for status in TransferStatus if status.open)
TRANSFERRED = f"""
SELECT 'TRANSFER' AS kind, parent.id AS document_id, line.id AS line_id, line.sku_id, parent.destination_id AS location_id,
       line.to_come AS quantity, line.in_transit AS promisable, parent.expected_at
FROM transfer_line line JOIN transfer parent ON parent.id = line.transfer_id
WHERE line.to_come > 0 AND parent.status IN ({MOVING})
"""  # noqa: S608 - our own statuses
"""Units count from READY_TO_SHIP on, until it is known what became of them; those that have left are promisable."""
in_transit_by_level = open_units_by_level("promisable", TRANSFERRED)
