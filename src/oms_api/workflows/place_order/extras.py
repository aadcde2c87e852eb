"""The rows of discounts, taxes and shipping charges as given, on a line of an order or (without a line) on the order."""

from collections.abc import Iterable, Iterator

from oms_api.db.rows import Row
from oms_api.domain.orders.given import DiscountGiven, ShippingGiven, TaxGiven
from oms_api.kernel.ids import LineId, OrderId, new_uuid
from oms_api.kernel.money import to_minor


def discount_rows(order_id: OrderId, line_id: LineId | None, given: Iterable[DiscountGiven], currency: str) -> Iterator[Row]:
    """Yield the discounts that take something off."""
    for discount in given:
        if amount := to_minor(discount.amount.value, currency):
            yield {
                "id": new_uuid(),
                "order_id": order_id,
                "line_id": line_id,
                "code": discount.code,
                "label": discount.label,
                "amount_minor": amount,
            }


def tax_rows(order_id: OrderId, line_id: LineId | None, given: Iterable[TaxGiven], currency: str) -> Iterator[Row]:
    """Yield the taxes."""
    for tax in given:
        yield tax_row(order_id, line_id, tax.title, tax.rate, to_minor(tax.amount.value, currency))


def tax_row(order_id: OrderId, line_id: LineId | None, title: str, rate: object, amount: int) -> Row:
    """Return a tax of an *amount* in minor units."""
    values = {"title": title, "rate": rate, "amount_minor": amount}
    return {"id": new_uuid(), "order_id": order_id, "line_id": line_id, **values}


def charge_rows(order_id: OrderId, given: Iterable[ShippingGiven], currency: str) -> Iterator[Row]:
    """Yield the shipping charges."""
    for charge in given:
        amount = to_minor(charge.price.value, currency)
        yield {"id": new_uuid(), "order_id": order_id, "code": charge.code, "title": charge.title, "amount_minor": amount}
