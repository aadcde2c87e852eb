"""Rules, their versions, and their matches, as clients read them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

import strawberry

from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.rules.actions import RuleAction, actions_in
from oms_api.domain.rules.errors import ConditionInvalid, RuleRejected
from oms_api.domain.rules.queries import (
    matches_by_id,
    matches_by_ruling,
    rules_by_id,
    rulings_by_id,
    rulings_by_order,
    versions_by_id,
    versions_by_rule,
)
from oms_api.domain.rules.states import RuleActionKind, RuleMode, RuleTrigger
from oms_api.domain.rules.tables import OrderRuleMatchRow, OrderRuleRow, OrderRuleVersionRow, OrderRulingRow
from oms_api.graphql.channels.types import Channel
from oms_api.graphql.declared.links import leads_to, many
from oms_api.graphql.declared.records import Record, entity, made
from oms_api.graphql.described import enum, output
from oms_api.graphql.errors import UserError, represents
from oms_api.graphql.nodes import Node
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, OrderRuleId, OrderRuleMatchId, OrderRuleVersionId, OrderRulingId, text_id

OrderType = Annotated["Order", strawberry.lazy("oms_api.graphql.orders.types")]  # type: ignore[name-defined]  # noqa: F821
enum(RuleMode, name="OrderRuleMode")
enum(RuleTrigger, name="OrderRuleTrigger")
enum(RuleActionKind, name="OrderRuleActionKind")


@output
class OrderRuleAction:
    """An action on an order that matches a rule; fields that its kind does not use are null."""

    kind: RuleActionKind
    """The kind of action."""
    reason: str | None
    """For a HOLD action, the code of the reason."""
    hours: int | None
    """For a HOLD action, the hours after which the hold is released automatically; null for never."""
    note: str | None
    """For a NOTE action, the text. For HOLD and REQUIRE_APPROVAL actions, a remark for the person who releases the hold."""
    message: str | None
    """For a REJECT action, the message for the customer."""
    tags: list[str] | None
    """For a TAG action, the tags."""
    priority: int | None
    """For a SET_PRIORITY action, the priority."""
    code: str | None
    """For a SET_SHIPPING action, the code of the method."""
    title: str | None
    """For a SET_SHIPPING action, the title of the method."""
    sku: str | None
    """For an ADD_LINE action, the code of the SKU."""
    quantity: int | None
    """For an ADD_LINE action, the number of units of the SKU."""
    profile: str | None
    """For a ROUTE action, the code of the sourcing profile."""

    @classmethod
    def of(cls, action: RuleAction) -> Self:
        """Describe an action."""
        said = {name: getattr(action, name) for name in cls.__annotations__ if name != "tags"}
        return cls(**said, tags=None if action.tags is None else list(action.tags))


def actions_of(kept: Sequence[Any]) -> list[OrderRuleAction]:
    """Describe the actions in their JSON."""
    return [OrderRuleAction.of(action) for action in actions_in(kept)]


def channels_of(ids: Sequence[UUID] | None) -> list[strawberry.ID] | None:
    """Return the ids of channels as clients see them."""
    return None if ids is None else [strawberry.ID(text_id(IdKind.CHANNEL, each)) for each in ids]


@entity(versions_by_id, Scope.RULES_READ)
class OrderRuleVersion(Node, Record[OrderRuleVersionRow]):
    """One version of a rule. Its condition and its actions never change."""

    id: OrderRuleVersionId
    number: int
    """Its number, from 1."""
    mode: RuleMode
    """The stage of the version."""
    triggers: list[RuleTrigger] = made(lambda names: [RuleTrigger(name) for name in names], OrderRuleVersionRow.triggers)
    """The occasions on which the rule is evaluated."""
    channel_ids: list[strawberry.ID] | None = made(channels_of, OrderRuleVersionRow.channel_ids)
    """The channels in which the rule is evaluated; null for all channels, future channels too."""
    condition: str
    """The condition, in CEL; see `ruleVariables`."""
    actions: list[OrderRuleAction] = made(actions_of, OrderRuleVersionRow.actions)
    """The actions of the rule, in the sequence in which they are carried out."""
    position: int
    """The place of the rule among all rules: the lowest is evaluated first."""
    created_by: str
    """The person or program that wrote it."""
    created_at: datetime
    """When it was written."""
    activated_at: datetime | None
    """When the version was first in force, as SHADOW or ACTIVE; null for never."""
    retired_at: datetime | None
    """When the version was retired; null until then."""


@entity(rules_by_id, Scope.RULES_READ)
class OrderRule(Node, Record[OrderRuleRow]):
    """A rule about orders: a condition, and actions for the orders that match it."""

    id: OrderRuleId
    code: str
    """The code of the rule, unique and never changed."""
    name: str
    """The name shown to people."""
    mode: RuleMode
    """The highest mode among the rule's versions: ACTIVE is higher than SHADOW, SHADOW than DRAFT, and DRAFT than RETIRED."""
    version: int
    """Increases with every change of the rule. It is not the `number` of a version."""
    created_at: datetime
    """When it was written."""
    updated_at: datetime
    """When it was last changed."""
    versions: list[OrderRuleVersion] = many(versions_by_rule, OrderRuleVersion)
    """The versions of the rule, newest first."""


