"""Events of customers. Personal fields are named without their values."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class CustomerCreated(Event):
    """A customer was created."""

    type = "CUSTOMER_CREATED"
    subject = IdKind.CUSTOMER


@dataclass(frozen=True, kw_only=True)
class CustomerChanged(Event):
    """A customer was changed."""

    type = "CUSTOMER_CHANGED"
    subject = IdKind.CUSTOMER
