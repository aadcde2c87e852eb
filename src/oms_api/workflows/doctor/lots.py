"""Invariants of lots: what lies where is what the ledger brought and took, and never more than is on hand."""

from oms_api.db.sets import listed
from oms_api.domain.inventory.states import ASIDE, HELD

INVARIANTS = {
    "lots hold what their movements brought and took": f"""
        WITH flows AS (
            SELECT movement.level_id, movement.lot AS code, sum(
                CASE WHEN movement.target IN ({listed(HELD)})
                     THEN movement.quantity ELSE 0 END
                - CASE WHEN movement.source IN ({listed(HELD)})
                       THEN movement.quantity ELSE 0 END) AS units
            FROM stock_movement movement WHERE movement.lot IS NOT NULL AND movement.level_id IS NOT NULL
            GROUP BY movement.level_id, movement.lot
        ), held AS (
            SELECT held.level_id, lot.code, held.on_hand AS units FROM lot_level held JOIN lot ON lot.id = held.lot_id
        )
        SELECT format('level %s, lot %s: %s units there, %s in the ledger', level_id, code, coalesce(held.units, 0),
                      coalesce(flows.units, 0))
        FROM held FULL JOIN flows USING (level_id, code) WHERE coalesce(held.units, 0) <> coalesce(flows.units, 0)
    """,  # noqa: S608 - our own accounts
    "units in lots are what the lots of the level hold": """
        SELECT format('level %s: %s units in lots, its lots hold %s', level.id, level.in_lots, coalesce(held.units, 0))
        FROM inventory_level level LEFT JOIN (
            SELECT level_id, sum(on_hand) AS units FROM lot_level GROUP BY level_id
        ) AS held ON held.level_id = level.id
        WHERE level.in_lots <> coalesce(held.units, 0)
    """,
    "lots have no more set aside than their level": """
        SELECT format('level %s: %s units set aside, its lots have %s', level.id, level.quality_control + level.damaged,
                      sum(held.set_aside))
        FROM lot_level held JOIN inventory_level level ON level.id = held.level_id WHERE held.set_aside > 0
        GROUP BY level.id HAVING sum(held.set_aside) > level.quality_control + level.damaged
    """,
    "lots have no more set aside than was moved there": f"""
        WITH moved AS (
            SELECT movement.level_id, movement.lot AS code, sum(movement.quantity) AS units FROM stock_movement movement
            WHERE movement.lot IS NOT NULL AND movement.target IN ({listed(ASIDE)})
            GROUP BY movement.level_id, movement.lot
        )
        SELECT format('level %s, lot %s: %s units set aside, %s moved there', held.level_id, lot.code, held.set_aside,
                      coalesce(moved.units, 0))
        FROM lot_level held JOIN lot ON lot.id = held.lot_id
        LEFT JOIN moved ON moved.level_id = held.level_id AND moved.code = lot.code
        WHERE held.set_aside > coalesce(moved.units, 0)
    """,  # noqa: S608 - our own accounts
    "lots at levels are of their SKU, location and expiry": """
        SELECT format('lot %s at level %s', lot.id, level.id)
        FROM lot_level held JOIN lot ON lot.id = held.lot_id JOIN inventory_level level ON level.id = held.level_id
        WHERE (held.sku_id, held.location_id, held.expires_on) IS DISTINCT FROM (lot.sku_id, level.location_id, lot.expires_on)
           OR level.sku_id <> lot.sku_id
    """,
    "documents name the lots that they moved": """
        WITH line AS (
            SELECT id, lot FROM purchase_receipt_line WHERE accepted > 0
            UNION ALL SELECT id, lot FROM return_receipt_line WHERE level_id IS NOT NULL
            UNION ALL SELECT id, lot FROM inventory_adjustment_line WHERE lot IS NOT NULL
            UNION ALL SELECT id, lot FROM inventory_move_line
        )
        SELECT format('%s of %s: lot %s, told as %s', movement.kind, line.id, movement.lot, line.lot)
        FROM line JOIN stock_movement movement ON movement.cause_id = line.id WHERE movement.lot IS DISTINCT FROM line.lot
    """,
}
