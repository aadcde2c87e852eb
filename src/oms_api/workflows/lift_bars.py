"""Asking a location again for lines that it rejected, once its stock was counted: a reaction."""

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.events.checkpoints import Piece
from oms_api.domain.fulfillment.rejections.bars import lift
from oms_api.kernel.ids import LineId, LocationId

NEXT = Sql("""
SELECT line.order_id, place.location_id, array_agg(line.id)
FROM (
    SELECT DISTINCT sheet.location_id, counted.sku_id FROM stock_count sheet
    JOIN stock_count_line counted ON counted.count_id = sheet.id
    WHERE sheet.id = ANY (:counts::uuid[]) AND counted.outcome IS NOT NULL
) AS place
JOIN fulfillment_rejection rejection ON rejection.location_id = place.location_id
JOIN fulfillment_rejection_line rejected ON rejected.rejection_id = rejection.id
JOIN order_line line ON line.id = rejected.line_id AND line.sku_id = place.sku_id
    AND place.location_id = ANY (line.barred_from)
GROUP BY line.order_id, place.location_id ORDER BY line.order_id, place.location_id LIMIT 1
""")
LOCK = Sql("SELECT id FROM orders WHERE id = :order::uuid FOR UPDATE")


async def lift_bars(tx: Tx, piece: Piece) -> bool:
    """Let the next order that waits for a place where counts were posted be served from there, and tell whether more may be."""
    counts = {event.subject_id for event in await piece.events(tx)}
    found = await tx.fetch(NEXT(counts=array(counts)))
    for order, place, lines in found:
        await tx.fetch(LOCK(order=order))
        lift(tx, {LineId(line) for line in lines}, LocationId(place))
    return bool(found)
