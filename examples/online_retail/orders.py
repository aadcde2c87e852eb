"""What an invoice is as an order: the input of `orderPlace`, and what the API must answer for it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Any

import orjson

from examples.online_retail.countries import country_code
from examples.online_retail.rows import Row
from examples.online_retail.sales import Part, Sale

CURRENCY = "GBP"
PENNY = Decimal("0.01")
LONGEST_NAME = 1_000
POSTAGE_NAME, DISCOUNT_NAME = "Postage", "Discount"


@dataclass(frozen=True, slots=True)
class Money:
    """The money of an order in GBP, to the penny; `lost` is what rounding its lines took from its unrounded gross sale."""

    goods: Decimal
    shipping: Decimal
    discount: Decimal
    lost: Decimal

    @property
    def gross(self) -> Decimal:
        """What was sold, before discounts."""
        return self.goods + self.shipping

    @property
    def total(self) -> Decimal:
        """What the customer pays."""
        return self.gross - self.discount


def money_of(sale: Sale) -> Money:
    """Return what *sale* must come to."""
    sums = dict.fromkeys(Part, Decimal(0))
    unrounded = Decimal(0)
    for part, _, row in sale.parts():
        sums[part] += to_the_penny(abs(row.amount))
        unrounded += row.amount if row.is_gross_sale else 0
    gross = sums[Part.LINE] + sums[Part.SHIPPING]
    return Money(sums[Part.LINE], sums[Part.SHIPPING], sums[Part.DISCOUNT], unrounded - gross)


def order_input(sale: Sale, channel_id: str, customer_ids: Mapping[str, str]) -> dict[str, Any]:
    """Return *sale* as `orderPlace` takes it; its idempotency key is made of its content."""
    parts: dict[str, list[dict[str, Any]]] = {"lines": [], "shipping": [], "discounts": []}
    for part, _, row in sale.parts():
        match part:
            case Part.SHIPPING:
                parts["shipping"].append({"title": row.description or POSTAGE_NAME, "code": row.code, "price": charge(row)})
            case Part.DISCOUNT:
                parts["discounts"].append({"label": row.description or DISCOUNT_NAME, "amount": charge(row)})
            case Part.LINE:
                parts["lines"].append(line_input(row))
    country = country_code(sale.country)
    order = {
        "externalRef": sale.invoice,
        "currencyCode": CURRENCY,
        "shippingAddress": {"country": country} if country else None,
        "tags": [] if country else [f"country: {sale.country}"],
        "total": {"amount": str(money_of(sale).total)},
        "occurredAt": sale.placed_at.isoformat(),
        **parts,
    }
    key = keyed("order", sale.invoice, {**order, "customer": sale.customer})
    customer = None if sale.customer is None else customer_ids[sale.customer]
    return {"idempotencyKey": key, "channelId": channel_id, "customerId": customer, **order}


def line_input(row: Row) -> dict[str, Any]:
    """Return *row* as a line of an order."""
    line = {"sku": row.code, "quantity": row.quantity, "unitPrice": {"amount": f"{row.price:f}"}}
    return line if row.description is None else {**line, "name": row.description[:LONGEST_NAME]}


def charge(row: Row) -> dict[str, str]:
    """Return the whole amount of *row*, as a positive one."""
    return {"amount": str(to_the_penny(abs(row.amount)))}


def to_the_penny(amount: Decimal) -> Decimal:
    """Return *amount* with half a penny rounded away from zero, as the API does."""
    return amount.quantize(PENNY, ROUND_HALF_UP)


def keyed(what: str, name: str, content: object) -> str:
    """Return the idempotency key of *content*: the same content always has the same one."""
    return f"online-retail:{what}:{name}:{sha256(orjson.dumps(content)).hexdigest()[:32]}"
