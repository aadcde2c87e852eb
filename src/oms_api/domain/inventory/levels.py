"""Levels as commands look at them: by SKU and location, with or without locks, and as of an earlier moment."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from oms_api.db.pipeline import Statement
from oms_api.db.session import LookAgain, Tx
from oms_api.db.sets import array, listed
from oms_api.db.sql import Sql
from oms_api.domain.inventory.ledger import making_levels
from oms_api.domain.inventory.lots.policies import HeldLot, Shelf, still_sellable
from oms_api.domain.inventory.lots.shelves import lots_held
from oms_api.domain.inventory.numbers import LAST, LastNumber
from oms_api.domain.inventory.sourcing import LevelKey, in_key_order
from oms_api.domain.inventory.states import ASIDE, HELD, NumberSource
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LevelId

NUMBER_SOURCES = {kind.value: kind for kind in NumberSource}
COLUMNS = ("id", "sku_id", "location_id", *(bucket.value for bucket in HELD), "safety_stock_target", "on_hand", "in_lots")

WANT = "unnest(:skus::uuid[], :locations::uuid[]) AS want (sku_id, location_id)"

# OFFSET 0 keeps a lateral lookup one index scan for each row: estimates know nothing of how few rows a parameter holds.
READ = Sql(f"""
SELECT level.* FROM {WANT} CROSS JOIN LATERAL (
    SELECT {", ".join(COLUMNS)} FROM inventory_level level
    WHERE level.sku_id = want.sku_id AND level.location_id = want.location_id OFFSET 0
) AS level
""")  # noqa: S608 - our own columns
LOCK = Sql(f"""
SELECT {", ".join(f"level.{name}" for name in COLUMNS)}
FROM inventory_level level JOIN {WANT}
    ON level.sku_id = want.sku_id AND level.location_id = want.location_id
