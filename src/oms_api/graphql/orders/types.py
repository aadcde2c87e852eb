"""Orders and their lines, as clients read them."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

import strawberry

from oms_api.domain.fulfillment.queries import allocations_by_line, fulfillment_orders_by_order
from oms_api.domain.orders.errors import DuplicateExternalRef
from oms_api.domain.orders.queries import (
    discounts_by_order,
    lines_by_id,
    orders_by_id,
    pages_of_lines,
    parties_by_order,
    shipping_by_order,
    taxes_by_order,
)
from oms_api.domain.orders.states import CancelReason, FulfillmentStatus, LineKind, OrderStatus, PaymentStatus, ReturnStatus
from oms_api.domain.orders.tables import OrderDiscountRow, OrderLineRow, OrderPartyRow, OrderRow, OrderShippingRow, OrderTaxRow
from oms_api.domain.shipping.queries import shipments_by_order
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.addresses import Address, Contact, DeliveryPoint
from oms_api.graphql.attributes.values import Attribute, attributes
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.types import Channel
from oms_api.graphql.connections import Connection
from oms_api.graphql.context import Info
from oms_api.graphql.customers.types import Customer
from oms_api.graphql.declared.links import answered, leads_to, loaded, many, pages
from oms_api.graphql.declared.records import Record, column, entity, money, price
from oms_api.graphql.described import enum, output
from oms_api.graphql.errors import UserError, represents
from oms_api.graphql.explanations.types import ExplanationOfOrder
from oms_api.graphql.fulfillment.types import FulfillmentOrder
from oms_api.graphql.holds.types import HoldsOfOrder
from oms_api.graphql.intake.types import IntakeOfOrder
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node
from oms_api.graphql.orders.actions import order_actions
from oms_api.graphql.orders.cancellations import CancellationsOfOrder
from oms_api.graphql.orders.changes import ChangesOfOrder
from oms_api.graphql.orders.notes import NotesOfOrder
from oms_api.graphql.payments.of_order import PaymentsOfOrder
from oms_api.graphql.permissions import field
from oms_api.graphql.pickups.types import PickupsOfOrder
from oms_api.graphql.promises.of_line import LineBackorders
from oms_api.graphql.returns.of_order import ReturnsOfOrder
from oms_api.graphql.rules.types import RulingsOfOrder
from oms_api.graphql.scalars import CountryCode, CurrencyCode, Int64
from oms_api.graphql.shipping.types import Shipment
from oms_api.graphql.sourcing.decisions import Allocation, DecisionsOfOrder
from oms_api.graphql.timeline.of_order import TimelineOfOrder
from oms_api.graphql.tracking.of_order import TrackingOfOrder
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import LineId, OrderId

Value = TypeVar("Value")
for states in (OrderStatus, FulfillmentStatus, PaymentStatus, ReturnStatus, CancelReason):
    enum(states)


def personal(show: Callable[[OrderPartyRow], Value | None]) -> Value | None:
    """Declare a field of the people on an order; null where none are known."""
    return loaded(parties_by_order, lambda party: None if party is None else show(party), scope=Scope.CUSTOMERS_READ)


@output
class OrderDiscount(Record[OrderDiscountRow], along="currency"):
    """A discount of an order or a line, as it was given."""

    amount: Money = money(OrderDiscountRow.amount_minor, "currency")
    """The amount it takes off."""
    label: str
    """Its name, as shown to the customer."""
    code: str | None
    """The voucher or promotion code."""


@output
class OrderTax(Record[OrderTaxRow], along="currency"):
    """A tax of an order, as it was given."""

    title: str
    """Its name."""
    amount: Money = money(OrderTaxRow.amount_minor, "currency")
    """The amount."""
    rate: Decimal | None
    """The rate as a fraction: "0.2" for 20 %."""


@output
class OrderShippingCharge(Record[OrderShippingRow], along="currency"):
    """A shipping charge of an order, as it was agreed."""

    title: str
    """The shipping method the customer chose."""
    code: str | None
    """The platform's code for the method."""
    price: Money = money(OrderShippingRow.amount_minor, "currency")
    """The charge."""


