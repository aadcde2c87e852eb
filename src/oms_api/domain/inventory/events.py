"""What can be told of stock."""

from dataclasses import dataclass

from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class InventoryAdjusted(Event):
    """Stock numbers were corrected."""

    type = "INVENTORY_ADJUSTED"
    subject = IdKind.ADJUSTMENT


@dataclass(frozen=True, kw_only=True)
class InventoryMoved(Event):
    """Units were moved between free, quality control and damaged."""

    type = "INVENTORY_MOVED"
    subject = IdKind.MOVE


@dataclass(frozen=True, kw_only=True)
class InventorySynced(Event):
    """A feed told how many units there were, and stock numbers were corrected by it."""

    type = "INVENTORY_SYNCED"
    subject = IdKind.SYNC


@dataclass(frozen=True, kw_only=True)
class InventoryReasonChanged(Event):
    """A reason by which stock numbers are corrected was made, or is another: `changes` tells what of it."""

    type = "INVENTORY_REASON_CHANGED"
    subject = IdKind.INVENTORY_REASON


@dataclass(frozen=True, kw_only=True)
class SafetyStockChanged(Event):
    """A level is to keep back another number of units."""

    type = "SAFETY_STOCK_CHANGED"
    subject = IdKind.LEVEL


@dataclass(frozen=True, kw_only=True)
class InventoryLevelChanged(Event):
    """The numbers of a level are others than were told last: `changes` has each that moved, under its name there.

    Whatever moves stock has it follow within seconds, once for all that moved until then: what is told of a level, one after
    another, leads from 0 to what is there.
    """

    type = "INVENTORY_LEVEL_CHANGED"
    subject = IdKind.LEVEL


@dataclass(frozen=True, kw_only=True)
class ChannelAvailabilityChanged(Event):
    """A channel can sell another number of units of the SKU."""

    type = "CHANNEL_AVAILABILITY_CHANGED"
    subject = IdKind.SKU
