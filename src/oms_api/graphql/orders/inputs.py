"""What clients send to place orders."""

from datetime import datetime
from decimal import Decimal

import strawberry

from oms_api.domain.orders.intake import (
    Amount,
    DiscountGiven,
    LineGiven,
    OnFailure,
    PlaceOrder,
    ShippingGiven,
    TaxGiven,
)
from oms_api.domain.orders.states import LineKind
from oms_api.graphql.addresses import AddressInput, ContactInput
from oms_api.graphql.described import enum, input_type
from oms_api.graphql.filters import id_at
from oms_api.graphql.money import MoneyInput
from oms_api.graphql.scalars import CurrencyCode
from oms_api.kernel.ids import IdKind
from oms_api.workflows.place_order import PlaceOrders

enum(LineKind)
enum(OnFailure)


@input_type
class OrderDiscountInput:
    """A discount, on the order or on a line."""

    amount: MoneyInput
    """What it takes off: a positive amount."""
    label: str
    """What the customer was told it is."""
    code: str | None = None
    """The voucher or promotion code."""

    def to_discount(self) -> DiscountGiven:
        """Return the discount as the domain takes it."""
        return DiscountGiven(amount=amount(self.amount), label=self.label, code=self.code)


@input_type
class OrderTaxInput:
    """A tax as the platform computed it; it is never recomputed."""

    title: str
    """Its name: "VAT"."""
    amount: MoneyInput
    """How much of it."""
    rate: Decimal | None = None
    """The rate as a fraction: "0.2" for 20 %."""

    def to_tax(self) -> TaxGiven:
        """Return the tax as the domain takes it."""
        return TaxGiven(title=self.title, amount=amount(self.amount), rate=self.rate)


@input_type
class OrderShippingInput:
    """A shipping charge."""

    title: str
    """What the customer chose: "Standard delivery"."""
    price: MoneyInput
    """What it costs, with tax in it where prices include tax."""
    code: str | None = None
    """The platform's code of the method."""
    taxes: list[OrderTaxInput] = strawberry.field(default_factory=list)
    """Its taxes."""

    def to_shipping(self) -> ShippingGiven:
        """Return the charge as the domain takes it."""
        taxes = tuple(tax.to_tax() for tax in self.taxes)
        return ShippingGiven(title=self.title, price=amount(self.price), code=self.code, taxes=taxes)


@input_type
class OrderLineInput:
    """A line: one of `sku` and `listing`, or for a FEE or SERVICE without a SKU its `kind` and `name`."""

    quantity: int
    """How many units, at least 1; of a bundle how many sets."""
    sku: str | None = None
    """The code of the SKU, case-sensitive."""
    listing: str | None = None
    """The channel's own code for the SKU."""
    kind: LineKind | None = None
    """What the line is for; given for a SKU it must be the SKU's kind."""
    name: str | None = None
    """What the customer was shown; by default the SKU's name."""
    unit_price: MoneyInput | None = None
    """The price of one unit, with up to six decimals; by default the listing's price."""
    discounts: list[OrderDiscountInput] = strawberry.field(default_factory=list)
    """Discounts on this line."""
    taxes: list[OrderTaxInput] = strawberry.field(default_factory=list)
    """Taxes of this line."""
    total: MoneyInput | None = None
    """Price x quantity less the line's discounts; may differ by one minor unit, kept as rounding."""
    location_id: strawberry.ID | None = None
    """Serve the line from this location only; it must be one of the channel's."""

    def to_line(self, *path: str | int) -> LineGiven:
        """Return the line as the domain takes it. Raises: InvalidId."""
        location = None if self.location_id is None else id_at(IdKind.LOCATION, self.location_id, *path, "locationId")
        return LineGiven(
            quantity=self.quantity,
            sku=self.sku,
            listing=self.listing,
            kind=self.kind,
            name=self.name,
            unit_price=maybe_amount(self.unit_price),
            discounts=tuple(discount.to_discount() for discount in self.discounts),
            taxes=tuple(tax.to_tax() for tax in self.taxes),
            total=maybe_amount(self.total),
            location_id=location,
        )


