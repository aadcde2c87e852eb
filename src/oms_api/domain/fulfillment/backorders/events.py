"""What can be told of backorders."""

from dataclasses import dataclass

from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class BackorderPromised(Event):
    """The day that a customer is promised for units that wait was found, or moved."""

    type = "BACKORDER_PROMISED"
    subject = IdKind.BACKORDER


@dataclass(frozen=True, kw_only=True)
class BackorderAllocated(Event):
    """Units that waited are promised from stock now: `waiting` fell and `allocated` rose by as many."""

    type = "BACKORDER_ALLOCATED"
    subject = IdKind.BACKORDER
