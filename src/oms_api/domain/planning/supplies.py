"""How levels are supplied: by whom and why by them, how fast, what is on its way and what drafts would bring."""

from collections.abc import Sequence
from datetime import datetime

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.planning.plan import Supply
from oms_api.domain.planning.states import SupplierReason
from oms_api.domain.planning.stocking import LeadTime, OrderRules
from oms_api.domain.purchasing.incoming import SUPPLY
from oms_api.domain.purchasing.incoming_before import supply_before
from oms_api.kernel.ids import LevelId

USUAL_LEAD_TIME = LeadTime(mean_days=14, deviation_days=4)
"""What is assumed of an article that no supplier is known for."""

SUPPLIERS = Sql("""
SELECT level.id, best.supplier_id, best.reason, best.mean, best.spread, best.minimum_quantity, best.pack_size
FROM inventory_level level JOIN sku ON sku.id = level.sku_id LEFT JOIN LATERAL (
    SELECT offer.*, CASE WHEN offer.preferred THEN 'PREFERRED' WHEN count(*) OVER () = 1 THEN 'ONLY'
        WHEN offer.cost IS NOT NULL AND count(*) OVER (PARTITION BY offer.cost) = 1 THEN 'CHEAPEST' ELSE 'FASTEST' END AS reason
    FROM (
        SELECT item.id, item.supplier_id, item.preferred, item.minimum_quantity, item.pack_size,
               coalesce(item.lead_time_mean_days, supplier.lead_time_mean_days) AS mean,
               coalesce(item.lead_time_deviation_days, supplier.lead_time_deviation_days) AS spread,
               CASE WHEN item.currency = coalesce(sku.cost_currency, CASE WHEN min(item.currency) OVER ()
                    = max(item.currency) OVER () THEN item.currency END) THEN item.cost END AS cost
        FROM supplier_sku item JOIN supplier ON supplier.id = item.supplier_id
        WHERE item.sku_id = level.sku_id AND item.status = 'ACTIVE' AND supplier.status = 'ACTIVE'
    ) AS offer
    ORDER BY offer.preferred DESC, offer.cost NULLS LAST, offer.mean NULLS LAST, offer.id LIMIT 1
) AS best ON true
WHERE level.id = ANY (:levels::uuid[])
""")
"""Costs are compared in the currency of the SKU's own cost, or where it has none in that of all its suppliers."""


def _coming(supply: str) -> Sql:
    """Return the statement of what of *supply* comes to levels."""
    return Sql(f"""
SELECT level.id, coming.units::bigint FROM inventory_level level CROSS JOIN LATERAL (
    SELECT sum(supply.quantity) AS units FROM ({supply}) AS supply
    WHERE supply.sku_id = level.sku_id AND supply.location_id = level.location_id OFFSET 0
) AS coming
WHERE level.id = ANY (:levels::uuid[]) AND coming.units > 0
""")  # noqa: S608 - made of constants


COMES_NOW, CAME_THEN = _coming(SUPPLY), _coming(supply_before(":then::timestamptz"))
DRAFTED = Sql("""
SELECT level.id, drafted.units::bigint FROM inventory_level level CROSS JOIN LATERAL (
    SELECT sum(line.quantity::bigint) AS units
    FROM purchase_order_line line JOIN purchase_order parent ON parent.id = line.purchase_order_id
     AND parent.created_at <= :then AND coalesce(parent.ordered_at, parent.closed_at, 'infinity') > :then
    WHERE line.sku_id = level.sku_id AND parent.location_id = level.location_id OFFSET 0
) AS drafted
WHERE level.id = ANY (:levels::uuid[]) AND drafted.units > 0
""")
"""What purchase orders that were drafts *then* hold, in the lines that they have by now."""


async def supplies_of(tx: Tx, levels: Sequence[LevelId], *, then: datetime | None) -> dict[LevelId, Supply]:
    """Return how each level is supplied: by the preferred supplier, else by the cheapest, of those the fastest.

    Suppliers whose cost is in another currency than the SKU's come after those that can be compared, the fastest first.
    With what is on its way and drafted now, or with what was *then*; suppliers are those of today.
    """
    wanted = array(levels)
    on_its_way = COMES_NOW(levels=wanted) if then is None else CAME_THEN(levels=wanted, then=then)
    suppliers, coming, drafted = await tx.flush(
        [SUPPLIERS(levels=wanted), on_its_way, DRAFTED(levels=wanted, then=then or tx.now)]
    )
    incoming, drafts = dict(coming), dict(drafted)
    return {
        level: Supply(
            supplier_id=supplier,
            reason=None if reason is None else SupplierReason(reason),
            lead_time=USUAL_LEAD_TIME if mean is None else LeadTime(mean_days=float(mean), deviation_days=float(spread or 0)),
            rules=OrderRules(minimum=minimum or 1, pack=pack or 1),
            incoming=incoming.get(level, 0),
            drafted=drafts.get(level, 0),
        )
        for level, supplier, reason, mean, spread, minimum, pack in suppliers
    }
