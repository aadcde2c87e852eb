"""Labels, batches, manifests and tracking, as clients read them."""

from datetime import datetime
from typing import Annotated

import strawberry

from oms_api.domain.carriers.errors import LabelExists, RateChanged
from oms_api.domain.carriers.folding import where
from oms_api.domain.carriers.queries import (
    batches_by_id,
    imports_by_id,
    labels_by_id,
    labels_by_package,
    labels_by_return,
    manifests_by_id,
    pages_of_imported,
    pages_of_items,
    pages_of_manifest,
    pages_of_refused,
    scans_by_package,
)
from oms_api.domain.carriers.states import BatchItemStatus, LabelStatus, LabelTrouble, ScanOutcome
from oms_api.domain.carriers.tables import (
    LabelBatchItemRow,
    LabelBatchRow,
    LabelRow,
    ManifestRow,
    TrackingEventRow,
    TrackingImportItemRow,
    TrackingImportRow,
)
from oms_api.domain.parcels.port import CarrierRefused
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.returns.tables import ReturnRow
from oms_api.domain.shipping.tables import PackageRow
from oms_api.graphql.carriers.accounts import CarrierAccount
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import Connection
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import leads_to, loaded, many, pages
from oms_api.graphql.declared.records import Record, entity, made, money
from oms_api.graphql.described import enum, output
from oms_api.graphql.documents.files import File
from oms_api.graphql.errors import UserError, represents
from oms_api.graphql.jobs.types import Job
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node
from oms_api.graphql.permissions import field
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import (
    LabelBatchId,
    LabelId,
    LocationId,
    ManifestId,
    PackageId,
    ReturnId,
    TrackingEventId,
    TrackingImportId,
)

for states in (LabelStatus, LabelTrouble, BatchItemStatus, ScanOutcome, TrackingStatus):
    enum(states)
OrderType = Annotated["Order", strawberry.lazy("oms_api.graphql.orders.types")]  # type: ignore[name-defined]  # noqa: F821
PackageType = Annotated["Package", strawberry.lazy("oms_api.graphql.packing.packages")]  # type: ignore[name-defined]  # noqa: F821


@output
class TrackingEvent(Record[TrackingEventRow]):
    """A carrier's report on a package."""

    id: TrackingEventId
    """The id."""
    status: TrackingStatus
    """The status of the package."""
    occurred_at: datetime
    """When the event happened, according to the carrier."""
    code: str | None = made(lambda code: code or None, TrackingEventRow.code)
    """The carrier's own code for the event; null where the carrier gave none."""
    scan_ref: str | None
    """The carrier's own id of the event; null where the carrier gave none."""
    message: str | None
    """The carrier's own words."""
    place: str | None
    """The place, as the carrier names it."""
    recorded_at: datetime
    """When it was recorded in this system."""


@output
class LabelProblem:
    """Why a label was not bought, or not given back."""

    what: LabelTrouble
    """The kind of problem."""
    carrier_code: str | None
    """The carrier's own error code."""
    carrier_message: str | None
    """The carrier's own words."""
    field: list[str] | None
    """The path of the parcel's data that the carrier does not accept, such as ["recipient", "postalCode"]."""


def _problem(
    trouble: LabelTrouble | None, code: str | None, message: str | None, path: list[str] | None
) -> LabelProblem | None:
    if trouble is None:
        return None
    return LabelProblem(what=trouble, carrier_code=code, carrier_message=message, field=path)


@entity(labels_by_id, Scope.SHIPPING_READ)
class Label(Node, Record[LabelRow]):
    """A label of a package or of a return, bought or not."""

    id: LabelId
    status: LabelStatus
    """The state of the label and of its purchase."""
    package_id: PackageId | None
    """The id of the package; null for the label of a return."""
    return_id: ReturnId | None
    """The id of the return; null for the label of a package."""
    location_id: LocationId
    """The id of the location that the parcel leaves, or that the return comes to."""
    service: str
    """The code of the carrier's service."""
    reference: str
    """The server's unique reference for the label, as given to the carrier."""
    tracking_number: str | None
    """The carrier's tracking number."""
    tracking_url: str | None
    """A web page that tracks the parcel."""
    price: Money | None = money(LabelRow.price_minor, LabelRow.currency)
    """Its price; null where the carrier gave none."""
    problem: LabelProblem | None = made(
        _problem, LabelRow.trouble, LabelRow.trouble_code, LabelRow.trouble_message, LabelRow.trouble_field
    )
    """Why the label was not bought, or not given back; null where there is no problem."""
    note: str | None
    """The remark given with `labelResolve`, when somebody stated whether the carrier had sold the label; null for none."""
    version: int
    """Increases with every change."""
    actor: str
    """The person or program that requested the label."""
    requested_at: datetime
    """When it was asked for."""
    purchased_at: datetime | None
    """When the label was bought; null where it was not."""
    voided_at: datetime | None
    """When the label was given back; null where it was not."""
    updated_at: datetime
    """When it was last changed."""
    order: OrderType = leads_to(LabelRow.order_id)
    """The order of the parcel."""
    location: Location = leads_to(LabelRow.location_id)
    """The location that the parcel leaves, or that the return comes to."""
    account: CarrierAccount = leads_to(LabelRow.account_id)
    """The carrier account through which the label is bought."""
    manifest: "Manifest | None" = leads_to(LabelRow.manifest_id)
    """The manifest that lists its parcel; null where there is none."""
    pdf: File | None = leads_to(LabelRow.pdf_file_id)
    """The label as PDF; null where the carrier gave none."""
    png: File | None = leads_to(LabelRow.png_file_id)
    """The label as a picture; null where the carrier gave none."""
    zpl: File | None = leads_to(LabelRow.zpl_file_id)
    """The label for a label printer; null where the carrier gave none."""


