"""Asking what an order would come to, before it is placed."""

from datetime import date
from typing import Annotated, Self

from oms_api.domain.orders.states import LineKind
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, output
from oms_api.graphql.errors import UserError, user_errors
from oms_api.graphql.money import Money
from oms_api.graphql.orders.inputs import OrderCartInput
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import OmsError
from oms_api.workflows.place_order import CartPreview, LinePreview, preview_cart
from oms_api.workflows.place_order.plan import Priced

A_PREVIEW = 2_000
"""What a preview costs, which reads and decides as placing an order does."""


@output
class OrderLinePreview:
    """A line as it would be placed. For a bundle, the units are complete bundles."""

    position: int
    """The place of the line in the input, from 0."""
    kind: LineKind
    """The purpose of the line."""
    sku_code: str | None
    """The code of the line's SKU; null for a line without a SKU."""
    name: str
    """The name shown to the customer."""
    quantity: int
    """Units."""
    available: int
    """Units that would be allocated from stock at once; for a line without goods to ship, all units."""
    waiting: int
    """Units that would wait for supply, as the channel's rule on overselling allows."""
    missing: int
    """Units that the channel cannot promise: if there are any, placing fails."""
    promised_ship_on: date | None
    """The day by which all waiting units would leave; null where none wait or no day is known."""
    promised_delivery_on: date | None
    """The day by which all waiting units would arrive; null where none wait or no day is known."""
    unit_price: Money
    """The price of one unit."""
    goods: Money
    """Price x quantity, including the rounding."""
    discount: Money
    """The line's own discounts."""
    order_discount_share: Money
    """The line's share of the order's discounts."""
    tax: Money
    """Its taxes."""
    shipping_share: Money
    """The line's share of the shipping charges."""
    total: Money
    """The price of the line: goods minus the line's own discounts, plus tax where prices do not include it."""

    @classmethod
    def of(cls, position: int, preview: LinePreview, currency: str, *, taxed: bool) -> Self:
        """Describe a line."""
        line, found = preview.line, preview.availability
        price = line.price
        return cls(
            position=position,
            kind=line.kind,
            sku_code=line.sku.code if line.sku else None,
            name=line.name,
            quantity=line.quantity,
            available=found.available,
            waiting=found.waiting,
            missing=found.missing,
            promised_ship_on=found.ships_on,
            promised_delivery_on=found.arrives_on,
            unit_price=Money.of_price(price.unit_price, currency),
            goods=Money.of(price.goods, currency),
            discount=Money.of(price.discount, currency),
            order_discount_share=Money.of(price.order_discount, currency),
            tax=Money.of(price.tax, currency),
            shipping_share=Money.of(price.shipping, currency),
            total=Money.of(price.net + (0 if taxed else price.tax), currency),
        )


@output
class OrderTotalsPreview:
    """The amounts of an order that is not placed yet."""

    goods: Money
    """Sum of price x quantity over its lines."""
    discount: Money
    """All discounts: of the lines, and of the whole order."""
    shipping: Money
    """All shipping charges."""
    tax: Money
    """All taxes, shipping taxes included."""
    total: Money
    """The amount the customer would pay."""
    prices_include_tax: bool
    """Whether prices contain the taxes."""

    @classmethod
    def of(cls, priced: Priced) -> Self:
        """Describe the money of an order."""
        price = priced.price
        amounts = {
            name: Money.of(getattr(price, name), price.currency) for name in ("goods", "discount", "shipping", "tax", "total")
        }
        return cls(**amounts, prices_include_tax=priced.prices_include_tax)


@output
class OrderPricePreview:
    """An order as it would be placed now. Nothing is written or reserved."""

    totals: OrderTotalsPreview | None
    """The amounts of the order; null where a line or an amount is wrong."""
    lines: list[OrderLinePreview]
    """The lines of the order, in the order of the input; empty where a line or an amount is wrong."""
    errors: list[UserError]
    """The errors that would refuse the order now, with the paths of the input; empty if it would be placed."""

    @classmethod
    def of(cls, preview: CartPreview) -> Self:
        """Describe what placing an order would come to."""
        errors = [each for error in preview.errors for each in user_errors(error)]
        if preview.priced is None:
            return cls(totals=None, lines=[], errors=errors)
        currency, taxed = preview.priced.price.currency, preview.priced.prices_include_tax
        lines = [OrderLinePreview.of(at, line, currency, taxed=taxed) for at, line in enumerate(preview.lines)]
        return cls(totals=OrderTotalsPreview.of(preview.priced), lines=lines, errors=errors)


@output
class OrderPreviewQueries:
    """Asking what an order would come to."""

    @query(
        Scope.ORDERS_WRITE,
        description=(
            "The amounts, the availability and the errors of an order as if it were placed now. Nothing is written or "
            "reserved: a moment later, others may have taken the units."
        ),
        price=A_PREVIEW,
    )
    async def order_price_preview(
        self, info: Info, input: Annotated[OrderCartInput, argument("The order; it may be incomplete.")]
    ) -> OrderPricePreview:
        try:
            cart = input.to_command()
        except OmsError as error:
            return OrderPricePreview.of(CartPreview(errors=tuple(error.causes)))
        return OrderPricePreview.of(await info.context.execute(preview_cart, cart))
