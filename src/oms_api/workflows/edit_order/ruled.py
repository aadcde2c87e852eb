"""What the rules of a channel make of an order that is edited: asked about it as it will be, they hold, tag or refuse it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from oms_api.db.records import changed
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.orders.changes import wanted
from oms_api.domain.orders.holds.tables import OrderHoldRow
from oms_api.domain.orders.quantities import LineMoney, LineUnits
from oms_api.domain.orders.states import LineKind
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.rules.books import ChannelRules
from oms_api.domain.rules.conditions import Facts
from oms_api.domain.rules.states import RuleTrigger
from oms_api.domain.rules.verdicts import Verdict
from oms_api.kernel.access import SYSTEM_CLIENT
from oms_api.kernel.address import Address, Contact, DeliveryPoint
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LineId, RulebookId, SkuId
from oms_api.workflows.address_gate import AddressGate
from oms_api.workflows.edit_order.decide import Sale
from oms_api.workflows.edit_order.read import Agreed
from oms_api.workflows.rule_orders.facts import people_facts, quality
from oms_api.workflows.rule_orders.history import PastQuestion, known_of, place_of
from oms_api.workflows.rule_orders.judging import Judge, judge_of, major, moment_facts, past_facts
from oms_api.workflows.rule_orders.record import Judged, Rulings, write_verdict

DETAILS = updates(OrderRow, "tags", "priority")
Part = TypeVar("Part", Address, Contact, DeliveryPoint)
HELD = "the hold that it placed before is still there"
OVER = "nothing is left to do for the order"
PASSED = "The rule does not match any more since the order was edited."


@dataclass(frozen=True, slots=True)
class RuledEdit:
    """What rules say of an order after an edit, and the holds of rules that do not match any more."""

    verdict: Verdict
    rulebook_id: RulebookId
    over: Sequence[OrderHoldRow] = ()


async def rule_edit(tx: Tx, document: OrderDocument, agreed: Agreed, sale: Sale) -> RuledEdit | None:
    """Return what rules say of an order as an edit leaves it, None where none is asked. Raises: RuleRejected."""
    rules, order = agreed.rules, document.order
    if rules is None:
        return None
    to = destination(agreed)
    asked = PastQuestion(order.channel_id, order.customer_id, order.currency, order.placed_at, place_of(to), order.id)
    owners = [order.id, *document.lines, *([order.customer_id] if order.customer_id else [])]
    judge = await judge_of(
        tx, RuleTrigger.ORDER_EDITED, {order.channel_id: rules}, lambda: [asked], owners, _skus(agreed, sale).values()
    )
    if judge is None:
        return None
    judge.known = await known_of(tx, judge.questions)
    facts = _facts(judge, document, agreed, sale, rules, asked)
    verdict = judge.of(order.channel_id, facts)
    own, passed = (
        [hold for hold in agreed.gate.active if hold.owner == SYSTEM_CLIENT],
        {rule.placed_by for rule in verdict.passed},
    )
    verdict.keep_holds({(hold.placed_by, hold.reason) for hold in own}, HELD)
    if not any(line.waiting for line in document.lines.values()):
        verdict.let_go(OVER)
    return RuledEdit(verdict, rules.rulebook_id, [hold for hold in own if hold.placed_by in passed])


def apply_ruling(tx: Tx, document: OrderDocument, gate: AddressGate, ruled: RuledEdit, at: datetime) -> None:
    """Do to an edited order, before it is saved, what rules say, and hand what is written beside to the last flush."""
    for hold in ruled.over:
        gate.end(tx, document, hold, PASSED)
    verdict, order = ruled.verdict, document.order
    tags = [*order.tags, *(tag for tag in verdict.tags if tag not in order.tags)]
    priority = order.priority if verdict.priority is None else verdict.priority
    changes: dict[str, tuple[object, object]] = {}
    if tags != order.tags:
        changes["tags"] = (order.tags, tags)
    if priority != order.priority:
        changes["priority"] = (order.priority, priority)
    judged = Judged(
        rulebook_id=ruled.rulebook_id,
        order_id=order.id,
        channel_id=order.channel_id,
        location_ids=tuple(document.location_ids),
        on_hold=order.on_hold,
    )
    document.order = changed(order, tags=tags, priority=priority, on_hold=order.on_hold or bool(verdict.holds))
    if changes:
        tx.write(DETAILS, [document.order])
    rulings = Rulings()
    write_verdict(tx, verdict, judged, at, rulings, changes)
    rulings.write(tx)


def destination(agreed: Agreed) -> Address | None:
    """Return where the goods go after the edit."""
    said = agreed.agreement.of_order.get(wanted.SetShippingAddress)
    if isinstance(said, wanted.SetShippingAddress):
        return said.address
    return _stored(Address, agreed.party.shipping_address if agreed.party else None)


def _stored(kind: Callable[..., Part], given: object) -> Part | None:
    """Return what was stored of *kind*."""
    return kind(**given) if isinstance(given, dict) else None


def _facts(
    judge: Judge, document: OrderDocument, agreed: Agreed, sale: Sale, rules: ChannelRules, asked: PastQuestion
) -> Facts:
    """Return what rules are told of an order as it will be: what is canceled or came back counts no more."""
    order, agreement, party, needs = document.order, agreed.agreement, agreed.party, judge.needs(asked.channel_id)
    past, currency = judge.past(asked), order.currency
    left = LineMoney()
    for line in document.lines.values():
        if line.kind is not LineKind.BUNDLE:
            left += _left(line)
    tops = [line for line in document.lines.values() if line.parent_id is None and line.ordered > line.gone]
    charges = agreement.charges if agreement.charges is not None else agreed.charges
    contact = _stored(Contact, party.contact if party else None)
    billing = _stored(Address, party.billing_address if party else None)
    about_order: dict[str, Any] = {
        "currency": currency,
        "total": major(left.amount(prices_include_tax=order.prices_include_tax), currency),
        "subtotal": major(left.goods, currency),
        "discount": major(left.discount, currency),
        "shipping": major(left.shipping, currency),
        "shippingCode": next((charge.code for charge in charges), None) or "",
        "note": order.note or "",
        "tags": order.tags,
        "priority": order.priority,
        "externalRef": order.external_ref or "",
        "onAccount": order.on_account,
        "lineCount": len(tops),
        "units": sum(line.ordered - line.gone for line in tops),
        "sameAddressOrders24h": past.same_place,
        **people_facts(destination(agreed), billing, contact.email if contact else None),
        "phone": (contact.phone if contact else None) or "",
        **moment_facts(order.placed_at, rules.time_zone),
    }
    customer = past_facts(past, asked)
    if "addressQuality" in needs:
        about_order["addressQuality"] = quality(destination(agreed), _point(agreed))
    if "weightKg" in needs:
        skus = _skus(agreed, sale)
        goods = ((skus[line.id], line.ordered - line.gone) for line in document.lines.values() if line.kind.ships)
        about_order["weightKg"] = judge.known.weight_kg(goods)
    if "attributes" in needs:
        about_order["attributes"] = judge.known.attributes(AttributeOwner.ORDER, (), order.id)
        customer["attributes"] = judge.known.attributes(AttributeOwner.CUSTOMER, (), order.customer_id)
    lines = list(_line_facts(judge, tops, agreed, sale, currency)) if "lines" in needs else []
    return {"order": about_order, "lines": lines, "customer": customer, "channel": {"code": rules.code, "currency": currency}}


def _skus(agreed: Agreed, sale: Sale) -> dict[LineId, SkuId]:
    """Return the SKU of each line that has one."""
    there = {line.id: line.sku_id for line in agreed.lines if line.sku_id is not None}
    return there | {line.id: line.sku.id for line in sale.new_lines if line.sku is not None}


def _point(agreed: Agreed) -> DeliveryPoint | None:
    said = agreed.agreement.of_order.get(wanted.SetDeliveryPoint)
    if isinstance(said, wanted.SetDeliveryPoint):
        return said.delivery_point
    return _stored(DeliveryPoint, agreed.party.delivery_point if agreed.party else None)


def _line_facts(judge: Judge, tops: list[LineUnits], agreed: Agreed, sale: Sale, currency: str) -> Iterator[dict[str, Any]]:
    rows = {line.id: line for line in agreed.lines}
    new = {line.id: line for line in sale.new_lines}
    for line in tops:
        row, planned, left = rows.get(line.id), new.get(line.id), _left(line)
        sku = row.sku_code if row else planned.sku.code if planned and planned.sku else None
        price = agreed.agreement.lines[line.id].price if row else planned.price if planned else None
        yield {
            "sku": sku or "",
            "name": row.name if row else planned.name if planned else "",
            "kind": line.kind.value,
            "quantity": line.ordered - line.gone,
            "unitPrice": float(price.unit_price) if price else 0.0,
            "total": major(left.goods - left.discount, currency),
            "discount": major(left.discount, currency),
            **_attributes(judge, line.id, sale),
        }


def _attributes(judge: Judge, line_id: LineId, sale: Sale) -> dict[str, Any]:
    if not judge.known.definitions:
        return {}
    top = sale.tops.get(line_id)
    given = top.line.given.attributes if top else ()
    return {"attributes": judge.known.attributes(AttributeOwner.LINE, given, line_id)}


def _left(line: LineUnits) -> LineMoney:
    return line.money - line.money.share(line.gone, line.ordered)
