"""Events of stock."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class InventoryAdjusted(Event):
    """Stock numbers were corrected."""

    type = "INVENTORY_ADJUSTED"
    subject = IdKind.ADJUSTMENT


@dataclass(frozen=True, kw_only=True)
class InventoryMoved(Event):
    """Units were moved between the buckets FREE, QUALITY_CONTROL and DAMAGED."""

    type = "INVENTORY_MOVED"
    subject = IdKind.MOVE


@dataclass(frozen=True, kw_only=True)
class InventorySynced(Event):
    """Stock counts that another system sent by `inventorySync` were applied to stock."""

    type = "INVENTORY_SYNCED"
    subject = IdKind.SYNC


@dataclass(frozen=True, kw_only=True)
class InventoryReasonChanged(Event):
    """A reason for stock corrections was created or changed: `changes` holds its changed fields."""

    type = "INVENTORY_REASON_CHANGED"
    subject = IdKind.INVENTORY_REASON


@dataclass(frozen=True, kw_only=True)
class SafetyStockChanged(Event):
    """The safety stock target of a level was changed."""

    type = "SAFETY_STOCK_CHANGED"
    subject = IdKind.LEVEL


@dataclass(frozen=True, kw_only=True)
class InventoryLevelChanged(Event):
    """The numbers of a level changed; `changes` holds each changed number under its field name.

    The event comes within seconds of a stock movement; one event may cover several movements. Starting from 0, the changes of
    all events of a level add up to its present numbers.
    """

    type = "INVENTORY_LEVEL_CHANGED"
    subject = IdKind.LEVEL


@dataclass(frozen=True, kw_only=True)
class ChannelAvailabilityChanged(Event):
    """The published availability of a SKU in a channel changed."""

    type = "CHANNEL_AVAILABILITY_CHANGED"
    subject = IdKind.SKU
