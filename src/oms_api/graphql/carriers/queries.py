"""Asking for carriers, accounts, services, labels, batches, manifests and rates."""

from enum import Enum
from typing import Annotated, Self

from oms_api.domain.carriers.queries import (
    ACCOUNTS_BY_CODE,
    NEWEST_BATCHES,
    NEWEST_IMPORTS,
    NEWEST_LABELS,
    NEWEST_MANIFESTS,
    OLDEST_LABELS,
    SERVICES_BY_CODE,
)
from oms_api.domain.carriers.tables import (
    CarrierAccountRow,
    LabelBatchRow,
    LabelRow,
    ManifestRow,
    ShippingServiceRow,
    TrackingImportRow,
)
from oms_api.graphql.carriers.accounts import Carrier, CarrierAccount, ShippingService
from oms_api.graphql.carriers.types import Label, LabelBatch, Manifest, TrackingImport
from oms_api.graphql.context import Info
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, found, listed
from oms_api.graphql.described import argument, enum, input_type, one_of, output
from oms_api.graphql.errors import UserError, user_errors
from oms_api.graphql.money import Money
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import FulfillmentOrderId, PackageId
from oms_api.workflows.labels.rates import FailedAccount, Offer, rates_for

ASKING_CARRIERS = 25_000
"""What it costs to ask the carriers of a location: about 100 ms of their time."""


@enum
class LabelOrder(Enum):
    """The sort order of a list of labels."""

    REQUESTED_AT_DESC = NEWEST_LABELS
    """The newest first."""
    REQUESTED_AT_ASC = OLDEST_LABELS
    """The oldest first."""


@input_type
class CarrierAccountFilterInput(Where):
    """Conditions on carrier accounts; all must be true."""

    code = on(CarrierAccountRow.code)
    carrier = on(CarrierAccountRow.carrier)
    status = on(CarrierAccountRow.status)


@one_of
class CarrierAccountByInput(By):
    """Identifies a carrier account: give exactly one field."""

    id = key(CarrierAccountRow.id)
    code = key(CarrierAccountRow.code)


@input_type
class ShippingServiceFilterInput(Where):
    """Conditions on shipping services; all must be true."""

    code = on(ShippingServiceRow.code)
    channel_id = on(ShippingServiceRow.channel_id)
    account_id = on(ShippingServiceRow.account_id)
    status = on(ShippingServiceRow.status)


@input_type
class LabelFilterInput(Where):
    """Conditions on labels; all must be true."""

    status = on(LabelRow.status)
    location_id = on(LabelRow.location_id)
    """By the location the parcel leaves."""
    account_id = on(LabelRow.account_id)
    order_id = on(LabelRow.order_id)
    package_id = on(LabelRow.package_id)
    return_id = on(LabelRow.return_id)
    manifest_id = on(LabelRow.manifest_id)
    tracking_number = on(LabelRow.tracking_number, searched=True, sought=True)
    requested_at = on(LabelRow.requested_at)
    """When the labels were requested."""


@one_of
class LabelByInput(By):
    """Identifies a label: give exactly one field."""

    id = key(LabelRow.id)
    reference = key(LabelRow.reference)
    """The server's unique reference for the label, as given to the carrier."""


@input_type
class ManifestFilterInput(Where):
    """Conditions on manifests; all must be true."""

    location_id = on(ManifestRow.location_id)
    account_id = on(ManifestRow.account_id)
    created_at = on(ManifestRow.created_at)
    """When the manifests were made."""


@one_of
class ManifestByInput(By):
    """Identifies a manifest."""

    id = key(ManifestRow.id)


@input_type
class LabelBatchFilterInput(Where):
    """Conditions on batches of labels; all must be true."""

    created_at = on(LabelBatchRow.created_at)
    """When the batches were requested."""


@one_of
class LabelBatchByInput(By):
    """Identifies a batch of labels."""

    id = key(LabelBatchRow.id)


@input_type
class TrackingImportFilterInput(Where):
    """Conditions on tracking imports; all must be true."""

    created_at = on(TrackingImportRow.created_at)
    """When the events were sent."""


@one_of
class TrackingImportByInput(By):
    """Identifies a tracking import."""

    id = key(TrackingImportRow.id)


