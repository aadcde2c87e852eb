"""Reservations with their held units, locked and then read: the second statement sees commits that the first waited for."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from oms_api.db.pipeline import Statement
from oms_api.db.session import LookAgain, Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.inventory.reservations import policies
from oms_api.domain.inventory.reservations.shapes import RESERVATIONS
from oms_api.domain.inventory.reservations.states import ReservationStatus
from oms_api.domain.inventory.reservations.tables import ReservationRow
from oms_api.domain.inventory.sellable import LevelSnapshot
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ChannelId, IntegrationId, LevelId, LocationId, ReservationId, ReservationLineId, SkuId

LOCKED = "oms.holds"


def locking(ids: str) -> Sql:
    """Return what locks the reservations whose ids the SQL *ids* selects, and keeps these ids for the statements behind it.

    None of those touches another reservation.
    """
    kept = "set_config('oms.holds', coalesce(array_agg(locked.id)::text, '{}'), true)"
    return Sql(f"SELECT {kept} FROM ({ids}) AS locked")  # noqa: S608 - made of constants


def by_id(wanted: str, lock: str = "FOR UPDATE") -> str:
    """Return SQL that locks the reservations whose ids the SQL *wanted* selects, in the order of their ids."""
    return f"""
    SELECT reservation.id FROM reservation WHERE reservation.id = ANY (ARRAY({wanted})) ORDER BY reservation.id {lock}
    """  # noqa: S608 - made of constants


def overdue_at(levels: str) -> str:
    """Return SQL that selects the ids of the reservations that are overdue ``:now`` and hold units of *levels*, ids in SQL."""
    # OFFSET 0 begins with the few that are overdue
    return f"""
    SELECT line.reservation_id FROM (
        SELECT id FROM reservation WHERE status = 'ACTIVE' AND expires_at <= :now::timestamptz OFFSET 0
    ) AS overdue CROSS JOIN LATERAL (
        SELECT reservation_id, level_id FROM reservation_line WHERE reservation_id = overdue.id AND held > 0 OFFSET 0
    ) AS line WHERE line.level_id IN ({levels})
    """  # noqa: S608 - made of constants


GIVEN = "SELECT unnest(:reservations::uuid[])"
"""The ids of reservations that are named."""
LOCK_GIVEN = locking(by_id(GIVEN))
READ = Sql("""
SELECT reservation.id, reservation.channel_id, reservation.client_id, reservation.status, reservation.expires_at,
       reservation.created_at, (
    SELECT jsonb_agg(jsonb_build_array(line.id, line.level_id, line.sku_id, line.location_id, line.held,
                                       level.safety_stock_target) ORDER BY line.position)
    FROM reservation_line line
    CROSS JOIN LATERAL (SELECT safety_stock_target FROM inventory_level WHERE id = line.level_id OFFSET 0) AS level
    WHERE line.reservation_id = reservation.id AND line.held > 0)
