"""What is promised at levels, by reservations and by orders, in the order in which it is taken back."""

from collections.abc import Collection, Mapping

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.inventory.deallocation import Promised, Promises
from oms_api.domain.inventory.sourcing import LevelKey

LEVELS = """
FROM unnest(:skus::uuid[], :locations::uuid[]) AS want (sku_id, location_id) CROSS JOIN LATERAL (
    SELECT id FROM inventory_level level WHERE level.sku_id = want.sku_id AND level.location_id = want.location_id OFFSET 0
) AS level
"""
RESERVED = Sql(f"""
SELECT want.sku_id, want.location_id, level.id, line.held, line.id, line.reservation_id {LEVELS}
CROSS JOIN LATERAL (
    SELECT id, reservation_id, held FROM reservation_line WHERE level_id = level.id AND held > 0 OFFSET 0
) AS line JOIN reservation ON reservation.id = line.reservation_id AND reservation.expires_at > :now
ORDER BY reservation.expires_at DESC, line.id DESC
""")  # noqa: S608 - made of constants
ALLOCATED = Sql(f"""
SELECT want.sku_id, want.location_id, level.id, promise.allocated, promise.in_fulfillment,
       coalesce(work.status = 'IN_PROGRESS', false), promise.id, promise.order_id, promise.line_id {LEVELS}
CROSS JOIN LATERAL (
    SELECT id, order_id, line_id, allocated, in_fulfillment FROM allocation
    WHERE level_id = level.id AND allocated + in_fulfillment > 0 OFFSET 0
) AS promise JOIN orders ON orders.id = promise.order_id
LEFT JOIN fulfillment_order_line line ON line.allocation_id = promise.id
LEFT JOIN fulfillment_order work ON work.id = line.fulfillment_order_id
ORDER BY orders.priority, orders.placed_at DESC, promise.order_id DESC, promise.id DESC
""")  # noqa: S608 - made of constants


async def promises_at(tx: Tx, keys: Collection[LevelKey]) -> Promises:
    """Return what is promised at each of *keys*, what is taken back first first."""
    if not keys:
        return {}
    skus, locations = array(sku for sku, _ in keys), array(location for _, location in keys)
    reserved, allocated = await tx.flush(
        [RESERVED(skus=skus, locations=locations, now=tx.now), ALLOCATED(skus=skus, locations=locations)]
    )
    found: dict[LevelKey, list[Promised]] = {}
    for sku, location, level, held, line, reservation in reserved:
        key = (sku, location)
        promise = Promised(key=key, level_id=level, units=held, holder=reservation, reservation_line_id=line)
        found.setdefault(key, []).append(promise)
    for sku, location, level, waiting, working, began, allocation, order, line in allocated:
        key = (sku, location)
        promise = Promised(
            key=key,
            level_id=level,
            units=waiting + (0 if began else working),
            holder=order,
            picked=working if began else 0,
            allocation_id=allocation,
            line_id=line,
        )
        found.setdefault(key, []).append(promise)
    return found


async def picked_units(tx: Tx, keys: Collection[LevelKey]) -> Mapping[LevelKey, int]:
    """Return how many units somebody is picking, or has picked or packed, at each of *keys* where there are any."""
    return {key: sum(promise.picked for promise in promises) for key, promises in (await promises_at(tx, keys)).items()}
