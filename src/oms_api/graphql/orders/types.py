"""Orders and their lines, as clients read them."""

from datetime import datetime
from decimal import Decimal
from typing import Self, cast

import strawberry

from oms_api.domain.fulfillment.queries import fulfillment_orders_by_order
from oms_api.domain.orders.errors import DuplicateExternalRef
from oms_api.domain.orders.queries import (
    discounts_by_order,
    orders_by_id,
    pages_of_lines,
    parties_by_order,
    shipping_by_order,
    taxes_by_order,
)
from oms_api.domain.orders.states import CancelReason, FulfillmentStatus, LineKind, OrderStatus, PaymentStatus, ReturnStatus
from oms_api.domain.orders.tables import OrderDiscount as DiscountRow
from oms_api.domain.orders.tables import OrderLine as LineRow
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.orders.tables import OrderShipping as ShippingRow
from oms_api.domain.orders.tables import OrderTax as TaxRow
from oms_api.domain.shipping.queries import shipments_by_order
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.addresses import Address, Contact
from oms_api.graphql.catalog.types import Sku, fetch_sku
from oms_api.graphql.channels.types import Channel, fetch_channel
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.customers.types import Customer, fetch_customer
from oms_api.graphql.described import enum, output
from oms_api.graphql.errors import UserError, represents
from oms_api.graphql.fulfillment.types import FulfillmentOrder
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node, fetches
from oms_api.graphql.orders.actions import order_actions
from oms_api.graphql.orders.loaded import LoadedLine
from oms_api.graphql.payments.of_order import PaymentsOfOrder
from oms_api.graphql.permissions import field, guarded
from oms_api.graphql.promises.of_line import LineBackorders
from oms_api.graphql.returns.of_order import ReturnsOfOrder
from oms_api.graphql.scalars import CountryCode, CurrencyCode, Int64
from oms_api.graphql.shipping.types import Shipment
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, OrderId, text_id
from oms_api.kernel.paging import PageRequest

for states in (OrderStatus, FulfillmentStatus, PaymentStatus, ReturnStatus, CancelReason):
    enum(states)


@output
class OrderDiscount:
    """A discount as it was given."""

    amount: Money
    """What it takes off."""
    label: str
    """What the customer was told it is."""
    code: str | None
    """The voucher or promotion code."""

    @classmethod
    def of(cls, row: DiscountRow, currency: str) -> Self:
        """Describe a stored discount."""
        return cls(amount=Money.of(row.amount_minor, currency), label=row.label, code=row.code)


@output
class OrderTax:
    """A tax as it was given."""

    title: str
    """Its name."""
    amount: Money
    """How much of it."""
    rate: Decimal | None
    """The rate as a fraction: "0.2" for 20 %."""

    @classmethod
    def of(cls, row: TaxRow, currency: str) -> Self:
        """Describe a stored tax."""
        return cls(title=row.title, amount=Money.of(row.amount_minor, currency), rate=row.rate)


@output
class OrderShippingCharge:
    """A shipping charge as it was agreed."""

    title: str
    """What the customer chose."""
    code: str | None
    """The platform's code of the method."""
    price: Money
    """What it costs."""

    @classmethod
    def of(cls, row: ShippingRow, currency: str) -> Self:
        """Describe a stored charge."""
        return cls(title=row.title, code=row.code, price=Money.of(row.amount_minor, currency))


