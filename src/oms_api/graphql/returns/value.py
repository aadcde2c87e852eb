"""What units that come back are worth."""

from typing import Self

from oms_api.domain.orders.quantities import LineMoney
from oms_api.domain.orders.tables import OrderRow
from oms_api.graphql.described import output
from oms_api.graphql.money import Money


@output
class ReturnValue:
    """The amount the customer paid for units: the price of each line, divided over the units of the line.

    The last unit of a line takes the difference that rounding leaves.
    """

    goods: Money
    """Price x quantity, before discounts."""
    discount: Money
    """All discounts."""
    shipping: Money
    """The units' share of the shipping charges."""
    tax: Money
    """The taxes, including the taxes on shipping."""
    total: Money
    """The amount the customer paid for the units: goods - discount + shipping, + tax where prices do not include it."""

    @classmethod
    def of(cls, value: LineMoney, order: OrderRow) -> Self:
        """Describe a share of what *order* cost."""
        total = value.amount(prices_include_tax=order.prices_include_tax)
        amounts = (value.goods, value.discount, value.shipping, value.tax, total)
        goods, discount, shipping, tax, paid = (Money.of(minor, order.currency) for minor in amounts)
        return cls(goods=goods, discount=discount, shipping=shipping, tax=tax, total=paid)
