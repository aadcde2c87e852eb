"""Events of the reasons of orders."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class OrderReasonChanged(Event):
    """A reason for cancellations, holds or changes of orders, or for rejected work, was made or changed."""

    type = "ORDER_REASON_CHANGED"
    subject = IdKind.ORDER_REASON
