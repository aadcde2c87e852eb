"""Events of lots."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class LotChanged(Event):
    """The expiry or the attributes of a lot were changed."""

    type = "LOT_CHANGED"
    subject = IdKind.LOT
