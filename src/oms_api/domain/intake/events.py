"""Events of documents that are to become orders."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class OrderIntakeReceived(Event):
    """A document that is to become an order was received."""

    type = "ORDER_INTAKE_RECEIVED"
    subject = IdKind.ORDER_INTAKE


@dataclass(frozen=True, kw_only=True)
class OrderIntakeRead(Event):
    """A document was read: it became an order, or was refused."""

    type = "ORDER_INTAKE_READ"
    subject = IdKind.ORDER_INTAKE


@dataclass(frozen=True, kw_only=True)
class OrderIntakeGivenUp(Event):
    """A document that was to become an order was discarded."""

    type = "ORDER_INTAKE_GIVEN_UP"
    subject = IdKind.ORDER_INTAKE
