"""Stock summed up: of a SKU over the locations that can be seen, and of a channel over those that serve it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text

from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.catalog.tables import SkuComponent
from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.inventory.tables import InventoryLevel

SUMMED = ("on_hand", "available", "committed", "reserved", "damaged", "quality_control", "safety_stock")

# The units that an order of the channel could take: the rule of sourcing, as a sum. A bundle is sourced component by component,
# each from wherever it lies, and only while all of them are active.
GOODS = """
SELECT sum(CASE WHEN channel.sells_safety_stock THEN level.free ELSE level.available END)
FROM channel_location served JOIN location ON location.id = served.location_id AND location.status = 'ACTIVE'
CROSS JOIN LATERAL (
    SELECT free, available FROM inventory_level
    WHERE inventory_level.sku_id = {sku} AND inventory_level.location_id = served.location_id OFFSET 0
) AS level
WHERE served.channel_id = channel.id AND {seen}
"""
SETS = """
SELECT min(CASE WHEN (SELECT status FROM sku WHERE id = part.component_id) = 'ACTIVE'
           THEN coalesce(({goods}), 0) / part.quantity ELSE 0 END)
FROM sku_component part WHERE part.bundle_id = wanted.sku_id
"""
TOLD = """
CASE WHEN channel.status = 'ACTIVE' AND (SELECT status FROM sku WHERE id = wanted.sku_id) = 'ACTIVE'
     THEN greatest(coalesce(({sets}), ({goods}), 0) - channel.buffer, 0) ELSE 0 END
"""


def told_where(seen: str) -> str:
    """Return SQL for what the channel `channel` is told of the SKU `wanted.sku_id`, of locations of which *seen* is true."""
    sets = SETS.format(goods=GOODS.format(sku="part.component_id", seen=seen))
    return TOLD.format(sets=sets, goods=GOODS.format(sku="wanted.sku_id", seen=seen))


TELLABLE = told_where("true")
OF_CHANNELS = f"""
SELECT channel.id, wanted.sku_id,
       {told_where("(CAST(:all AS boolean) OR served.location_id = ANY (CAST(:locations AS uuid[])))")}
FROM channel CROSS JOIN unnest(CAST(:skus AS uuid[])) AS wanted (sku_id)
WHERE channel.id = ANY (CAST(:channels AS uuid[]))
"""  # noqa: S608 - made of constants


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


async def stock_by_sku(read: Reader, skus: Iterable[UUID], location: UUID | None = None) -> Mapping[UUID, StockSum]:
    """Return the stock of each of *skus* that has any, over the locations that can be seen, or at one of them.

    Of a bundle, `available` are the whole sets that its components make; it lies nowhere itself, so all else is 0.
    """
    wanted = list(skus)
    seen = visible_locations(read.principal, InventoryLevel.location_id)
    seen += [] if location is None else [InventoryLevel.location_id == location]
    sums = [func.sum(getattr(InventoryLevel, name)) for name in SUMMED]
    found = select(InventoryLevel.sku_id, *sums).where(among(InventoryLevel.sku_id, wanted), *seen)
    rows = await read.rows(found.group_by(InventoryLevel.sku_id))
    sets = await _sets(read, wanted, seen)
    return {key: StockSum(*map(int, units)) for key, *units in rows} | sets


async def _sets(read: Reader, skus: Sequence[UUID], seen: Sequence[ColumnElement[bool]]) -> dict[UUID, StockSum]:
    part, lies = SkuComponent, InventoryLevel.sku_id == SkuComponent.component_id
    units = select(func.coalesce(func.sum(InventoryLevel.available), 0)).where(lies, *seen).scalar_subquery()
    found = select(part.bundle_id, func.min(func.div(units, part.quantity))).where(among(part.bundle_id, skus))
    rows = await read.rows(found.group_by(part.bundle_id))
    return {bundle: StockSum(available=int(sets)) for bundle, sets in rows}


async def channel_availability(read: Reader, channels: Sequence[UUID], skus: Sequence[UUID]) -> Mapping[tuple[UUID, UUID], int]:
    """Return how many units of each of *skus* each of *channels* can be told to have: what it could sell less its buffer.

    Of a bundle these are whole sets. What an order could take is more by the buffer: that is there for orders made before the
    number was told. A channel that is inactive sells nothing, and nobody sells a SKU that is. Only locations that can be seen
    count.
    """
    limit = read.principal.locations
    parameters = {"all": limit is None, "locations": sorted(limit or ()), "skus": list(skus), "channels": list(channels)}
    rows = await read.rows(text(OF_CHANNELS), parameters)
    found = {(channel, sku): int(units) for channel, sku, units in rows}
    return {(channel, sku): found.get((channel, sku), 0) for channel in channels for sku in skus}
