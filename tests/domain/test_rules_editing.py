"""What rules do with orders that are edited."""

import pytest

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.orders.changes.wanted import AddLine, SetQuantity, SetShippingAddress
from oms_api.domain.orders.holds.states import HoldStatus
from oms_api.domain.rules.errors import RuleRejected
from oms_api.domain.rules.states import RuleMode, RuleTrigger
from oms_api.kernel.address import Address, Contact
from oms_api.workflows.edit_order.ruled import PASSED
from oms_api.workflows.rule_orders.judging import Judge
from tests.factories.given import Given
from tests.factories.holding import hold, release
from tests.factories.ruling import K, Rules, act
from tests.factories.trading import Shop, findings, line

BOTH = (RuleTrigger.ORDER_PLACED, RuleTrigger.ORDER_EDITED)
EDITED = (RuleTrigger.ORDER_EDITED,)
HOLD = act(K.HOLD, reason="FRAUD_REVIEW")


async def opened(work: UnitOfWork) -> tuple[Shop, Rules]:
    shop = await Shop.open(work)
    return shop, Rules(work, shop.channel)


async def test_an_edit_is_judged_by_what_the_order_will_be(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    cup = await shop.stocked(99)
    tag, priority, note = act(K.TAG, tags=("big",)), act(K.SET_PRIORITY, priority=5), act(K.NOTE, note="Grown.")
    await rules.active("order.total > 30.0 && order.units == 4", HOLD, tag, priority, note, triggers=EDITED)
    order = await shop.place(line(cup), tags=("web",))
    (top,) = await shop.lines(order.id)
    await shop.edit(order.id, SetQuantity(line_id=top.id, quantity=2))
    small = await shop.order(order.id)
    assert (small.on_hold, small.tags, len(await rules.rulings(order.id))) == (False, ["web"], 1)
    preview = await shop.preview(order.id, SetQuantity(line_id=top.id, quantity=4))
    assert (preview.order.tags, (await shop.order(order.id)).tags) == (["web", "big"], ["web"])
    await shop.edit(order.id, SetQuantity(line_id=top.id, quantity=4))
    big = await shop.order(order.id)
    assert (big.on_hold, big.tags, big.priority) == (True, ["web", "big"], 5)
    (match,) = await rules.matches(order.id)
    assert (match.trigger, [did["applied"] for did in match.did]) == (RuleTrigger.ORDER_EDITED, [True] * 4)
    await shop.edit(order.id, SetQuantity(line_id=top.id, quantity=1))
    assert len(await rules.matches(order.id)) == 1
    assert not await findings(work)


async def test_a_hold_is_not_placed_twice_and_anew_only_by_an_edit(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    cup = await shop.stocked(99)
    await rules.active("order.units > 1", HOLD, triggers=BOTH)
    order = await shop.place(line(cup, 2))
    (top,) = await shop.lines(order.id)
    await shop.edit(order.id, SetQuantity(line_id=top.id, quantity=3))
    _, again = await rules.matches(order.id)
    assert (again.did[0]["applied"], len(await rules.holds(order.id))) == (False, 1)
    await release(work, order.id)
    assert (await shop.order(order.id)).on_hold is False
    await shop.edit(order.id, SetQuantity(line_id=top.id, quantity=4))
    assert [hold.status for hold in await rules.holds(order.id)] == [HoldStatus.RELEASED, HoldStatus.ACTIVE]
    assert (await shop.order(order.id)).on_hold is True
    assert not await findings(work)


async def test_a_hold_ends_when_its_rule_does_not_match_any_more(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    cup = await shop.stocked(99)
    await rules.active("order.units > 5", HOLD, triggers=BOTH, position=1)
    await rules.active("order.units > 1", act(K.REQUIRE_APPROVAL), triggers=BOTH, position=3)
    order = await shop.place(line(cup, 6))
    (top,) = await shop.lines(order.id)
    await shop.preview(order.id, SetQuantity(line_id=top.id, quantity=1))
    assert [each.status for each in await rules.holds(order.id)] == [HoldStatus.ACTIVE] * 2
    await shop.edit(order.id, SetQuantity(line_id=top.id, quantity=5))
    first, second = await rules.holds(order.id)
    assert (first.status, first.release_note, second.status) == (HoldStatus.RELEASED, PASSED, HoldStatus.ACTIVE)
    assert (await shop.order(order.id)).on_hold is True
    await rules.active("order.units == 1", act(K.STOP), triggers=EDITED, position=2)
    await shop.edit(order.id, SetQuantity(line_id=top.id, quantity=1))
    assert (await shop.order(order.id)).on_hold is True  # the rule behind the stop was not asked
    own = await hold(work, order.id)
    await shop.edit(order.id, SetQuantity(line_id=top.id, quantity=2))
    await release(work, order.id, reason="APPROVAL")
    assert [each.id for each in await rules.holds(order.id) if each.status is HoldStatus.ACTIVE] == [own.id]
    assert not await findings(work)


async def test_a_rule_may_refuse_an_edit(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    cup = await shop.stocked(99)
    await rules.active('order.country == "FR"', act(K.REJECT, message="Not to France."), triggers=EDITED)
    order = await shop.place(line(cup))
    change = SetShippingAddress(address=Address(country="FR"))
    for edit in (shop.preview, shop.edit):
        with pytest.raises(RuleRejected):
            await edit(order.id, change)
    now = await shop.order(order.id)
    assert (now.version, now.country, await rules.rulings(order.id)) == (order.version, None, [])


async def test_a_failing_rule_holds_an_edited_order_and_a_shadow_does_not(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    cup = await shop.stocked(99)
    await rules.active("lines[9].quantity == 1", triggers=EDITED, mode=RuleMode.SHADOW)
    await rules.active("true", HOLD, triggers=EDITED, mode=RuleMode.SHADOW)
    order = await shop.place(line(cup))
    (top,) = await shop.lines(order.id)
    await shop.edit(order.id, SetQuantity(line_id=top.id, quantity=2))
    assert (len(await rules.matches(order.id)), (await shop.order(order.id)).on_hold) == (2, False)
    await rules.active("lines[9].quantity == 1", triggers=EDITED)
    await shop.edit(order.id, SetQuantity(line_id=top.id, quantity=3))
    (hold,) = await rules.holds(order.id)
    assert (hold.reason, (await shop.order(order.id)).on_hold) == ("RULE_FAILED", True)
    await shop.edit(order.id, SetQuantity(line_id=top.id, quantity=4))
    assert len(await rules.holds(order.id)) == 1
    assert not await findings(work)


async def test_facts_of_an_edit(work: UnitOfWork) -> None:
    shop, rules = await opened(work)
    cup, pot, ada = await shop.stocked(99), await shop.stocked(99), await Given(work).customer()
    facts = [
        "order.total == 39.96 && order.subtotal == 39.96 && order.units == 4 && order.lineCount == 2",
        f'lines.exists(line, line.sku == "{pot.code}" && line.quantity == 3 && line.total == 29.97 && line.unitPrice == 9.99)',
        'order.country == "IE" && order.city == "Cork" && order.emailDomain == "example.com" && order.addressQuality != ""',
        "customer.known && customer.orders == 0 && order.sameAddressOrders24h == 0",
        f'channel.code == "{shop.channel.code}" && order.note == "Hello" && "web" in order.tags',
    ]
    for number, fact in enumerate(facts):
        await rules.active(fact, act(K.TAG, tags=(str(number),)), triggers=EDITED, position=number)
    said = {"contact": Contact(email="ada@example.com"), "note": "Hello", "tags": ("web",), "customer_id": ada.id}
    order = await shop.place(line(cup, 2), **said)  # type: ignore[arg-type]
    (top,) = await shop.lines(order.id)
    changes = SetQuantity(line_id=top.id, quantity=1), AddLine(line=line(pot, 3))
    await shop.edit(order.id, *changes, SetShippingAddress(address=Address(country="IE", city="Cork")))
    assert (await shop.order(order.id)).tags == ["web", "0", "1", "2", "3", "4"]


async def test_a_rule_that_is_not_asked_about_edits_reads_nothing(work: UnitOfWork, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, rules = await opened(work)
    cup = await shop.stocked(99)
    await rules.active("true", triggers=(RuleTrigger.ORDER_PLACED,))
    order = await shop.place(line(cup))
    (top,) = await shop.lines(order.id)
    monkeypatch.setattr(Judge, "of", None)
    await shop.edit(order.id, SetQuantity(line_id=top.id, quantity=2))
    assert len(await rules.rulings(order.id)) == 1
