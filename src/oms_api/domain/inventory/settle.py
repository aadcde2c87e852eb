"""Ending promises: committed units leave to the customer, or become free again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from oms_api.db.rows import Given
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.inventory.expired import is_guarded
from oms_api.domain.inventory.ledger import post
from oms_api.domain.inventory.levels import lock_levels, look_at, shelves
from oms_api.domain.inventory.lots.good import EXPIRED_FREE
from oms_api.domain.inventory.lots.policies import by_lot
from oms_api.domain.inventory.lots.stock import take_lots
from oms_api.domain.inventory.movements import recorded
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.domain.inventory.superseded import keep_numbers
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LevelId

WANT = Given("want", level_id="uuid", quantity="int", moves="int", in_lots="int")
MOVES = Given("move", level_id="uuid", position="int", quantity="int", cause_id="uuid", lot="text")
RECORDED = recorded(
    f"{MOVES} JOIN settled ON settled.id = move.level_id",
    level_id="settled.id",
    sequence="settled.before + move.position",
    sku_id="settled.sku_id",
    kind=":kind",
    quantity="move.quantity",
    source=f"'{Account.COMMITTED}'",
    target=":target",
    lot="move.lot",
    cause_kind=":cause",
    cause_id="move.cause_id",
    occurred_at=":occurred_at",
)
SETTLE = Sql(f"""
WITH locked AS (
    SELECT level.id, want.quantity, want.moves, want.in_lots
    FROM inventory_level level JOIN {WANT} ON want.level_id = level.id
    ORDER BY level.sku_id, level.location_id FOR NO KEY UPDATE OF level
), settled AS (
    UPDATE inventory_level level
    SET committed = level.committed - locked.quantity, sequence = level.sequence + locked.moves,
        in_lots = level.in_lots - locked.in_lots,
        free = level.free + CASE WHEN :target = 'free' THEN locked.quantity ELSE 0 END
    FROM locked WHERE level.id = locked.id AND level.committed >= locked.quantity
        AND (:target = 'free' OR level.in_lots - locked.in_lots BETWEEN 0 AND level.on_hand - locked.quantity)
    RETURNING level.id, level.sku_id, level.sequence - locked.moves AS before, :guarded AND {EXPIRED_FREE} > 0 AS over
), moved AS ({RECORDED})
SELECT CASE WHEN count(*) < :levels THEN oms_refuse('committed') WHEN bool_or(over) THEN oms_refuse('expired') END FROM settled
""")  # noqa: S608 - made of constants
PLACES = Sql("SELECT id, sku_id, location_id FROM inventory_level WHERE id = ANY (:levels::uuid[])")


@dataclass(frozen=True, slots=True)
class Settled:
    """Committed units of one level, of one lot or of none, that a document's line settles."""

    level_id: LevelId
    quantity: int
    cause_id: UUID
    lot: str | None = None


def ship_committed(tx: Tx, moves: Sequence[Settled], occurred_at: datetime) -> None:
    """Let committed units leave to the customer, caused by lines of a shipment; written in the last flush of *tx*."""
    _settle(tx, moves, Account.CUSTOMER, MovementKind.SHIP, CauseKind.SHIPMENT_LINE, occurred_at)
    lots: dict[tuple[LevelId, str], int] = {}
    for move in moves:
        if move.lot is not None:
            lots[move.level_id, move.lot] = lots.get((move.level_id, move.lot), 0) + move.quantity
    take_lots(tx, lots)
    keep_numbers(tx, {move.cause_id for move in moves}, occurred_at)


def release_committed(tx: Tx, moves: Sequence[Settled], occurred_at: datetime) -> None:
    """Free committed units, caused by lines of a cancellation; written in the last flush of *tx*."""
    _settle(tx, moves, Account.FREE, MovementKind.RELEASE, CauseKind.CANCELLATION_LINE, occurred_at)


async def release_short(tx: Tx, moves: Sequence[Settled], target: Account, kind: MovementKind, occurred_at: datetime) -> None:
    """Free committed units and take them away at once, to *target*, so that nobody is promised them; as `release_committed`."""
    places = {
        level: (sku, place) for level, sku, place in await tx.fetch(PLACES(levels=array(move.level_id for move in moves)))
    }
    look = lock_levels if tx.pessimistic else look_at
    levels = await look(tx, places.values())
    steps = ((Account.COMMITTED, Account.FREE, MovementKind.RELEASE), (Account.FREE, target, kind))
    moving = [
        Move(
            sku_id=places[move.level_id][0],
            location_id=places[move.level_id][1],
            quantity=move.quantity,
            source=source,
            target=to,
            kind=what,
            cause_kind=CauseKind.CANCELLATION_LINE,
            cause_id=move.cause_id,
        )
        for move in moves
        for source, to, what in steps
    ]
    post(tx, by_lot(moving, shelves(levels)), occurred_at)


def _settle(
    tx: Tx, moves: Sequence[Settled], target: Account, kind: MovementKind, cause: CauseKind, occurred_at: datetime
) -> None:
    if not moves:
        return
    want: dict[LevelId, list[int]] = {}
    moving = []
    freed = {move.cause_id for move in moves} if target is Account.FREE else set()
    for move in moves:
        total = want.setdefault(move.level_id, [0, 0, 0])
        total[0] += move.quantity
        total[1] += 1
        total[2] += 0 if move.lot is None else move.quantity
        moving.append(
            {
                "level_id": move.level_id,
                "position": total[1],
                "quantity": move.quantity,
                "cause_id": move.cause_id,
                "lot": move.lot,
            }
        )
    wanted = [
        {"level_id": level, "quantity": units, "moves": count, "in_lots": in_lots}
        for level, (units, count, in_lots) in want.items()
    ]
    tx.closing.append(
        SETTLE(
            want=WANT(wanted),
            levels=len(want),
            guarded=is_guarded(tx, freed, known=False),
            move=MOVES(moving),
            kind=kind,
            target=target,
            cause=cause,
            actor=tx.actor,
            occurred_at=occurred_at,
            now=tx.now,
        )
    )
