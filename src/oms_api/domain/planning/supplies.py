"""How levels are supplied: by whom and why by them, how fast, and what is on its way."""

from collections.abc import Sequence
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.domain.planning.plan import Supply
from oms_api.domain.planning.states import SupplierReason
from oms_api.domain.planning.stocking import LeadTime, OrderRules
from oms_api.domain.purchasing.incoming import SUPPLY

USUAL_LEAD_TIME = LeadTime(mean_days=14, deviation_days=4)
"""What is assumed of an article that no supplier is known for."""

SUPPLIED = f"""
SELECT level.id, best.supplier_id, best.reason, best.mean, best.spread, best.minimum_quantity, best.pack_size,
       CASE WHEN $2 THEN coalesce(coming.units, 0) ELSE 0 END::bigint,
       CASE WHEN $2 THEN coalesce(waiting.units, 0) ELSE 0 END::bigint
FROM inventory_level level
LEFT JOIN LATERAL (
    SELECT item.supplier_id, coalesce(item.lead_time_mean_days, supplier.lead_time_mean_days) AS mean,
           coalesce(item.lead_time_deviation_days, supplier.lead_time_deviation_days) AS spread,
           item.minimum_quantity, item.pack_size,
           CASE WHEN item.preferred THEN 'PREFERRED' WHEN count(*) OVER () = 1 THEN 'ONLY'
                WHEN count(*) OVER (PARTITION BY item.cost) = 1 THEN 'CHEAPEST' ELSE 'FASTEST' END AS reason
    FROM supplier_sku item JOIN supplier ON supplier.id = item.supplier_id
    WHERE item.sku_id = level.sku_id AND item.status = 'ACTIVE' AND supplier.status = 'ACTIVE'
    ORDER BY item.preferred DESC, item.cost NULLS LAST, mean NULLS LAST, item.id LIMIT 1
) AS best ON true
LEFT JOIN LATERAL (
    SELECT sum(supply.quantity) AS units FROM ({SUPPLY}) AS supply
    WHERE supply.sku_id = level.sku_id AND supply.location_id = level.location_id OFFSET 0
) AS coming ON true
LEFT JOIN LATERAL (
    SELECT sum(backorder.waiting) AS units FROM backorder
    WHERE backorder.sku_id = level.sku_id AND backorder.waiting > 0 AND backorder.location_id = level.location_id OFFSET 0
) AS waiting ON true
WHERE level.id = ANY ($1::uuid[])
"""  # noqa: S608 - made of constants


async def supplies_of(tx: Tx, levels: Sequence[UUID], *, coming: bool) -> dict[UUID, Supply]:
    """Return how each level is supplied: by the preferred supplier, else by the cheapest, of those the fastest.

    What is *coming*, and what waits for it, is known of the present only: a plan of the past leaves it out.
    """
    rows = await tx.fetch(SUPPLIED, (array(levels), coming))
    return {
        level: Supply(
            supplier_id=supplier,
            reason=None if reason is None else SupplierReason(reason),
            lead_time=USUAL_LEAD_TIME if mean is None else LeadTime(mean_days=float(mean), deviation_days=float(spread or 0)),
            rules=OrderRules(minimum=minimum or 1, pack=pack or 1),
            incoming=incoming,
            backordered=waiting,
        )
        for level, supplier, reason, mean, spread, minimum, pack, incoming, waiting in rows
    }
