"""Lots as stock comes and goes: made where they are new, and counted at each level, in the transaction that moves the units."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from oms_api.db.rows import Given, inserts_missing, types
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.inventory.lots.tables import LotRow
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LevelId, LocationId, LotId, SkuId

MAKE = inserts_missing(LotRow)
GIVEN = Given("given", **types(LotRow, "sku_id", "code", "expires_on"))
AGREE = Sql(f"""
SELECT CASE WHEN count(*) > 0 THEN oms_refuse('lot') END
FROM {GIVEN} JOIN lot ON lot.sku_id = given.sku_id AND lot.code = given.code
WHERE given.expires_on <> lot.expires_on OR given.expires_on IS NOT NULL AND lot.expires_on IS NULL
""")  # noqa: S608 - made of constants
CHANGES = Given("change", sku_id="uuid", location_id="uuid", code="text", units="int", aside="int")
GONE = Given("gone", level_id="uuid", code="text", units="int")

# The levels are locked by the statement before: who writes a lot's row at a level has locked the level, and then the lot, if at
# all. A lot that comes to a level is locked against changes of its expiry, for the level keeps a copy of it. More units than
# were known to be set aside may come back from there, but no more go than are there.
COUNT = Sql(f"""
WITH moved AS (
    SELECT level.id AS level_id, level.sku_id, level.location_id, lot.id AS lot_id, lot.expires_on, change.units, change.aside
    FROM {CHANGES} JOIN lot ON lot.sku_id = change.sku_id AND lot.code = change.code
    CROSS JOIN LATERAL (
        SELECT id, sku_id, location_id FROM inventory_level level
        WHERE level.sku_id = change.sku_id AND level.location_id = change.location_id OFFSET 0
    ) AS level
    ORDER BY lot.sku_id, lot.code FOR SHARE OF lot
), taken AS (
    UPDATE lot_level held
    SET on_hand = held.on_hand + moved.units,
        set_aside = greatest(least(held.set_aside + moved.aside, held.on_hand + moved.units), 0)
    FROM moved
    WHERE moved.units <= 0 AND held.level_id = moved.level_id AND held.lot_id = moved.lot_id
      AND held.on_hand + moved.units >= 0 AND (moved.aside <= 0 OR held.set_aside + moved.aside <= held.on_hand + moved.units)
    RETURNING held.id
), brought AS (
    INSERT INTO lot_level (id, level_id, lot_id, sku_id, location_id, expires_on, on_hand, set_aside)
    SELECT gen_random_uuid(), level_id, lot_id, sku_id, location_id, expires_on, units, greatest(aside, 0)
    FROM moved WHERE units > 0
    ON CONFLICT (level_id, lot_id) DO UPDATE
    SET on_hand = lot_level.on_hand + excluded.on_hand, set_aside = lot_level.set_aside + excluded.set_aside
    RETURNING id
)
SELECT CASE WHEN (SELECT count(*) FROM taken) + (SELECT count(*) FROM brought) < :lots THEN oms_refuse('lots') END
""")  # noqa: S608 - made of constants
TAKE = Sql(f"""
WITH taken AS (
    UPDATE lot_level held
    SET on_hand = held.on_hand - gone.units, set_aside = least(held.set_aside, held.on_hand - gone.units)
    FROM {GONE}
    CROSS JOIN LATERAL (
        SELECT held.id FROM lot_level held JOIN lot ON lot.id = held.lot_id
        WHERE held.level_id = gone.level_id AND lot.code = gone.code OFFSET 0
    ) AS of_level
    WHERE held.id = of_level.id AND held.on_hand >= gone.units RETURNING held.id
)
SELECT CASE WHEN count(*) < :lots THEN oms_refuse('lots') END FROM taken
""")  # noqa: S608 - made of constants

# Where somebody took units back from what is set aside without a word of their lots, those of no lot are taken for them, then
# those that expire last.
FIT = Sql("""
WITH ranked AS (
    SELECT held.id, held.set_aside, level.set_aside - coalesce(sum(held.set_aside) OVER (
        PARTITION BY level.id ORDER BY held.fefo_date, held.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0) AS room
    FROM unnest(:skus::uuid[], :locations::uuid[]) AS want (sku_id, location_id)
    CROSS JOIN LATERAL (
        SELECT id, quality_control + damaged AS set_aside FROM inventory_level level
        WHERE level.sku_id = want.sku_id AND level.location_id = want.location_id OFFSET 0
    ) AS level
    CROSS JOIN LATERAL (
        SELECT id, fefo_date, set_aside FROM lot_level WHERE level_id = level.id AND in_stock OFFSET 0
    ) AS held
)
UPDATE lot_level held SET set_aside = greatest(ranked.room, 0) FROM ranked
WHERE held.id = ranked.id AND ranked.set_aside > ranked.room
""")

LotKey = tuple[SkuId, LocationId, str]
"""A SKU, a location and the code of a lot."""


@dataclass(slots=True)
class LotChange:
    """Units of a lot that come to a level or (negative) leave it, and by how many more or fewer of it are set aside there."""

    units: int = 0
    aside: int = 0


@dataclass(frozen=True, slots=True)
class NewLot:
    """A lot as it was told: made where it is not known."""

    sku_id: SkuId
    code: str
    expires_on: date | None
    attributes: Mapping[str, str]


def make_lots(tx: Tx, lots: Sequence[NewLot]) -> None:
    """Make those of *lots* that are not known, in the last flush of *tx*, behind the lock of every level they come to.

    Where one of them became known meanwhile as expiring on another day, the whole flush is refused.
    """
    if not lots:
        return
    made = {"created_at": tx.now, "updated_at": tx.now}
    rows = [
        {
            "id": tx.new_id(LotId),
            "sku_id": lot.sku_id,
            "code": lot.code,
            "expires_on": lot.expires_on,
            "attributes": lot.attributes,
            **made,
        }
        for lot in sorted(lots, key=lambda lot: (lot.sku_id, lot.code))
    ]
    tx.closing += [MAKE.of(rows), AGREE(given=GIVEN(lots))]


def count_lots(tx: Tx, changes: Mapping[LotKey, LotChange]) -> None:
    """Count units of lots that come to levels, leave them or are set aside there, behind the lock of the levels.

    Where fewer units of a lot are there than leave or are to be set aside, the whole flush is refused.
    """
    moved = [
        {"sku_id": sku, "location_id": location, "code": code, "units": change.units, "aside": change.aside}
        for (sku, location, code), change in changes.items()
        if change.units or change.aside
    ]
    if moved:
        tx.closing.append(COUNT(change=CHANGES(moved), lots=len(moved)))


def fit_lots(tx: Tx, levels: Collection[LevelKey]) -> None:
    """Let the lots of *levels* have no more set aside than the levels have, behind the lock of the levels."""
    if levels:
        skus, locations = array(sku for sku, _ in levels), array(location for _, location in levels)
        tx.closing.append(FIT(skus=skus, locations=locations))


def take_lots(tx: Tx, gone: Mapping[tuple[LevelId, str], int]) -> None:
    """Take units of lots, by the id of a level and the code, from what lies there, behind the lock of the levels.

    Where fewer units of a lot are there, the whole flush is refused.
    """
    if gone:
        rows = [{"level_id": level, "code": code, "units": units} for (level, code), units in gone.items()]
        tx.closing.append(TAKE(gone=GONE(rows), lots=len(rows)))
