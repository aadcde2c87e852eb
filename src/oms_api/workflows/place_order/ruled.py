"""What the rules of a channel make of an order that is being placed: the facts that they are asked about, and their verdict."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from oms_api.db.session import Tx
from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.inventory.sellable import Sellable
from oms_api.domain.orders.given import MOST_LINES, Amount, Cart, LineGiven, ShippingGiven
from oms_api.domain.orders.pricing import LinePrice
from oms_api.domain.promising.snapshot import ChannelSnapshot, SkuSnapshot
from oms_api.domain.rules.books import ChannelRules
from oms_api.domain.rules.conditions import Facts
from oms_api.domain.rules.states import RuleTrigger
from oms_api.domain.rules.verdicts import Did, Verdict
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ChannelId, SkuId, SourcingProfileVersionId
from oms_api.workflows.place_order.plan import Demanded, PlannedLine, Priced
from oms_api.workflows.place_order.snapshot import PlacingSnapshot, read_sourcing
from oms_api.workflows.rule_orders.facts import people_facts, quality
from oms_api.workflows.rule_orders.history import PastQuestion, place_of
from oms_api.workflows.rule_orders.judging import Judge, judge_of, major, moment_facts, past_facts

FREE = Amount(value=Decimal(0))
NO_PROFILE = "no active sourcing profile has this code"
NOT_IN_STOCK = "there is not enough of it in stock"


@dataclass(frozen=True, slots=True)
class Ruled:
    """An order as rules leave it, and their verdict; without rules as it came."""

    given: Cart
    priced: Priced
    verdict: Verdict | None = None


async def judge_carts(tx: Tx, snapshot: PlacingSnapshot, carts: Sequence[Cart]) -> Judge | None:
    """Return who judges *carts*, None where their channels have no rules.

    What rules and sourcing profiles want to know is read in one round trip; where there are neither, in none.
    """
    judge = await _judge(tx, snapshot, carts)
    answers = await read_sourcing(tx, snapshot, routes_of(judge), *(() if judge is None else judge.questions.statements))
    if judge is not None:
        judge.known = judge.questions.known(answers)
    return judge


async def _judge(tx: Tx, snapshot: PlacingSnapshot, carts: Sequence[Cart]) -> Judge | None:
    rules: dict[ChannelId, ChannelRules] = {
        key: channel.rules for key, channel in snapshot.channels.items() if channel.rules is not None
    }
    if not rules:
        return None

    def asked() -> Iterable[PastQuestion]:
        for cart in carts:
            if cart.channel_id in rules:
                yield asked_of(cart, snapshot.channels[cart.channel_id], tx.now)

    owners = [cart.customer_id for cart in carts if cart.customer_id is not None]
    return await judge_of(tx, RuleTrigger.ORDER_PLACED, rules, asked, owners, snapshot.skus)


def routes_of(judge: Judge | None) -> set[str]:
    """Return the codes of the sourcing profiles that rules may route orders to."""
    rules = () if judge is None else (rule for book in judge.books.values() for rule in book.rules)
    return {action.profile for rule in rules for action in rule.actions if action.profile is not None}


def routed(ruled: "Ruled", channel: ChannelSnapshot, routes: Mapping[str, SourcingProfileVersionId]) -> ChannelSnapshot:
    """Return the channel as the order is sourced: by the profile that a rule routes it to, where that is active."""
    verdict = ruled.verdict
    if verdict is None or verdict.route is None:
        return channel
    if (version := routes.get(verdict.route)) is not None:
        return replace(channel, profile=version)
    for did in (did for match in verdict.acted for did in match.did if did.action.profile == verdict.route):
        did.refuse(NO_PROFILE)
    return channel


def asked_of(cart: Cart, channel: ChannelSnapshot, now: datetime) -> PastQuestion:
    """Return what the past is asked about an order that is placed."""
    place = place_of(cart.shipping_address)
    return PastQuestion(channel.id, cart.customer_id, channel.currency, cart.occurred_at or now, place)


def rule_cart(judge: Judge | None, cart: Cart, channel: ChannelSnapshot, priced: Priced) -> Ruled:
    """Return *cart* as the rules of its channel leave it, before its goods are looked for. Raises: RuleRejected."""
    if judge is None or channel.rules is None or channel.id not in judge.books:
        return Ruled(cart, priced)
    verdict = judge.of(channel.id, cart_facts(judge, cart, channel, channel.rules, priced))
    said: dict[str, Any] = {}
    if verdict.tags:
        said["tags"] = (*cart.tags, *(tag for tag in verdict.tags if tag not in cart.tags))
    if verdict.priority is not None:
        said["priority"] = verdict.priority
    if verdict.shipping is not None:
        code, title = verdict.shipping
        first = replace(cart.shipping[0], code=code, title=title) if cart.shipping else None
        said["shipping"] = (first or ShippingGiven(title=title, price=FREE, code=code), *cart.shipping[1:])
    return Ruled(replace(cart, **said) if said else cart, priced, verdict)


class Stock(Protocol):
    """What a decision knows of SKUs and of what can be promised of them."""

    snapshot: PlacingSnapshot
    stock: Sellable

    def planned(self, line: LineGiven, sku: SkuSnapshot | None, price: LinePrice) -> list[PlannedLine]:
        """Return a line as it is written."""

    def demanded(self, given: Cart, channel: ChannelSnapshot, lines: list[PlannedLine]) -> Demanded:
        """Return the goods that an order wants."""


def with_inserts(decision: Stock, ruled: Ruled, channel: ChannelSnapshot) -> tuple[Ruled, list[Did]]:
    """Return the order with the lines at price 0 that rules add, as far as there is stock beside what it wants itself.

    Also which actions those are; the others say why not.
    """
    verdict, added = ruled.verdict, list[Did]()
    if verdict is None or not verdict.inserts:
        return ruled, added
    taken: dict[SkuId, int] = {}
    for demand in decision.demanded(ruled.given, channel, ruled.priced.lines).wanted:
        taken[demand.sku_id] = taken.get(demand.sku_id, 0) + demand.quantity
    for action, did in verdict.inserts:
        units, key = action.quantity or 0, decision.snapshot.sku_ids.get(action.sku or "")
        sku = None if key is None else decision.snapshot.skus[key]
        if sku is None or not sku.active:
            did.refuse("its SKU is not sold any more")
            continue
        there = decision.stock.promisable(channel, sku.id, priority=ruled.given.priority) - taken.get(sku.id, 0)
        if there < units or len(ruled.given.lines) >= MOST_LINES:
            did.refuse(NOT_IN_STOCK)
            continue
        taken[sku.id] = taken.get(sku.id, 0) + units
        line = LineGiven(quantity=units, sku=sku.code, unit_price=FREE)
        lines = [*ruled.priced.lines, *decision.planned(line, sku, LinePrice(Decimal(0), 0, 0, 0, 0))]
        given = replace(ruled.given, lines=(*ruled.given.lines, line))
        ruled = Ruled(given, replace(ruled.priced, lines=lines), verdict)
        added.append(did)
    return ruled, added


def cart_facts(judge: Judge, cart: Cart, channel: ChannelSnapshot, rules: ChannelRules, priced: Priced) -> Facts:
    """Return what the rules of *channel* are told of an order that is placed."""
    needs, price, at = judge.needs(channel.id), priced.price, cart.occurred_at or judge.now
    asked = asked_of(cart, channel, judge.now)
    past, currency = judge.past(asked), price.currency
    order: dict[str, Any] = {
        "currency": currency,
        "total": major(price.total, currency),
        "subtotal": major(price.goods, currency),
        "discount": major(price.discount, currency),
        "shipping": major(price.shipping, currency),
        "shippingCode": next((charge.code for charge in cart.shipping), None) or "",
        "note": cart.note or "",
        "tags": cart.tags,
        "priority": cart.priority,
        "externalRef": cart.external_ref or "",
        "onAccount": cart.on_account,
        "lineCount": len(cart.lines),
        "units": sum(line.quantity for line in cart.lines),
        "sameAddressOrders24h": past.same_place,
        **people_facts(cart.shipping_address, cart.billing_address, cart.contact.email if cart.contact else None),
        "phone": (cart.contact.phone if cart.contact else None) or "",
        **moment_facts(at, rules.time_zone),
    }
    customer = past_facts(past, asked)
    if "addressQuality" in needs:
        order["addressQuality"] = quality(cart.shipping_address, cart.delivery_point)
    if "weightKg" in needs:
        goods = ((line.sku.id, line.quantity) for line in priced.lines if line.sku is not None and line.kind.ships)
        order["weightKg"] = judge.known.weight_kg(goods)
    if "attributes" in needs:
        order["attributes"] = judge.known.attributes(AttributeOwner.ORDER, cart.attributes)
        customer["attributes"] = judge.known.attributes(AttributeOwner.CUSTOMER, (), cart.customer_id)
    lines = list(_line_facts(judge, cart, priced)) if "lines" in needs else []
    about = {"code": rules.code, "currency": channel.currency}
    return {"order": order, "lines": lines, "customer": customer, "channel": about}


def _line_facts(judge: Judge, cart: Cart, priced: Priced) -> Iterable[dict[str, Any]]:
    currency, attributes = priced.price.currency, bool(judge.known.definitions)
    tops = (line for line in priced.lines if line.parent is None)
    for line, given, price in zip(tops, cart.lines, priced.price.lines, strict=True):
        yield {
            "sku": line.sku.code if line.sku else "",
            "name": line.name,
            "kind": line.kind.value,
            "quantity": line.quantity,
            "unitPrice": float(price.unit_price),
            "total": major(price.net, currency),
            "discount": major(price.discount, currency),
            **({"attributes": judge.known.attributes(AttributeOwner.LINE, given.attributes)} if attributes else {}),
        }
