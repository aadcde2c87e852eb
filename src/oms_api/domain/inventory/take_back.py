"""Units that come back from customers: into a location's stock, or through it and away."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.domain.inventory.ledger import make_levels, post
from oms_api.domain.inventory.lots.stock import NewLot
from oms_api.domain.inventory.moves import Move, changes_by_level
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.states import HELD, Account, Bucket, CauseKind, MovementKind
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LocationId, SkuId

Step = tuple[MovementKind, Account, Account]
STEPS: dict[Bucket, tuple[Step, ...]] = {
    Bucket.FREE: ((MovementKind.TAKE_BACK, Account.CUSTOMER, Account.FREE),),
    Bucket.QUALITY_CONTROL: ((MovementKind.TAKE_BACK, Account.CUSTOMER, Account.QUALITY_CONTROL),),
    Bucket.DAMAGED: (
        (MovementKind.TAKE_BACK, Account.CUSTOMER, Account.DAMAGED),
        (MovementKind.SCRAP, Account.DAMAGED, Account.ADJUSTMENT),
    ),
}
"""How units come into a bucket; damaged ones are thrown away at once."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Units of goods that came to a location, of one lot or of none, caused by a line of a receipt or of a shipment."""

    sku_id: SkuId
    location_id: LocationId
    bucket: Bucket
    quantity: int
    cause_id: UUID
    lot: str | None = None
    cause_kind: CauseKind = CauseKind.RETURN_RECEIPT_LINE

    @property
    def key(self) -> LevelKey:
        """The level they come to."""
        return self.sku_id, self.location_id


def take_back_units(tx: Tx, units: Sequence[TakenBack], occurred_at: datetime, lots: Sequence[NewLot] = ()) -> None:
    """Bring units into stock, in the last flush of *tx*; levels that are missing are made, and *lots* that are new.

    See `ledger.post` for what happens where a level would hold more than it can.
    """
    make_levels(tx, [unit.key for unit in units])
    post(tx, moves_of(units), occurred_at, lots=lots)


def units_by_level(units: Sequence[TakenBack]) -> dict[LevelKey, int]:
    """Return how many of *units* stay at each level."""
    changes, _ = changes_by_level(moves_of(units))
    return {key: sum(change.buckets[bucket] for bucket in HELD) for key, change in changes.items()}


def moves_of(units: Sequence[TakenBack]) -> list[Move]:
    """Return the movements of *units*."""
    return [
        Move(
            sku_id=unit.sku_id,
            location_id=unit.location_id,
            quantity=unit.quantity,
            source=source,
            target=target,
            kind=kind,
            cause_kind=unit.cause_kind,
            cause_id=unit.cause_id,
            lot=unit.lot,
        )
        for unit in units
        for kind, source, target in STEPS[unit.bucket]
    ]
