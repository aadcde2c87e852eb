"""Applying a decided edit to the order's document: more units, another price, units canceled, units taken."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from oms_api.db.session import Tx
from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.fulfillment.gate import Withholding
from oms_api.domain.fulfillment.schedule import Place, opens_on
from oms_api.domain.fulfillment.taking import TakenUnits, Works, take
from oms_api.domain.inventory.sourcing import Source
from oms_api.domain.orders.changes.agreement import AgreedLine, Agreement, price_of
from oms_api.domain.orders.dues import Share
from oms_api.domain.orders.pricing import LinePrice
from oms_api.domain.orders.quantities import LineMoney, LineUnits, hand_over, wait_for_supply
from oms_api.domain.orders.states import LineKind
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LineId
from oms_api.workflows.cancellation import Cancellation
from oms_api.workflows.edit_order.canceling import quantities_to_cancel
from oms_api.workflows.edit_order.decide import Sale


@dataclass(slots=True)
class Applied:
    """What an edit did to a document: lines as they were *before*, the lines whose money or units are others, units taken."""

    before: Mapping[LineId, LineUnits]
    repriced: Sequence[AgreedLine]
    cancellation: Cancellation | None
    taken: Sequence[TakenUnits]
    works: Works
    withheld: Withholding | None = None

    def less(self, document: OrderDocument) -> dict[LineId, Share]:
        """Return what lines cost less than before, as their customer pays it; of bundles their components."""
        taxed = document.order.prices_include_tax
        found: dict[LineId, Share] = {}
        for key, line in document.lines.items():
            if line.kind is LineKind.BUNDLE:
                continue
            was, now = _left(self.before.get(key)), _left(line)
            gone = was - now
            if (amount := gone.amount(prices_include_tax=taxed)) > 0:
                found[key] = Share(amount, gone.shipping, gone.tax)
        return found


def apply(tx: Tx, document: OrderDocument, agreement: Agreement, sale: Sale) -> Applied:
    """Apply an edit to *document*. Raises: Refused, where units cannot be canceled."""
    before = dict(document.lines)
    repriced = [line for line in agreement.lines.values() if line.raised or line.price != price_of(line.row)]
    for line in repriced:
        units = document.lines[line.row.id]
        more = replace(units, ordered=line.ordered, unsourced=units.unsourced + line.raised)
        document.set_line(replace(more, money=_money(line.price), shipping_tax=line.price.shipping_tax))
    for planned in sale.new_lines:
        document.add_line(
            LineUnits(
                id=planned.id,
                kind=planned.kind,
                parent_id=planned.parent,
                ordered=planned.quantity,
                unsourced=planned.quantity,
                money=_money(planned.price),
                shipping_tax=planned.price.shipping_tax,
                sends_again=planned.id in sale.tops and sale.tops[planned.id].line.again_for is not None,
            )
        )
    document.reopened = document.reopened or bool(sale.lines)
    quantities = quantities_to_cancel(document, agreement)
    cancellation = Cancellation.of(tx, document, quantities) if quantities else None
    withheld, taken = Withholding.of(document), _taken(tx, sale)
    works = take(tx, document, taken)
    for position, waiting in sale.sourcing.waiting.items():
        key = sale.lines[position].id
        document.set_line(wait_for_supply(document.lines[key], waiting.units))
    return Applied(before, repriced, cancellation, taken, works, withheld)


def hand_over_new(document: OrderDocument, sale: Sale) -> None:
    """Hand over what is added beside goods and nobody has to send; nothing of an order that is on hold or to be paid first."""
    if document.order.on_hold or document.awaits_payment or not any(line.kind.ships for line in document.lines.values()):
        return
    for planned in sale.lines:
        if document.lines[planned.id].waits_for_payment:
            document.set_line(hand_over(document.lines[planned.id]))


def _taken(tx: Tx, sale: Sale) -> list[TakenUnits]:
    def day(source: Source) -> Place:
        channel = sale.channel
        ships_on = None if channel is None else sale.snapshot.preorders.get((channel.id, source.sku_id))
        return Place.of(source, opens_on(ships_on, tx.now))

    return [TakenUnits(source, sale.lines[source.line].id, day(source)) for source in sale.sourcing.sources]


def _money(price: LinePrice) -> LineMoney:
    return LineMoney(
        goods=price.goods,
        discount=price.discount + price.order_discount,
        shipping=price.shipping,
        tax=price.tax + price.shipping_tax,
    )


def _left(line: LineUnits | None) -> LineMoney:
    return LineMoney() if line is None else line.money - line.money.share(line.gone, line.ordered)
