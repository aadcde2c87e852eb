"""Stock summed up: of a SKU over the locations that can be seen, and of a channel over those that serve it."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, func, literal, literal_column, select, union_all
from sqlalchemy.orm import aliased

from oms_api.db.relations import Found, Keys, one_for
from oms_api.db.session import Reader
from oms_api.db.sets import among, array
from oms_api.db.sql import Sql
from oms_api.db.statements import Query
from oms_api.domain.catalog.tables import SkuComponentRow
from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.channels.serving import ACTIVE_LOCATIONS
from oms_api.domain.inventory.lots.good import AVAILABLE, good_levels
from oms_api.domain.inventory.tables import InventoryLevelRow
from oms_api.kernel.access import Sight
from oms_api.kernel.dataclass import dataclass

SUMMED = ("on_hand", "available", "committed", "reserved", "damaged", "quality_control", "safety_stock")

# The units that an order of the channel could take: the rule of sourcing, as a sum. A bundle is sourced component by component,
# each from wherever it lies, and only while all of them are active.
GOODS = f"""
SELECT sum(CASE WHEN channel.sells_safety_stock THEN greatest(level.free, 0) ELSE level.available END)
FROM {ACTIVE_LOCATIONS}
CROSS JOIN LATERAL (
    {good_levels("level.sku_id = {sku} AND level.location_id = served.location_id")}
) AS level
WHERE served.channel_id = channel.id AND {{seen}}
"""  # noqa: S608 - made of constants
SETS = """
SELECT min(CASE WHEN (SELECT status FROM sku WHERE id = part.component_id) = 'ACTIVE'
           THEN coalesce(({goods}), 0) / part.quantity ELSE 0 END)
FROM sku_component part WHERE part.bundle_id = wanted.sku_id
"""
PUBLISHED = """
CASE WHEN channel.status = 'ACTIVE' AND (SELECT status FROM sku WHERE id = wanted.sku_id) = 'ACTIVE'
     THEN greatest(coalesce(({sets}), ({goods}), 0) - channel.buffer, 0) ELSE 0 END
"""


def published_where(seen: str) -> str:
    """Return SQL for what the channel `channel` is told of the SKU `wanted.sku_id`, of locations of which *seen* is true."""
    sets = SETS.format(goods=GOODS.format(sku="part.component_id", seen=seen))
    return PUBLISHED.format(sets=sets, goods=GOODS.format(sku="wanted.sku_id", seen=seen))


PUBLISHABLE = published_where("true")
OF_CHANNELS = Sql(f"""
SELECT channel.id AS channel_id, wanted.sku_id,
       {published_where("(:locations::uuid[] IS NULL OR served.location_id = ANY (:locations::uuid[]))")} AS units
FROM channel CROSS JOIN unnest(:skus::uuid[]) AS wanted (sku_id)
WHERE channel.id = ANY (:channels::uuid[])
""")  # noqa: S608 - made of constants


@dataclass(frozen=True, slots=True)
class StockSum:
    """The buckets of several levels, added up."""

    on_hand: int = 0
    available: int = 0
    committed: int = 0
    reserved: int = 0
    damaged: int = 0
    quality_control: int = 0
    safety_stock: int = 0


@one_for("sku_id")
def sums_by_sku(skus: Keys, sight: Sight, location: UUID | None = None) -> Found:
    """The sums of SKUs that have any stock, and the sets that the components of bundles make; see `stock_by_sku`."""
    level, part = aliased(InventoryLevelRow, name="level"), SkuComponentRow
    good = {"available": literal_column(AVAILABLE, Integer)}
    seen = visible_locations(sight, level.location_id)
    seen += [] if location is None else [level.location_id == location]
    sums = [func.sum(good.get(name, getattr(level, name))).label(name) for name in SUMMED]
    goods = select(level.sku_id, *sums).where(among(level.sku_id, skus), *seen).group_by(level.sku_id)
    units = select(func.coalesce(func.sum(good["available"]), 0)).where(level.sku_id == part.component_id, *seen)
    whole = {"available": func.min(func.div(units.scalar_subquery(), part.quantity))}
    sets = select(part.bundle_id, *(whole.get(name, literal(0)) for name in SUMMED)).where(among(part.bundle_id, skus))
    return union_all(goods, sets.group_by(part.bundle_id))


stock_by_sku = sums_by_sku.turned(lambda found: StockSum(*map(int, found[1:])) if found else StockSum())
"""The stock of each SKU, over the locations that can be seen, or at one of them.

Of a bundle, `available` are the whole sets that its components make; it lies nowhere itself, so all else is 0.
"""


async def channel_availability(read: Reader, channels: Sequence[UUID], skus: Sequence[UUID]) -> Mapping[tuple[UUID, UUID], int]:
    """Return how many units of each of *skus* each of *channels* can be told to have: what it could sell less its buffer.

    Of a bundle these are whole sets. What an order could take is more by the buffer: that is there for orders made before the
    number was told. A channel that is inactive sells nothing, and nobody sells a SKU that is. Only locations that can be seen
    count.
    """
    seen = None if read.sight.locations is None else array(read.sight.locations)
    rows: list[Any] = await read.ask(Query(*OF_CHANNELS(skus=array(skus), channels=array(channels), locations=seen)))
    return dict.fromkeys(product(channels, skus), 0) | {(row.channel_id, row.sku_id): int(row.units) for row in rows}
