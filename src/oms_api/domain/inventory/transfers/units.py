"""The units of a transfer by what became of them, and what an act does to them. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from oms_api.domain.inventory.transfers.states import (
    TransferActKind,
    TransferDiscrepancy,
    TransferOutcome,
    TransferResolution,
)
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LocationId, SkuId, TransferActId, TransferActLineId, TransferLineId

Outcome = TransferOutcome


@dataclass(frozen=True, slots=True)
class UnitsOfTransfer:
    """Units of one SKU that a transfer moves, by what became of them so far."""

    id: TransferLineId
    sku_id: SkuId
    sku_code: str
    quantity: int
    sent: int = 0
    arrived: int = 0
    damaged: int = 0
    lost: int = 0
    brought_back: int = 0
    called_off: int = 0

    @property
    def in_transit(self) -> int:
        """Units sent and not yet accounted for."""
        return self.sent - self.arrived - self.damaged - self.lost - self.brought_back

    @property
    def unsent(self) -> int:
        """Units still to be sent."""
        return self.quantity - self.called_off - self.sent

    def after(self, outcome: TransferOutcome, units: int) -> "UnitsOfTransfer":
        """Return the line with so many more units of which that became."""
        name = outcome.value.lower()
        return replace(self, **{name: getattr(self, name) + units})


@dataclass(frozen=True, slots=True)
class TransferPiece:
    """What became of units of one line, of one lot or of none; *row* is where they were reported, if by row."""

    line_id: TransferLineId
    outcome: TransferOutcome
    quantity: int
    reason: TransferDiscrepancy | None = None
    note: str | None = None
    row: int | None = None
    lot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAct:
    """What was done at the location where it was done, line by line."""

    id: TransferActId
    kind: TransferActKind
    location_id: LocationId
    pieces: Sequence[tuple[TransferActLineId, TransferPiece]]
    at: datetime
    resolution: TransferResolution | None = None
    reference: str | None = None
    note: str | None = None
