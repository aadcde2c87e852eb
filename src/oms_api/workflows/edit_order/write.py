"""Writing an edit: lines, discounts, taxes, charges, totals and people as they are then, and the record of what it changed."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TypeVar

from oms_api.db.records import changed
from oms_api.db.rows import Row, inserts, updates
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.attributes.given import rows_of, wanted_of
from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.attributes.tables import AttributeValueRow
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.orders.changes import wanted
from oms_api.domain.orders.changes.agreement import AgreedLine
from oms_api.domain.orders.changes.repricing import PricedLine, Totals
from oms_api.domain.orders.changes.tables import OrderChangeLineRow
from oms_api.domain.orders.pricing import LinePrice
from oms_api.domain.orders.quantities import LineMoney, LineUnits
from oms_api.domain.orders.tables import (
    OrderDiscountRow,
    OrderLineRow,
    OrderPartyRow,
    OrderRow,
    OrderShippingRow,
    OrderTaxRow,
    sold_to,
)
from oms_api.domain.sourcing.states import SourcingAct
from oms_api.domain.sourcing.writing import DECISIONS, decision_rows
from oms_api.kernel.address import Address, DeliveryPoint
from oms_api.kernel.ids import LineId, OrderChangeId, OrderChangeLineId
from oms_api.workflows.edit_order.apply import Applied
from oms_api.workflows.edit_order.decide import Sale
from oms_api.workflows.edit_order.read import Agreed
from oms_api.workflows.place_order.extras import charge_rows, discount_rows, tax_row, tax_rows
from oms_api.workflows.place_order.rows import backorder_rows, item_columns, money_columns

Place = TypeVar("Place", Address, DeliveryPoint)
MONEY = tuple(money_columns(LinePrice(Decimal(), 0, 0, 0, 0), taxed=True))
TOTALS = ("goods_minor", "discount_minor", "shipping_minor", "tax_minor", "rounding_minor", "total_minor")
NEW_LINES, AGREED = inserts(OrderLineRow), updates(OrderLineRow, "ordered", "unsourced", *MONEY)
HEADER = updates(OrderRow, *TOTALS, "country", "sales_country", "ship_complete")
DISCOUNTS, TAXES, CHARGES = inserts(OrderDiscountRow), inserts(OrderTaxRow), inserts(OrderShippingRow)
PARTIES, CHANGED_LINES, BACKORDERS = inserts(OrderPartyRow), inserts(OrderChangeLineRow), inserts(BackorderRow)
ATTRIBUTES = inserts(AttributeValueRow)
SCALED = updates(OrderTaxRow, "amount_minor")
DROP = {
    table: Sql(f"DELETE FROM {table} WHERE id = ANY (:ids::uuid[])")  # noqa: S608 - our own names
    for table in ("order_discount", "order_tax", "order_shipping")
}
PARTS = ("goods", "discount", "shipping", "tax")


def write_agreement(tx: Tx, document: OrderDocument, agreed: Agreed, sale: Sale, applied: Applied) -> None:
    """Write lines, discounts, taxes, charges, totals and people as the edit has them, before the document is saved."""
    taxed = document.order.prices_include_tax
    first = max((line.position for line in agreed.lines), default=-1) + 1
    tx.write(AGREED, [_agreed_row(line, applied.before[line.row.id], taxed=taxed) for line in applied.repriced])
    tx.write(NEW_LINES, list(_new_rows(document, sale, first, taxed=taxed)))
    _write_extras(tx, document, agreed, sale)
    _write_attributes(tx, sale)
    tx.write(HEADER, [document.order])
    _write_people(tx, document, agreed)
    _regate(tx, document, agreed, sale, applied)


def header_after(order: OrderRow, agreed: Agreed, totals: Totals) -> OrderRow:
    """Return the header with its *totals*, where it goes, and whether it leaves together; sales keep the country they had."""
    values: dict[str, object] = {
        "goods_minor": totals.goods,
        "discount_minor": totals.discount,
        "shipping_minor": totals.shipping,
        "tax_minor": totals.tax,
        "rounding_minor": totals.rounding,
        "total_minor": totals.total,
    }
    agreement = agreed.agreement
    said = agreement.of_order.get(wanted.SetShippingAddress)
    if isinstance(said, wanted.SetShippingAddress):
        country = said.address.country if said.address else agreed.billing_country
        values |= {"country": country, "sales_country": sold_to(order, country)}
    together = agreement.of_order.get(wanted.SetShipComplete)
    if isinstance(together, wanted.SetShipComplete):
        values["ship_complete"] = together.ship_complete
    return changed(order, **values)


def _write_people(tx: Tx, document: OrderDocument, agreed: Agreed) -> None:
    """Add a version of the people on the order, where the edit says another address or delivery point."""
    said = agreed.agreement.of_order
    address, point = said.get(wanted.SetShippingAddress), said.get(wanted.SetDeliveryPoint)
    if address is None and point is None:
        return
    party = agreed.party
    row: Row = {
        "order_id": document.order.id,
        "version": 1 if party is None else party.version + 1,
        "contact": party and party.contact,
        "shipping_address": party and party.shipping_address,
        "billing_address": party and party.billing_address,
        "delivery_point": party and party.delivery_point,
    }
    if isinstance(address, wanted.SetShippingAddress):
        row["shipping_address"] = address.address
    if isinstance(point, wanted.SetDeliveryPoint):
        row["delivery_point"] = point.delivery_point
    tx.write(PARTIES, [row])
    document.readdressed = True


def _regate(tx: Tx, document: OrderDocument, agreed: Agreed, sale: Sale, applied: Applied) -> None:
    """Look anew where goods go: where the edit says it, and where it brings the first of them."""
    said, party = agreed.agreement.of_order, agreed.party
    address, point = said.get(wanted.SetShippingAddress), said.get(wanted.SetDeliveryPoint)
    goods = any(line.kind.ships for line in sale.new_lines) and not any(line.kind.ships for line in applied.before.values())
    if address is None and point is None and not goods:
        return
    to = address.address if isinstance(address, wanted.SetShippingAddress) else _as(Address, party and party.shipping_address)
    at = (
        point.delivery_point
        if isinstance(point, wanted.SetDeliveryPoint)
        else _as(DeliveryPoint, party and party.delivery_point)
    )
    agreed.gate.regate(tx, document, to, at)


def _as(kind: Callable[..., Place], given: object) -> Place | None:
    """Return what was stored of *kind*."""
    return kind(**given) if isinstance(given, dict) else None


def write_change_lines(tx: Tx, document: OrderDocument, applied: Applied, sale: Sale, change_id: OrderChangeId) -> None:
    """Record what the edit changed of each line: more units, and what all of them cost more."""
    ordered = {line.row.id: line.raised for line in applied.repriced} | {line.id: line.quantity for line in sale.new_lines}
    rows: list[Row] = []
    for key, units in ordered.items():
        was, now = applied.before.get(key), document.lines[key]
        before, gone = (LineMoney(), LineMoney()) if was is None else (was.money, was.money.share(was.gone, was.ordered))
        still = LineMoney() if was is None else now.money.share(was.gone, now.ordered)
        more, gone_more = now.money - before, still - gone
        rows.append(
            {
                "id": tx.new_id(OrderChangeLineId),
                "change_id": change_id,
                "line_id": key,
                "units": units,
                **{f"{name}_minor": getattr(more, name) for name in PARTS},
                **{f"gone_{name}_minor": getattr(gone_more, name) for name in PARTS},
            }
        )
    tx.write(CHANGED_LINES, rows)


def write_backorders(tx: Tx, sale: Sale) -> None:
    """Let units wait as promised, and keep what a profile decided on those that were sourced."""
    if sale.plan is not None:
        tx.write(BACKORDERS, backorder_rows(sale.plan, sale.promises, tx.now))
        if (decided := sale.sourcing.decided) is not None:
            order = sale.plan.id
            tx.write(DECISIONS, list(decision_rows(tx, order, decided.version_id, SourcingAct.EDITED, decided.steps)))


def _agreed_row(line: AgreedLine, was: LineUnits, *, taxed: bool) -> Row:
    units: Row = {"id": line.row.id, "ordered": line.ordered, "unsourced": was.unsourced + line.raised}
    return units | money_columns(line.price, taxed=taxed)


def _new_rows(document: OrderDocument, sale: Sale, first: int, *, taxed: bool) -> Iterator[Row]:
    """Yield the new lines with all their units unsourced: the document's own statement moves those on."""
    for position, line in enumerate(sale.new_lines, first):
        priced = sale.tops.get(line.id)
        again_for = None if priced is None else priced.line.again_for
        replaced = again_for or (None if priced is None else priced.line.replaces)
        yield {
            **item_columns(line),
            "order_id": document.order.id,
            "position": position,
            "replaces_line_id": None if replaced is None else replaced.row.id,
            "sends_again": again_for is not None,
            "ordered": line.quantity,
            "unsourced": line.quantity,
            **money_columns(line.price, taxed=taxed),
        }


