"""Events of carriers, labels and parcels on their way."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class CarrierAccountChanged(Event):
    """An account with a carrier was created, or the account or its rates were changed."""

    type = "CARRIER_ACCOUNT_CHANGED"
    subject = IdKind.CARRIER_ACCOUNT


@dataclass(frozen=True, kw_only=True)
class ShippingServiceChanged(Event):
    """A shipping service was made or changed."""

    type = "SHIPPING_SERVICE_CHANGED"
    subject = IdKind.SHIPPING_SERVICE


@dataclass(frozen=True, kw_only=True)
class LabelRequested(Event):
    """A label was requested."""

    type = "LABEL_REQUESTED"
    subject = IdKind.LABEL


@dataclass(frozen=True, kw_only=True)
class LabelPurchased(Event):
    """A label was bought."""

    type = "LABEL_PURCHASED"
    subject = IdKind.LABEL


@dataclass(frozen=True, kw_only=True)
class LabelRefused(Event):
    """A label was not bought."""

    type = "LABEL_REFUSED"
    subject = IdKind.LABEL


@dataclass(frozen=True, kw_only=True)
class LabelLost(Event):
    """A carrier gave no clear answer about a label."""

    type = "LABEL_UNKNOWN"
    subject = IdKind.LABEL


@dataclass(frozen=True, kw_only=True)
class LabelVoiding(Event):
    """A label is being given back to its carrier, or the carrier refused to take it back."""

    type = "LABEL_VOIDING"
    subject = IdKind.LABEL


@dataclass(frozen=True, kw_only=True)
class LabelVoided(Event):
    """A label was given back to its carrier."""

    type = "LABEL_VOIDED"
    subject = IdKind.LABEL


@dataclass(frozen=True, kw_only=True)
class ManifestCreated(Event):
    """A manifest was made: the closed list of the parcels that a carrier took from a location."""

    type = "MANIFEST_CREATED"
    subject = IdKind.MANIFEST


@dataclass(frozen=True, kw_only=True)
class PackageTracked(Event):
    """A carrier reported where a package is."""

    type = "PACKAGE_TRACKED"
    subject = IdKind.PACKAGE
