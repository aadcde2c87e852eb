"""Events of shipments."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class ShipmentCreated(Event):
    """A shipment left a location."""

    type = "SHIPMENT_CREATED"
    subject = IdKind.SHIPMENT


@dataclass(frozen=True, kw_only=True)
class PackageChanged(Event):
    """The box, the measures or the weight of a package were changed."""

    type = "PACKAGE_CHANGED"
    subject = IdKind.PACKAGE


@dataclass(frozen=True, kw_only=True)
class PackageVoided(Event):
    """A package was unpacked before it left."""

    type = "PACKAGE_VOIDED"
    subject = IdKind.PACKAGE


@dataclass(frozen=True, kw_only=True)
class ShipmentUpdated(Event):
    """Carrier, tracking or method of a shipment was changed."""

    type = "SHIPMENT_UPDATED"
    subject = IdKind.SHIPMENT


@dataclass(frozen=True, kw_only=True)
class ShipmentCanceled(Event):
    """A shipment was undone: its goods are at their location again."""

    type = "SHIPMENT_CANCELED"
    subject = IdKind.SHIPMENT


@dataclass(frozen=True, kw_only=True)
class PackageAdded(Event):
    """A further package was recorded for a shipment that had already left."""

    type = "PACKAGE_ADDED"
    subject = IdKind.SHIPMENT


@dataclass(frozen=True, kw_only=True)
class PackageFound(Event):
    """A lost package turned up and is on its way again."""

    type = "PACKAGE_FOUND"
    subject = IdKind.SHIPMENT


@dataclass(frozen=True, kw_only=True)
class ShipmentDelivered(Event):
    """All packages of a shipment arrived."""

    type = "SHIPMENT_DELIVERED"
    subject = IdKind.SHIPMENT


@dataclass(frozen=True, kw_only=True)
class PackageDelivered(Event):
    """A package of a shipment arrived; other packages of the shipment have not."""

    type = "PACKAGE_DELIVERED"
    subject = IdKind.SHIPMENT


@dataclass(frozen=True, kw_only=True)
class PackageLost(Event):
    """A package of a shipment was lost on the way."""

    type = "PACKAGE_LOST"
    subject = IdKind.SHIPMENT


@dataclass(frozen=True, kw_only=True)
class PackageReturned(Event):
    """A package of a shipment came back undelivered."""

    type = "PACKAGE_RETURNED"
    subject = IdKind.SHIPMENT