@entity(lines_by_id, None)
class OrderLine(LineBackorders, Node, Record[OrderLineRow], along="currency"):
    """A line and its units: ordered = canceled + unsourced + backordered + allocated + inFulfillment + shipped.

    Units that were delivered, lost or returned are a part of shipped.
    """

    id: LineId
    position: int
    """The place of the line in the order, from 0."""
    kind: LineKind
    """The purpose of the line."""
    sku_code: str | None
    """The SKU's code when the order was placed; null for a line without a SKU."""
    name: str
    """The name shown to the customer."""
    replaces_line_id: LineId | None
    """The line that this line replaces: for a swap to another SKU, or for lost units sent again; null for other lines."""
    sends_again: bool
    """Whether this line is a replacement, free of charge, for lost units of the line `replacesLineId`."""
    parent_line_id: LineId | None
    """For a component of a bundle, the id of the bundle's line; null for other lines. The component's amounts are shares of the
    bundle's amounts."""
    ship_group: str | None
    """The group of lines that come from one location; null for a line without a group."""
    ordered: int
    """Units ordered."""
    canceled: int
    """Units canceled."""
    unsourced: int
    """Units without a source yet."""
    backordered: int
    """Units waiting for supply."""
    allocated: int
    """Units promised from stock and not yet released to a location."""
    in_fulfillment: int
    """Units that a location has to ship."""
    shipped: int
    """Units that left."""
    delivered: int
    """Units that arrived."""
    lost: int
    """Units lost on the way."""
    returned_to_sender: int
    """Units that came back undelivered."""
    in_return: int
    """Units that are announced to come back."""
    returned: int
    """Units that came back."""
    unit_price: Money = price(OrderLineRow.unit_price, "currency")
    """The price of one unit; may have up to six decimals."""
    goods: Money = money(OrderLineRow.goods_minor, "currency")
    """Price x quantity, including the rounding."""
    rounding: Money = money(OrderLineRow.rounding_minor, "currency")
    """The difference between the given total and the computed total."""
    discount: Money = money(OrderLineRow.discount_minor, "currency")
    """The line's own discounts."""
    order_discount_share: Money = money(OrderLineRow.order_discount_minor, "currency")
    """The line's share of the order's discounts."""
    tax: Money = money(OrderLineRow.tax_minor, "currency")
    """Its taxes."""
    shipping_share: Money = money(OrderLineRow.shipping_minor, "currency")
    """The line's share of the shipping charges."""
    total: Money = money(OrderLineRow.total_minor, "currency")
    """The price of the line: goods minus the line's own discounts, plus tax where prices do not include it."""

    sku: Sku | None = leads_to(OrderLineRow.sku_id)
    """The SKU as it is now; null for a line without one."""
    discounts: list[OrderDiscount] = many(
        discounts_by_order,
        OrderDiscount,
        key=OrderLineRow.order_id,
        along="currency",
        only=lambda line, row: row.line_id == line.id,
    )
    """The discounts of this line, without its share of the order's discounts."""
    taxes: list[OrderTax] = many(
        taxes_by_order, OrderTax, key=OrderLineRow.order_id, along="currency", only=lambda line, row: row.line_id == line.id
    )
    """The taxes of this line."""
    attributes: list[Attribute] = attributes()
    """The values of its attributes, sorted by code."""
    allocations: list[Allocation] = many(allocations_by_line, Allocation)
    """The allocations of the line's units to locations, each with its reason; oldest first. A bundle has none: see its
    components."""