FROM reservation WHERE reservation.id = ANY (current_setting(:locked::text)::uuid[]) ORDER BY reservation.id
""")
ROW = Sql(f"SELECT {RESERVATIONS.columns} FROM reservation WHERE reservation.id = :reservation::uuid")  # noqa: S608 - our own


class SecondLook:
    """What locks all that a sale may take from, in the order of locks, and reads the reservations; see `holds_in`.

    *candidates* is SQL that selects the ids of levels. Before them are locked the reservations that hold units of them and are
    overdue ``:now``, and those whose ids the SQL *wanted* selects; with them all levels of these reservations.
    """

    def __init__(self, candidates: str, wanted: str) -> None:
        self.lock = locking(by_id(f"{wanted} UNION ALL {overdue_at(candidates)}"))
        self.lock_levels = Sql(f"""
        SELECT level.id FROM inventory_level level WHERE level.id = ANY (ARRAY(
            {candidates} UNION ALL
            SELECT level_id FROM reservation_line WHERE held > 0 AND reservation_id = ANY (current_setting('oms.holds')::uuid[])
        )) ORDER BY level.sku_id, level.location_id FOR NO KEY UPDATE
        """)  # noqa: S608 - made of constants

    def __call__(self, **values: object) -> list[Statement]:
        """Return the statements, with those of *values* that they name."""
        return [self.lock.of(values), self.lock_levels.of(values), READ(locked=LOCKED)]


class Glance:
    """What reads the reservations that a `SecondLook` with the same arguments locks, and locks nothing."""

    def __init__(self, candidates: str, wanted: str) -> None:
        self.keep = locking(by_id(f"{wanted} UNION ALL {overdue_at(candidates)}", lock=""))

    def __call__(self, **values: object) -> list[Statement]:
        """Return the statements, with those of *values* that they name; see `holds_in`."""
        return [self.keep.of(values), READ(locked=LOCKED)]


@dataclass(frozen=True, slots=True)
class HeldLine:
    """Units of one level that a reservation holds, and what that level is to keep back."""

    id: ReservationLineId
    level_id: LevelId
    sku_id: SkuId
    location_id: LocationId
    units: int
    safety_stock_target: int

    @property
    def key(self) -> LevelKey:
        """The level they lie in."""
        return self.sku_id, self.location_id


@dataclass(frozen=True, slots=True)
class HeldReservation:
    """A reservation under its lock, with the lines that still hold something."""

    id: ReservationId
    channel_id: ChannelId
    client_id: IntegrationId
    status: ReservationStatus
    expires_at: datetime
    created_at: datetime
    lines: tuple[HeldLine, ...]

    def overdue(self, now: datetime) -> bool:
        """Tell whether it is past its deadline and nobody has expired it yet."""
        return policies.overdue(self.status, self.expires_at, now)


def locking_given(ids: Iterable[ReservationId]) -> list[Statement]:
    """Return the statements that lock and read the reservations among *ids* that exist; see `holds_in`."""
    return [LOCK_GIVEN(reservations=array(ids)), READ(locked=LOCKED)]


def check_locked(
    locked: Iterable[tuple[Any, ...]], levels: Mapping[LevelKey, LevelSnapshot], places: Collection[LocationId]
) -> None:
    """Check that all *levels* at *places* are among the rows that `SecondLook` gave of those it locked.

    Raises: LookAgain, where one came into being, or its location came to serve, after them: it could not be locked in its turn.
    """
    ids = {key for (key,) in locked}
    if any(level.id not in ids for (_, place), level in levels.items() if place in places):
        raise LookAgain


def holds_in(rows: list[tuple[Any, ...]]) -> list[HeldReservation]:
    """Return the reservations in the rows of the last of the statements above."""
    return [
        HeldReservation(
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


def freed(levels: Mapping[LevelKey, LevelSnapshot], holds: Iterable[HeldReservation]) -> dict[LevelKey, LevelSnapshot]:
    """Return *levels* as they are once *holds* have ended."""
    found = dict(levels)
    for line in (line for hold in holds for line in hold.lines):
        if line.key in found:
            found[line.key] = found[line.key].plus(line.units, target=line.safety_stock_target)
    return found


def _held(line: list[Any]) -> HeldLine:
    key, level, sku, location, units, target = line
    return HeldLine(
        ReservationLineId(UUID(key)), LevelId(UUID(level)), SkuId(UUID(sku)), LocationId(UUID(location)), units, target
    )


async def locked_hold(tx: Tx, reservation_id: ReservationId) -> tuple[HeldReservation, ReservationRow] | None:
    """Lock a reservation and read it, in one round trip; None where there is none that the principal may see."""
    _, holds, rows = await tx.flush([*locking_given([reservation_id]), ROW(reservation=reservation_id)])
    sees = tx.principal
    for hold, row in zip(holds_in(holds), rows, strict=True):
        if sees.sees_channel(hold.channel_id) and all(sees.sees_location(line.location_id) for line in hold.lines):
            return hold, RESERVATIONS.record(row)
    return None
