"""Rules put in force and retired while orders are placed."""

from asyncio import gather

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.rules.states import RuleMode
from tests.factories.given import Given
from tests.factories.racing import outcomes, race
from tests.factories.ruling import K, Rules, act
from tests.factories.trading import Shop, findings, line


async def test_orders_are_judged_by_the_rules_that_their_ruling_names(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    rules, cup, gift = Rules(many, shop.channel), await shop.stocked(500), await shop.stocked(500)
    rule = await rules.write("true", act(K.ADD_LINE, sku=gift.code, quantity=1), act(K.TAG, tags=("ruled",)))
    placing = [shop.place(line(cup)) for _ in range(60)]

    async def rule_on_and_off() -> None:
        await rules.activate(rule, RuleMode.SHADOW)
        await rules.activate(rule)
        await rules.update(rule, actions=(act(K.TAG, tags=("second",)),))
        await rules.activate(rule)
        await rules.retire(rule)

    orders, _ = await gather(gather(*placing), rule_on_and_off())
    for order in orders:
        matches = await rules.matches(order.id)
        tags = (await shop.order(order.id)).tags
        expected = {1: ["ruled"], 2: ["second"]}
        assert tags == [tag for match in matches if match.mode is RuleMode.ACTIVE for tag in expected[match.number]]
        assert len(matches) == len(await rules.rulings(order.id))
    assert not await findings(many)


async def test_a_version_is_activated_once_and_channels_made_meanwhile_get_their_rules(many: UnitOfWork) -> None:
    shop = await Shop.open(many)
    rules = Rules(many, shop.channel)
    rule = await rules.write("order.total < 0.0", channel_ids=None)
    done = await outcomes(
        [
            *[lambda: rules.activate(rule) for _ in range(3)],
            *[lambda: Given(many).channel() for _ in range(3)],
            lambda: rules.activate(rule, RuleMode.SHADOW),
        ]
    )
    assert set(done) <= {"done", "ILLEGAL_MOVE"}
    assert not await findings(many)
    assert await race([lambda: rules.retire(rule)] * 3) == {"done": 3}
    assert not await findings(many)
