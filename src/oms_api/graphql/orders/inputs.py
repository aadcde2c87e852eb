"""What clients send to place orders.

Their ids are parsed when an order becomes its command, so that of a batch each order is refused by itself.
"""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import strawberry

from oms_api.domain.orders.given import Cart, DiscountGiven, LineGiven, OnFailure, PlaceOrder, ShippingGiven, TaxGiven
from oms_api.domain.orders.states import LineKind
from oms_api.graphql.addresses import AddressInput, ContactInput, DeliveryPointInput
from oms_api.graphql.attributes.values import AttributeInput
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import enum, input_type
from oms_api.graphql.money import MoneyInput
from oms_api.graphql.scalars import CurrencyCode
from oms_api.kernel.ids import ChannelId, CustomerId, LocationId, ReservationId, parse_id

enum(LineKind)
enum(OnFailure)


@input_type
class OrderDiscountInput(Input[DiscountGiven]):
    """A discount, on the order or on a line."""

    amount: MoneyInput
    """The amount taken off the whole order or the whole line, not off each unit; above zero."""
    label: str
    """Its name, as shown to the customer."""
    code: str | None = None
    """The voucher or promotion code."""


@input_type
class OrderTaxInput(Input[TaxGiven]):
    """A tax as the platform computed it; it is never recomputed."""

    title: str
    """The name of the tax: "VAT"."""
    amount: MoneyInput
    """The amount."""
    rate: Decimal | None = None
    """The rate as a fraction: "0.2" for 20 %."""


@input_type
class OrderShippingInput(Input[ShippingGiven]):
    """A shipping charge."""

    title: str
    """The shipping method the customer chose: "Standard delivery"."""
    price: MoneyInput
    """The charge, tax included where prices include tax."""
    code: str | None = None
    """The platform's code for the method."""
    taxes: list[OrderTaxInput] = strawberry.field(default_factory=list)
    """Its taxes."""


@input_type
class OrderLineInput(Input[LineGiven]):
    """A line. Give either `sku` or `listing`; for a FEE or SERVICE without a SKU give `kind` and `name` instead."""

    quantity: int
    """Units, at least 1. For a bundle: the number of complete bundles."""
    sku: str | None = None
    """The code of the SKU, case-sensitive."""
    listing: str | None = None
    """The channel's own code for the SKU."""
    kind: LineKind | None = None
    """The purpose of the line; for a SKU it must be the SKU's kind."""
    name: str | None = None
    """The name shown to the customer, up to 1,000 characters; null for the SKU's name."""
    unit_price: MoneyInput | None = None
    """The price of one unit, with up to six decimals; null for the listing's price."""
    discounts: list[OrderDiscountInput] = strawberry.field(default_factory=list)
    """Discounts on this line."""
    taxes: list[OrderTaxInput] = strawberry.field(default_factory=list)
    """Taxes of this line."""
    total: MoneyInput | None = None
    """Price x quantity minus the line's discounts. It may differ by one minor unit, which is kept as rounding."""
    location_id: strawberry.ID | None = becomes(by=partial(parse_id, LocationId), default=None)
    """Serve the line from this location only; it must be one of the channel's locations."""
    ship_group: str | None = None
    """The name of a group, any text of up to 255 characters. Lines of one group come from one location, or wait together."""
    attributes: list[AttributeInput] = strawberry.field(default_factory=list)
    """Values of attributes that are defined for LINE."""


@input_type
class OrderCartInput(Input[Cart]):
    """An order that is not placed yet; it may be incomplete."""

    channel_id: strawberry.ID = becomes(by=partial(parse_id, ChannelId))
    """The channel of the order."""
    lines: list[OrderLineInput] = strawberry.field(default_factory=list)
    """Its lines; several may name one SKU."""
    external_ref: str | None = None
    """The order's id in the platform, unique in the channel."""
    customer_id: strawberry.ID | None = becomes(by=partial(parse_id, CustomerId), default=None)
    """The known customer; null for a guest."""
    reservation_id: strawberry.ID | None = becomes(by=partial(parse_id, ReservationId), default=None)
    """The reservation of this checkout: the order takes its units from the reservation, and the other units are free again."""
    contact: ContactInput | None = becomes(by=ContactInput.to_contact, default=None)
    """The contact person for this order, stored with the order and not with the customer."""
    shipping_address: AddressInput | None = becomes(by=AddressInput.to_address, default=None)
    """The address the goods go to."""
    billing_address: AddressInput | None = becomes(by=AddressInput.to_address, default=None)
    """The address the invoice goes to."""
    delivery_point: DeliveryPointInput | None = None
    """The pickup point that the goods go to, in place of the address."""
    currency_code: CurrencyCode | None = becomes("currency", default=None)
    """The order's currency. It must be the channel's currency; null means the channel's currency."""
    prices_include_tax: bool | None = None
    """Whether prices contain the taxes given; null for the channel's policy."""
    discounts: list[OrderDiscountInput] = strawberry.field(default_factory=list)
    """Discounts on the whole order, spread over its lines."""
    shipping: list[OrderShippingInput] = strawberry.field(default_factory=list)
    """Shipping charges."""
    total: MoneyInput | None = None
    """The total the customer pays; refused with TOTAL_MISMATCH where the parts do not add up to it."""
    ship_complete: bool = False
    """Whether goods leave only when all goods of the order can leave."""
    on_account: bool = False
    """Whether it is delivered on account: released without a payment, whatever the channel says."""
    priority: int = 0
    """Its rank when units are scarce: a higher number is served first and loses units last."""
    note: str | None = None
    """A remark for the people who handle the order, up to 10,000 characters."""
    tags: list[str] = strawberry.field(default_factory=list)
    """Words to find the order by."""
    attributes: list[AttributeInput] = strawberry.field(default_factory=list)
    """Values of attributes that are defined for ORDER."""
    occurred_at: datetime | None = None
    """When the order was placed; by default now. Never in the future. Needs the scope `orders:import`."""


@input_type
class OrderPlaceInput(OrderCartInput, Input[PlaceOrder]):
    """The order to place."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the order that the first call placed."""
    lines: list[OrderLineInput]
    """1 to 5,000 lines; several lines may name the same SKU."""

    if TYPE_CHECKING:

        def to_command(self) -> PlaceOrder: ...


@input_type
class OrdersPlaceInput:
    """A batch of orders. Each has its own idempotency key, so that a batch can be sent again safely."""

    orders: list[OrderPlaceInput]
    """At most 250 orders, and at most 5,000 lines in all orders together."""
    on_failure: OnFailure = OnFailure.REJECT_ALL
    """The treatment of the other orders when one order is refused."""
