"""The units of a transfer by what became of them, and what an act does to them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from oms_api.domain.inventory.lots.policies import HeldLot, Shelf
from oms_api.domain.inventory.transfers.states import (
    TransferActKind,
    TransferDiscrepancy,
    TransferOutcome,
    TransferResolution,
)
from oms_api.domain.inventory.transfers.tables import TransferRow
from oms_api.kernel.ids import LocationId, SkuId, TransferActId, TransferActLineId, TransferLineId

Outcome = TransferOutcome


@dataclass(frozen=True, slots=True)
class TransferLine:
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

    def after(self, outcome: TransferOutcome, units: int) -> "TransferLine":
        """Return the line with so many more units of which that became."""
        name = outcome.value.lower()
        return replace(self, **{name: getattr(self, name) + units})


@dataclass(frozen=True, slots=True)
class Piece:
    """What became of units of one line, of one lot or of none; *row* is where they were reported, if by row."""

    line_id: TransferLineId
    outcome: TransferOutcome
    quantity: int
    reason: TransferDiscrepancy | None = None
    note: str | None = None
    row: int | None = None
    lot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What was done at the location where it was done, line by line."""

    id: TransferActId
    kind: TransferActKind
    location_id: LocationId
    pieces: Sequence[tuple[TransferActLineId, Piece]]
    at: datetime
    resolution: TransferResolution | None = None
    reference: str | None = None
    note: str | None = None


@dataclass(slots=True)
class TransferDocument:
    """A transfer and its lines; `row` stays what it was. `last_act_at` is when something was done with it last.

    `lots` are those of which units of a line are on the way.
    """

    row: TransferRow
    lines: dict[TransferLineId, TransferLine]
    last_act_at: datetime | None
    lots: dict[TransferLineId, list[HeldLot]] = field(default_factory=dict)
    before: dict[TransferLineId, TransferLine] = field(default_factory=dict)

    @property
    def in_transit(self) -> int:
        """Units on the way."""
        return sum(line.in_transit for line in self.lines.values())

    @property
    def unsent(self) -> int:
        """Units still to be sent."""
        return sum(line.unsent for line in self.lines.values())

    @property
    def shelves(self) -> dict[TransferLineId, Shelf]:
        """The units on the way of those lines of which some are of lots."""
        return {
            key: Shelf(self.lines[key].in_transit - sum(lot.units for lot in lots), lots) for key, lots in self.lots.items()
        }

    def apply(self, pieces: Iterable[Piece]) -> None:
        """Count *pieces* in their lines."""
        for piece in pieces:
            line = self.lines[piece.line_id]
            self.before.setdefault(line.id, line)
            self.lines[line.id] = line.after(piece.outcome, piece.quantity)
