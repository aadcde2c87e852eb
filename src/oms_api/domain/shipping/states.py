"""The states of packages; a shipment's is derived from them."""

from enum import StrEnum


class PackageStatus(StrEnum):
    """The status of a package."""

    DRAFT = "DRAFT"
    """Being packed."""
    LABEL_PURCHASED = "LABEL_PURCHASED"
    """The label is bought; the package has not left."""
    SHIPPED = "SHIPPED"
    """The package has left."""
    DELIVERED = "DELIVERED"
    """It has arrived."""
    LOST = "LOST"
    """The carrier lost the package."""
    RETURNED_TO_SENDER = "RETURNED_TO_SENDER"
    """The package came back undelivered."""
    VOIDED = "VOIDED"
    """The package was unpacked before it left."""
    CANCELED = "CANCELED"
    """The shipment of the package was undone."""


class ShipmentStatus(StrEnum):
    """The status of a shipment, derived from its packages."""

    SHIPPED = "SHIPPED"
    """The shipment has left, and none of its packages has arrived."""
    PARTIALLY_DELIVERED = "PARTIALLY_DELIVERED"
    """Some of its packages have arrived."""
    DELIVERED = "DELIVERED"
    """All of its packages have arrived."""
    LOST = "LOST"
    """No package is on its way, none has arrived, and at least one was lost."""
    RETURNED_TO_SENDER = "RETURNED_TO_SENDER"
    """All of its packages came back undelivered."""
    CANCELED = "CANCELED"
    """The shipment was undone before the carrier had it."""


class ShippingAction(StrEnum):
    """The actions on a shipment and its packages."""

    UPDATE_PACKAGE = "UPDATE_PACKAGE"
    """Change box, measures or weight: `packageUpdate`."""
    VOID_PACKAGE = "VOID_PACKAGE"
    """Unpack the package: `packageVoid`."""
    SHIP_PACKAGE = "SHIP_PACKAGE"
    """Ship the package: `shipmentCreate`."""
    UPDATE_SHIPMENT = "UPDATE_SHIPMENT"
    """Change carrier, tracking or method: `shipmentUpdate`."""
    ADD_PACKAGE = "ADD_PACKAGE"
    """Record one more package: `packageAdd`."""
    CANCEL_SHIPMENT = "CANCEL_SHIPMENT"
    """Undo the shipping: `shipmentCancel`."""
    MARK_DELIVERED = "MARK_DELIVERED"
    """Record that all packages arrived: `shipmentMarkDelivered`."""
    MARK_LOST = "MARK_LOST"
    """Record that a package was lost: `packageMarkLost`."""
    MARK_FOUND = "MARK_FOUND"
    """Record that a lost package turned up: `packageMarkFound`."""
    MARK_RETURNED = "MARK_RETURNED"
    """Record that a package came back undelivered: `packageMarkReturned`."""
