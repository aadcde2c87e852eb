"""Events of plans and alerts."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class StockPlanned(Event):
    """A stock plan is finished."""

    type = "STOCK_PLANNED"
    subject = IdKind.STOCK_PLAN


@dataclass(frozen=True, kw_only=True)
class StockBandChanged(Event):
    """The stock band of an ABC class was changed: its highest days of cover, or the days after which stock counts as dead."""

    type = "STOCK_BAND_CHANGED"
    subject = IdKind.STOCK_BAND


@dataclass(frozen=True, kw_only=True)
class InventoryAlertRaised(Event):
    """A level has a problem: `changes` tells the kind of the alert."""

    type = "INVENTORY_ALERT_RAISED"
    subject = IdKind.INVENTORY_ALERT


@dataclass(frozen=True, kw_only=True)
class InventoryAlertResolved(Event):
    """The problem of an alert is over."""

    type = "INVENTORY_ALERT_RESOLVED"
    subject = IdKind.INVENTORY_ALERT
