"""What lines are read from: most fields of a page are lines', and few of a line's are asked for."""

from dataclasses import dataclass
from typing import Any

from oms_api.domain.orders.tables import OrderLine as LineRow
from oms_api.graphql.money import Money
from oms_api.kernel.ids import IdKind, text_id


@dataclass(slots=True)
class LoadedLine:
    """What an OrderLine is read from: its columns by their names, and beside them ids and money."""

    row: LineRow
    currency: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)

    @property
    def id(self) -> str:
        """The id as clients see it."""
        return text_id(IdKind.LINE, self.row.id)

    @property
    def parent_line_id(self) -> str | None:
        """The id of the bundle's line."""
        return None if self.row.parent_line_id is None else text_id(IdKind.LINE, self.row.parent_line_id)

    @property
    def unit_price(self) -> Money:
        """The price of one unit."""
        return Money.of_price(self.row.unit_price, self.currency)

    @property
    def goods(self) -> Money:
        """Price x quantity."""
        return Money.of(self.row.goods_minor, self.currency)

    @property
    def rounding(self) -> Money:
        """By how much the given total differed."""
        return Money.of(self.row.rounding_minor, self.currency)

    @property
    def discount(self) -> Money:
        """The line's own discounts."""
        return Money.of(self.row.discount_minor, self.currency)

    @property
    def order_discount_share(self) -> Money:
        """Its share of the order's discounts."""
        return Money.of(self.row.order_discount_minor, self.currency)

    @property
    def tax(self) -> Money:
        """Its taxes."""
        return Money.of(self.row.tax_minor, self.currency)

    @property
    def shipping_share(self) -> Money:
        """Its share of the shipping charges."""
        return Money.of(self.row.shipping_minor, self.currency)

    @property
    def total(self) -> Money:
        """What the line costs."""
        return Money.of(self.row.total_minor, self.currency)
