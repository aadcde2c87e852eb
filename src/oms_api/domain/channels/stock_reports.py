"""Reports of a location's stock, where they are valid for some minutes only: stock that was reported earlier is stale."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.channels.events import LocationStockReported, LocationStockStale
from oms_api.kernel.ids import LocationId

HOLD = Sql("""
SELECT id FROM location WHERE id = ANY (:locations::uuid[]) AND stock_valid_minutes IS NOT NULL
ORDER BY id FOR NO KEY UPDATE
""")
VALID = "make_interval(mins => location.stock_valid_minutes)"
REPORT = Sql(f"""
UPDATE location SET stock_told_at = report.at, stock_stale = report.stock_stale AND report.at + {VALID} <= :now
FROM (
    SELECT id, stock_stale, stock_told_at, greatest(stock_told_at, :at::timestamptz) AS at FROM location
    WHERE id = ANY (:locations::uuid[])
) AS report
WHERE location.id = report.id
RETURNING location.id, report.stock_stale, location.stock_stale, report.stock_told_at, location.stock_told_at
""")  # noqa: S608 - made of constants
STALE = Sql(f"""
UPDATE location SET stock_stale = true WHERE id IN (
    SELECT id FROM location
    WHERE stock_valid_minutes IS NOT NULL AND NOT stock_stale AND stock_told_at + {VALID} <= :now
    ORDER BY id LIMIT :most FOR NO KEY UPDATE SKIP LOCKED
) RETURNING id
""")  # noqa: S608 - made of constants


def reported_first(valid_minutes: int | None, at: datetime) -> dict[str, Any]:
    """Return the columns of a location whose stock has to be reported from *at* on, or without *valid_minutes* never."""
    return {
        "stock_valid_minutes": valid_minutes,
        "stock_told_at": None if valid_minutes is None else at,
        "stock_stale": False,
    }


async def held_for_report(tx: Tx, locations: Collection[LocationId]) -> set[LocationId]:
    """Lock those of *locations* whose stock is valid for some time only, before orders and levels are, and return them."""
    found = await tx.fetch(HOLD(locations=array(locations))) if locations else []
    return {location for (location,) in found}


async def record_report(tx: Tx, locations: Collection[LocationId], at: datetime) -> None:
    """Record that the stock of *locations*, which are locked, was reported at a moment; a recent report ends its staleness."""
    found = await tx.fetch(REPORT(locations=array(locations), at=at, now=tx.now)) if locations else []
    for location, was, stale, before, reported_at in found:
        if was and not stale:
            changes = {"stock_stale": (True, False), "stock_reported_at": (before, reported_at)}
            tx.emit(LocationStockReported(subject_id=location, location_ids=(location,), changes=changes))


async def find_stale(tx: Tx, size: int) -> int:
    """Let nothing more be promised from locations whose stock was reported too long ago: a sweep."""
    found = await tx.fetch(STALE(now=tx.now, most=size))
    for (location,) in found:
        tx.emit(LocationStockStale(subject_id=location, location_ids=(location,), changes={"stock_stale": (False, True)}))
    return len(found)
