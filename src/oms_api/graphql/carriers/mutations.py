"""Accounts with carriers, buying and voiding labels, manifests and tracking."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

from oms_api.db.unit_of_work import Done
from oms_api.domain.carriers.commands.rotate_webhook_secret import rotate_webhook_secret
from oms_api.domain.carriers.commands.set_rates import set_rates
from oms_api.domain.carriers.commands.upsert_account import upsert_account
from oms_api.domain.carriers.commands.upsert_service import upsert_service
from oms_api.domain.carriers.queries import account_by_id
from oms_api.domain.carriers.tables import LabelRow
from oms_api.domain.carriers.webhooks import new_secret
from oms_api.graphql.carriers.accounts import CarrierAccount, ShippingService
from oms_api.graphql.carriers.inputs import (
    CarrierAccountUpsertInput,
    CarrierRatesSetInput,
    CarrierWebhookSecretRotateInput,
    LabelPurchaseInput,
    LabelResolveInput,
    LabelsPurchaseInput,
    LabelVoidInput,
    ManifestCreateInput,
    ReturnLabelPurchaseInput,
    ShippingServiceUpsertInput,
    TrackingEventReportInput,
    TrackingImportInput,
)
from oms_api.graphql.carriers.types import Label, LabelBatch, Manifest, TrackingImport
from oms_api.graphql.context import Info
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import argument, output
from oms_api.graphql.errors import user_errors
from oms_api.graphql.packing.packages import Package
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope
from oms_api.workflows.labels.batch import purchase_labels
from oms_api.workflows.labels.buy import purchase_label, purchase_return_label, trouble_of, void_label
from oms_api.workflows.labels.desk import Desk
from oms_api.workflows.labels.manifest import create_manifest
from oms_api.workflows.labels.outcome import resolve_label
from oms_api.workflows.tracking.report import report_tracking
from oms_api.workflows.tracking.request_import import import_tracking


@output
class CarrierAccountPayload(Payload):
    """The account as it is now."""

    carrier_account: CarrierAccount | None = None
    """The account."""


@output
class CarrierWebhookSecretRotatePayload(CarrierAccountPayload):
    """The account, and the new secret of its webhooks."""

    secret: str | None = None
    """The secret, shown this one time; null where `replayed` is true."""


@output
class ShippingServiceUpsertPayload(Payload):
    """The service as it is now."""

    shipping_service: ShippingService | None = None
    """The service."""


@output
class LabelPayload(Payload):
    """The label, or why it was not bought, resolved or given back."""

    label: Label | None = None
    """The label as it is now, bought or not; null where none was requested."""


@output
class LabelsPurchasePayload(Payload):
    """The batch of labels to buy, or why there is none."""

    label_batch: LabelBatch | None = None
    """The batch. Its job shows the progress."""


@output
class ManifestCreatePayload(Payload):
    """The manifest, or why there is none."""

    manifest: Manifest | None = None
    """The manifest."""


@output
class TrackingImportPayload(Payload):
    """The import whose events are recorded, or why there is none."""

    tracking_import: TrackingImport | None = None
    """The import. Its job shows the progress."""


@output
class TrackingEventReportPayload(Payload):
    """The package as it is now."""

    package: Package | None = None
    """The package."""


def desk_of(info: Info) -> Desk:
    """Return where labels are bought from for a request."""
    return Desk(info.context.work, info.context.principal, info.context.ports)


async def at_carrier(info: Info, act: Callable[..., Awaitable[Done[LabelRow]]], input: Any) -> LabelPayload:
    """Have a carrier *act* on a label once, and answer with the label and why it is not what was asked for."""
    done = await act(desk_of(info), input.to_command(), key=input.idempotency_key)
    info.context.forget_loaded()
    trouble = trouble_of(done.value)
    errors = [] if trouble is None else user_errors(trouble)
    return LabelPayload(label=Label.of(done.value), user_errors=errors, replayed=done.replayed)


@output
class CarrierMutations:
    """Accounts with carriers, buying and voiding labels, manifests and tracking."""

    carrier_rates_set = carries_out(
        set_rates, CarrierRatesSetInput, CarrierAccountPayload, Scope.CARRIERS_WRITE, describes="The rates."
    )
    """Replace all rates of an account. Fails with UNKNOWN_POSTAL_ZONE for an unknown zone, and with RATE_TWICE for two rates
    with the same service, the same zones and country, and the same weight."""
    shipping_service_upsert = carries_out(
        upsert_service, ShippingServiceUpsertInput, ShippingServiceUpsertPayload, Scope.CARRIERS_WRITE, describes="The service."
    )
    """Create a shipping service, or change it."""
    labels_purchase = carries_out(
        purchase_labels, LabelsPurchaseInput, LabelsPurchasePayload, Scope.SHIPPING_WRITE, describes="The packages."
    )
    """Start a job that buys the labels of up to 5,000 packages. Each label is bought or refused separately; the batch lists the
    results."""
    label_resolve = carries_out(
        resolve_label,
        LabelResolveInput,
        LabelPayload,
        Scope.SHIPPING_WRITE,
        describes="The label, and whether the carrier sold it to the shop.",
    )
    """State whether the carrier sold a label that is UNKNOWN, as the carrier's own pages show. For a label that was sold, give
    its tracking number."""
    manifest_create = carries_out(
        create_manifest,
        ManifestCreateInput,
        ManifestCreatePayload,
        Scope.SHIPPING_WRITE,
        describes="The location and the account.",
    )
    """Make the manifest of a carrier account at a location, for example at the end of a day. The manifest lists every parcel
    that left with a label of the account and is on no manifest yet. Fails with NOTHING_TO_MANIFEST where no parcel is left to
    list."""
    tracking_event_report = carries_out(
        report_tracking,
        TrackingEventReportInput,
        TrackingEventReportPayload,
        Scope.SHIPPING_WRITE,
        describes="The package and its events.",
    )
    """Record a carrier's reports on a package. The reports may come in any sequence, and a repeated report changes nothing. The
    first scan means that the carrier has the package; DELIVERED means that the package arrived."""

    tracking_import = carries_out(
        import_tracking, TrackingImportInput, TrackingImportPayload, Scope.SHIPPING_WRITE, describes="The events."
    )
    """Start a job that records up to 10,000 tracking events of any packages. Each event is recorded or refused separately, and
    known events are not recorded twice; the import lists the results. Fails with LIMITED_KEY for an API key that does not see
    all channels and locations."""

    @mutation(
        Scope.CARRIERS_WRITE,
        description=(
            "Create an account with a carrier, or change it. Fails with UNKNOWN_CREDENTIAL for a credential or setting that "
            "the carrier does not take, and with MISSING_CREDENTIAL for a missing one."
        ),
    )
    async def carrier_account_upsert(
        self, info: Info, input: Annotated[CarrierAccountUpsertInput, argument("The account.")]
    ) -> CarrierAccountPayload:
        ports = info.context.ports
        command = partial(upsert_account, carriers=ports.carriers, vault=ports.vault)
        done = await once(info, input, command, again=account_by_id)
        return CarrierAccountPayload(carrier_account=CarrierAccount.of(done.value), replayed=done.replayed)

    @mutation(
        Scope.CARRIERS_WRITE,
        description=(
            "Make a new secret for the webhooks of an account. The carrier posts its webhooks to "
            "`/webhooks/carriers/`, followed by the account's code. Earlier secrets stay valid for 24 hours."
        ),
    )
    async def carrier_webhook_secret_rotate(
        self, info: Info, input: Annotated[CarrierWebhookSecretRotateInput, argument("The account.")]
    ) -> CarrierWebhookSecretRotatePayload:
        secret = new_secret()
        command = partial(rotate_webhook_secret, vault=info.context.ports.vault, secret=secret)
        done = await once(info, input, command, again=account_by_id)
        account, shown = CarrierAccount.of(done.value), None if done.replayed else secret
        return CarrierWebhookSecretRotatePayload(carrier_account=account, secret=shown, replayed=done.replayed)

    @mutation(
        Scope.SHIPPING_WRITE,
        description=(
            "Buy the label of a package. Fails with CARRIER_REFUSED in the carrier's own words, with RATE_CHANGED "
            "where the price is above `maxPrice`, and with LABEL_EXISTS for a package that has a label. Where the "
            "carrier gives no clear answer, the label is UNKNOWN and the server asks again."
        ),
    )
    async def label_purchase(self, info: Info, input: Annotated[LabelPurchaseInput, argument("The package.")]) -> LabelPayload:
        return await at_carrier(info, purchase_label, input)

    @mutation(
        Scope.SHIPPING_WRITE,
        description="Buy the label for sending the goods of a return back, as `labelPurchase` does for a package.",
    )
    async def return_label_purchase(
        self, info: Info, input: Annotated[ReturnLabelPurchaseInput, argument("The return.")]
    ) -> LabelPayload:
        return await at_carrier(info, purchase_return_label, input)

    @mutation(
        Scope.SHIPPING_WRITE,
        description=(
            "Give a label back to its carrier; its package can get another label. Fails with LABEL_SCANNED once the "
            "carrier has the parcel, with LABEL_IN_USE once the package has left, and with CARRIER_REFUSED where the "
            "carrier refuses."
        ),
    )
    async def label_void(self, info: Info, input: Annotated[LabelVoidInput, argument("The label.")]) -> LabelPayload:
        return await at_carrier(info, void_label, input)