@output
class OrderLine(LineBackorders, Node):
    """A line and where its units are: ordered = canceled + unsourced + backordered + allocated + inFulfillment + shipped."""

    row: strawberry.Private[LineRow]
    currency: strawberry.Private[str]
    position: int
    """Its place in the order, from 0."""
    kind: LineKind
    """What the line is for."""
    sku_code: str | None
    """The SKU's code when the order was placed; null for a line without a SKU."""
    name: str
    """What the customer was shown."""
    parent_line_id: strawberry.ID | None
    """Of a bundle's component the bundle's line; its money is a share of that line's."""
    ordered: int
    """Units ordered."""
    canceled: int
    """Units canceled."""
    unsourced: int
    """Units without a source yet."""
    backordered: int
    """Units waiting for supply."""
    allocated: int
    """Units promised, not yet released to a location."""
    in_fulfillment: int
    """Units a location has to ship."""
    shipped: int
    """Units that left."""
    delivered: int
    """Units that arrived."""
    lost: int
    """Units lost on the way."""
    returned_to_sender: int
    """Units that came back undelivered."""
    in_return: int
    """Units announced to come back."""
    returned: int
    """Units that came back."""
    unit_price: Money
    """The price of one unit; may have up to six decimals."""
    goods: Money
    """Price x quantity, with the rounding in it."""
    rounding: Money
    """By how much the given total differed."""
    discount: Money
    """The line's own discounts."""
    order_discount_share: Money
    """Its share of the order's discounts."""
    tax: Money
    """Its taxes."""
    shipping_share: Money
    """Its share of the shipping charges."""
    total: Money
    """What the line costs: goods less its own discounts, with tax where prices do not include it."""

    @classmethod
    def of(cls, row: LineRow, currency: str) -> Self:
        """Describe a stored line; what is not a column is worked out only where it is asked for."""
        return cast("Self", LoadedLine(row, currency))

    @field(description="The SKU as it is now; null for a line without one.")
    async def sku(self, info: Info) -> Sku | None:
        return None if self.row.sku_id is None else await fetch_sku(info, self.row.sku_id)

    @field(description="The discounts given on this line.")
    async def discounts(self, info: Info) -> list[OrderDiscount]:
        found = await info.context.load(discounts_by_order, self.row.order_id)
        return [OrderDiscount.of(row, self.currency) for row in found if row.line_id == self.row.id]

    @field(description="The taxes given on this line.")
    async def taxes(self, info: Info) -> list[OrderTax]:
        found = await info.context.load(taxes_by_order, self.row.order_id)
        return [OrderTax.of(row, self.currency) for row in found if row.line_id == self.row.id]