@entity(orders_by_id, Scope.ORDERS_READ)
class Order(
    Node,
    ExplanationOfOrder,
    TimelineOfOrder,
    NotesOfOrder,
    ChangesOfOrder,
    CancellationsOfOrder,
    HoldsOfOrder,
    RulingsOfOrder,
    DecisionsOfOrder,
    IntakeOfOrder,
    PickupsOfOrder,
    ReturnsOfOrder,
    PaymentsOfOrder,
    TrackingOfOrder,
    Record[OrderRow],
):
    """An order: the agreed lines and prices, and its progress."""

    id: OrderId
    number: Int64
    """Its number: unique, with gaps."""
    external_ref: str | None
    """Its id in the platform it came from."""
    freed_external_ref: str | None
    """The external reference that the order had until it was removed. It is removed when the order is canceled, or later, so
    that another order can use it. Null where none was removed."""
    currency_code: CurrencyCode = column(OrderRow.currency)
    """The currency of all its amounts."""
    prices_include_tax: bool
    """Whether prices contain the taxes."""
    status: OrderStatus
    """The overall status."""
    fulfillment_status: FulfillmentStatus
    """The progress of its goods."""
    payment_status: PaymentStatus
    """The progress of its payment."""
    return_status: ReturnStatus
    """The progress of the returns of the order's goods."""
    on_hold: bool
    """Whether an active hold keeps the order from being worked on."""
    on_account: bool
    """Whether the order is delivered on account: it waits for no payment."""
    awaits_payment: bool
    """Whether the order waits for its payment. While it waits, nothing of the order is released to a warehouse or handed
    over."""
    pay_by: datetime | None
    """The deadline for its payment; null for none."""
    goods: Money = money(OrderRow.goods_minor, OrderRow.currency)
    """Sum of price x quantity over its lines."""
    discount: Money = money(OrderRow.discount_minor, OrderRow.currency)
    """All discounts: of the lines, and of the whole order."""
    shipping: Money = money(OrderRow.shipping_minor, OrderRow.currency)
    """All shipping charges."""
    tax: Money = money(OrderRow.tax_minor, OrderRow.currency)
    """All taxes, shipping taxes included."""
    total: Money = money(OrderRow.total_minor, OrderRow.currency)
    """The amount the customer pays: goods - discount + shipping, + tax where prices do not include it."""
    country: CountryCode | None
    """The country that the order goes to; null where there is no address."""
    ship_complete: bool
    """Whether goods leave only when all goods of the order can leave."""
    priority: int
    """Its rank when units are scarce: a higher number is served first and loses units last."""
    note: str | None
    """A remark for the people who handle it."""
    tags: list[str]
    """Words by which the order can be found."""
    version: int
    """Increases with every change of the order, including its statuses, lines and promised units."""
    placed_at: datetime
    """When it was placed; it may have been recorded later."""
    recorded_at: datetime
    """When it was recorded in this system."""
    updated_at: datetime
    """When the order was last changed in this system; a change of its statuses counts too."""
    completed_at: datetime | None
    """When the order was completed; null where it is not."""
    canceled_at: datetime | None
    """When the order was canceled; null where it was not."""
    cancel_reason: CancelReason | None
    """Why the order was canceled; null where it was not."""

    attributes: list[Attribute] = attributes()
    """The values of its attributes, sorted by code."""
    lines: Connection[OrderLine] = pages(pages_of_lines, OrderLine, along=OrderRow.currency)
    """Its lines, by position; a bundle's components come right after its own line."""
    channel: Channel | None = leads_to(OrderRow.channel_id)
    """The channel that the order came from."""
    customer: Customer | None = leads_to(OrderRow.customer_id)
    """The known customer; null for a guest. Personal fields need `customers:read`."""
    fulfillment_orders: list[FulfillmentOrder] = many(fulfillment_orders_by_order, FulfillmentOrder)
    """The work of locations for the order, oldest first."""
    shipments: list[Shipment] = many(shipments_by_order, Shipment)
    """Its shipments, oldest first."""
    available_actions: list[AvailableAction] = answered(order_actions)
    """The actions on it, and whether each is allowed now."""
    contact: Contact | None = personal(lambda party: Contact.of(party.contact))
    """The person to ask about it. Personal."""
    shipping_address: Address | None = personal(lambda party: Address.of(party.shipping_address))
    """The address its goods go to. Personal."""
    delivery_point: DeliveryPoint | None = personal(lambda party: DeliveryPoint.of(party.delivery_point))
    """The pickup point its goods go to. Personal."""
    billing_address: Address | None = personal(lambda party: Address.of(party.billing_address))
    """The address its invoice goes to. Personal."""
    discounts: list[OrderDiscount] = many(
        discounts_by_order, OrderDiscount, along=OrderRow.currency, only=lambda _, row: row.line_id is None
    )
    """The discounts given on the whole order."""
    shipping_charges: list[OrderShippingCharge] = many(shipping_by_order, OrderShippingCharge, along=OrderRow.currency)
    """The shipping charges."""
    shipping_taxes: list[OrderTax] = many(
        taxes_by_order, OrderTax, along=OrderRow.currency, only=lambda _, row: row.line_id is None
    )
    """The taxes given on shipping."""


@represents(DuplicateExternalRef, lambda error: {"order_id": error.order_id})
@output
class DuplicateExternalRefError(UserError):
    """The channel already has an order with this external reference."""

    order_id: strawberry.Private[OrderId | None]

    @field(description="The order that has the reference; null where it is in the same batch.")
    async def order(self, info: Info) -> Order | None:
        return None if self.order_id is None else await Order.fetch(info, self.order_id)
