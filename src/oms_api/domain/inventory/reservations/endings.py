"""How reservations end: units that an order takes stay promised, the others are free again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from oms_api.db.rows import Given, types
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.reservations.events import ReservationConverted, ReservationExpired, ReservationReleased
from oms_api.domain.inventory.reservations.holds import HeldLine, HeldReservation
from oms_api.domain.inventory.reservations.states import ReservationStatus
from oms_api.domain.inventory.reservations.tables import ReservationLineRow, ReservationRow
from oms_api.domain.inventory.reservations.verbs import LIFE
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import OrderId, ReservationLineId

LOCK_LEVELS = Sql("""
SELECT level.id FROM inventory_level level
JOIN unnest(:skus::uuid[], :locations::uuid[]) AS want (sku_id, location_id) USING (sku_id, location_id)
ORDER BY level.sku_id, level.location_id FOR NO KEY UPDATE OF level
""")
LINES = Given("line", **types(ReservationLineRow, "id", "claimed", "released"))
ENDED = Given("ended", **types(ReservationRow, "id", "status", "order_id"))
SETTLE = Sql(f"""
WITH lines AS (
    UPDATE reservation_line held SET claimed = held.claimed + line.claimed, released = held.released + line.released
    FROM {LINES} WHERE held.id = line.id
), closed AS (
    UPDATE reservation SET status = ended.status, order_id = ended.order_id, closed_at = :now
    FROM {ENDED} WHERE reservation.id = ended.id AND reservation.status = 'ACTIVE' RETURNING reservation.id
)
SELECT CASE WHEN count(*) < :reservations THEN oms_refuse('reservation') END FROM closed
""")  # noqa: S608 - made of constants

EVENTS = {
    ReservationStatus.CONVERTED: ReservationConverted,
    ReservationStatus.EXPIRED: ReservationExpired,
    ReservationStatus.RELEASED: ReservationReleased,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a reservation ends; *claimed* says by line how many of its units the order takes."""

    hold: HeldReservation
    status: ReservationStatus
    order_id: OrderId | None = None
    claimed: Mapping[ReservationLineId, int] = field(default_factory=dict)

    def freed(self) -> list[tuple[HeldLine, int]]:
        """Return how many units of which lines are free again."""
        left = ((line, line.units - self.claimed.get(line.id, 0)) for line in self.hold.lines)
        return [(line, units) for line, units in left if units]


def expired(holds: Iterable[HeldReservation]) -> list[Ending]:
    """Return the ending of reservations whose deadline has passed."""
    return [Ending(hold=hold, status=ReservationStatus.EXPIRED) for hold in holds]


def unreserve(endings: Iterable[Ending]) -> list[Move]:
    """Return the movements that free the units nobody claims."""
    return [
        Move(
            sku_id=line.sku_id,
            location_id=line.location_id,
            quantity=units,
            source=Account.RESERVED,
            target=Account.FREE,
            kind=MovementKind.UNRESERVE,
            cause_kind=CauseKind.RESERVATION_LINE,
            cause_id=line.id,
        )
        for ending in endings
        for line, units in ending.freed()
    ]


def lock_levels_last(tx: Tx, keys: Iterable[LevelKey]) -> None:
    """Lock levels in key order in the last flush of *tx*, where several statements are to change them."""
    ordered = sorted(set(keys))
    skus, locations = array(sku for sku, _ in ordered), array(location for _, location in ordered)
    tx.closing.append(LOCK_LEVELS(skus=skus, locations=locations))


def settle(tx: Tx, endings: Sequence[Ending]) -> None:
    """Close reservations that are locked, in the last flush of *tx*, and tell of it; their units are moved by others."""
    if not endings:
        return
    held = [(line, ending.claimed.get(line.id, 0)) for ending in endings for line in ending.hold.lines]
    lines = [{"id": line.id, "claimed": claimed, "released": line.units - claimed} for line, claimed in held]
    ended = [{"id": each.hold.id, "status": each.status, "order_id": each.order_id} for each in endings]
    tx.closing.append(SETTLE(line=LINES(lines), ended=ENDED(ended), reservations=len(ended), now=tx.now))
    for ending in endings:
        hold = ending.hold
        LIFE.table.check(hold.status, ending.status)
        tx.emit(
            EVENTS[ending.status](
                subject_id=hold.id,
                order_id=ending.order_id,
                channel_id=hold.channel_id,
                location_ids=tuple(sorted({line.location_id for line in hold.lines})),
                changes={"status": (hold.status, ending.status)},
            )
        )
