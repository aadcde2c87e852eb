"""Reservations with what they hold, locked and then read: a statement sees what was committed while the one before waited."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from oms_api.db.pipeline import Parameters, Statement
from oms_api.db.session import Tx
from oms_api.domain.inventory.reservations import policies
from oms_api.domain.inventory.reservations.shapes import RESERVATIONS
from oms_api.domain.inventory.reservations.states import ReservationStatus
from oms_api.domain.inventory.reservations.tables import ReservationRow
from oms_api.domain.inventory.sourcing import LevelKey

LOCK = """
SELECT reservation.id FROM reservation WHERE reservation.id = ANY (ARRAY({wanted})) ORDER BY reservation.id FOR UPDATE
"""
LOCK_LEVELS = """
SELECT level.id FROM inventory_level level WHERE level.id = ANY (ARRAY(
    {candidates}
    UNION ALL SELECT line.level_id FROM reservation_line line
    WHERE line.held > 0 AND line.reservation_id = ANY (ARRAY({wanted}))
)) ORDER BY level.sku_id, level.location_id FOR NO KEY UPDATE
"""
READ = """
SELECT reservation.id, reservation.channel_id, reservation.client_id, reservation.status, reservation.expires_at,
       reservation.created_at, (
    SELECT jsonb_agg(jsonb_build_array(line.id, line.level_id, line.sku_id, line.location_id, line.held,
                                       level.safety_stock_target) ORDER BY line.position)
    FROM reservation_line line
    CROSS JOIN LATERAL (SELECT safety_stock_target FROM inventory_level WHERE id = line.level_id OFFSET 0) AS level
    WHERE line.reservation_id = reservation.id AND line.held > 0)
FROM reservation WHERE reservation.id = ANY (ARRAY({wanted})) ORDER BY reservation.id
"""
OVERDUE = """
SELECT line.reservation_id FROM (
    SELECT id FROM reservation WHERE status = 'ACTIVE' AND expires_at <= {now} OFFSET 0
) AS overdue CROSS JOIN LATERAL (
    SELECT reservation_id, level_id FROM reservation_line WHERE reservation_id = overdue.id AND held > 0 OFFSET 0
) AS line WHERE line.level_id IN ({candidates})
"""
"""The overdue reservations that hold units of *candidates*; OFFSET 0 begins with the few that are overdue."""

GIVEN = "SELECT unnest($1::uuid[])"
ROW = f"SELECT {RESERVATIONS.columns} FROM reservation WHERE reservation.id = $1::uuid"  # noqa: S608 - our own columns


@dataclass(frozen=True, slots=True)
class HeldLine:
    """Units of one level that a reservation holds, and what that level is to keep back."""

    id: UUID
    level_id: UUID
    sku_id: UUID
    location_id: UUID
    units: int
    safety_stock_target: int

    @property
    def key(self) -> LevelKey:
        """The level they lie in."""
        return self.sku_id, self.location_id


@dataclass(frozen=True, slots=True)
class Hold:
    """A reservation under its lock, with the lines that still hold something."""

    id: UUID
    channel_id: UUID
    client_id: UUID
    status: ReservationStatus
    expires_at: datetime
    created_at: datetime
    lines: tuple[HeldLine, ...]

    def overdue(self, now: datetime) -> bool:
        """Tell whether it is past its deadline and nobody has expired it yet."""
        return policies.overdue(self.status, self.expires_at, now)


def locking(wanted: str, parameters: Parameters) -> list[Statement]:
    """Return the statements that lock and read the reservations whose ids the SQL *wanted* selects; see `holds_in`."""
    return [(text.format(wanted=wanted), parameters) for text in (LOCK, READ)]


def second_look(candidates: str, wanted: str, now: str, parameters: Parameters) -> list[Statement]:
    """Return the statements that lock all that a sale may take from, in the order of locks, and read the reservations.

    *candidates* is SQL for the ids of levels; locked with them are the overdue reservations that hold units of them, and those
    that the SQL *wanted* selects, with all levels of these. *now* names the parameter with the moment. See `holds_in`.
    """
    concerned = f"{wanted} UNION ALL {OVERDUE.format(candidates=candidates, now=now)}"
    texts = (LOCK, LOCK_LEVELS, READ)
    return [(text.format(wanted=concerned, candidates=candidates), parameters) for text in texts]


def holds_in(rows: list[tuple[Any, ...]]) -> list[Hold]:
    """Return the reservations in the rows of the last of the statements above."""
    return [
        Hold(
            key,
            channel_id,
            client_id,
            ReservationStatus(status),
            expires_at,
            created_at,
            tuple(map(_held, lines or ())),
        )
        for key, channel_id, client_id, status, expires_at, created_at, lines in rows
    ]


def _held(line: list[Any]) -> HeldLine:
    key, level, sku, location, units, target = line
    return HeldLine(UUID(key), UUID(level), UUID(sku), UUID(location), units, target)


async def locked_hold(tx: Tx, reservation_id: UUID) -> tuple[Hold, ReservationRow] | None:
    """Lock a reservation and read it, in one round trip; None where there is none that the principal may see."""
    _, holds, rows = await tx.flush([*locking(GIVEN, ([reservation_id],)), (ROW, (reservation_id,))])
    sees = tx.principal
    for hold, row in zip(holds_in(holds), rows, strict=True):
        if sees.sees_channel(hold.channel_id) and all(sees.sees_location(line.location_id) for line in hold.lines):
            return hold, RESERVATIONS.record(row)
    return None