@output
class OrderRuleOutcome:
    """The outcome of one action of a rule that matched."""

    kind: RuleActionKind
    """The action."""
    applied: bool
    """Whether the action was carried out."""
    why: str | None
    """Why the action was not carried out; null where it was."""


def outcomes_of(kept: Sequence[Any]) -> list[OrderRuleOutcome]:
    """Describe what came of actions, from their JSON."""
    return [OrderRuleOutcome(kind=RuleActionKind(each["kind"]), applied=each["applied"], why=each["why"]) for each in kept]


@entity(matches_by_id, Scope.ORDERS_READ)
class OrderRuleMatch(Node, Record[OrderRuleMatchRow]):
    """A case in which a rule matched an order, or in which its condition could not be evaluated.

    In the mode SHADOW, the rule's actions were not carried out.
    """

    id: OrderRuleMatchId
    rule_code: str
    """The code of the rule."""
    number: int
    """The number of the rule's version that was evaluated."""
    mode: RuleMode
    """The mode of the version at that time: SHADOW or ACTIVE."""
    trigger: RuleTrigger
    """The trigger for which the rule was evaluated."""
    did: list[OrderRuleOutcome] = made(outcomes_of, OrderRuleMatchRow.did)
    """The outcomes of the rule's actions; empty where the condition could not be evaluated."""
    error: str | None
    """Why the condition could not be evaluated; null where the rule matched. An ACTIVE rule whose condition cannot be evaluated
    puts the order on hold."""
    at: datetime
    """When the rule was evaluated."""
    rule: OrderRule | None = leads_to(OrderRuleMatchRow.rule_id)
    """The rule as it is now."""
    version: OrderRuleVersion | None = leads_to(OrderRuleMatchRow.version_id)
    """The version that was evaluated."""
    order: OrderType | None = leads_to(OrderRuleMatchRow.order_id)
    """The order."""
    channel: Channel | None = leads_to(OrderRuleMatchRow.channel_id)
    """The channel of the order."""


@entity(rulings_by_id, Scope.ORDERS_READ)
class OrderRuling(Node, Record[OrderRulingRow]):
    """One evaluation of all rules of a channel for an order. Rules that are not listed did not match."""

    id: OrderRulingId
    trigger: RuleTrigger
    """The trigger of the evaluation."""
    at: datetime
    """When the rules were evaluated."""
    matches: list[OrderRuleMatch] = many(matches_by_ruling, OrderRuleMatch)
    """The rules that matched, and the rules whose condition could not be evaluated, in the sequence of their evaluation. Rules
    in SHADOW are included."""


@output
class RulingsOfOrder(Record[OrderRow]):
    """The field of an order that tells what rules said of it; `Order` inherits it."""

    rulings: list[OrderRuling] = many(rulings_by_order, OrderRuling)
    """The evaluations of the channel's rules for the order, when it is placed and with each edit. Empty where no rule was
    evaluated."""


@represents(ConditionInvalid, lambda error: {"line": error.line, "column": error.column, "unknown": error.unknown})
@output
class ConditionInvalidError(UserError):
    """A mistake in the condition of a rule."""

    line: int | None
    """The line of the mistake, from 1; null where the mistake has no single place."""
    column: int | None
    """The column of the mistake, from 1; null where the mistake has no single place."""
    unknown: str | None
    """The unknown variable that the condition uses; null for another mistake."""


@represents(RuleRejected, lambda error: {"rule": error.rule})
@output
class RuleRejectedError(UserError):
    """A rule of the shop refuses the order. The message is for the customer."""

    rule: str
    """The code of the rule."""
