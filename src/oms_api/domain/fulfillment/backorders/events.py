"""Events of backorders."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class BackorderPromised(Event):
    """The promised day of backordered units was found, or moved."""

    type = "BACKORDER_PROMISED"
    subject = IdKind.BACKORDER


@dataclass(frozen=True, kw_only=True)
class BackorderAllocated(Event):
    """Backordered units were allocated from stock: `waiting` fell and `allocated` rose by their number."""

    type = "BACKORDER_ALLOCATED"
    subject = IdKind.BACKORDER