ACCOUNTS = Listing(
    show=CarrierAccount,
    where=CarrierAccountFilterInput,
    by=CarrierAccountByInput,
    order=ACCOUNTS_BY_CODE,
    which="Conditions on accounts; by default, all accounts are included.",
)
SERVICES = Listing(
    show=ShippingService,
    where=ShippingServiceFilterInput,
    order=SERVICES_BY_CODE,
    which="Conditions on services; by default, all services are included.",
)
LABELS = Listing(show=Label, where=LabelFilterInput, by=LabelByInput, order=LabelOrder)
MANIFESTS = Listing(show=Manifest, where=ManifestFilterInput, by=ManifestByInput, order=NEWEST_MANIFESTS)
BATCHES = Listing(show=LabelBatch, where=LabelBatchFilterInput, by=LabelBatchByInput, order=NEWEST_BATCHES)


IMPORTS = Listing(show=TrackingImport, where=TrackingImportFilterInput, by=TrackingImportByInput, order=NEWEST_IMPORTS)


@output
class ShippingRate:
    """The price that an account offers for a parcel."""

    account: CarrierAccount
    """The account."""
    service: str
    """The code of the carrier's service, as `labelPurchase` takes it."""
    name: str
    """The name of the service, shown to people."""
    price: Money
    """The price of the parcel."""
    days: int | None
    """Days on the way; null where the carrier does not say."""

    @classmethod
    def of(cls, offer: Offer) -> Self:
        """Show an offer."""
        quote = offer.quote
        price = Money.of(quote.price.minor, quote.price.currency)
        account = CarrierAccount.of(offer.account)
        return cls(account=account, service=quote.service, name=quote.name, price=price, days=quote.days)


@output
class ShippingRateFailure:
    """An account that offers no price, and why."""

    account: CarrierAccount
    """The account."""
    errors: list[UserError]
    """The errors of the carrier, such as a refusal or a missing answer."""

    @classmethod
    def of(cls, failure: FailedAccount) -> Self:
        """Show a failure."""
        return cls(account=CarrierAccount.of(failure.account), errors=user_errors(failure.error))


@output
class ShippingRates:
    """The prices that all accounts of a location offer for a parcel."""

    rates: list[ShippingRate]
    """The offers, the cheapest first within each currency."""
    failures: list[ShippingRateFailure]
    """The accounts that offer no price. They do not keep the other accounts from answering."""


@output
class CarrierQueries:
    """Asking for carriers, labels and manifests."""

    carrier_accounts = listed(ACCOUNTS)
    """Accounts with carriers, sorted by code."""
    carrier_account = found(ACCOUNTS, "The account; give exactly one field.")
    """An account with a carrier; null where there is none."""
    shipping_services = listed(SERVICES)
    """Shipping services, sorted by code."""
    labels = listed(LABELS)
    """A list of labels, the newest first by default."""
    label = found(LABELS, "The label; give exactly one field.")
    """A label; null where there is none that the API key may see."""
    label_batches = listed(BATCHES)
    """Batches of labels, the newest first."""
    label_batch = found(BATCHES, "The batch; give exactly one field.")
    """A batch of labels; null where there is none."""
    manifests = listed(MANIFESTS)
    """Manifests, the newest first."""
    manifest = found(MANIFESTS, "The manifest; give exactly one field.")
    """A manifest; null where there is none that the API key may see."""

    tracking_imports = listed(IMPORTS)
    """Imports of tracking events by this client, the newest first."""
    tracking_import = found(IMPORTS, "The import; give exactly one field.")
    """An import of tracking events by this client; null where there is none."""

    @query(Scope.SHIPPING_READ, description="The carriers of this installation, with the settings that an account needs.")
    async def carriers(self, info: Info) -> list[Carrier]:
        return [Carrier.of(code, each) for code, each in sorted(info.context.ports.carriers.items())]

    @query(
        Scope.SHIPPING_READ,
        description=(
            "The prices of shipping a package; or of shipping, as one parcel, all units of a fulfillment order that are "
            "neither shipped nor canceled. Every carrier account of the location is asked; accounts that fail are listed. "
            "Fails with WEIGHT_MISSING or ADDRESS_MISSING where no carrier can be asked."
        ),
        price=ASKING_CARRIERS,
    )
    async def shipping_rates(
        self,
        info: Info,
        fulfillment_order_id: Annotated[FulfillmentOrderId, argument("The fulfillment order.")],
        package_id: Annotated[
            PackageId | None,
            argument(
                "A package of the fulfillment order; by default all units that are neither shipped nor canceled, as one parcel."
            ),
        ] = None,
    ) -> ShippingRates:
        rates = await rates_for(info.context.read, info.context.ports, fulfillment_order_id, package_id)
        return ShippingRates(
            rates=[ShippingRate.of(offer) for offer in rates.offers],
            failures=[ShippingRateFailure.of(failure) for failure in rates.failures],
        )
