"""How levels stand now: what lies there, what comes, what is still to leave and what waits, drafts of all kinds among it."""

from collections.abc import Mapping, Sequence
from typing import Any

from oms_api.db.session import Reader
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.db.statements import Query
from oms_api.domain.inventory.lots.good import AVAILABLE
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.planning.demand import WAITS_AT
from oms_api.domain.planning.surplus import Position
from oms_api.domain.purchasing.incoming import SUPPLY
from oms_api.kernel.ids import SkuId

NOW = Sql(f"""
WITH moving AS (
    SELECT line.sku_id, parent.origin_id, parent.destination_id, parent.status, line.to_come,
           line.to_come - line.in_transit AS unsent
    FROM transfer_line line JOIN transfer parent ON parent.id = line.transfer_id
    WHERE line.sku_id = ANY (:skus::uuid[]) AND line.to_come > 0 AND parent.status NOT IN ('RECEIVED', 'CANCELED')
), coming AS (
    SELECT supply.sku_id, supply.location_id, supply.quantity AS units FROM ({SUPPLY}) AS supply
    WHERE supply.sku_id = ANY (:skus::uuid[])
    UNION ALL
    SELECT sku_id, destination_id, to_come FROM moving WHERE status = 'DRAFT'
    UNION ALL
    SELECT line.sku_id, parent.location_id, line.open
    FROM purchase_order_line line JOIN purchase_order parent ON parent.id = line.purchase_order_id AND parent.status = 'DRAFT'
    WHERE line.sku_id = ANY (:skus::uuid[]) AND line.open > 0
), waiting AS (
    SELECT sku_id, {WAITS_AT} AS location_id, waiting AS units FROM backorder
    WHERE sku_id = ANY (:skus::uuid[]) AND waiting > 0
), moves (sku_id, location_id, coming, leaving, waiting) AS (
    SELECT sku_id, location_id, units, 0, 0 FROM coming
    UNION ALL SELECT sku_id, origin_id, 0, unsent, 0 FROM moving
    UNION ALL SELECT sku_id, location_id, 0, 0, units FROM waiting
)
SELECT level.sku_id, level.location_id, location.status <> 'ACTIVE', {AVAILABLE}, coalesce(sum(moves.coming), 0)::bigint,
       coalesce(sum(moves.leaving), 0)::bigint, coalesce(sum(moves.waiting), 0)::bigint
FROM inventory_level level JOIN location ON location.id = level.location_id
LEFT JOIN moves ON moves.sku_id = level.sku_id AND moves.location_id = level.location_id
WHERE level.sku_id = ANY (:skus::uuid[]) GROUP BY level.id, location.id
""")  # noqa: S608 - made of constants


async def positions_now(read: Reader, skus: Sequence[SkuId]) -> Mapping[LevelKey, Position]:
    """Return how every level of *skus* stands."""
    return {
        (sku, location): Position(available=available, coming=coming, leaving=leaving, waiting=waiting, closed=closed)
        for sku, location, closed, available, coming, leaving, waiting in await read.all(Query[Any](*NOW(skus=array(skus))))
    }