def _write_extras(tx: Tx, document: OrderDocument, agreed: Agreed, sale: Sale) -> None:
    """Replace discounts, taxes and charges where the edit says them anew; scale the taxes that follow a price."""
    agreement, key, currency = agreed.agreement, document.order.id, document.order.currency
    discounts, taxes, scaled = list[Row](), list[Row](), list[Row]()
    gone: dict[str, list[object]] = {table: [] for table in DROP}
    for line in agreement.tops:
        if line.discounts is not None:
            gone["order_discount"] += [row.id for row in line.discount_rows]
            discounts += discount_rows(key, line.row.id, line.discounts, currency)
        if line.taxes is not None:
            gone["order_tax"] += [row.id for row in line.tax_rows]
            taxes += tax_rows(key, line.row.id, line.taxes, currency)
        elif line.scaled_taxes is not None:
            scaled += [{"id": row.id, "amount_minor": part} for row, part in zip(line.tax_rows, line.scaled_taxes, strict=True)]
    for line_id, priced in sale.tops.items():
        discounts += discount_rows(key, line_id, priced.line.given.discounts, currency)
        taxes += _taxes_of_new(document, line_id, priced)
    if agreement.order_discounts is not None:
        gone["order_discount"] += [row.id for row in agreed.discounts if row.line_id is None]
        discounts += discount_rows(key, None, agreement.order_discounts, currency)
    if agreement.charges is not None:
        gone["order_shipping"] += [row.id for row in agreed.charges]
        gone["order_tax"] += [row.id for row in agreed.taxes if row.line_id is None]
        taxes += [tax for charge in agreement.charges for tax in tax_rows(key, None, charge.taxes, currency)]
        tx.write(CHARGES, charge_rows(key, agreement.charges, currency))
    for table, ids in gone.items():
        if ids:
            tx.closing.append(DROP[table](ids=array(ids)))
    tx.write(DISCOUNTS, discounts)
    tx.write(TAXES, taxes)
    tx.write(SCALED, scaled)


def _write_attributes(tx: Tx, sale: Sale) -> None:
    """Keep the values of attributes that new lines were given."""
    known = sale.snapshot.attributes
    for line_id, priced in sale.tops.items():
        tx.write(ATTRIBUTES, rows_of(line_id, wanted_of(AttributeOwner.LINE, priced.line.given.attributes, known)[0]))


def _taxes_of_new(document: OrderDocument, line_id: LineId, priced: PricedLine) -> Iterator[Row]:
    """Yield the taxes of a new line: as given, or those of the line it replaces at their rate."""
    old, order = priced.line.replaces, document.order
    if old is None or priced.tax_minors is None:
        yield from tax_rows(order.id, line_id, priced.line.given.taxes, order.currency)
        return
    for row, amount in zip(old.tax_rows, priced.tax_minors, strict=True):
        yield tax_row(order.id, line_id, row.title, row.rate, amount)
