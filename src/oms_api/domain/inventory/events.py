"""What can be told of stock."""

from dataclasses import dataclass

from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class InventoryAdjusted(Event):
    """Stock numbers were corrected."""

    type = "INVENTORY_ADJUSTED"
    subject = IdKind.ADJUSTMENT
