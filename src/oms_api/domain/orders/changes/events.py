"""Events of proposed changes of orders."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class OrderChangeRequested(Event):
    """A change of an order was proposed: staff applies or declines it."""

    type = "ORDER_CHANGE_REQUESTED"
    subject = IdKind.ORDER_CHANGE


@dataclass(frozen=True, kw_only=True)
class OrderChangeApplied(Event):
    """A proposed change of an order was applied."""

    type = "ORDER_CHANGE_APPLIED"
    subject = IdKind.ORDER_CHANGE


@dataclass(frozen=True, kw_only=True)
class OrderChangeDeclined(Event):
    """A proposed change of an order was declined."""

    type = "ORDER_CHANGE_DECLINED"
    subject = IdKind.ORDER_CHANGE