@input_type
class OrderPlaceInput:
    """An order as the platform has it."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the order placed first; kept 72 hours."""
    channel_id: strawberry.ID
    """Where the order comes from."""
    lines: list[OrderLineInput]
    """1 to 1,000 lines; several may name one SKU."""
    external_ref: str | None = None
    """The order's id in the platform, unique in the channel."""
    customer_id: strawberry.ID | None = None
    """The known customer; a guest's order has none."""
    reservation_id: strawberry.ID | None = None
    """The reservation of this checkout: the order takes what it wants of it, and what it does not want is free again."""
    contact: ContactInput | None = None
    """Whom to ask about this order, kept with it."""
    shipping_address: AddressInput | None = None
    """Where the goods go."""
    billing_address: AddressInput | None = None
    """Where the invoice goes."""
    currency_code: CurrencyCode | None = None
    """The order's currency; it must be the channel's."""
    prices_include_tax: bool | None = None
    """Whether prices contain the taxes given; by default the channel's policy."""
    discounts: list[OrderDiscountInput] = strawberry.field(default_factory=list)
    """Discounts on the whole order, spread over its lines."""
    shipping: list[OrderShippingInput] = strawberry.field(default_factory=list)
    """Shipping charges."""
    total: MoneyInput | None = None
    """What the customer pays; refused where the parts do not add up to it."""
    priority: int = 0
    """How it ranks among others when units are missing or scarce: the higher number is served first and loses last."""
    note: str | None = None
    """A remark for whoever handles the order."""
    tags: list[str] = strawberry.field(default_factory=list)
    """Words to find the order by."""
    occurred_at: datetime | None = None
    """When the order was placed, if not now; needs the scope `orders:import`, never in the future."""

    def to_command(self, *path: str | int) -> PlaceOrder:
        """Return the order as the domain takes it. Raises: InvalidId, InvalidValue."""
        return PlaceOrder(
            idempotency_key=self.idempotency_key,
            channel_id=id_at(IdKind.CHANNEL, self.channel_id, *path, "channelId"),
            lines=tuple(line.to_line(*path, "lines", index) for index, line in enumerate(self.lines)),
            external_ref=self.external_ref,
            customer_id=None if self.customer_id is None else id_at(IdKind.CUSTOMER, self.customer_id, *path, "customerId"),
            reservation_id=None
            if self.reservation_id is None
            else id_at(IdKind.RESERVATION, self.reservation_id, *path, "reservationId"),
            contact=self.contact.to_contact() if self.contact else None,
            shipping_address=self.shipping_address.to_address(*path, "shippingAddress") if self.shipping_address else None,
            billing_address=self.billing_address.to_address(*path, "billingAddress") if self.billing_address else None,
            currency=self.currency_code,
            prices_include_tax=self.prices_include_tax,
            discounts=tuple(discount.to_discount() for discount in self.discounts),
            shipping=tuple(charge.to_shipping() for charge in self.shipping),
            total=maybe_amount(self.total),
            priority=self.priority,
            note=self.note,
            tags=tuple(self.tags),
            occurred_at=self.occurred_at,
        )


@input_type
class OrdersPlaceInput:
    """A batch of orders; each carries its own idempotency key, and a retried batch replays order by order."""

    orders: list[OrderPlaceInput]
    """At most 250 orders with 5,000 lines together."""
    on_failure: OnFailure = OnFailure.REJECT_ALL
    """What happens to the others when one is refused."""

    def to_command(self) -> PlaceOrders:
        """Return the batch as the domain takes it. Raises: InvalidId, InvalidValue."""
        return PlaceOrders(tuple(o.to_command("orders", index) for index, o in enumerate(self.orders)), self.on_failure)


def amount(given: MoneyInput) -> Amount:
    """Return an amount as the domain takes it."""
    return Amount(value=given.amount, currency=given.currency_code)


def maybe_amount(given: MoneyInput | None) -> Amount | None:
    """Return an amount as the domain takes it, if there is one."""
    return None if given is None else amount(given)
