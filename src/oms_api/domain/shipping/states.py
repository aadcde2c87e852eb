"""The states of packages; a shipment's is derived from them."""

from enum import StrEnum

from oms_api.kernel.states import Transitions


class PackageStatus(StrEnum):
    """Where a package is."""

    DRAFT = "DRAFT"
    LABEL_PURCHASED = "LABEL_PURCHASED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    LOST = "LOST"
    RETURNED_TO_SENDER = "RETURNED_TO_SENDER"
    VOIDED = "VOIDED"
    CANCELED = "CANCELED"


P = PackageStatus
PACKAGE = Transitions(
    "package",
    {
        P.DRAFT: {P.LABEL_PURCHASED, P.SHIPPED, P.VOIDED},
        P.LABEL_PURCHASED: {P.SHIPPED, P.VOIDED},
        P.SHIPPED: {P.DELIVERED, P.LOST, P.RETURNED_TO_SENDER, P.CANCELED},
        P.LOST: {P.DELIVERED, P.RETURNED_TO_SENDER},
        P.DELIVERED: set(),
        P.RETURNED_TO_SENDER: set(),
        P.VOIDED: set(),
        P.CANCELED: set(),
    },
)


class ShipmentStatus(StrEnum):
    """Where a shipment is, derived from its packages."""

    SHIPPED = "SHIPPED"
    PARTIALLY_DELIVERED = "PARTIALLY_DELIVERED"
    DELIVERED = "DELIVERED"
