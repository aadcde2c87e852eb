"""Units that move between accounts, and what they come to for each level. Pure: `ledger` carries them out."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from oms_api.domain.inventory.sourcing import LevelKey, in_key_order
from oms_api.domain.inventory.states import ASIDE, HELD, Account, CauseKind, MovementKind
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LocationId, SkuId


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Units of one SKU at one location that go from one account to another; one of them is a bucket of its level.

    *promise* says that the units leave free to be promised, so that safety stock stays; other moves may take it. *lot* is the
    code of the lot that they are of, where they come to the level or leave it, or within it where that is known.
    *occurred_at* is given where the move happened at another moment than what it is posted with.
    """

    sku_id: SkuId
    location_id: LocationId
    quantity: int
    source: Account
    target: Account
    kind: MovementKind
    cause_kind: CauseKind
    cause_id: UUID
    lot: str | None = None
    reason: str | None = None
    promise: bool = False
    occurred_at: datetime | None = None

    @property
    def key(self) -> LevelKey:
        """The level it touches."""
        return self.sku_id, self.location_id

    @property
    def on_hand(self) -> int:
        """By how many units its level has more or (negative) fewer."""
        return self.quantity * ((self.target in HELD) - (self.source in HELD))

    @property
    def comes(self) -> bool:
        """Whether it lets more units be free, or more of a lot be at the level and not set aside."""
        return self.target is Account.FREE or (self.on_hand > 0 and not self.aside)

    @property
    def of_lots(self) -> bool:
        """Whether it tells, or may change, how many units of a lot are not set aside."""
        return self.lot is not None or self.source in ASIDE

    @property
    def aside(self) -> int:
        """By how many units its level has more or (negative) fewer set aside."""
        return self.quantity * ((self.target in ASIDE) - (self.source in ASIDE))


@dataclass(slots=True)
class LevelChange:
    """What all moves of one level come to: units more or less in each bucket, and how many moves."""

    buckets: dict[Account, int]
    promised: int = 0
    moves: int = 0
    in_lots: int = 0

    def add(self, move: Move) -> int:
        """Count *move*, and return its position among the moves of the level, from 1."""
        if move.source in self.buckets:
            self.buckets[move.source] -= move.quantity
        if move.target in self.buckets:
            self.buckets[move.target] += move.quantity
        if move.lot is not None:
            self.in_lots += move.on_hand
        self.promised += move.quantity if move.promise else 0
        self.moves += 1
        return self.moves


def changes_by_level(moves: Sequence[Move]) -> tuple[dict[LevelKey, LevelChange], list[int]]:
    """Return what *moves* come to for each level, in key order, and the position of each move within its level."""
    changes: dict[LevelKey, LevelChange] = {}
    positions = [changes.setdefault(move.key, LevelChange(dict.fromkeys(HELD, 0))).add(move) for move in moves]
    return {key: changes[key] for key in in_key_order(changes)}, positions