@output
class LabelBatchItem(Record[LabelBatchItemRow]):
    """A package of a batch, and the progress of its label."""

    position: int
    """Its place in the batch, from 0."""
    package_id: PackageId
    """The id of the package."""
    status: BatchItemStatus
    """The result of the job for this package. It does not follow later changes of the label: `label` has the present status."""
    label: Label | None = leads_to(LabelBatchItemRow.label_id)
    """The label; null where none was requested."""
    error: "LabelBatchError | None" = made(lambda stored: stored and LabelBatchError(**stored), LabelBatchItemRow.error)
    """Why the label was not bought; null where there is no problem."""


@output
class LabelBatchError:
    """Why a label of a batch was not bought."""

    code: str
    """The error code."""
    message: str
    """The problem and its remedy."""
    field: list[str]
    """The field that is wrong."""


@entity(batches_by_id, Scope.SHIPPING_READ)
class LabelBatch(Node, Record[LabelBatchRow]):
    """Labels that one job buys: each is bought or refused separately."""

    id: LabelBatchId
    packages: int
    """The number of its packages."""
    actor: str
    """The person or program that requested them."""
    created_at: datetime
    """When they were requested."""
    job: Job | None = leads_to(LabelBatchRow.job_id)
    """The job that buys the labels. Only the client that requested the batch sees it; for other clients it is null."""
    items: Connection[LabelBatchItem] = pages(pages_of_items, LabelBatchItem)
    """Its packages, in the order in which they were named."""


@output
class TrackingImportError:
    """Why a tracking event was refused."""

    code: str
    """The error code."""
    message: str
    """The problem and its remedy."""
    field: list[str]
    """The field that is wrong."""


@output
class TrackingImportItem(Record[TrackingImportItemRow]):
    """A tracking event of an import, and its result."""

    position: int
    """The place of the event in the import, from 0. In a CSV the first row below the header is 0, and blank lines do not
    count."""
    tracking_number: str
    """The tracking number that the event names."""
    outcome: ScanOutcome
    """The result."""
    package_id: PackageId | None
    """The id of the package; null where the event was not recorded."""
    error: TrackingImportError | None = made(
        lambda stored: stored and TrackingImportError(**stored), TrackingImportItemRow.error
    )
    """Why the event was refused; null where it was not."""


@entity(imports_by_id, Scope.SHIPPING_READ)
class TrackingImport(Node, Record[TrackingImportRow]):
    """Tracking events that one job records. Each event is recorded or refused separately."""

    id: TrackingImportId
    events: int
    """The number of events."""
    actor: str
    """The person or program that sent the events."""
    created_at: datetime
    """When the events were sent."""
    job: Job | None = leads_to(TrackingImportRow.job_id)
    """The job that records the events."""
    account: CarrierAccount | None = leads_to(TrackingImportRow.account_id)
    """The account whose carrier reported the events."""
    items: Connection[TrackingImportItem] = pages(pages_of_imported, TrackingImportItem)
    """The events with their results, in the order given."""
    refused: Connection[TrackingImportItem] = pages(pages_of_refused, TrackingImportItem)
    """The events that were refused."""


@entity(manifests_by_id, Scope.SHIPPING_READ)
class Manifest(Node, Record[ManifestRow]):
    """The list of the parcels that left a location with labels of one carrier account since the previous manifest."""

    id: ManifestId
    packages: int
    """The number of its parcels."""
    weight_g: Int64
    """The weight of the parcels in grams, as far as it is known."""
    actor: str
    """The person or program that made the manifest."""
    created_at: datetime
    """When the manifest was made."""
    location: Location = leads_to(ManifestRow.location_id)
    """The location of departure."""
    account: CarrierAccount = leads_to(ManifestRow.account_id)
    """The carrier account of the labels."""
    labels: Connection[Label] = pages(pages_of_manifest, Label)
    """The labels of its parcels."""


@output
class CarriageOfPackage(Record[PackageRow]):
    """The fields of a package that tell of its carrier; `Package` inherits them."""

    tracking_status: TrackingStatus | None = loaded(scans_by_package, where)
    """The status of the parcel by the carrier's latest report; null before the first report."""
    tracking_events: list[TrackingEvent] = many(scans_by_package, TrackingEvent)
    """The carrier's reports on it, oldest first."""
    labels: list[Label] = many(labels_by_package, Label)
    """The labels, oldest first. At most one of them is valid at a time."""


@output
class LabelsOfReturn(Record[ReturnRow]):
    """The field of a return that shows its labels; `Return` inherits it."""

    labels: list[Label] = many(labels_by_return, Label)
    """The labels, oldest first. At most one of them is valid at a time."""


@represents(CarrierRefused, lambda error: {"carrier_code": error.carrier_code, "carrier_message": error.carrier_message})
@output
class CarrierRefusedError(UserError):
    """The carrier refused.

    `field` is the path of the parcel's data that the carrier does not accept, if the carrier named any.
    """

    carrier_code: str
    """The carrier's own error code."""
    carrier_message: str
    """The carrier's own words."""


@represents(RateChanged, lambda error: {"price": Money.of(error.price.minor, error.price.currency)})
@output
class RateChangedError(UserError):
    """The label costs more than `maxPrice`. It was not bought, or it was bought and then voided."""

    price: Money
    """The present price."""


@represents(LabelExists, lambda error: {"label_id": error.label_id})
@output
class LabelExistsError(UserError):
    """There is already a label that was bought, or that the carrier may have sold."""

    label_id: strawberry.Private[LabelId | None]

    @field(description="The label.")
    async def label(self, info: Info) -> Label | None:
        return None if self.label_id is None else await Label.fetch(info, self.label_id)
