"""Errors of a shipment."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class AlreadyDelivered(OmsError):
    """The shipment was delivered at {delivered_at}: nothing of it is on its way.

    The shipment was already delivered: none of its packages is on the way.
    """

    code = "ALREADY_DELIVERED"
    delivered_at: str


@dataclass(eq=False)
class PackageLabeled(OmsError):
    """The package has a label: void the label first, with labelVoid."""

    code = "PACKAGE_LABELED"


@dataclass(eq=False)
class PackageNotWaiting(OmsError):
    """The package is {status}: only one that is packed and has not left can be changed.

    The package has left, or was voided.
    """

    code = "PACKAGE_NOT_WAITING"
    status: str


@dataclass(eq=False)
class PackagesApart(OmsError):
    """The package belongs to another fulfillment order than the first package: ship each fulfillment order separately."""

    code = "PACKAGES_APART"


@dataclass(eq=False)
class ExceedsPackage(OmsError):
    """Only {remaining} units of the line are in the package, not {requested}.

    More units are to be taken out of a package than are in it.
    """

    code = "EXCEEDS_PACKAGE"
    remaining: int
    requested: int


@dataclass(eq=False)
class ShipmentScanned(OmsError):
    """The carrier has had a package since {scanned_at}: mark it as returned when it comes back.

    The carrier has already scanned a package of the shipment.
    """

    code = "SHIPMENT_SCANNED"
    scanned_at: str


@dataclass(eq=False)
class TooLateToCancel(OmsError):
    """The shipment left at {shipped_at}, and its channel allows canceling only within {minutes} minutes.

    The shipment left too long ago: the channel's time for canceling a shipment is over.
    """

    code = "TOO_LATE_TO_CANCEL"
    shipped_at: str
    minutes: int


@dataclass(eq=False)
class UnitsInReturn(OmsError):
    """{units} units of the package belong to a return: cancel that return, or receive its units.

    Units of the package belong to a return that was announced or received.
    """

    code = "UNITS_IN_RETURN"
    units: int
