"""Orders, lines, prices as agreed, the people on them, and cancellations."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Numeric,
    Sequence,
    Text,
    UniqueConstraint,
    Uuid,
    exists,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute, Mapped, aliased, mapped_column

from oms_api.db.columns import BYTEWISE, Base, Json, Key, Minor, UnitPrice, begins, changed_at, coded, folded
from oms_api.db.idempotency import results_in
from oms_api.domain.orders.states import (
    CanceledStock,
    CancelReason,
    FulfillmentStatus,
    LineKind,
    OrderStatus,
    PaymentStatus,
    ReturnStatus,
)
from oms_api.kernel.ids import CancellationId, CancellationLineId, ChannelId, CustomerId, LineId, LocationId, OrderId, SkuId

order_number = Sequence("order_number", start=1001, metadata=Base.metadata)

QUANTITIES = (
    "canceled",
    "unsourced",
    "backordered",
    "allocated",
    "in_fulfillment",
    "shipped",
    "delivered",
    "lost",
    "returned_to_sender",
    "in_return",
    "returned",
)


TAGGED = "orders.tags <> '{}'"
SENT_AND_OPEN = "status = 'OPEN' AND fulfillment_status IN ('SHIPPED', 'PARTIALLY_DELIVERED', 'DELIVERED')"


class OrderRow(Base):
    """An order: its header, its totals in minor units, and its statuses as stored for filters.

    `total_minor` = goods - discounts + shipping + taxes that are not in the prices; `due_minor` is what of it is neither
    canceled nor returned, less what was conceded, and the fees kept. `placed_at` is business time. `freed_external_ref` was its
    external reference until it was canceled and gave that up. `sales_country` is the country that sales count it for, where it
    was sent elsewhere since; "" is none. While it
    `awaits_payment` nothing of it is released to the warehouse. Its tracking links were revoked `links_revoked` times.
    """

    __tablename__ = "orders"
    id: Mapped[Key[OrderId]]
    number: Mapped[int] = mapped_column(BigInteger, unique=True, server_default=text("nextval('order_number')"))
    channel_id: Mapped[ChannelId] = mapped_column(ForeignKey("channel.id"))
    external_ref: Mapped[str | None]
    freed_external_ref: Mapped[str | None]
    customer_id: Mapped[CustomerId | None] = mapped_column(ForeignKey("customer.id"))
    currency: Mapped[str]
    prices_include_tax: Mapped[bool]
    status: Mapped[OrderStatus] = mapped_column(coded(OrderStatus, "status"))
    fulfillment_status: Mapped[FulfillmentStatus] = mapped_column(coded(FulfillmentStatus, "fulfillment_status"))
    payment_status: Mapped[PaymentStatus] = mapped_column(coded(PaymentStatus, "payment_status"))
    return_status: Mapped[ReturnStatus] = mapped_column(coded(ReturnStatus, "return_status"))
    on_hold: Mapped[bool] = mapped_column(server_default=text("false"))
    on_account: Mapped[bool] = mapped_column(server_default=text("false"))
    awaits_payment: Mapped[bool] = mapped_column(server_default=text("false"))
    pay_by: Mapped[datetime | None]
    priority: Mapped[int] = mapped_column(server_default=text("0"))
    goods_minor: Mapped[Minor]
    discount_minor: Mapped[Minor]
    shipping_minor: Mapped[Minor]
    tax_minor: Mapped[Minor]
    rounding_minor: Mapped[Minor]
    total_minor: Mapped[Minor]
    due_minor: Mapped[Minor]
    country: Mapped[str | None]
    sales_country: Mapped[str | None]
    ship_complete: Mapped[bool] = mapped_column(server_default=text("false"))
    links_revoked: Mapped[int] = mapped_column(server_default=text("0"))
    note: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    placed_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    updated_at: Mapped[datetime] = changed_at()
    completed_at: Mapped[datetime | None]
    canceled_at: Mapped[datetime | None]
    cancel_reason: Mapped[CancelReason | None] = mapped_column(coded(CancelReason, "cancel_reason"))
    __table_args__ = (
        UniqueConstraint("channel_id", "external_ref"),
        Index(None, "placed_at", "id"),
        Index(None, "updated_at", "id"),
        Index(None, "total_minor", "id"),
        Index(None, "channel_id", "placed_at", "id"),
        Index(None, "customer_id", "placed_at", "id"),
        Index(None, "fulfillment_status", "placed_at", "id"),
        Index(None, "status", "placed_at", "id"),
        Index(None, "payment_status", "placed_at", "id"),
        Index(None, "return_status", "placed_at", "id"),
        Index(None, "country", "placed_at", "id"),
        Index(None, "priority", "placed_at", "id"),
        Index(None, "tags", postgresql_using="gin", postgresql_where=text(TAGGED.removeprefix("orders."))),
        Index("ix_orders_awaits_payment", "placed_at", "id", postgresql_where=text("awaits_payment IS true")),
        Index("ix_orders_gate", "channel_id", "payment_status", "due_minor", postgresql_where=text("awaits_payment IS true")),
        Index(
            "ix_orders_channel_id_pay_by",
            "channel_id",
            "pay_by",
            "id",
            postgresql_where=text("awaits_payment IS true AND pay_by IS NOT NULL"),
        ),
        Index("ix_orders_on_hold", "placed_at", "id", postgresql_where=text("on_hold IS true")),
        begins("orders", "external_ref", only="external_ref IS NOT NULL"),
        begins("orders", "freed_external_ref", only="freed_external_ref IS NOT NULL"),
        Index("ix_orders_sent", "channel_id", "placed_at", "id", postgresql_where=text(SENT_AND_OPEN)),
        {"postgresql_with": {"fillfactor": "85"}},
    )


def sold_to(order: OrderRow, country: str | None) -> str | None:
    """Return the `sales_country` of an order that goes to *country* from now on: the first one, once there is another."""
    moved = order.sales_country is None and country != order.country
    return (order.country or "") if moved else order.sales_country


PLACE_PARTS = ("country", "postal_code", "line1", "line2")
"""The parts of an address that tell one place from another."""


class OrderPartyRow(Base):
    """The people on an order, as a snapshot; an edit adds a version. Personal."""

    __tablename__ = "order_party"
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contact: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    shipping_address: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    billing_address: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    delivery_point: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))


_newer = aliased(OrderPartyRow)
PARTY_IS_LATEST = ~exists().where(_newer.order_id == OrderPartyRow.order_id, _newer.version > OrderPartyRow.version)
"""That no edit made a later version of the people on the order."""


def _part(of: InstrumentedAttribute[Json | None], name: str) -> ColumnElement[str]:
    return of.op("->>", return_type=Text())(literal_column(f"'{name}'"))


PARTY_EMAIL = _part(OrderPartyRow.contact, "email")
PARTY_PHONE = _part(OrderPartyRow.contact, "phone")
PARTY_NAME = func.coalesce(_part(OrderPartyRow.contact, "name"), _part(OrderPartyRow.shipping_address, "name"), type_=Text())
"""The contact's name, or else the recipient's."""
PARTY_LAST_NAME = func.split_part(PARTY_NAME, text("' '"), text("-1"), type_=Text())
Index("ix_order_party_email", folded(PARTY_EMAIL), postgresql_where=PARTY_EMAIL.is_not(None))
Index(
    "ix_order_party_phone",
    PARTY_PHONE.label("phone"),
    postgresql_ops={"phone": BYTEWISE},
    postgresql_where=PARTY_PHONE.is_not(None),
)
Index("ix_order_party_name", folded(PARTY_NAME), postgresql_where=PARTY_NAME.is_not(None))
Index("ix_order_party_last_name", folded(PARTY_LAST_NAME), postgresql_where=PARTY_NAME.is_not(None))


def _place() -> ColumnElement[str]:
    """Return the parts of an address that tell one place from another, in one text without blanks."""
    first, *others = (func.coalesce(_part(OrderPartyRow.shipping_address, name), text("''")) for name in PLACE_PARTS)
    joined: ColumnElement[str] = first
    for part in others:
        joined = joined.op("||", return_type=Text())(text("','")).op("||", return_type=Text())(part)
    return func.translate(joined, text("' '"), text("''"), type_=Text())


PARTY_PLACE = func.md5(folded(_place()), type_=Text())
"""A digest of where the goods go: equal for addresses that differ in case and blanks only."""
Index("ix_order_party_place", PARTY_PLACE, OrderPartyRow.order_id, postgresql_where=OrderPartyRow.shipping_address.is_not(None))


class OrderLineRow(Base):
    """A line and where its units are: the quantities always add up to what was ordered.

    `pinned_to` is the only location that may serve it, where the order insists on one; those it is `barred_from` rejected it.
    Lines of one `ship_group` come from one location. One that `sends_again` sends lost units of the line that it replaces.

    Money in minor units: `goods_minor` = round(unit price x ordered) + rounding; `discount_minor` the line's own discounts,
    `order_discount_minor` its share of the order's; `shipping_minor` and `shipping_tax_minor` its shares of shipping.
    """

    __tablename__ = "order_line"
    id: Mapped[Key[LineId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    kind: Mapped[LineKind] = mapped_column(coded(LineKind, "kind"))
    sku_id: Mapped[SkuId | None] = mapped_column(ForeignKey("sku.id"))
    sku_code: Mapped[str | None]
    name: Mapped[str]
    parent_line_id: Mapped[LineId | None]
    replaces_line_id: Mapped[LineId | None]
    sends_again: Mapped[bool] = mapped_column(server_default=text("false"))
    pinned_to: Mapped[LocationId | None]
    barred_from: Mapped[list[LocationId] | None] = mapped_column(ARRAY(Uuid))
    ship_group: Mapped[str | None]
    ordered: Mapped[int]
    canceled: Mapped[int] = mapped_column(server_default=text("0"))
    unsourced: Mapped[int] = mapped_column(server_default=text("0"))
    backordered: Mapped[int] = mapped_column(server_default=text("0"))
    allocated: Mapped[int] = mapped_column(server_default=text("0"))
    in_fulfillment: Mapped[int] = mapped_column(server_default=text("0"))
    shipped: Mapped[int] = mapped_column(server_default=text("0"))
    delivered: Mapped[int] = mapped_column(server_default=text("0"))
    lost: Mapped[int] = mapped_column(server_default=text("0"))
    returned_to_sender: Mapped[int] = mapped_column(server_default=text("0"))
    in_return: Mapped[int] = mapped_column(server_default=text("0"))
    returned: Mapped[int] = mapped_column(server_default=text("0"))
    unit_price: Mapped[UnitPrice]
    goods_minor: Mapped[Minor]
    rounding_minor: Mapped[Minor]
    discount_minor: Mapped[Minor]
    order_discount_minor: Mapped[Minor]
    tax_minor: Mapped[Minor]
    shipping_minor: Mapped[Minor]
    shipping_tax_minor: Mapped[Minor]
    total_minor: Mapped[Minor]
    __table_args__ = (
        Index(None, "order_id", "position", unique=True),
        Index(None, "sku_id"),
        Index("ix_order_line_waits", "sku_id", "order_id", postgresql_where=text("unsourced > 0")),
        CheckConstraint("ordered > 0", name="ordered_positive"),
        CheckConstraint(f"least({', '.join(QUANTITIES)}) >= 0", name="quantities_not_negative"),
        CheckConstraint(
            "ordered = canceled + unsourced + backordered + allocated + in_fulfillment + shipped", name="quantities_add_up"
        ),
        CheckConstraint("shipped >= delivered + lost + returned_to_sender", name="arrived_within_shipped"),
        CheckConstraint("returned + in_return <= shipped - lost - returned_to_sender", name="returned_within_shipped"),
        {"postgresql_with": {"fillfactor": "85"}},
    )


class OrderDiscountRow(Base):
    """A discount as given, on one line or (without a line) on the order."""

    __tablename__ = "order_discount"
    id: Mapped[Key[UUID]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), index=True)
    line_id: Mapped[LineId | None]
    code: Mapped[str | None]
    label: Mapped[str]
    amount_minor: Mapped[Minor]
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"),)


class OrderTaxRow(Base):
    """A tax as given, on one line or (without a line) on shipping. `rate` is a fraction: 0.2 for 20 %."""

    __tablename__ = "order_tax"
    id: Mapped[Key[UUID]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), index=True)
    line_id: Mapped[LineId | None]
    title: Mapped[str]
    rate: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    amount_minor: Mapped[Minor]
    __table_args__ = (CheckConstraint("amount_minor >= 0", name="amount_not_negative"),)


class OrderShippingRow(Base):
    """A shipping charge as agreed."""

    __tablename__ = "order_shipping"
    id: Mapped[Key[UUID]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), index=True)
    code: Mapped[str | None]
    title: Mapped[str]
    amount_minor: Mapped[Minor]
    __table_args__ = (
        CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
        Index(None, "code", postgresql_where=text("code IS NOT NULL")),
    )


class OrderCancellationRow(Base):
    """One act of canceling units of an order, for a reason, or one of `order_reason` by its code and what it counts as."""

    __tablename__ = "order_cancellation"
    id: Mapped[Key[CancellationId]]
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), index=True)
    reason: Mapped[CancelReason] = mapped_column(coded(CancelReason, "reason"))
    reason_code: Mapped[str | None]
    stock: Mapped[CanceledStock] = mapped_column(coded(CanceledStock, "stock"), server_default=text("'RELEASE'"))
    note: Mapped[str | None]
    actor: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class OrderCancellationLineRow(Base):
    """The units of one line that one act canceled; the cause of the releases it made.

    The amounts are these units' share of what the line cost, in minor units: `goods_minor` before discounts, `discount_minor`
    all discounts, `shipping_minor` and `tax_minor` their shares.
    """

    __tablename__ = "order_cancellation_line"
    id: Mapped[Key[CancellationLineId]]
    cancellation_id: Mapped[CancellationId] = mapped_column(ForeignKey("order_cancellation.id"), index=True)
    line_id: Mapped[LineId] = mapped_column(ForeignKey("order_line.id"))
    quantity: Mapped[int]
    goods_minor: Mapped[Minor]
    discount_minor: Mapped[Minor]
    shipping_minor: Mapped[Minor]
    tax_minor: Mapped[Minor]
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)


results_in(OrderCancellationRow.id, "orderCancel")
results_in(
    OrderRow.id,
    "orderPlace",
    "orderUpdate",
    "orderFreeExternalRef",
    "orderHoldRelease",
    "orderSourceAgain",
    "trackingLinkRevoke",
)