@output
class Order(Node, ReturnsOfOrder, PaymentsOfOrder):
    """An order: what was agreed, and how far it is."""

    row: strawberry.Private[OrderRow]
    number: Int64
    """Its number: unique, with gaps."""
    external_ref: str | None
    """Its id in the platform it came from."""
    currency_code: CurrencyCode
    """The currency of all its amounts."""
    prices_include_tax: bool
    """Whether prices contain the taxes."""
    status: OrderStatus
    """Where it is in its life."""
    fulfillment_status: FulfillmentStatus
    """How far its goods are."""
    payment_status: PaymentStatus
    """How its money stands."""
    return_status: ReturnStatus
    """Whether goods are coming back."""
    on_hold: bool
    """Whether an active hold keeps it from being worked on."""
    goods: Money
    """Sum of price x quantity over its lines."""
    discount: Money
    """All discounts, of lines and order."""
    shipping: Money
    """All shipping charges."""
    tax: Money
    """All taxes, those of shipping too."""
    total: Money
    """What the customer pays: goods - discount + shipping, + tax where prices do not include it."""
    country: CountryCode | None
    """The country it goes to."""
    priority: int
    """How it ranks among others when units are missing or scarce: the higher number is served first and loses last."""
    note: str | None
    """A remark for whoever handles it."""
    tags: list[str]
    """Words to find it by."""
    version: int
    """Moves when lines, prices, addresses or the header change, not with statuses."""
    placed_at: datetime
    """When it was placed, by the business's clock."""
    recorded_at: datetime
    """When it was recorded here."""
    completed_at: datetime | None
    """When it was completed."""
    canceled_at: datetime | None
    """When it was canceled."""
    cancel_reason: CancelReason | None
    """Why it was canceled."""

    @classmethod
    def of(cls, row: OrderRow) -> Self:
        """Describe a stored order."""
        currency = row.currency
        return cls(
            id=strawberry.ID(text_id(IdKind.ORDER, row.id)),
            row=row,
            number=Int64(row.number),
            external_ref=row.external_ref,
            currency_code=CurrencyCode(currency),
            prices_include_tax=row.prices_include_tax,
            status=row.status,
            fulfillment_status=row.fulfillment_status,
            payment_status=row.payment_status,
            return_status=row.return_status,
            on_hold=row.on_hold,
            goods=Money.of(row.goods_minor, currency),
            discount=Money.of(row.discount_minor, currency),
            shipping=Money.of(row.shipping_minor, currency),
            tax=Money.of(row.tax_minor, currency),
            total=Money.of(row.total_minor, currency),
            country=None if row.country is None else CountryCode(row.country),
            priority=row.priority,
            note=row.note,
            tags=row.tags,
            version=row.version,
            placed_at=row.placed_at,
            recorded_at=row.recorded_at,
            completed_at=row.completed_at,
            canceled_at=row.canceled_at,
            cancel_reason=row.cancel_reason,
        )

    @field(description="Its lines, in their order; a bundle's components follow it.")
    async def lines(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[OrderLine]:
        page = PageRequest.of(first, after, last, before)
        found = await info.context.load(pages_of_lines, self.row.id, page)
        return Connection.of(found, lambda line: OrderLine.of(line, self.row.currency))

    @field(description="The channel it came from.")
    async def channel(self, info: Info) -> Channel | None:
        return await fetch_channel(info, self.row.channel_id)

    @field(description="The known customer; null for a guest. What is personal of it needs `customers:read`.")
    async def customer(self, info: Info) -> Customer | None:
        return None if self.row.customer_id is None else await fetch_customer(info, self.row.customer_id)

    @field(description="The work that locations have with it, oldest first.")
    async def fulfillment_orders(self, info: Info) -> list[FulfillmentOrder]:
        return FulfillmentOrder.of_all(await info.context.load(fulfillment_orders_by_order, self.row.id))

    @field(description="What has left, oldest first.")
    async def shipments(self, info: Info) -> list[Shipment]:
        return Shipment.of_all(await info.context.load(shipments_by_order, self.row.id))

    @field(description="What can be done with it now, and what stands in the way.")
    async def available_actions(self, info: Info) -> list[AvailableAction]:
        return await order_actions(info, self.row)

    @guarded(Scope.CUSTOMERS_READ, description="Whom to ask about it. Personal.")
    async def contact(self, info: Info) -> Contact | None:
        party = await info.context.load(parties_by_order, self.row.id)
        return Contact.of(party.contact) if party else None

    @guarded(Scope.CUSTOMERS_READ, description="Where its goods go. Personal.")
    async def shipping_address(self, info: Info) -> Address | None:
        party = await info.context.load(parties_by_order, self.row.id)
        return Address.of(party.shipping_address) if party else None

    @guarded(Scope.CUSTOMERS_READ, description="Where its invoice goes. Personal.")
    async def billing_address(self, info: Info) -> Address | None:
        party = await info.context.load(parties_by_order, self.row.id)
        return Address.of(party.billing_address) if party else None

    @field(description="The discounts given on the whole order.")
    async def discounts(self, info: Info) -> list[OrderDiscount]:
        found = await info.context.load(discounts_by_order, self.row.id)
        return [OrderDiscount.of(row, self.row.currency) for row in found if row.line_id is None]

    @field(description="The shipping charges.")
    async def shipping_charges(self, info: Info) -> list[OrderShippingCharge]:
        found = await info.context.load(shipping_by_order, self.row.id)
        return [OrderShippingCharge.of(row, self.row.currency) for row in found]

    @field(description="The taxes given on shipping.")
    async def shipping_taxes(self, info: Info) -> list[OrderTax]:
        found = await info.context.load(taxes_by_order, self.row.id)
        return [OrderTax.of(row, self.row.currency) for row in found if row.line_id is None]


@fetches(IdKind.ORDER, Scope.ORDERS_READ)
async def fetch_order(info: Info, order_id: OrderId) -> Order | None:
    """Return an order, if the caller may see it."""
    row = await info.context.load(orders_by_id, order_id)
    return Order.of(row) if row else None


@represents(DuplicateExternalRef, lambda error: {"order_id": error.order_id})
@output
class DuplicateExternalRefError(UserError):
    """The channel already has an order with this external reference."""

    order_id: strawberry.Private[OrderId | None]

    @field(description="The order that has it; null where it stands in the same batch.")
    async def order(self, info: Info) -> Order | None:
        return None if self.order_id is None else await fetch_order(info, self.order_id)
