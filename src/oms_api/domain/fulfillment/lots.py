"""The lots that a fulfillment order ships from: first expired first out, and never one that has expired."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.units import Promise
from oms_api.domain.inventory.lots.errors import LotExpired
from oms_api.domain.inventory.lots.policies import HeldLot, Shelf
from oms_api.domain.inventory.lots.shelves import held_lot
from oms_api.domain.inventory.lots.states import Leaving
from oms_api.domain.inventory.settle import Settled
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import FulfillmentOrderId, LevelId, ShipmentLineId

MINE = """
    SELECT DISTINCT promise.level_id
    FROM fulfillment_order_line work JOIN allocation promise ON promise.id = work.allocation_id
    WHERE work.fulfillment_order_id = :work::uuid
"""
LOCK = Sql(f"""
SELECT level.id FROM inventory_level level WHERE level.id IN ({MINE})
ORDER BY level.sku_id, level.location_id FOR NO KEY UPDATE OF level
""")  # noqa: S608 - made of constants
LOOK = Sql(f"""
SELECT level.id, level.without_lot, level.aside, lot.code, held.on_hand, held.set_aside, held.expires_on, location.time_zone
FROM ({MINE}) AS mine CROSS JOIN LATERAL (
    SELECT id, location_id, on_hand - in_lots AS without_lot, quality_control + damaged AS aside FROM inventory_level
    WHERE id = mine.level_id AND in_lots > 0 OFFSET 0
) AS level CROSS JOIN LATERAL (
    SELECT lot_id, on_hand, set_aside, expires_on, fefo_date FROM lot_level WHERE level_id = level.id AND in_stock OFFSET 0
) AS held
JOIN lot ON lot.id = held.lot_id JOIN location ON location.id = level.location_id
ORDER BY level.id, held.fefo_date, lot.id
""")  # noqa: S608 - made of constants


async def shelves_of(tx: Tx, work_id: FulfillmentOrderId, at: datetime) -> dict[LevelId, Shelf]:
    """Return what lies at those levels of a fulfillment order that have lots, locked where *tx* is pessimistic.

    Expired are the lots of before the day of *at*.
    """
    look = LOOK(work=work_id)
    *_, rows = await tx.flush([LOCK(work=work_id), look] if tx.pessimistic else [look])
    found: dict[LevelId, tuple[int, list[HeldLot], int]] = {}
    for level, without_lot, aside, *lot in rows:
        found.setdefault(level, (without_lot, [], aside))[1].append(held_lot(lot, at))
    return {level: Shelf(*held) for level, held in found.items()}


def pick(
    leaving: Sequence[tuple[ShipmentLineId, Promise, int]], shelves: Mapping[LevelId, Shelf]
) -> tuple[list[Settled], dict[int, OmsError]]:
    """Return the units of each shipment line by the lots they are of, and the places of the lines that only expired ones could.

    Units of levels without lots stay as they are.
    """
    picked: list[Settled] = []
    errors: dict[int, OmsError] = {}
    for place, (key, promise, units) in enumerate(leaving):
        shelf = shelves.get(promise.level_id)
        if shelf is None:
            picked.append(Settled(promise.level_id, units, key))
            continue
        parts = shelf.take(units, Leaving.TO_CUSTOMER)
        left = sum(each for _, each in parts)
        if left < units:
            errors[place] = expired_instead(shelf, left, units)
        picked += [Settled(promise.level_id, each, key, code) for code, each in parts]
    return picked, errors


def expired_instead(shelf: Shelf, left: int, requested: int) -> OmsError:
    """Return the error that all that lies there beyond *left* units has expired."""
    first = next(lot for lot in shelf.lots if lot.expired and shelf.left[lot.code])
    return LotExpired(lot=first.code, expires_on=str(first.expires_on), left=left, requested=requested)
