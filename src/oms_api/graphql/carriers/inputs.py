"""Inputs about carriers, labels, manifests and tracking."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from oms_api.domain.carriers.commands.rotate_webhook_secret import RotateWebhookSecret
from oms_api.domain.carriers.commands.set_rates import GivenRate, SetRates
from oms_api.domain.carriers.commands.upsert_account import UpsertAccount
from oms_api.domain.carriers.commands.upsert_service import UpsertService
from oms_api.domain.channels.states import Activity
from oms_api.domain.parcels.port import Scan
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import input_type
from oms_api.graphql.money import MoneyInput
from oms_api.graphql.scalars import CountryCode, CurrencyCode
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.ids import CarrierAccountId, ChannelId, LabelId, LocationId, PackageId, ReturnId
from oms_api.workflows.labels.batch import PurchaseLabels
from oms_api.workflows.labels.manifest import CreateManifest
from oms_api.workflows.labels.outcome import ResolveLabel, VoidLabel
from oms_api.workflows.labels.request import PurchaseLabel, PurchaseReturnLabel
from oms_api.workflows.tracking.report import ReportTracking
from oms_api.workflows.tracking.request_import import GivenEvent, ImportTracking


@input_type
class NamedValueInput:
    """A value with its name."""

    name: str
    """The name."""
    value: str
    """The value."""


def _by_name(given: Sequence[NamedValueInput]) -> dict[str, str]:
    """Return values by their names. Raises: InvalidValue, for a name that is given twice."""
    values: dict[str, str] = {}
    for at, each in enumerate(given):
        if each.name in values:
            raise InvalidValue(problem="A name is given once.", field=(str(at), "name"))
        values[each.name] = each.value
    return values


@input_type
class CarrierAccountUpsertInput(Input[UpsertAccount]):
    """An account with a carrier, identified by its code. If it exists, fields left out or null stay as they are."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the account."""
    code: str
    """Its code: unique, case-sensitive, no blanks around it."""
    carrier: str | None = None
    """The code of a carrier, see `carriers`; required for a new account, and never changed."""
    name: str | None = None
    """The name shown to people; the code by default."""
    credentials: list[NamedValueInput] | None = becomes(by=_by_name, default=None)
    """All credentials that `carriers` lists for the carrier; kept encrypted, never shown."""
    settings: list[NamedValueInput] | None = becomes(by=_by_name, default=None)
    """All settings besides the credentials; `carriers` lists the settings of each carrier."""
    location_ids: list[LocationId] | None = None
    """The locations that the account serves."""
    all_locations: bool = False
    """True: the account serves all locations from now on, as a new account does by default."""
    status: Activity | None = None
    """ACTIVE where labels can be bought through the account; ACTIVE by default."""
    expected_version: int | None = None
    """The version of the account that the change is based on; any other is refused."""


@input_type
class CarrierWebhookSecretRotateInput(Input[RotateWebhookSecret]):
    """The account that gets a new secret for its webhooks."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the account, never again with the
    secret."""
    account_id: CarrierAccountId
    """The account."""
    expected_version: int | None = None
    """The version of the account that the change is based on; any other is refused."""


@input_type
class CarrierRateInput(Input[GivenRate]):
    """The price of a service for a parcel."""

    service: str
    """The code of the service."""
    price: Decimal
    """The price in major units: "4.90"."""
    up_to_g: int
    """For parcels up to this weight in grams."""
    name: str | None = None
    """The name of the service, shown to people; its code by default."""
    from_zone: str | None = None
    """The code of the sender's postal zone; anywhere by default."""
    to_zone: str | None = None
    """The code of the recipient's postal zone; anywhere by default."""
    to_country: CountryCode | None = None
    """The recipient's country; anywhere by default."""
    days: int | None = None
    """Days on the way."""


@input_type
class CarrierRatesSetInput(Input[SetRates]):
    """All rates of an account: they replace the present rates."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the account."""
    account_id: CarrierAccountId
    """The account."""
    currency: CurrencyCode = becomes("currency")
    """The currency of the prices."""
    rates: list[CarrierRateInput]
    """The rates, at most 2,000. If several rates of a service fit a parcel, one with a `toZone` is preferred. Next comes one
    with a `toCountry`, then one with a `fromZone`. Of rates that are alike in these, the one with the lowest `upToG` is
    used."""
    expected_version: int | None = None
    """The version of the account that the change is based on; any other is refused."""


@input_type
class ShippingServiceUpsertInput(Input[UpsertService]):
    """A shipping service, identified by its code and channel. If it exists, fields left out or null stay as they are."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the service."""
    code: str
    """The shipping code of the orders that use the service."""
    channel_id: ChannelId | None = None
    """The only channel that uses the service. By default, it is used by every channel that has no service of its own with
    the same code."""
    name: str | None = None
    """The name shown to people; the code by default."""
    account_id: CarrierAccountId | None = None
    """The account; required for a new service."""
    service: str | None = None
    """The code of the carrier's service; required for a new service."""
    box: str | None = None
    """The code of the box to pack into."""
    signature: bool | None = None
    """Whether the recipient must sign."""
    insured: bool | None = None
    """Whether parcels are insured for the price of the goods."""
    pickup_point: bool | None = None
    """Whether parcels go to the pickup point that the order names as its `deliveryPoint`."""
    status: Activity | None = None
    """ACTIVE where the service is used; ACTIVE by default."""
    expected_version: int | None = None
    """The version of the service that the change is based on; any other is refused."""


