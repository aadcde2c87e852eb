"""What stands beside stock, as sums of open documents: units that are on their way, and units that order lines wait for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ARRAY, Uuid, bindparam, text

from oms_api.db.session import Reader
from oms_api.domain.inventory.open_sums import sum_by_level, summing
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.transfers.coming import TRANSFERRED
from oms_api.domain.purchasing.incoming import SUPPLY
from oms_api.kernel.ids import LocationId, SkuId

HERE = "(CAST(:locations AS uuid[]) IS NULL OR {location} = ANY (CAST(:locations AS uuid[])))"

BY_SKU = text(f"""
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
FROM unnest(:skus) AS want (sku_id)
""").bindparams(bindparam("skus", type_=ARRAY(Uuid)), bindparam("locations", type_=ARRAY(Uuid)))  # noqa: S608 - made of constants
WAITING = summing("waiting", "SELECT sku_id, location_id, waiting FROM backorder WHERE waiting > 0")


@dataclass(frozen=True, slots=True)
class Beside:
    """Units of a SKU on their way, those of them that have left another location, and those that order lines wait for."""

    incoming: int = 0
    in_transit: int = 0
    backordered: int = 0


async def beside_by_sku(read: Reader, skus: Collection[SkuId], location: LocationId | None = None) -> Mapping[SkuId, Beside]:
    """Return what stands beside the stock of each of *skus*: at the locations that can be seen, or at one of them.

    A backorder belongs to the location at which its goods are expected, while nobody knows what comes to the first location of
    its channel. One without any location counts for all together, and so for a principal without a limit only.
    """
    seen = read.principal.locations
    locations = seen if location is None else {location} & ({location} if seen is None else seen)
    where = {"skus": list(skus), "locations": None if locations is None else sorted(locations)}
    return {sku: Beside(*map(int, units)) for sku, *units in await read.rows(BY_SKU, where)}


async def backordered_by_level(read: Reader, levels: Sequence[LevelKey]) -> Mapping[LevelKey, int]:
    """Return how many units order lines wait for at each of *levels* where any do; the levels were seen before."""
    return await sum_by_level(read, WAITING, levels)
