"""Deciding on an edit: the changes applied to what was agreed, priced, and sourced as a new order would be."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from oms_api.db.session import LookAgain, Tx
from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.inventory.errors import InsufficientStock
from oms_api.domain.inventory.sellable import Sellable
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.orders.changes import wanted
from oms_api.domain.orders.changes.agreement import AgreedLine, Agreement
from oms_api.domain.orders.changes.errors import NothingLeft
from oms_api.domain.orders.changes.repricing import PricedLine, Totals, placed_at, reprice, totals_of
from oms_api.domain.orders.given import MOST_LINES, Amount, LineGiven, PlaceOrder
from oms_api.domain.orders.pricing import OrderPrice
from oms_api.domain.orders.texts import wrong_texts
from oms_api.domain.promising.snapshot import ChannelSnapshot, SkuSnapshot
from oms_api.domain.sourcing.groups import SentFrom
from oms_api.kernel.address import Address
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError, Refused, TooManyItems
from oms_api.kernel.ids import LineId, LocationId, new_uuid
from oms_api.workflows.cancellation import Cancellation
from oms_api.workflows.edit_order.canceling import copied, quantities_to_cancel
from oms_api.workflows.edit_order.read import Agreed
from oms_api.workflows.place_order.decide import Decision
from oms_api.workflows.place_order.plan import OrderPlan, PlannedLine, Sourcing
from oms_api.workflows.place_order.snapshot import PlacingSnapshot, claim_and_read, read_sourcing
from oms_api.workflows.place_order.waiting_days import Promises, promise_waiting

BARE: dict[str, Any] = {"discounts": (), "shipping": (), "shipping_address": None, "delivery_point": None}
"""Of an order that is placed, nothing but its lines."""


@dataclass(slots=True)
class Sale:
    """What an edit sells beyond what was ordered: new lines and lines of which more is wanted, with the sources of their units.

    `lines` are in the order in which `sourcing` counts them, new ones first; `tops` are those of them that are no components,
    `more` the lines that were there, `freed` the units at levels that it cancels.
    """

    snapshot: PlacingSnapshot = field(default_factory=PlacingSnapshot)
    channel: ChannelSnapshot | None = None
    new: list[PricedLine] = field(default_factory=list)
    lines: list[PlannedLine] = field(default_factory=list)
    tops: dict[LineId, PricedLine] = field(default_factory=dict)
    more: set[LineId] = field(default_factory=set)
    sourcing: Sourcing = field(default_factory=lambda: Sourcing([]))
    promises: Promises = field(default_factory=dict)
    plan: OrderPlan | None = None
    freed: Mapping[LevelKey, int] = field(default_factory=dict)

    @property
    def new_lines(self) -> list[PlannedLine]:
        """The lines that are new, components after their bundle."""
        return [line for line in self.lines if line.id not in self.more]


async def sell(tx: Tx, document: OrderDocument, agreed: Agreed) -> Sale:
    """Price the edit of an agreement, and find units for what it adds: by the rules that orders are placed by.

    Nothing is read where nothing is added. Raises: Refused, with all that is wrong; InsufficientStock; LookAgain, where what
    there is to be had is known under locks only.
    """
    agreement = agreement_left(agreed.agreement)
    raised = [line for line in agreement.lines.values() if line.raised]
    given = as_placed(document, agreed, raised)
    errors = texts_wrong(given, agreement, len(agreed.lines))
    if not agreement.added and not raised:
        if errors:
            raise Refused(errors=errors)
        reprice(agreement, [])
        return Sale()
    _, snapshot = await claim_and_read(tx, [], [given])
    await read_sourcing(tx, snapshot)
    decision = Decision(snapshot, tx.principal, new_uuid, tx.now, sent=sent_from(document, agreed))
    channel = snapshot.channels[document.order.channel_id]
    items = _items(decision, channel, agreement, errors)
    if errors:
        raise Refused(errors=errors)
    sale = Sale(snapshot, channel, reprice(agreement, [price for _, price in items]))
    for priced, (sku, _) in zip(sale.new, items, strict=True):
        planned = decision.planned(priced.line.given, sku, priced.price)
        sale.tops[planned[0].id] = priced
        sale.lines += planned
    for agreed_line in raised:
        sale.more.add(agreed_line.row.id)
        sale.lines.append(planned_more(snapshot, agreed_line))
    sale.freed = freed_by(tx, document, agreed)
    decision.stock = with_freed(decision.stock, sale, given.priority)
    await _source(tx, document, decision, given, sale)
    return sale


def freed_by(tx: Tx, document: OrderDocument, agreed: Agreed) -> dict[LevelKey, int]:
    """Return the units that an edit frees by canceling others: they may serve what it adds, whoever else waits for such goods.

    What comes of lots is left out, for it may have expired. Raises: Refused, with what cannot be canceled.
    """
    if not any(line.lowered for line in agreed.agreement.tops):
        return {}
    looked_at = copied(document)
    quantities = quantities_to_cancel(looked_at, agreed.agreement)
    skus = {line.id: line.sku_id for line in agreed.lines}
    places = {
        promise.level_id: (sku, promise.location_id)
        for promise in document.promises.values()
        if not promise.in_lots and (sku := skus[promise.line_id]) is not None
    }
    freed = Counter[LevelKey]()
    for settled in Cancellation.of(tx, looked_at, quantities).freed:
        if settled.level_id in places:
            freed[places[settled.level_id]] += settled.quantity
    return dict(freed)


def with_freed(stock: Sellable, sale: Sale, priority: int) -> Sellable:
    """Return what can be promised to the order of *priority*: what others leave who wait before it, and what *sale* frees."""
    wanted = {line.sku.id for line in sale.lines if line.sku is not None}
    own = {key: units for key, units in sale.freed.items() if key[0] in wanted and key in stock.free}
    if not own:
        return stock
    left = stock.left_for(priority, wanted)
    available, free = ({key: units + own.get(key, 0) for key, units in each.items()} for each in (left.available, left.free))
    return Sellable(available, free)


def sent_from(document: OrderDocument, agreed: Agreed) -> SentFrom:
    """Return the locations that serve an order already."""
    there: dict[LineId, list[LocationId]] = {}
    for promise in document.promises.values():
        if promise.allocated + promise.in_fulfillment:
            there.setdefault(promise.line_id, []).append(promise.location_id)
    return SentFrom.of((line.ship_group, there.get(line.id, [])) for line in agreed.lines)


def agreement_left(agreement: Agreement) -> Agreement:
    """Return *agreement*. Raises: NothingLeft, where its edit leaves no units."""
    if not agreement.added and not any(line.left for line in agreement.tops):
        raise NothingLeft(field=("changes",))
    return agreement


def _items(
    decision: Decision, channel: ChannelSnapshot, agreement: Agreement, errors: list[OmsError]
) -> list[tuple[SkuSnapshot | None, Amount]]:
    """Return the SKU and the unit price of each new line; note in *errors* what cannot be sold, or not more of."""
    items: list[tuple[SkuSnapshot | None, Amount]] = []
    for line in agreement.added:
        try:
            items.append(decision.item(line.given, channel))
        except OmsError as error:
            error.field = (*line.path, *(error.field or ()))
            errors.append(error)
    for top in agreement.tops:
        try:
            if top.raised and top.row.sku_code is not None:
                decision.sku(LineGiven(quantity=top.raised, sku=top.row.sku_code), channel)
        except OmsError as error:
            error.field = top.paths["quantity"]
            errors.append(error)
    return items


async def _source(tx: Tx, document: OrderDocument, decision: Decision, given: PlaceOrder, sale: Sale) -> None:
    """Find units for the lines of *sale*, let the others wait, and promise a day for them."""
    assert sale.channel is not None  # noqa: S101 - it was read with the lines
    try:
        sale.sourcing = decision.sources(given, sale.channel, sale.lines)
    except InsufficientStock as error:
        if not tx.pessimistic:
            raise LookAgain from error
        error.field = ("changes",)
        raise
    if sale.snapshot.contested and not tx.pessimistic:
        raise LookAgain
    order = document.order
    price = OrderPrice(order.currency, [], 0, 0, 0, 0, 0, 0)
    sourcing = sale.sourcing
    sale.plan = OrderPlan(
        order.id, given, sale.channel, price, order.prices_include_tax, sale.lines, sourcing.sources, None, sourcing.waiting
    )
    sale.promises = await promise_waiting(tx, decision, [sale.plan])


def as_placed(document: OrderDocument, agreed: Agreed, raised: Sequence[AgreedLine]) -> PlaceOrder:
    """Return what an edit adds as an order that is placed: its new lines, then those of which more is wanted."""
    order, agreement, party = document.order, agreed.agreement, agreed.party
    more = (LineGiven(quantity=line.raised, sku=line.row.sku_code) for line in raised if line.row.sku_code is not None)
    said, point = (agreement.of_order.get(kind) for kind in (wanted.SetShippingAddress, wanted.SetDeliveryPoint))
    address = said.address if isinstance(said, wanted.SetShippingAddress) else None
    if said is None and party is not None and party.shipping_address is not None:
        address = Address(**party.shipping_address)
    country = order.country if said is None else agreed.billing_country
    if address is None and country is not None:
        address = Address(country=country)
    return PlaceOrder(
        idempotency_key="",
        channel_id=order.channel_id,
        lines=(*(line.given for line in agreement.added), *more),
        shipping_address=address,
        delivery_point=point.delivery_point if isinstance(point, wanted.SetDeliveryPoint) else None,
        discounts=tuple(agreement.order_discounts or ()),
        shipping=tuple(agreement.charges or ()),
        ship_complete=order.ship_complete,
        priority=order.priority,
    )


def texts_wrong(given: PlaceOrder, agreement: Agreement, lines: int) -> list[OmsError]:
    """Return which texts of an edit are too long, at their places in it, and whether it adds too many lines."""
    errors: list[OmsError] = []
    if lines + len(agreement.added) > MOST_LINES:
        errors.append(TooManyItems(limit=MOST_LINES, given=lines + len(agreement.added), field=("changes",)))
    for change, tops in ((line, line.given) for line in agreement.added):
        for error in wrong_texts(replace(given, lines=(tops,), **BARE)):
            error.field = placed_at(change, error.field)
            errors.append(error)
    for line in agreement.tops:
        if line.discounts is not None or line.taxes is not None:
            said = LineGiven(quantity=1, discounts=tuple(line.discounts or ()), taxes=tuple(line.taxes or ()))
            path = line.paths.get("discounts") or line.paths["price"]
            for error in wrong_texts(replace(given, lines=(said,), **BARE)):
                error.field = (*path, *tuple(error.field or ())[2:])
                errors.append(error)
    places = {
        "discounts": (*agreement.paths.get(wanted.SetOrderDiscounts, ()), "discounts"),
        "shipping": (*agreement.paths.get(wanted.SetShipping, ()), "charges"),
        "deliveryPoint": (*agreement.paths.get(wanted.SetDeliveryPoint, ()), "deliveryPoint"),
        "shippingAddress": (*agreement.paths.get(wanted.SetShippingAddress, ()), "address"),
    }
    for error in wrong_texts(replace(given, lines=())):
        first, *rest = error.field or ("",)
        error.field = (*places.get(first, (first,)), *rest)
        errors.append(error)
    return errors


def planned_more(snapshot: PlacingSnapshot, line: AgreedLine) -> PlannedLine:
    """Return the units of a line that are wanted beyond those that were, as a line that is placed."""
    row = line.row
    sku = None if row.sku_id is None else snapshot.skus[row.sku_id]
    barred = row.barred_from or ()
    places = row.parent_line_id, row.pinned_to, barred, row.ship_group
    return PlannedLine(row.id, row.kind, sku, row.name, line.raised, line.price, *places)


def totals(document: OrderDocument, agreement: Agreement, sale: Sale) -> Totals:
    """Return what the order comes to after the edit. Raises: AmountTooLarge."""
    return totals_of(agreement, sale.new, prices_include_tax=document.order.prices_include_tax)