@input_type
class LabelPurchaseInput(Input[PurchaseLabel]):
    """The package, and the account and service for its label."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same label, bought or not."""
    package_id: PackageId
    """The package: packed, not shipped, and without a label."""
    account_id: CarrierAccountId | None = None
    """The account; by default the account of the order's shipping service."""
    service: str | None = None
    """The code of the carrier's service: required with `accountId`, refused without it."""
    max_price: MoneyInput | None = None
    """The highest price to accept, in the currency of the order. Above that price no label is bought, and RATE_CHANGED gives
    the price."""


@input_type
class ReturnLabelPurchaseInput(Input[PurchaseReturnLabel]):
    """The return, the location that its goods come to, and the account and service for its label."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same label, bought or not."""
    return_id: ReturnId
    """The return. It must be approved, with goods that are not received yet."""
    location_id: LocationId
    """The location that the goods come to."""
    account_id: CarrierAccountId
    """The account."""
    service: str
    """The code of the carrier's service."""
    weight_g: int | None = None
    """The weight of the parcel in grams; by default the weight of its goods."""
    max_price: MoneyInput | None = None
    """The highest price to accept, in the currency of the order. Above that price no label is bought, and RATE_CHANGED gives
    the price."""


@input_type
class LabelsPurchaseInput(Input[PurchaseLabels]):
    """The packages, and the account and service for their labels."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same batch."""
    package_ids: list[PackageId]
    """The packages, at most 5,000."""
    account_id: CarrierAccountId | None = None
    """The account for all labels; by default the account of each order's shipping service."""
    service: str | None = None
    """The code of the carrier's service: required with `accountId`, refused without it."""
    max_price: MoneyInput | None = None
    """The highest price to accept for each label, in the currency of its order."""


@input_type
class LabelVoidInput(Input[VoidLabel]):
    """The label to give back."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the label."""
    label_id: LabelId
    """The label."""
    expected_version: int | None = None
    """The version of the label that the change is based on; any other is refused."""


@input_type
class LabelResolveInput(Input[ResolveLabel]):
    """Whether the carrier sold a label that is UNKNOWN."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the label."""
    label_id: LabelId
    """The label."""
    bought: bool
    """Whether the carrier sold the label to the shop."""
    tracking_number: str | None = None
    """The tracking number, where the label was sold."""
    tracking_url: str | None = None
    """A web page that tracks the parcel: https://..."""
    note: str | None = None
    """A remark for later readers."""
    expected_version: int | None = None
    """The version of the label that the change is based on; any other is refused."""


@input_type
class ManifestCreateInput(Input[CreateManifest]):
    """The carrier account and the location of the manifest."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the manifest that the first call made."""
    location_id: LocationId
    """The location that the parcels left."""
    account_id: CarrierAccountId
    """The carrier account of the labels."""


@input_type
class TrackingEventInput(Input[Scan]):
    """A carrier's report on a package."""

    status: TrackingStatus
    """The status of the package."""
    occurred_at: datetime
    """When the event happened, according to the carrier; never in the future."""
    code: str = ""
    """The carrier's own code for the event."""
    scan_ref: str | None = None
    """The carrier's own id of the event."""
    message: str | None = None
    """The carrier's own words."""
    place: str | None = None
    """The place, as the carrier names it."""


@input_type
class TrackingImportEventInput(Input[GivenEvent]):
    """A carrier's report on a package that is identified by its tracking number."""

    tracking_number: str
    """The tracking number."""
    status: TrackingStatus
    """The status of the package."""
    occurred_at: datetime
    """When the event happened, according to the carrier; never in the future."""
    carrier: str | None = None
    """The package's carrier, where several packages have the tracking number."""
    code: str | None = None
    """The carrier's own code for the event."""
    scan_ref: str | None = None
    """The carrier's own id of the event."""
    message: str | None = None
    """The carrier's own words."""
    place: str | None = None
    """The place, as the carrier names it."""


@input_type
class TrackingImportInput(Input[ImportTracking]):
    """Tracking events of many packages: as CSV or one by one, at most 10,000."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same import."""
    csv: str | None = None
    """A CSV text, with commas. Its first line names the columns: `trackingNumber`, `status`, `occurredAt` with its offset from
    UTC, and optionally `carrier`, `code`, `id`, `message` and `place`."""
    events: list[TrackingImportEventInput] | None = None
    """The events, in any sequence."""
    account_id: CarrierAccountId | None = None
    """The account whose carrier reported the events. Packages with labels of the account are searched first, then all packages
    of its carrier."""


@input_type
class TrackingEventReportInput(Input[ReportTracking]):
    """A package, named by its id or its tracking number, and its tracking events."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the package."""
    package_id: PackageId | None = None
    """The package."""
    tracking_number: str | None = None
    """The tracking number of the package, where its id is not given."""
    carrier: str | None = None
    """The carrier of the package, where several packages have the tracking number."""
    events: list[TrackingEventInput]
    """The carrier's reports, in any sequence, at most 250; known reports are not recorded twice."""
