"""What clients send to change a cart in parts."""

from datetime import datetime

import strawberry

from oms_api.domain.orders.drafts.changing import ChangeCart, ChangeCartLine
from oms_api.domain.orders.states import LineKind
from oms_api.graphql.addresses import AddressInput, ContactInput, DeliveryPointInput
from oms_api.graphql.attributes.values import AttributeInput
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import input_type
from oms_api.graphql.money import MoneyInput
from oms_api.graphql.orders.inputs import OrderDiscountInput, OrderLineInput, OrderShippingInput, OrderTaxInput
from oms_api.graphql.scalars import CurrencyCode
from oms_api.kernel.ids import ChannelId, CustomerId, LocationId, ReservationId


@input_type
class OrderCartLineChangesInput(Input[ChangeCartLine]):
    """Changes of a line of a cart; fields left out stay as they are, and null clears a field."""

    position: int
    """Its position in the cart as it is, from 0."""
    quantity: int | None = strawberry.UNSET
    """Units, at least 1; whole sets for a bundle."""
    sku: str | None = strawberry.UNSET
    """The code of the SKU, case-sensitive."""
    listing: str | None = strawberry.UNSET
    """The channel's own code for the SKU."""
    kind: LineKind | None = strawberry.UNSET
    """The purpose of the line; for a SKU it must be the SKU's kind."""
    name: str | None = strawberry.UNSET
    """The name shown to the customer, up to 1,000 characters; null for the SKU's name."""
    unit_price: MoneyInput | None = strawberry.UNSET
    """The price of one unit, with up to six decimals; null for the listing's price."""
    discounts: list[OrderDiscountInput] | None = strawberry.UNSET
    """All discounts on the line."""
    taxes: list[OrderTaxInput] | None = strawberry.UNSET
    """All taxes of the line."""
    total: MoneyInput | None = strawberry.UNSET
    """Price x quantity less the line's discounts."""
    location_id: LocationId | None = strawberry.UNSET
    """The only location that may serve the line."""
    ship_group: str | None = strawberry.UNSET
    """The group of lines that must come from one location together."""
    attributes: list[AttributeInput] | None = strawberry.UNSET
    """All values of its attributes."""


@input_type
class OrderCartChangesInput(Input[ChangeCart]):
    """Changes of a cart; fields left out stay as they are, and null clears a field.

    Give `expectedVersion` too, so that positions refer to the cart that was read.
    """

    change_lines: list[OrderCartLineChangesInput] = strawberry.field(default_factory=list)
    """Lines to change."""
    remove_lines: list[int] = strawberry.field(default_factory=list)
    """Lines to remove: their positions in the cart as it is, from 0."""
    add_lines: list[OrderLineInput] = strawberry.field(default_factory=list)
    """Lines to add behind the others."""
    channel_id: ChannelId | None = strawberry.UNSET
    """The channel of the order."""
    external_ref: str | None = strawberry.UNSET
    """The order's id in the platform, unique in the channel."""
    customer_id: CustomerId | None = strawberry.UNSET
    """The known customer; null for a guest."""
    reservation_id: ReservationId | None = strawberry.UNSET
    """The reservation of this checkout."""
    contact: ContactInput | None = becomes(by=ContactInput.to_contact, default=strawberry.UNSET)
    """The person to ask about this order."""
    shipping_address: AddressInput | None = becomes(by=AddressInput.to_address, default=strawberry.UNSET)
    """The address the goods go to."""
    billing_address: AddressInput | None = becomes(by=AddressInput.to_address, default=strawberry.UNSET)
    """The address the invoice goes to."""
    delivery_point: DeliveryPointInput | None = strawberry.UNSET
    """The pickup point that the goods go to, in place of the address."""
    currency_code: CurrencyCode | None = becomes("currency", default=strawberry.UNSET)
    """The order's currency; null for the channel's currency."""
    prices_include_tax: bool | None = strawberry.UNSET
    """Whether prices contain the taxes given; null for the channel's policy."""
    discounts: list[OrderDiscountInput] | None = strawberry.UNSET
    """All discounts on the whole order."""
    shipping: list[OrderShippingInput] | None = strawberry.UNSET
    """All shipping charges."""
    total: MoneyInput | None = strawberry.UNSET
    """The total the customer pays."""
    ship_complete: bool | None = strawberry.UNSET
    """Whether nothing leaves before all goods of the order can leave."""
    on_account: bool | None = strawberry.UNSET
    """Whether it is delivered on account: released without a payment, whatever the channel says."""
    priority: int | None = strawberry.UNSET
    """Its rank when units are scarce: a higher number is served first and loses units last."""
    note: str | None = strawberry.UNSET
    """A remark for the people who handle the order, up to 10,000 characters."""
    tags: list[str] | None = strawberry.UNSET
    """All words to find the order by."""
    attributes: list[AttributeInput] | None = strawberry.UNSET
    """All values of its attributes."""
    occurred_at: datetime | None = strawberry.UNSET
    """When the order was placed, if not now: never in the future. Needs the scope `orders:import`."""
