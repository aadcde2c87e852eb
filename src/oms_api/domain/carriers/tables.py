"""Accounts with carriers, their rates, shipping services, labels, batches, manifests, and tracking events."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Json, Key, Minor, begins, changed_at, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.carriers.states import BatchItemStatus, LabelStatus, LabelTrouble, ScanOutcome
from oms_api.domain.channels.states import Activity
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.shipping.tables import PackageRow
from oms_api.kernel.ids import (
    CarrierAccountId,
    CarrierRateId,
    ChannelId,
    FileId,
    IntegrationId,
    JobId,
    LabelBatchId,
    LabelBatchItemId,
    LabelId,
    LocationId,
    ManifestId,
    OrderId,
    PackageId,
    ReturnId,
    ShippingServiceId,
    TrackingEventId,
    TrackingImportId,
    TrackingImportItemId,
)

OPEN = "status IN ('REQUESTED', 'PURCHASED', 'UNKNOWN', 'VOIDING')"
"""A label that is bought or may be."""
UNSETTLED = "status IN ('REQUESTED', 'UNKNOWN', 'VOIDING')"


class CarrierAccountRow(Base):
    """An account with a carrier, for the locations it serves, or for all.

    What `credentials` and `webhook_secrets` hold is sealed by the vault; an account without secrets takes no webhooks.
    """

    __tablename__ = "carrier_account"
    id: Mapped[Key[CarrierAccountId]]
    code: Mapped[str] = mapped_column(unique=True)
    carrier: Mapped[str]
    name: Mapped[str]
    status: Mapped[Activity] = mapped_column(coded(Activity, "status"))
    credentials: Mapped[bytes]
    credential_names: Mapped[list[str]] = mapped_column(ARRAY(Text))
    settings: Mapped[Json] = mapped_column(JSONB)
    location_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    webhook_secrets: Mapped[bytes | None]
    webhook_secret_rotated_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CarrierRateRow(Base):
    """The price of a service of an account for a parcel up to `up_to_g`: from a zone, to a zone or a country; null is any."""

    __tablename__ = "carrier_rate"
    id: Mapped[Key[CarrierRateId]]
    account_id: Mapped[CarrierAccountId] = mapped_column(ForeignKey("carrier_account.id"))
    service: Mapped[str]
    name: Mapped[str]
    from_zone: Mapped[str | None]
    to_zone: Mapped[str | None]
    to_country: Mapped[str | None]
    up_to_g: Mapped[int]
    price_minor: Mapped[Minor]
    currency: Mapped[str]
    days: Mapped[int | None]
    __table_args__ = (
        UniqueConstraint(
            "account_id",
            "service",
            "from_zone",
            "to_zone",
            "to_country",
            "up_to_g",
            name="uq_carrier_rate_fits",
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "account_id", "id"),
        CheckConstraint("up_to_g > 0", name="up_to_g_positive"),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
        CheckConstraint("days >= 0", name="days_not_negative"),
    )


class ShippingServiceRow(Base):
    """The way to ship orders with a shipping code: of one channel, or without one of all that have none of their own."""

    __tablename__ = "shipping_service"
    id: Mapped[Key[ShippingServiceId]]
    code: Mapped[str]
    channel_id: Mapped[ChannelId | None] = mapped_column(ForeignKey("channel.id"), index=True)
    name: Mapped[str]
    account_id: Mapped[CarrierAccountId] = mapped_column(ForeignKey("carrier_account.id"), index=True)
    service: Mapped[str]
    box: Mapped[str | None]
    signature: Mapped[bool] = mapped_column(server_default=text("false"))
    insured: Mapped[bool] = mapped_column(server_default=text("false"))
    pickup_point: Mapped[bool] = mapped_column(server_default=text("false"))
    status: Mapped[Activity] = mapped_column(coded(Activity, "status"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("code", "channel_id", postgresql_nulls_not_distinct=True),
        Index(None, "code", "id"),
    )


class LabelRow(Base):
    """A label of a package or of a return: asked for before its carrier is, so that no crash loses what was bought.

    `reference` is ours and of this label alone: by it the carrier is asked what came of it. `trouble` says why it is not what
    was asked for, with the carrier's own words. Where it is not settled, `look_at` is when the errand looks at it next; where
    its carrier can be asked, `track_at` is when it is asked next where the parcel is.
    """

    __tablename__ = "label"
    id: Mapped[Key[LabelId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), index=True)
    channel_id: Mapped[ChannelId]
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"))
    package_id: Mapped[PackageId | None] = mapped_column(ForeignKey("package.id"), index=True)
    return_id: Mapped[ReturnId | None] = mapped_column(ForeignKey("returns.id"), index=True)
    account_id: Mapped[CarrierAccountId] = mapped_column(ForeignKey("carrier_account.id"))
    service: Mapped[str]
    reference: Mapped[str] = mapped_column(unique=True)
    status: Mapped[LabelStatus] = mapped_column(coded(LabelStatus, "status"))
    max_price_minor: Mapped[Minor | None]
    price_minor: Mapped[Minor | None]
    currency: Mapped[str | None]
    carrier_ref: Mapped[str | None]
    tracking_number: Mapped[str | None]
    tracking_url: Mapped[str | None]
    pdf_file_id: Mapped[FileId | None] = mapped_column(ForeignKey("stored_file.id"))
    png_file_id: Mapped[FileId | None] = mapped_column(ForeignKey("stored_file.id"))
    zpl_file_id: Mapped[FileId | None] = mapped_column(ForeignKey("stored_file.id"))
    trouble: Mapped[LabelTrouble | None] = mapped_column(coded(LabelTrouble, "trouble"))
    trouble_code: Mapped[str | None]
    trouble_message: Mapped[str | None]
    trouble_field: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    note: Mapped[str | None]
    manifest_id: Mapped[ManifestId | None] = mapped_column(ForeignKey("manifest.id"))
    look_at: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(server_default=text("0"))
    track_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    actor: Mapped[str]
    requested_at: Mapped[datetime]
    purchased_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = changed_at()
    __table_args__ = (
        Index(None, "requested_at", "id"),
        Index(None, "status", "requested_at", "id"),
        Index(None, "location_id", "status", "requested_at", "id"),
        Index("ix_label_manifest_id", "manifest_id", "id", postgresql_where=text("manifest_id IS NOT NULL")),
        Index("ix_label_look_at", "look_at", "id", postgresql_where=text("look_at IS NOT NULL")),
        Index("ix_label_track_at", "track_at", "id", postgresql_where=text("track_at IS NOT NULL")),
        Index(
            "ix_label_to_manifest",
            "account_id",
            "location_id",
            "id",
            postgresql_where=text("status = 'PURCHASED' AND manifest_id IS NULL"),
        ),
        Index("uq_label_open_of_package", "package_id", unique=True, postgresql_where=text(OPEN)),
        Index("uq_label_open_of_return", "return_id", unique=True, postgresql_where=text(OPEN)),
        begins("label", "tracking_number", only="tracking_number IS NOT NULL"),
        CheckConstraint("(package_id IS NULL) <> (return_id IS NULL)", name="of_a_package_or_a_return"),
        CheckConstraint("(price_minor IS NULL) OR (currency IS NOT NULL)", name="price_has_a_currency"),
        CheckConstraint("status <> 'PURCHASED' OR tracking_number IS NOT NULL", name="bought_with_a_number"),
        CheckConstraint(f"look_at IS NULL OR {UNSETTLED}", name="looked_at_while_unsettled"),
    )


class LabelBatchRow(Base):
    """Labels that were asked for together, and the job that buys them."""

    __tablename__ = "label_batch"
    id: Mapped[Key[LabelBatchId]]
    job_id: Mapped[JobId] = mapped_column(ForeignKey("job.id"))
    options: Mapped[Json] = mapped_column(JSONB)
    packages: Mapped[int]
    actor: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (Index(None, "created_at", "id"),)


class LabelBatchItemRow(Base):
    """A package of a batch, the label that was asked for, and why none was bought where that was clear before."""

    __tablename__ = "label_batch_item"
    id: Mapped[Key[LabelBatchItemId]]
    batch_id: Mapped[LabelBatchId] = mapped_column(ForeignKey("label_batch.id"))
    position: Mapped[int]
    package_id: Mapped[PackageId] = mapped_column(ForeignKey("package.id"), index=True)
    status: Mapped[BatchItemStatus] = mapped_column(coded(BatchItemStatus, "status"))
    label_id: Mapped[LabelId | None] = mapped_column(ForeignKey("label.id"))
    error: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    __table_args__ = (
        UniqueConstraint("batch_id", "position"),
        UniqueConstraint("batch_id", "package_id"),
    )


class ManifestRow(Base):
    """The parcels that a carrier took from a location, closed at the end of its day."""

    __tablename__ = "manifest"
    id: Mapped[Key[ManifestId]]
    account_id: Mapped[CarrierAccountId] = mapped_column(ForeignKey("carrier_account.id"))
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"))
    packages: Mapped[int]
    weight_g: Mapped[Minor]
    actor: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(None, "location_id", "created_at", "id"),
        CheckConstraint("packages > 0", name="packages_positive"),
    )


class TrackingEventRow(Base):
    """A scan: a carrier's report on a package, with its own `code` and its own id, `scan_ref`, where it gives one.

    By its id a scan is known again; where either scan has none, by its moment, its status and its code.
    """

    __tablename__ = "tracking_event"
    id: Mapped[Key[TrackingEventId]]
    package_id: Mapped[PackageId] = mapped_column(ForeignKey("package.id"))
    status: Mapped[TrackingStatus] = mapped_column(coded(TrackingStatus, "status"))
    occurred_at: Mapped[datetime]
    code: Mapped[str] = mapped_column(server_default=text("''"))
    scan_ref: Mapped[str | None]
    message: Mapped[str | None]
    place: Mapped[str | None]
    actor: Mapped[str]
    recorded_at: Mapped[datetime]
    __table_args__ = (
        Index(None, "package_id", "occurred_at", "id"),
        Index(
            "uq_tracking_event_told",
            "package_id",
            "occurred_at",
            "status",
            "code",
            unique=True,
            postgresql_where=text("scan_ref IS NULL"),
        ),
        Index(
            "uq_tracking_event_scan_ref",
            "package_id",
            "scan_ref",
            unique=True,
            postgresql_where=text("scan_ref IS NOT NULL"),
        ),
    )


class TrackingImportRow(Base):
    """Tracking events that were given together, and the job that takes them."""

    __tablename__ = "tracking_import"
    id: Mapped[Key[TrackingImportId]]
    job_id: Mapped[JobId] = mapped_column(ForeignKey("job.id"))
    client_id: Mapped[IntegrationId]
    account_id: Mapped[CarrierAccountId | None] = mapped_column(ForeignKey("carrier_account.id"))
    events: Mapped[int]
    actor: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (Index(None, "created_at", "id"), Index(None, "client_id", "created_at", "id"))


class TrackingImportItemRow(Base):
    """A tracking event of an import as it was given, and its result."""

    __tablename__ = "tracking_import_item"
    id: Mapped[Key[TrackingImportItemId]]
    import_id: Mapped[TrackingImportId] = mapped_column(ForeignKey("tracking_import.id"))
    position: Mapped[int]
    tracking_number: Mapped[str]
    told: Mapped[Json] = mapped_column(JSONB)
    outcome: Mapped[ScanOutcome] = mapped_column(coded(ScanOutcome, "outcome"))
    package_id: Mapped[PackageId | None] = mapped_column(ForeignKey("package.id"))
    error: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    __table_args__ = (
        UniqueConstraint("import_id", "position"),
        Index(
            "ix_tracking_import_item_waiting",
            "import_id",
            "tracking_number",
            "position",
            postgresql_where=text("outcome = 'WAITING'"),
        ),
        Index("ix_tracking_import_item_refused", "import_id", "position", postgresql_where=text("outcome = 'REFUSED'")),
        CheckConstraint("(outcome = 'REFUSED') = (error IS NOT NULL)", name="refused_for_a_reason"),
    )


results_in(CarrierAccountRow.id, "carrierAccountUpsert", "carrierRatesSet", "carrierWebhookSecretRotate")
results_in(ShippingServiceRow.id, "shippingServiceUpsert")
results_in(LabelRow.id, "labelPurchase", "returnLabelPurchase", "labelVoid", "labelResolve")
results_in(LabelBatchRow.id, "labelsPurchase")
results_in(ManifestRow.id, "manifestCreate")
results_in(PackageRow.id, "trackingEventReport")
results_in(TrackingImportRow.id, "trackingImport")
