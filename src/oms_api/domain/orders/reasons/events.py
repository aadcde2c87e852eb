"""Events of the reasons of orders."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class OrderReasonChanged(Event):
    """An order reason was made or changed: a reason to cancel, hold or change an order, or to reject work."""

    type = "ORDER_REASON_CHANGED"
    subject = IdKind.ORDER_REASON
