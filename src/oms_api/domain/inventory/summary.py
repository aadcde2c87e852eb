"""Stock summed up: of a SKU over the locations that can be seen, and of a channel over those that serve it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, text

from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.inventory.tables import InventoryLevel

SUMMED = ("on_hand", "available", "committed", "reserved", "damaged", "quality_control", "safety_stock")

# The units that an order of the channel could take: the rule of sourcing, as a sum.
SELLABLE = """
SELECT sum(CASE WHEN channel.sells_safety_stock THEN level.free ELSE level.available END)
FROM channel_location served JOIN location ON location.id = served.location_id AND location.status = 'ACTIVE'
CROSS JOIN LATERAL (
    SELECT free, available FROM inventory_level
    WHERE inventory_level.sku_id = wanted.sku_id AND inventory_level.location_id = served.location_id OFFSET 0
) AS level
WHERE served.channel_id = channel.id
"""
TOLD = "CASE WHEN channel.status = 'ACTIVE' THEN greatest(coalesce(({sellable}), 0) - channel.buffer, 0) ELSE 0 END"
TELLABLE = TOLD.format(sellable=SELLABLE)
"""What the channel `channel` is told of the SKU `wanted.sku_id`."""

SEEN = f"{SELLABLE} AND (CAST(:all AS boolean) OR served.location_id = ANY (CAST(:locations AS uuid[])))"
OF_CHANNELS = f"""
SELECT channel.id, wanted.sku_id, {TOLD.format(sellable=SEEN)}
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


async def stock_by_sku(read: Reader, skus: Iterable[UUID]) -> Mapping[UUID, StockSum]:
    """Return the stock of each of *skus* that has a level, over the locations that can be seen."""
    sums = [func.sum(getattr(InventoryLevel, name)) for name in SUMMED]
    visible = visible_locations(read.principal, InventoryLevel.location_id)
    found = select(InventoryLevel.sku_id, *sums).where(among(InventoryLevel.sku_id, skus), *visible)
    rows = await read.rows(found.group_by(InventoryLevel.sku_id))
    return {key: StockSum(*map(int, units)) for key, *units in rows}


async def channel_availability(read: Reader, channels: Sequence[UUID], skus: Sequence[UUID]) -> Mapping[tuple[UUID, UUID], int]:
    """Return how many units of each of *skus* each of *channels* can be told to have: what it could sell less its buffer.

    What an order could take is more by the buffer: that is there for orders made before the number was told. A channel that is
    inactive sells nothing. Only locations that can be seen count.
    """
    limit = read.principal.locations
    parameters = {"all": limit is None, "locations": sorted(limit or ()), "skus": list(skus), "channels": list(channels)}
    rows = await read.rows(text(OF_CHANNELS), parameters)
    found = {(channel, sku): int(units) for channel, sku, units in rows}
    return {(channel, sku): found.get((channel, sku), 0) for channel in channels for sku in skus}
