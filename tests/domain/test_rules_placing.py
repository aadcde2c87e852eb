"""What rules do with orders that are placed."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.commands.upsert_skus import upsert_sku
from oms_api.domain.catalog.given import SkuChanges, UpsertSku
from oms_api.domain.catalog.states import SkuKind
from oms_api.domain.orders.changes.wanted import SetQuantity
from oms_api.domain.orders.given import PlaceOrder
from oms_api.domain.orders.holds.states import HoldStatus
from oms_api.domain.orders.notes.tables import OrderNoteRow
from oms_api.domain.orders.states import OrderStatus
from oms_api.domain.orders.tables import OrderLineRow, OrderShippingRow
from oms_api.domain.rules.errors import RuleRejected
from oms_api.domain.rules.states import RuleMode, RuleTrigger
from oms_api.kernel.address import Address, Contact
from oms_api.workflows.place_order.flow import PlaceOrders, place_orders
from tests.factories.asking import counted_statements
from tests.factories.given import SYSTEM, Given
from tests.factories.raw import raw
from tests.factories.ruling import TAG, K, Rules, act
from tests.factories.trading import Shop, fee, findings, line

HOLD = act(K.HOLD, reason="FRAUD_REVIEW", hours=12, note="Look at it.")


async def rows(work: UnitOfWork, table: Any, order_id: object) -> list[Any]:
    async with work.reads(SYSTEM) as read:
        return list(await read.all(raw(select(table).where(table.order_id == order_id))))


async def opened(work: UnitOfWork) -> tuple[Shop, Rules]:
    shop = await Shop.open(work)
    return shop, Rules(work, shop.channel)


async def test_an_order_that_matches_gets_what_the_actions_say(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    cup, gift = await shop.stocked(9), await shop.stocked(9)
    actions = (
        HOLD,
        act(K.TAG, tags=("big", "vip")),
        act(K.NOTE, note="Pack it well."),
        act(K.SET_PRIORITY, priority=7),
        act(K.SET_SHIPPING, code="EXPRESS", title="Express"),
        act(K.ADD_LINE, sku=gift.code, quantity=2),
        act(K.ROUTE, profile="nearest"),
    )
    rule = await rules.active("order.total > 50.0", *actions)
    small = await shop.order((await shop.place(line(cup))).id)
    assert (small.tags, small.on_hold, small.priority) == ([], False, 0)
    assert [await rules.matches(small.id), len(await rules.rulings(small.id))] == [[], 1]
    big = await shop.order((await shop.place(line(cup, 6), tags=("vip", "web"))).id)
    assert (big.tags, big.on_hold, big.priority, big.total_minor) == (["vip", "web", "big"], True, 7, 5994)
    lines = await rows(work, OrderLineRow, big.id)
    assert [(each.sku_code, each.ordered, each.total_minor) for each in lines] == [(cup.code, 6, 5994), (gift.code, 2, 0)]
    (note,) = await rows(work, OrderNoteRow, big.id)
    assert (note.text, note.actor) == ("Pack it well.", f"rule {rule.code}")
    (charge,) = await rows(work, OrderShippingRow, big.id)
    assert (charge.code, charge.title, charge.amount_minor) == ("EXPRESS", "Express", 0)
    (hold,) = await rules.holds(big.id)
    assert (hold.reason, hold.placed_by, hold.note) == ("FRAUD_REVIEW", f"rule {rule.code}", "Look at it.")
    assert hold.release_at == hold.placed_at + timedelta(hours=12)
    (match,) = await rules.matches(big.id)
    assert (match.rule_id, match.number, match.mode, match.error) == (rule.id, 1, RuleMode.ACTIVE, None)
    assert [(did["kind"], did["applied"]) for did in match.did] == [
        (action.kind, action.kind is not K.ROUTE)  # no profile has that code
        for action in actions
    ]
    assert not await findings(work)


async def test_a_rule_may_refuse_an_order_and_only_that_one_of_a_batch(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    cup = await shop.stocked(9)
    rule = await rules.active('order.country == "FR"', act(K.REJECT, message="We do not ship to France."))
    with pytest.raises(RuleRejected) as refused:
        await shop.place(line(cup), shipping_address=Address(country="FR"))
    assert (refused.value.message, refused.value.rule) == ("We do not ship to France.", rule.code)
    batch = PlaceOrders(
        tuple(
            PlaceOrder(
                idempotency_key=uuid4().hex,
                channel_id=shop.channel.id,
                lines=(line(cup),),
                shipping_address=Address(country=to),
            )
            for to in ("GB", "FR", "IE")
        )
    )
    placed = await work.execute(SYSTEM, place_orders, batch)
    assert [type(each.error) for each in placed] == [type(None), RuleRejected, type(None)]
    assert not await findings(work)


async def test_rules_are_asked_by_position_until_one_stops(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    cup = await shop.stocked(9)
    await rules.active("true", act(K.TAG, tags=("last",)), position=30)
    await rules.active("true", act(K.SET_PRIORITY, priority=2), act(K.TAG, tags=("second",)), act(K.STOP), position=20)
    await rules.active("true", act(K.SET_PRIORITY, priority=1), act(K.TAG, tags=("first",)), position=10)
    order = await shop.order((await shop.place(line(cup))).id)
    assert (order.tags, order.priority) == (["first", "second"], 1)
    matches = await rules.matches(order.id)
    assert [[did["applied"] for did in match.did] for match in matches] == [[True, True], [False, True, True]]


async def test_a_shadow_changes_nothing_but_is_listed(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    cup, gift = await shop.stocked(9), await shop.stocked(9)
    await rules.active("true", HOLD, TAG, act(K.ADD_LINE, sku=gift.code, quantity=1), act(K.STOP), mode=RuleMode.SHADOW)
    await rules.active("true", act(K.REJECT, message="No."), mode=RuleMode.SHADOW)
    await rules.active("lines[7].quantity == 1", mode=RuleMode.SHADOW)
    order = await shop.order((await shop.place(line(cup))).id)
    assert (order.tags, order.on_hold, len(await rows(work, OrderLineRow, order.id))) == ([], False, 1)
    matches = await rules.matches(order.id)
    assert [(match.mode, bool(match.error)) for match in matches] == [
        (RuleMode.SHADOW, False),
        (RuleMode.SHADOW, False),
        (RuleMode.SHADOW, True),
    ]
    assert not any(did["applied"] for match in matches for did in match.did)
    assert not await rules.holds(order.id)


LONG = 'lines.all(a, lines.all(b, a.quantity == b.quantity && a.name != "A thing"))'
"""It takes few steps where lines are called so, as those on which it is tried when it is written."""


@pytest.mark.parametrize(
    ("condition", "lines", "error"),
    [
        ("lines[1].quantity == 1", 1, "Index error: index=1 size=1"),
        ("order.attributes.unheard == 1", 1, 'Key not found in map : "unheard"'),
        ("10 / (order.units - 1) == 1", 1, "divide by zero"),
        (LONG, 120, "it ran too long: iteration budget exceeded"),
    ],
)
async def test_a_rule_that_fails_is_recorded_and_holds_the_order(
    work: UnitOfWork, condition: str, lines: int, error: str
) -> None:
    shop, rules = await opened(work)
    cup = await shop.stocked(500)
    rule = await rules.active(condition)
    order = await shop.order((await shop.place(*(line(cup),) * lines)).id)
    (match,) = await rules.matches(order.id)
    (hold,) = await rules.holds(order.id)
    assert (match.error, match.did) == (error, [])
    assert (hold.reason, hold.placed_by, order.on_hold) == ("RULE_FAILED", f"rule {rule.code}", True)
    assert hold.note == f"The rule {rule.code} failed: {error}"
    assert not await findings(work)


async def test_what_is_not_in_stock_is_left_out(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    cup, gift = await shop.stocked(9), await shop.stocked(3)
    await rules.active("true", act(K.ADD_LINE, sku=gift.code, quantity=2))
    added = []
    for _ in range(3):
        order = await shop.place(line(cup))
        (match,) = await rules.matches(order.id)
        added.append((len(await rows(work, OrderLineRow, order.id)), match.did[0]["applied"]))
    assert added == [(2, True), (1, False), (1, False)]
    own = await shop.place(line(gift))
    assert len(await rows(work, OrderLineRow, own.id)) == 1
    assert not await findings(work)


async def test_the_past_of_customer_and_address_is_known(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    cup = await shop.stocked(99)
    ada = await Given(work).customer()
    await rules.active("customer.known && customer.orders == 0", act(K.TAG, tags=("new",)))
    await rules.active("customer.orders >= 2 && customer.spent > 15.0", act(K.TAG, tags=("loyal",)))
    await rules.active("order.sameAddressOrders24h >= 2", act(K.TAG, tags=("same",)))
    tags = []
    for number in range(3):
        to = Address(country="GB", postal_code=("SW1A 1AA", "sw1a1aa")[number % 2], line1="1 The Mall")
        order = await shop.order((await shop.place(line(cup), customer_id=ada.id, shipping_address=to)).id)
        tags.append(sorted(order.tags))
    guest = await shop.order((await shop.place(line(cup))).id)
    assert tags == [["new"], [], ["loyal", "same"]]
    assert guest.tags == []


async def test_orders_of_one_batch_know_of_each_other(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    cup = await shop.stocked(99)
    await rules.active("order.sameAddressOrders24h >= 1", act(K.TAG, tags=("same",)))
    to = Address(country="GB", postal_code=Given.code("P"))
    batch = PlaceOrders(
        tuple(
            PlaceOrder(idempotency_key=uuid4().hex, channel_id=shop.channel.id, lines=(line(cup),), shipping_address=to)
            for _ in "ab"
        )
    )
    placed = await work.execute(SYSTEM, place_orders, batch)
    assert [each.order.tags for each in placed if each.order] == [[], ["same"]]


async def test_facts_of_an_order(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    cup = await shop.stocked(99)
    box = await Given(work).sku(kind=SkuKind.BUNDLE, components={cup.code: 2})
    weighed = UpsertSku(idempotency_key=uuid4().hex, code=cup.code, changes=SkuChanges(weight_g=1_250))
    await work.execute(SYSTEM, upsert_sku, weighed)
    held = [
        'order.currency == "GBP" && order.total == 29.97 && order.subtotal == 29.97 && order.units == 3',
        'order.emailDomain == "example.com" && order.city == "London" && order.billingDiffers',
        f'lines.exists(line, line.sku == "{cup.code}" && line.quantity == 3 && line.unitPrice == 9.99)',
        'order.addressQuality == "DOUBTFUL" && order.hour >= 0 && order.weekday in [1, 2, 3, 4, 5, 6, 7]',
        f'channel.code == "{shop.channel.code}" && !customer.known && order.lineCount == 1 && order.weightKg == 3.75',
    ]
    for number, condition in enumerate(held):
        await rules.active(condition, act(K.TAG, tags=(str(number),)), position=number)
    address = Address(country="GB", city="London", postal_code="nowhere")
    billing = Address(country="IE")
    contact = Contact(email="Ada@Example.com")
    said: dict[str, Any] = {"shipping_address": address, "billing_address": billing, "contact": contact, "priority": 4}
    order = await shop.order((await shop.place(line(cup, 3), **said)).id)
    assert order.tags == ["0", "1", "2", "3", "4"]
    await rules.active("order.weightKg == 5.0", act(K.TAG, tags=("heavy",)), triggers=tuple(RuleTrigger))
    boxes = await shop.place(line(box, 2))
    assert (await shop.order(boxes.id)).tags == ["heavy"]
    edited = await shop.place(line(cup, 1))
    (top,) = await shop.lines(edited.id)
    await shop.edit(edited.id, SetQuantity(line_id=top.id, quantity=4))
    assert "heavy" in (await shop.order(edited.id)).tags


async def test_an_order_that_would_be_over_at_once_is_held(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    await shop.hand_over_at_once()
    await rules.active("true", HOLD)
    order = await shop.order((await shop.place(fee())).id)
    (match,) = await rules.matches(order.id)
    assert (order.on_hold, order.status, match.did[0]["applied"]) == (True, OrderStatus.OPEN, True)
    assert len(await rules.holds(order.id)) == 1
    assert not await findings(work)


async def test_a_channel_is_judged_by_its_own_rules_and_by_those_for_all(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    other = await Shop.open(work)
    cup, pot = await shop.stocked(9), await other.stocked(9)
    only, tag = await rules.active("true", act(K.TAG, tags=("one",)), position=2), Given.code("all")
    general = await rules.active(f'"{tag}" in order.tags', act(K.TAG, tags=("all",)), channel_ids=None, position=1)
    assert (await shop.order((await shop.place(line(cup), tags=(tag,))).id)).tags == [tag, "all", "one"]
    assert (await other.order((await other.place(line(pot), tags=(tag,))).id)).tags == [tag, "all"]
    later = await Shop.open(work)
    pan = await later.stocked(9)
    assert (await later.order((await later.place(line(pan), tags=(tag,))).id)).tags == [tag, "all"]
    for rule in (general, only):
        await rules.retire(rule)
    order = await shop.order((await shop.place(line(cup), tags=(tag,))).id)
    assert (order.tags, await rules.rulings(order.id)) == ([tag], [])


async def test_the_next_version_takes_over_once_it_is_activated(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    cup = await shop.stocked(9)
    rule = await rules.active("true", act(K.TAG, tags=("first",)))
    rule = await rules.update(rule, actions=(act(K.TAG, tags=("second",)),))
    assert rule.mode is RuleMode.ACTIVE
    assert (await shop.order((await shop.place(line(cup))).id)).tags == ["first"]
    await rules.activate(rule, RuleMode.SHADOW)
    order = await shop.order((await shop.place(line(cup))).id)
    assert order.tags == ["first"]
    assert sorted((match.number, match.mode) for match in await rules.matches(order.id)) == [
        (1, RuleMode.ACTIVE),
        (2, RuleMode.SHADOW),
    ]
    await rules.activate(rule)
    order = await shop.order((await shop.place(line(cup))).id)
    assert (order.tags, [match.number for match in await rules.matches(order.id)]) == (["second"], [2])


async def test_a_hold_for_an_approval_waits_for_one(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    cup = await shop.stocked(9)
    await rules.active("true", act(K.REQUIRE_APPROVAL, note="Ask the boss."))
    order = await shop.order((await shop.place(line(cup))).id)
    (hold,) = await rules.holds(order.id)
    assert (hold.approval, hold.reason, hold.status) == (True, "APPROVAL", HoldStatus.ACTIVE)


async def test_placing_reads_nothing_for_rules_that_are_asked_about_edits_only(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    rule = await rules.active("customer.orders > 1000", triggers=(RuleTrigger.ORDER_EDITED,))
    sku = await shop.stocked(9)
    await shop.place(line(sku))  # compiles the rulebook
    with counted_statements() as sent:
        order = await shop.place(line(sku))
    assert not [text for text in sent if "asked.before" in text]
    assert await rules.rulings(order.id) == []
    await rules.activate(await rules.update(rule, triggers=(RuleTrigger.ORDER_PLACED,)))
    with counted_statements() as sent:
        order = await shop.place(line(sku))
    assert [text for text in sent if "asked.before" in text]
    assert len(await rules.rulings(order.id)) == 1
