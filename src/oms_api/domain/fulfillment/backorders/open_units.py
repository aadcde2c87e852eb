"""What stands beside stock, as sums of open documents: units that are on their way, and units that order lines wait for."""

from collections.abc import Sequence
from typing import Any

from oms_api.db.relations import Relation
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.db.statements import Query
from oms_api.domain.inventory.open_sums import open_units_by_level
from oms_api.domain.inventory.transfers.coming import TRANSFERRED
from oms_api.domain.purchasing.incoming import SUPPLY
from oms_api.kernel.access import Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LocationId, SkuId

HERE = "(:locations::uuid[] IS NULL OR {location} = ANY (:locations::uuid[]))"

BY_SKU = Sql(f"""
SELECT want.sku_id, (
    SELECT coalesce(sum(supply.quantity), 0) FROM ({SUPPLY}) AS supply
    WHERE supply.sku_id = want.sku_id AND {HERE.format(location="supply.location_id")}
), (
    SELECT coalesce(sum(supply.promisable), 0) FROM ({TRANSFERRED}) AS supply
    WHERE supply.sku_id = want.sku_id AND {HERE.format(location="supply.location_id")}
), (
    SELECT coalesce(sum(waiting), 0) FROM backorder
    WHERE backorder.sku_id = want.sku_id AND waiting > 0 AND {HERE.format(location="backorder.location_id")}
)
FROM unnest(:skus::uuid[]) AS want (sku_id)
""")  # noqa: S608 - made of constants
backordered_by_level = open_units_by_level("waiting", "SELECT sku_id, location_id, waiting FROM backorder WHERE waiting > 0")


@dataclass(frozen=True, slots=True)
class OpenUnits:
    """Units of a SKU on their way, those of them that have left another location, and those that order lines wait for."""

    incoming: int = 0
    in_transit: int = 0
    backordered: int = 0


def _sums_by_sku(skus: Sequence[SkuId], sight: Sight, location: LocationId | None = None) -> Query[Any]:
    seen = sight.locations
    if location is not None:
        seen = [location] if seen is None or location in seen else []
    return Query(*BY_SKU(skus=array(skus), locations=None if seen is None else array(seen)))


def _by_sku(_skus: Sequence[SkuId], records: Sequence[Any], *_location: object) -> dict[SkuId, OpenUnits]:
    return {sku: OpenUnits(*map(int, units)) for sku, *units in records}


open_units_by_sku: Relation[SkuId, OpenUnits] = Relation(_sums_by_sku, _by_sku, OpenUnits)
"""What stands beside the stock of each SKU: at the locations that can be seen, or at one of them.

A backorder belongs to the location at which its goods are expected, while nobody knows what comes to the first location of
its channel. One without any location counts for all together, and so for a principal without a limit only.
"""
