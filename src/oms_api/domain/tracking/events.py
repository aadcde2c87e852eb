"""Events of parcels that go wrong."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class ShipmentAlertRaised(Event):
    """A package has a problem: `changes` tells the kind of the alert."""

    type = "SHIPMENT_ALERT_RAISED"
    subject = IdKind.SHIPMENT_ALERT


@dataclass(frozen=True, kw_only=True)
class ShipmentAlertResolved(Event):
    """The problem of a package is over."""

    type = "SHIPMENT_ALERT_RESOLVED"
    subject = IdKind.SHIPMENT_ALERT
