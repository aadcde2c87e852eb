"""Rules for tests: written, put in force, and what they said of orders."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.tables import ChannelRow
from oms_api.domain.orders.holds.tables import OrderHoldRow
from oms_api.domain.rules.actions import RuleAction
from oms_api.domain.rules.commands.activate import ActivateRule, RetireRule, activate_rule, retire_rule
from oms_api.domain.rules.commands.write import CreateRule, RuleChanges, UpdateRule, create_rule, update_rule
from oms_api.domain.rules.states import RuleActionKind, RuleMode
from oms_api.domain.rules.tables import OrderRuleMatchRow, OrderRuleRow, OrderRulingRow
from oms_api.kernel.ids import OrderId
from tests.factories.given import SYSTEM, Given
from tests.factories.raw import raw

K = RuleActionKind


def act(kind: RuleActionKind, **said: Any) -> RuleAction:
    """Return an action."""
    return RuleAction(kind=kind, **said)


TAG = act(K.TAG, tags=("ruled",))


class Rules:
    """Writes the rules of a channel."""

    def __init__(self, work: UnitOfWork, channel: ChannelRow) -> None:
        self.work, self.channel = work, channel

    async def write(self, condition: str, *actions: RuleAction, **said: Any) -> OrderRuleRow:
        """Write a rule for the channel, as a draft."""
        code = said.pop("code", None) or Given.code("rule")
        said = {"channel_ids": (self.channel.id,), **said}
        command = CreateRule(code=code, name=f"Rule {code}", condition=condition, actions=actions or (TAG,), **said)
        return await self.work.execute(SYSTEM, create_rule, command)

    async def active(self, condition: str, *actions: RuleAction, mode: RuleMode = RuleMode.ACTIVE, **said: Any) -> OrderRuleRow:
        """Write a rule and put it in force."""
        return await self.activate(await self.write(condition, *actions, **said), mode)

    async def activate(self, rule: OrderRuleRow, mode: RuleMode = RuleMode.ACTIVE, **said: Any) -> OrderRuleRow:
        """Put a version of a rule in force."""
        return await self.work.execute(SYSTEM, activate_rule, ActivateRule(rule_id=rule.id, mode=mode, **said))

    async def update(self, rule: OrderRuleRow, **changes: Any) -> OrderRuleRow:
        """Write the next version of a rule."""
        said: Any = changes
        changed: RuleChanges = said
        return await self.work.execute(SYSTEM, update_rule, UpdateRule(rule_id=rule.id, changes=changed))

    async def retire(self, rule: OrderRuleRow, **said: Any) -> OrderRuleRow:
        """Retire a rule."""
        return await self.work.execute(SYSTEM, retire_rule, RetireRule(rule_id=rule.id, **said))

    async def matches(self, order_id: OrderId) -> Sequence[OrderRuleMatchRow]:
        """Return what rules said of an order."""
        row = OrderRuleMatchRow
        return await self._all(select(row).where(row.order_id == order_id).order_by(row.id))

    async def rulings(self, order_id: OrderId) -> Sequence[OrderRulingRow]:
        """Return when an order was judged."""
        row = OrderRulingRow
        return await self._all(select(row).where(row.order_id == order_id).order_by(row.id))

    async def holds(self, order_id: OrderId) -> Sequence[OrderHoldRow]:
        """Return the holds of an order."""
        row = OrderHoldRow
        return await self._all(select(row).where(row.order_id == order_id).order_by(row.id))

    async def _all(self, query: Any) -> Sequence[Any]:
        async with self.work.reads(SYSTEM) as read:
            return await read.all(raw(query))
