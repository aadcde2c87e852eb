"""What transfers are to bring to their destinations, as one query that whoever asks selects from."""

from collections.abc import Mapping, Sequence

from oms_api.db.session import Reader
from oms_api.db.sets import listed
from oms_api.domain.inventory.open_sums import sum_by_level, summing
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.transfers.states import TransferStatus

MOVING = listed(status for status in TransferStatus if status.open)
TRANSFERRED = f"""
SELECT 'TRANSFER' AS kind, parent.id AS document_id, line.id AS line_id, line.sku_id, parent.destination_id AS location_id,
       line.to_come AS quantity, line.in_transit AS promisable, parent.expected_at
FROM transfer_line line JOIN transfer parent ON parent.id = line.transfer_id
WHERE line.to_come > 0 AND parent.status IN ({MOVING})
"""  # noqa: S608 - our own statuses
"""Units count from READY_TO_SHIP on, until it is known what became of them; those that have left are promisable."""
IN_TRANSIT = summing("promisable", TRANSFERRED)


async def in_transit_by_level(read: Reader, levels: Sequence[LevelKey]) -> Mapping[LevelKey, int]:
    """Return how many units are on the way to each of *levels* where there are any; the levels were seen before."""
    return await sum_by_level(read, IN_TRANSIT, levels)
