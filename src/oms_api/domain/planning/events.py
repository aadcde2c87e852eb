"""What can be told of plans and alerts."""

from dataclasses import dataclass

from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class StockPlanned(Event):
    """A plan of what to have and to order is finished."""

    type = "STOCK_PLANNED"
    subject = IdKind.STOCK_PLAN


@dataclass(frozen=True, kw_only=True)
class StockBandChanged(Event):
    """The articles of a class may have another number of days of cover, or are dead after another number of days."""

    type = "STOCK_BAND_CHANGED"
    subject = IdKind.STOCK_BAND


@dataclass(frozen=True, kw_only=True)
class InventoryAlertRaised(Event):
    """Something is wrong with a level: `changes` tells the kind of the alert."""

    type = "INVENTORY_ALERT_RAISED"
    subject = IdKind.INVENTORY_ALERT


@dataclass(frozen=True, kw_only=True)
class InventoryAlertResolved(Event):
    """What was wrong with a level is over."""

    type = "INVENTORY_ALERT_RESOLVED"
    subject = IdKind.INVENTORY_ALERT
