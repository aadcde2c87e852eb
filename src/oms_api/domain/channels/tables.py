"""Channels, their locations and listings."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from oms_api.db.columns import Base, Json, Key, begins, coded
from oms_api.db.idempotency import results_in
from oms_api.domain.channels.states import Activity, AddressCheck, HandOver, LocationKind, Oversell, ReleaseWhen
from oms_api.kernel.ids import ChannelId, ListingId, LocationId, RulebookId, SkuId, SourcingProfileId, SupplierId


class LocationRow(Base):
    """A place where goods lie: a warehouse, a store, a supplier's shelf.

    Where it is a supplier's (`supplier_id`), work there is asked of that supplier, who answers within some minutes.
    Customers fetch goods there for `pickup_days` if it has any. Where stock is valid for some minutes, `stock_told_at` is when
    it was reported last, or since when it has to be; stock that was reported longer ago is `stock_stale`.
    """

    __tablename__ = "location"
    id: Mapped[Key[LocationId]]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[LocationKind] = mapped_column(coded(LocationKind, "kind"))
    status: Mapped[Activity] = mapped_column(coded(Activity, "status"))
    time_zone: Mapped[str]
    address: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    calendar: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    accepts_orders: Mapped[bool] = mapped_column(server_default=text("true"))
    open_order_limit: Mapped[int | None]
    eori: Mapped[str | None]
    supplier_id: Mapped[SupplierId | None] = mapped_column(ForeignKey("supplier.id"))
    answer_within_minutes: Mapped[int | None]
    submits_requests: Mapped[bool] = mapped_column(server_default=text("true"))
    pickup_days: Mapped[int | None]
    pickup_reminder_days: Mapped[int | None]
    stock_valid_minutes: Mapped[int | None]
    stock_told_at: Mapped[datetime | None]
    stock_stale: Mapped[bool] = mapped_column(server_default=text("false"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_location_supplier_id", "supplier_id", postgresql_where=text("supplier_id IS NOT NULL")),
        CheckConstraint("open_order_limit >= 0", name="open_order_limit_not_negative"),
        CheckConstraint("answer_within_minutes > 0", name="answer_within_minutes_positive"),
        CheckConstraint("pickup_days > 0", name="pickup_days_positive"),
        CheckConstraint(
            "pickup_reminder_days IS NULL OR (pickup_reminder_days > 0 AND pickup_reminder_days <= coalesce(pickup_days, 0))",
            name="pickup_reminder_within_days",
        ),
        CheckConstraint("stock_valid_minutes > 0", name="stock_valid_minutes_positive"),
        CheckConstraint(
            "stock_valid_minutes IS NOT NULL OR (stock_told_at IS NULL AND NOT stock_stale)", name="stock_told_where_valid"
        ),
    )


class ChannelRow(Base):
    """Where orders come from, and the policies they are treated by. Currency is fixed at creation.

    `rulebook_id` is the rulebook in force, None where no rule is; who changes rules keeps it (`domain.rules.books`).
    """

    __tablename__ = "channel"
    id: Mapped[Key[ChannelId]]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    status: Mapped[Activity] = mapped_column(coded(Activity, "status"))
    currency: Mapped[str]
    time_zone: Mapped[str]
    prices_include_tax: Mapped[bool]
    sells_safety_stock: Mapped[bool]
    reservation_minutes: Mapped[int]
    complete_after_days: Mapped[int | None]
    hand_over: Mapped[HandOver] = mapped_column(coded(HandOver, "hand_over"), server_default=text("'PAYMENT'"))
    release_when: Mapped[ReleaseWhen] = mapped_column(coded(ReleaseWhen, "release_when"), server_default=text("'PLACED'"))
    pay_within_minutes: Mapped[int | None]
    cancel_unpaid: Mapped[bool] = mapped_column(server_default=text("false"))
    address_check: Mapped[AddressCheck] = mapped_column(coded(AddressCheck, "address_check"), server_default=text("'OFF'"))
    needs_recipient: Mapped[bool] = mapped_column(server_default=text("false"))
    buffer: Mapped[int] = mapped_column(server_default=text("0"))
    cancel_shipment_within_minutes: Mapped[int] = mapped_column(server_default=text("1440"))
    alert_unscanned_after_hours: Mapped[int | None] = mapped_column(server_default=text("24"))
    alert_quiet_after_days: Mapped[int | None] = mapped_column(server_default=text("3"))
    rulebook_id: Mapped[RulebookId | None]
    sourcing_profile_id: Mapped[SourcingProfileId | None] = mapped_column(ForeignKey("sourcing_profile.id"), index=True)
    eori: Mapped[str | None]
    ioss: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("reservation_minutes > 0", name="reservation_minutes_positive"),
        CheckConstraint("complete_after_days >= 0", name="complete_after_days_not_negative"),
        CheckConstraint("pay_within_minutes > 0", name="pay_within_minutes_positive"),
        CheckConstraint("buffer >= 0", name="buffer_not_negative"),
        CheckConstraint("cancel_shipment_within_minutes >= 0", name="cancel_shipment_within_minutes_not_negative"),
        CheckConstraint("least(alert_unscanned_after_hours, alert_quiet_after_days) > 0", name="alerts_after_a_while"),
    )


class ChannelLocationRow(Base):
    """A location that serves a channel; the lowest priority number is asked first."""

    __tablename__ = "channel_location"
    channel_id: Mapped[ChannelId] = mapped_column(ForeignKey("channel.id"), primary_key=True)
    location_id: Mapped[LocationId] = mapped_column(ForeignKey("location.id"), primary_key=True, index=True)
    priority: Mapped[int]
    __table_args__ = (UniqueConstraint("channel_id", "priority", deferrable=True, initially="DEFERRED"),)


class ListingRow(Base):
    """A channel's own code and price for a SKU."""

    __tablename__ = "listing"
    id: Mapped[Key[ListingId]]
    channel_id: Mapped[ChannelId] = mapped_column(ForeignKey("channel.id"))
    code: Mapped[str]
    sku_id: Mapped[SkuId] = mapped_column(ForeignKey("sku.id"), index=True)
    price: Mapped[Decimal | None] = mapped_column(Numeric(20, 6))
    status: Mapped[Activity] = mapped_column(coded(Activity, "status"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("channel_id", "code"),
        begins("listing", "code"),
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("code = btrim(code) AND code <> ''", name="code_without_outer_blanks"),
    )


class OversellRuleRow(Base):
    """Whether a channel sells more than there is: of one SKU, or without one of all that have no rule of their own.

    `limit_units` is how many units of each SKU may wait at once, None for any number. What has no supply with a known day is
    promised to ship `promise_days` after the order, a preorder on `ships_on`.
    """

    __tablename__ = "oversell_rule"
    id: Mapped[Key[UUID]]
    channel_id: Mapped[ChannelId] = mapped_column(ForeignKey("channel.id"))
    sku_id: Mapped[SkuId | None] = mapped_column(ForeignKey("sku.id"), index=True)
    policy: Mapped[Oversell] = mapped_column(coded(Oversell, "policy"))
    limit_units: Mapped[int | None]
    promise_days: Mapped[int | None]
    ships_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("channel_id", "sku_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("limit_units > 0", name="limit_units_positive"),
        CheckConstraint("promise_days >= 0", name="promise_days_not_negative"),
        CheckConstraint("(policy = 'PREORDER') = (ships_on IS NOT NULL)", name="preorders_have_a_day"),
    )


results_in(ChannelRow.id, "channelCreate")
results_in(ListingRow.id, "listingUpsert")
results_in(LocationRow.id, "locationCreate")