ORDER BY level.sku_id, level.location_id FOR NO KEY UPDATE OF level
""")  # noqa: S608 - our own columns

GROWN = ", ".join(
    f"sum(CASE WHEN movement.target IN ({held}) THEN movement.quantity ELSE 0 END"
    f" - CASE WHEN movement.source IN ({held}) THEN movement.quantity ELSE 0 END) AS {name}"
    for name, held in (("units", listed(HELD)), *((bucket, listed([bucket])) for bucket in ASIDE))
)


def grown_since(moment: str, only: str = "true") -> str:
    """Return the statement of how much on hand, quality control and damaged of a `level` grew by movements: NULL without any.

    What happened after a moment was recorded after it. Movements of a level are recorded in the order of their numbers, but for
    transactions that ran side by side, and none runs for an hour: so its last ones are read, and not its whole ledger. They are
    read in order, so that no index but the one of their order will do, whatever was estimated.
    """
    return f"""
    SELECT {GROWN} FROM (
        SELECT source, target, quantity, occurred_at FROM stock_movement
        WHERE {only} AND level_id = level.id AND sequence > coalesce((
            SELECT earlier.sequence FROM stock_movement earlier
            WHERE earlier.level_id = level.id AND earlier.recorded_at < {moment} - interval '1 hour'
            ORDER BY earlier.sequence DESC LIMIT 1
        ), 0)
        ORDER BY sequence OFFSET 0
    ) AS movement WHERE movement.occurred_at > {moment}
    """  # noqa: S608 - our own columns


SINCE = Sql(f"""
SELECT want.sku_id, want.location_id, later.* FROM {WANT}
CROSS JOIN LATERAL (
    SELECT id FROM inventory_level level WHERE level.sku_id = want.sku_id AND level.location_id = want.location_id OFFSET 0
) AS level CROSS JOIN LATERAL ({grown_since(":as_of")}) AS later WHERE later.units IS NOT NULL
""")  # noqa: S608 - our own names of buckets

# Plans are kept, and these are for as many levels as a feed has: one made while the tables were empty would read all of each
# table for every level, until somebody analyzed it.
BY_INDEX, AS_EVER = Sql("SET LOCAL enable_seqscan = off"), Sql("SET LOCAL enable_seqscan = on")
KNOWN = Sql(f"""
SELECT level.sku_id, level.location_id, level.sequence = 0 OR EXISTS (
    SELECT FROM (
        SELECT 1 FROM stock_movement WHERE level_id = level.id AND occurred_at <= :as_of ORDER BY sequence LIMIT 1
    ) AS first
), last_number.*
FROM {WANT} CROSS JOIN LATERAL (
    SELECT id, sku_id, location_id, sequence FROM inventory_level level
    WHERE level.sku_id = want.sku_id AND level.location_id = want.location_id OFFSET 0
) AS level LEFT JOIN LATERAL ({LAST}) AS last_number ON true
""")  # noqa: S608 - made of constants
"""Whether anything had happened by the moment where anything happened at all, and the last number told."""


@dataclass(frozen=True, slots=True)
class Since:
    """By how much on hand, quality control and damaged grew after a moment."""

    on_hand: int = 0
    quality_control: int = 0
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class Level:
    """What lies in the buckets of a level; `since` is what became of them after the moment that was asked about.

    With such a moment, `known` says whether the level's ledger reaches back to it, and `last_number` is the last one that was
    reported. A level that is not there yet has no id and no units.
    """

    id: LevelId | None = None
    free: int = 0
    committed: int = 0
    reserved: int = 0
    quality_control: int = 0
    damaged: int = 0
    safety_stock_target: int = 0
    on_hand: int = 0
    in_lots: int = 0
    since: Since = Since()
    known: bool = True
    last_number: LastNumber | None = None
    lots: tuple[HeldLot, ...] = ()

    @property
    def then(self) -> int:
        """The units on hand at the moment that was asked about."""
        return self.on_hand - self.since.on_hand

    @property
    def set_aside(self) -> int:
        """Units in quality control and damaged ones."""
        return self.quality_control + self.damaged

    @property
    def fits_lots(self) -> bool:
        """Whether its lots are of the units that it has: they are read after it."""
        units, aside = sum(held.units for held in self.lots), sum(held.set_aside for held in self.lots)
        return units == self.in_lots and aside <= self.set_aside

    @property
    def good(self) -> int:
        """Its free units, without as many as have expired and are not known to be set aside: those leave for nowhere."""
        return max(self.free - sum(still_sellable(self.lots).values()), 0)

    @property
    def shelf(self) -> Shelf:
        """Its units by the lots that they are of, to be taken."""
        return Shelf(self.on_hand - self.in_lots, list(self.lots), self.set_aside)

    def expired_aside(self, lot: str) -> int:
        """Return how many units of the lot with that code are set aside, if it has expired."""
        return sum(held.set_aside for held in self.lots if held.code == lot and held.expired)


Levels = Mapping[LevelKey, Level]
NO_LEVEL = Level()


async def look_at(tx: Tx, keys: Collection[LevelKey], *, as_of: datetime | None = None) -> Levels:
    """Return the levels of all *keys* as they are, without locks. Raises: LookAgain, where their lots moved meanwhile."""
    levels = await _read(tx, READ, in_key_order(keys), as_of)
    if not all(level.fits_lots for level in levels.values()):
        raise LookAgain
    return levels


async def lock_levels(tx: Tx, keys: Collection[LevelKey], *, as_of: datetime | None = None) -> Levels:
    """Make the levels of *keys* that are missing, lock all of them in key order, and return them.

    A transaction that locks levels before its last flush does so once, for all that it may write: a level that came into
    being behind those locks could not be locked in its turn.
    """
    return await _read(tx, LOCK, in_key_order(keys), as_of, before=making_levels(tx, keys))


async def _read(
    tx: Tx, statement: Sql, keys: list[LevelKey], as_of: datetime | None, *, before: Sequence[Statement] = ()
) -> Levels:
    places = {"skus": array(sku for sku, _ in keys), "locations": array(location for _, location in keys)}
    earlier: list[Statement] = []
    if as_of is not None:
        earlier = [BY_INDEX(), SINCE(**places, as_of=as_of), KNOWN(**places, as_of=as_of), AS_EVER()]
    answers = (await tx.flush([*before, statement(**places), *earlier]))[len(before) :]
    _, changed, known, _ = answers[1:] if earlier else ([], [], [], [])
    since = {(sku, location): Since(*map(int, units)) for sku, location, *units in changed}
    heard = {(sku, location): (reaches, _last_number(*number)) for sku, location, reaches, *number in known}
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in answers[0]]
    lots = await lots_held(tx, [row["id"] for row in rows if row["in_lots"]])
    levels = dict.fromkeys(keys, NO_LEVEL)
    for row in rows:
        place = row.pop("sku_id"), row.pop("location_id")
        reaches, number = heard.get(place, (True, None))
        of_lots = lots.get(row["id"], ())
        levels[place] = Level(**row, since=since.get(place, Since()), known=reaches, last_number=number, lots=of_lots)
    return levels


def _last_number(as_of: datetime | None, number_source: str, source: str) -> LastNumber | None:
    return None if as_of is None else LastNumber(as_of, NUMBER_SOURCES[number_source], source)


def shelves(levels: Levels) -> dict[LevelKey, Shelf]:
    """Return the units of those of *levels* that have lots."""
    return {key: level.shelf for key, level in levels.items() if level.in_lots}
