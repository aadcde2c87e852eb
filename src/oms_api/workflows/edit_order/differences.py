"""What an edit makes different, as its record and its event tell it: path, before, after."""

from collections.abc import Sequence
from typing import Any

from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.orders.changes import wanted
from oms_api.domain.orders.changes.agreement import price_of
from oms_api.domain.orders.changes.record import Difference
from oms_api.domain.orders.given import DiscountGiven
from oms_api.domain.orders.tables import OrderRow
from oms_api.kernel.ids import IdKind, LineId, text_id
from oms_api.kernel.money import Money
from oms_api.workflows.edit_order.apply import Applied
from oms_api.workflows.edit_order.decide import Sale
from oms_api.workflows.edit_order.read import Agreed

UNITS = ("ordered", "canceled")
OF_LINE = {
    "goods": "goods",
    "discount": "discount",
    "order_discount": "orderDiscountShare",
    "tax": "tax",
    "shipping": "shippingShare",
}
OF_ORDER = {
    "goods_minor": "goods",
    "discount_minor": "discount",
    "shipping_minor": "shipping",
    "tax_minor": "tax",
    "total_minor": "total",
}


def differences_of(document: OrderDocument, agreed: Agreed, applied: Applied, sale: Sale, was: OrderRow) -> list[Difference]:
    """Return what differs of lines and amounts, and of how the order leaves."""
    order, currency = document.order, document.order.currency
    found = [
        Difference(path, _amount(getattr(was, name), currency), _amount(getattr(order, name), currency))
        for name, path in OF_ORDER.items()
    ]
    found += _of_lines(document, applied, currency)
    found += [
        Difference(_line(line.id, "sku"), None, line.sku.code if line.sku else line.name)
        for line in sale.new_lines
        if line.parent is None
    ]
    found += [Difference(_line(line.id, "ordered"), None, line.quantity) for line in sale.new_lines]
    found += _of_order(agreed, was, order)
    return [each for each in found if each.before != each.after]


def personal_differences_of(agreed: Agreed) -> list[Difference]:
    """Return what differs of where the order goes."""
    said, party = agreed.agreement.of_order, agreed.party
    found: list[Difference] = []
    address = said.get(wanted.SetShippingAddress)
    if isinstance(address, wanted.SetShippingAddress):
        before = None if party is None else party.shipping_address
        found.append(Difference("shippingAddress", before, _plain(address.address)))
    point = said.get(wanted.SetDeliveryPoint)
    if isinstance(point, wanted.SetDeliveryPoint):
        before = None if party is None else party.delivery_point
        found.append(Difference("deliveryPoint", before, _plain(point.delivery_point)))
    return [each for each in found if each.before != each.after]


def _of_lines(document: OrderDocument, applied: Applied, currency: str) -> list[Difference]:
    found: list[Difference] = []
    for line in applied.repriced:
        key, before = line.row.id, price_of(line.row)
        prices = (format(price.unit_price.normalize(), "f") for price in (before, line.price))
        found.append(Difference(_line(key, "unitPrice"), *prices))
        found += [
            Difference(_line(key, path), _amount(getattr(before, name), currency), _amount(getattr(line.price, name), currency))
            for name, path in OF_LINE.items()
        ]
    for key, was in applied.before.items():
        now = document.lines[key]
        if now is not was:
            found += [Difference(_line(key, name), getattr(was, name), getattr(now, name)) for name in UNITS]
    return found


def _of_order(agreed: Agreed, was: OrderRow, order: OrderRow) -> list[Difference]:
    """Return what differs of labels and methods, also where the amounts are the same."""
    agreement = agreed.agreement
    found = [Difference("shipComplete", was.ship_complete, order.ship_complete)]
    if agreement.order_discounts is not None:
        before = sorted(row.label for row in agreed.discounts if row.line_id is None)
        found.append(Difference("discounts", _listed(before), _listed(_labels(agreement.order_discounts))))
    if agreement.charges is not None:
        titles = sorted(f"{row.title} ({row.code})" if row.code else row.title for row in agreed.charges)
        said = sorted(f"{each.title} ({each.code})" if each.code else each.title for each in agreement.charges)
        found.append(Difference("shippingCharges", _listed(titles), _listed(said)))
    for line in agreement.tops:
        if line.discounts is not None:
            labels = sorted(row.label for row in line.discount_rows)
            found.append(Difference(_line(line.row.id, "discounts"), _listed(labels), _listed(_labels(line.discounts))))
    return found


def _line(key: LineId, name: str) -> str:
    return f"lines.{text_id(IdKind.LINE, key)}.{name}"


def _amount(minor: int, currency: str) -> str:
    return str(Money(minor, currency).amount)


def _labels(given: Sequence[DiscountGiven]) -> list[str]:
    return sorted(each.label for each in given)


def _listed(texts: Sequence[str]) -> str | None:
    return ", ".join(texts) or None


def _plain(given: object) -> dict[str, Any] | None:
    """Return a person's place as it is stored: its parts by name."""
    return None if given is None else {name: getattr(given, name) for name in type(given).__dataclass_fields__}  # type: ignore[attr-defined]
