"""When fulfillment orders must have left: by the promised day, and the calendar and the cut-off of their location."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from oms_api.db.rows import Given
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.channels.calendar import Calendar, calendar_of

PROMISED = """
LATERAL (
    SELECT max(waiting.ships_on) AS day, count(waiting.id) > 0 AS waited
    FROM fulfillment_order_line part JOIN backorder waiting ON waiting.line_id = part.line_id
    WHERE part.fulfillment_order_id = work.id
) AS promised
"""
"""The day on which goods of *work* were promised to ship that waited, and whether any did."""
UNDATED = Sql(f"""
SELECT work.id, orders.placed_at, work.opens_on, location.time_zone, location.calendar, promised.day, promised.waited,
       work.created_at
FROM (
    SELECT todo.id, todo.order_id, todo.location_id, todo.opens_on, todo.created_at
    FROM fulfillment_order todo JOIN orders ON orders.id = todo.order_id
    WHERE todo.leave_by IS NULL AND todo.status IN ('SCHEDULED', 'OPEN', 'IN_PROGRESS') ORDER BY todo.id LIMIT :most
    FOR NO KEY UPDATE OF orders, todo SKIP LOCKED
) AS work
JOIN orders ON orders.id = work.order_id JOIN location ON location.id = work.location_id
CROSS JOIN {PROMISED}
""")  # noqa: S608 - our own part
DATED = Given("dated", id="uuid", leave_by="timestamptz")
DATE = Sql(f"""
UPDATE fulfillment_order work SET leave_by = dated.leave_by, version = work.version + 1 FROM {DATED} WHERE work.id = dated.id
""")  # noqa: S608 - our own columns
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def leave_by(
    calendar: Calendar,
    zone: ZoneInfo,
    *,
    placed_at: datetime,
    created_at: datetime,
    opens_on: date | None,
    promised: date | None,
    waited: bool,
) -> datetime:
    """Return the moment by which goods must have left: the cut-off of the day on which they are to ship.

    The day is the promised one of goods that waited, else what the calendar makes of the order's placing; where the work opens
    later, of that. Goods that *waited* without a promise count from when their work was made. A location without working days
    to come never has to.
    """
    ready = max(created_at if waited and promised is None else placed_at, _morning(opens_on, zone, placed_at))
    day = promised if promised is not None and (opens_on is None or promised >= opens_on) else calendar.ships_on(ready, zone)
    if day is None:
        return NEVER
    return datetime.combine(day, calendar.cut_off, zone)


def _morning(day: date | None, zone: ZoneInfo, otherwise: datetime) -> datetime:
    return otherwise if day is None else datetime.combine(day, time(), zone)


async def date_departures(tx: Tx, size: int) -> int:
    """Work out when fulfillment orders must have left of which that is not known: a sweep.

    It locks their orders too, and passes over those that somebody is busy with: no two changes give one version.
    """
    rows = await tx.fetch(UNDATED(most=size))
    calendars: dict[str, Calendar] = {}
    dated = [_dated(row, calendars) for row in rows]
    if dated:
        tx.closing.append(DATE(dated=DATED(dated)))
    return len(dated)


def _dated(row: tuple[Any, ...], calendars: dict[str, Calendar]) -> Mapping[str, Any]:
    key, placed_at, opens_on, zone, kept, promised, waited, created_at = row
    calendar = calendars.setdefault(repr(kept), calendar_of(kept))
    moment = leave_by(
        calendar,
        ZoneInfo(zone),
        placed_at=placed_at,
        created_at=created_at,
        opens_on=opens_on,
        promised=promised,
        waited=waited,
    )
    return {"id": key, "leave_by": moment}
