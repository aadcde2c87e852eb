"""Which lots lie at levels, for commands that take units away: in the order in which they should leave."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.inventory.lots.policies import HeldLot
from oms_api.kernel.ids import LevelId

HELD = Sql("""
SELECT held.level_id, lot.code, held.on_hand, held.set_aside, held.expires_on, location.time_zone
FROM unnest(:levels::uuid[]) AS want (level_id)
CROSS JOIN LATERAL (SELECT * FROM lot_level held WHERE held.level_id = want.level_id AND held.in_stock OFFSET 0) AS held
JOIN lot ON lot.id = held.lot_id JOIN location ON location.id = held.location_id
ORDER BY held.level_id, held.fefo_date, lot.id
""")


async def lots_held(tx: Tx, levels: Collection[LevelId]) -> Mapping[LevelId, tuple[HeldLot, ...]]:
    """Return the lots that lie at each of *levels*, which has any; expired ones are those of before today, by the day there."""
    if not levels:
        return {}
    found: dict[LevelId, list[HeldLot]] = {}
    for level, *lot in await tx.fetch(HELD(levels=array(levels))):
        found.setdefault(level, []).append(held_lot(lot, tx.now))
    return {level: tuple(lots) for level, lots in found.items()}


def held_lot(row: Iterable[Any], at: datetime) -> HeldLot:
    """Return the lot of a *row*: code, units, those set aside, expiry and time zone of its location."""
    code, units, set_aside, expires_on, zone = row
    return HeldLot(code, units, expires_on, expired(expires_on, zone, at), set_aside)


def expired(expires_on: date | None, zone: str, at: datetime) -> bool:
    """Tell whether the last good day was over at a moment, by the clock of a location."""
    return expires_on is not None and expires_on < at.astimezone(ZoneInfo(zone)).date()
