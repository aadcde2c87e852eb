"""Carts as they were given, as clients read them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Self

import strawberry

from oms_api.domain.attributes.given import AttributeGiven
from oms_api.domain.orders.given import Amount, Cart, DiscountGiven, LineGiven, ShippingGiven, TaxGiven
from oms_api.domain.orders.states import LineKind
from oms_api.graphql.addresses import Address, Contact, DeliveryPoint
from oms_api.graphql.described import output
from oms_api.graphql.permissions import guarded
from oms_api.graphql.scalars import CurrencyCode
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import CustomerId, LocationId, ReservationId


def _currency(given: str | None) -> CurrencyCode | None:
    return None if given is None else CurrencyCode(given)


@output
class CartAmount:
    """An amount as it was given."""

    amount: Decimal
    """In major units."""
    currency_code: CurrencyCode | None
    """The currency; null where none was given."""

    @classmethod
    def of(cls, given: Amount) -> Self:
        """Describe an amount."""
        return cls(amount=given.value, currency_code=_currency(given.currency))


def _amount(given: Amount | None) -> CartAmount | None:
    return None if given is None else CartAmount.of(given)


@output
class CartDiscount:
    """A discount of a cart."""

    amount: CartAmount
    """The amount it takes off."""
    label: str
    """Its name, as shown to the customer."""
    code: str | None
    """The voucher or promotion code."""

    @classmethod
    def of(cls, given: DiscountGiven) -> Self:
        """Describe a discount."""
        return cls(amount=CartAmount.of(given.amount), label=given.label, code=given.code)


@output
class CartTax:
    """A tax of a cart."""

    title: str
    """Its name."""
    amount: CartAmount
    """The amount."""
    rate: Decimal | None
    """The rate as a fraction: "0.2" for 20 %."""

    @classmethod
    def of(cls, given: TaxGiven) -> Self:
        """Describe a tax."""
        return cls(title=given.title, amount=CartAmount.of(given.amount), rate=given.rate)


@output
class CartShippingCharge:
    """A shipping charge of a cart."""

    title: str
    """The shipping method."""
    code: str | None
    """The platform's code for the method."""
    price: CartAmount
    """The charge."""
    taxes: list[CartTax]
    """Its taxes."""

    @classmethod
    def of(cls, given: ShippingGiven) -> Self:
        """Describe a charge."""
        taxes = [CartTax.of(tax) for tax in given.taxes]
        return cls(title=given.title, code=given.code, price=CartAmount.of(given.price), taxes=taxes)


@output
class CartAttribute:
    """A value for an attribute, as it was given."""

    code: str
    """The code of the attribute."""
    value: str | None
    """The value as text."""

    @classmethod
    def of_all(cls, given: Sequence[AttributeGiven]) -> list[Self]:
        """Describe values."""
        return [cls(code=each.code, value=each.value) for each in given]


@output
class CartLine:
    """A line of a cart."""

    quantity: int
    """Units. For a bundle: the number of complete bundles."""
    sku: str | None
    """The code of the SKU."""
    listing: str | None
    """The channel's own code for the SKU."""
    kind: LineKind | None
    """The purpose of the line."""
    name: str | None
    """The name shown to the customer; null for the SKU's name."""
    unit_price: CartAmount | None
    """The price of one unit; null for the listing's price."""
    total: CartAmount | None
    """Price x quantity minus the line's discounts; null where it was not given."""
    location_id: LocationId | None
    """The only location that may serve the line."""
    ship_group: str | None
    """The group of lines that must come from one location together; null for none."""
    attributes: list[CartAttribute]
    """Values of attributes of the line."""
    discounts: list[CartDiscount]
    """Discounts on the line."""
    taxes: list[CartTax]
    """Taxes of the line."""

    @classmethod
    def of(cls, given: LineGiven) -> Self:
        """Describe a line."""
        return cls(
            quantity=given.quantity,
            sku=given.sku,
            listing=given.listing,
            kind=given.kind,
            name=given.name,
            unit_price=_amount(given.unit_price),
            total=_amount(given.total),
            location_id=given.location_id,
            ship_group=given.ship_group,
            attributes=CartAttribute.of_all(given.attributes),
            discounts=[CartDiscount.of(each) for each in given.discounts],
            taxes=[CartTax.of(each) for each in given.taxes],
        )


@output
class OrderCart:
    """An order as it was given, complete or not."""

    given: strawberry.Private[Cart]
    external_ref: str | None
    """The order's id in the platform."""
    customer_id: CustomerId | None
    """The known customer; null for a guest."""
    reservation_id: ReservationId | None
    """The reservation of this checkout."""
    currency_code: CurrencyCode | None
    """The order's currency; null for the channel's currency."""
    prices_include_tax: bool | None
    """Whether prices contain the taxes; null for the channel's policy."""
    total: CartAmount | None
    """The total that the customer pays; null where it was not given."""
    ship_complete: bool
    """Whether goods leave only when all goods of the order can leave."""
    priority: int
    """Its rank when units are scarce."""
    note: str | None
    """A remark for the people who handle the order."""
    tags: list[str]
    """Words to find the order by."""
    attributes: list[CartAttribute]
    """Values of attributes of the order."""
    occurred_at: datetime | None
    """When the order was placed; null for the moment when the draft is placed."""
    lines: list[CartLine]
    """Its lines."""
    discounts: list[CartDiscount]
    """Discounts on the whole order."""
    shipping: list[CartShippingCharge]
    """Shipping charges."""

    @guarded(Scope.CUSTOMERS_READ, description="The person to ask about the order. Personal.")
    def contact(self) -> Contact | None:
        return None if self.given.contact is None else Contact.of(asdict(self.given.contact))

    @guarded(Scope.CUSTOMERS_READ, description="The address the goods go to. Personal.")
    def shipping_address(self) -> Address | None:
        return None if self.given.shipping_address is None else Address.of(asdict(self.given.shipping_address))

    @guarded(Scope.CUSTOMERS_READ, description="The address the invoice goes to. Personal.")
    def billing_address(self) -> Address | None:
        return None if self.given.billing_address is None else Address.of(asdict(self.given.billing_address))

    @guarded(Scope.CUSTOMERS_READ, description="The pickup point the goods go to, instead of the address. Personal.")
    def delivery_point(self) -> DeliveryPoint | None:
        return None if self.given.delivery_point is None else DeliveryPoint.of(asdict(self.given.delivery_point))

    @classmethod
    def of(cls, cart: Cart) -> Self:
        """Describe a cart."""
        return cls(
            given=cart,
            external_ref=cart.external_ref,
            customer_id=cart.customer_id,
            reservation_id=cart.reservation_id,
            currency_code=_currency(cart.currency),
            prices_include_tax=cart.prices_include_tax,
            total=_amount(cart.total),
            ship_complete=cart.ship_complete,
            priority=cart.priority,
            note=cart.note,
            tags=list(cart.tags),
            attributes=CartAttribute.of_all(cart.attributes),
            occurred_at=cart.occurred_at,
            lines=[CartLine.of(line) for line in cart.lines],
            discounts=[CartDiscount.of(each) for each in cart.discounts],
            shipping=[CartShippingCharge.of(each) for each in cart.shipping],
        )
