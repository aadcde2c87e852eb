"""Errors of carriers, labels and tracking."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import LabelId
from oms_api.kernel.money import Money, amount_text, exponent


@dataclass(eq=False)
class UnknownCarrier(OmsError):
    """There is no carrier '{given}' here: {known}.

    This installation has no carrier with that code: see `carriers`.
    """

    code = "UNKNOWN_CARRIER"
    given: str
    known: str


@dataclass(eq=False)
class UnknownCredential(OmsError):
    """The carrier '{carrier}' takes no '{given}': {known}.

    The carrier takes no credential or setting of this name: see `carriers`.
    """

    code = "UNKNOWN_CREDENTIAL"
    carrier: str
    given: str
    known: str


@dataclass(eq=False)
class MissingCredential(OmsError):
    """The carrier '{carrier}' needs '{name}': give it with the account.

    A credential or setting is missing that the carrier needs.
    """

    code = "MISSING_CREDENTIAL"
    carrier: str
    name: str


@dataclass(eq=False)
class CredentialsUnreadable(OmsError):
    """The credentials of the account cannot be decrypted with the secrets of this installation: give the credentials again."""

    code = "CREDENTIALS_UNREADABLE"


@dataclass(eq=False)
class UnknownZone(OmsError):
    """There is no postal zone '{given}': make it with postalZoneUpsert first.

    No postal zone has this code.
    """

    code = "UNKNOWN_POSTAL_ZONE"
    given: str


@dataclass(eq=False)
class RateTwice(OmsError):
    """Another given rate has the same service, zones, country and weight: leave one of the two out."""

    code = "RATE_TWICE"


@dataclass(eq=False)
class AccountInactive(OmsError):
    """The account '{account}' is inactive: activate it with carrierAccountUpsert, or name another one.

    The carrier account is inactive: activate it with `carrierAccountUpsert`, or name another account.
    """

    code = "CARRIER_ACCOUNT_INACTIVE"
    account: str


@dataclass(eq=False)
class AccountElsewhere(OmsError):
    """The account '{account}' does not serve the location '{location}': add the location to it, or name another account.

    The carrier account does not serve the location that the parcel leaves: add the location to the account, or name another
    account.
    """

    code = "CARRIER_ACCOUNT_ELSEWHERE"
    account: str
    location: str


@dataclass(eq=False)
class NoShippingService(OmsError):
    """The order's shipping code '{given}' leads to no shipping service: name an account and a service, or make one for it.

    No shipping service has the order's shipping code, or the order has no shipping code.
    """

    code = "NO_SHIPPING_SERVICE"
    given: str


@dataclass(eq=False)
class WeightMissing(OmsError):
    """The weight of the parcel is not known: {missing}.

    The weight of the parcel is not known: give a weight to the package, or to its SKUs.
    """

    code = "WEIGHT_MISSING"
    missing: str


@dataclass(eq=False)
class AddressMissing(OmsError):
    """The {whose} has no address: give it one first.

    The location or the order has no address to send from or to: give it one first.
    """

    code = "ADDRESS_MISSING"
    whose: str


@dataclass(eq=False)
class LabelExists(OmsError):
    """There is a label already, and it is {status}: void it first.

    A label was already bought for the package or return. Or the carrier has not clearly answered yet whether it was bought.
    """

    code = "LABEL_EXISTS"
    status: str
    label_id: LabelId | None = None


@dataclass(eq=False)
class PackageNotPacked(OmsError):
    """The package is {status}: labels are for packages that are packed and have not left.

    A label can be bought only for a package that is packed and has not left.
    """

    code = "PACKAGE_NOT_PACKED"
    status: str


@dataclass(eq=False)
class RateChanged(OmsError):
    """The label costs {amount} {currency}, more than the {most} that were allowed; none was bought.

    The label costs more than `maxPrice`: `price` is the present price. The label was not bought, or it was bought and then
    given back.
    """

    code = "RATE_CHANGED"
    amount: str
    currency: str
    most: str
    price: Money

    @classmethod
    def of(cls, price: Money, most_minor: int) -> "RateChanged":
        """Return that a label costs *price*."""
        most = amount_text(most_minor, exponent(price.currency))
        return cls(amount=str(price.amount), currency=price.currency, most=most, price=price, field=("maxPrice",))


@dataclass(eq=False)
class NoSuchRate(OmsError):
    """The carrier offers no service '{service}' for this parcel: {offered}.

    The carrier does not offer the service for this parcel.
    """

    code = "SERVICE_NOT_OFFERED"
    service: str
    offered: str


@dataclass(eq=False)
class LabelUnknown(OmsError):
    """It is unknown whether the label was bought. Wait for the server to ask the carrier again, or use labelResolve."""

    code = "LABEL_UNKNOWN"


@dataclass(eq=False)
class LabelNotBought(OmsError):
    """The carrier did not sell the label: buy the label again."""

    code = "LABEL_NOT_BOUGHT"


@dataclass(eq=False)
class LabelScanned(OmsError):
    """The carrier scanned the parcel already: its label cannot be given back."""

    code = "LABEL_SCANNED"


@dataclass(eq=False)
class LabelInUse(OmsError):
    """The package left with the label: cancel its shipment first."""

    code = "LABEL_IN_USE"


@dataclass(eq=False)
class NothingToManifest(OmsError):
    """No parcel with a label of this account has left the location since its last manifest."""

    code = "NOTHING_TO_MANIFEST"


@dataclass(eq=False)
class ManyPackages(OmsError):
    """Several packages have the tracking number '{given}': name the carrier, or the package by its id.

    Several packages have the tracking number.
    """

    code = "TRACKING_NUMBER_AMBIGUOUS"
    given: str


@dataclass(eq=False)
class SignatureWrong(OmsError):
    """The signature is wrong: sign "<t>.<body>" by HMAC-SHA256 with the secret, and send OMS-Signature: t=<t>,v1=<hex>.

    A webhook also gets this error if it has no signature, or if the account in its URL does not exist.
    """

    code = "SIGNATURE_WRONG"


@dataclass(eq=False)
class SignatureExpired(OmsError):
    """The webhook was signed at {sent_at}, more than 5 minutes from now: sign it when it is sent, by a clock that is right.

    The signature of a webhook is right, but was made more than 5 minutes before or after now.
    """

    code = "SIGNATURE_EXPIRED"
    sent_at: str


@dataclass(eq=False)
class TooManyScans(OmsError):
    """The package has {kept:,} tracking events: no more than {limit:,} are kept of one.

    The package already has as many tracking events as are kept for one package.
    """

    code = "TOO_MANY_TRACKING_EVENTS"
    kept: int
    limit: int
