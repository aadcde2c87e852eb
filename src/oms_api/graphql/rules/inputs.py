"""Rules as clients write them."""

from typing import Any

import strawberry

from oms_api.domain.rules.actions import RuleAction
from oms_api.domain.rules.commands.activate import ActivateRule, RetireRule
from oms_api.domain.rules.commands.write import CreateRule, UpdateRule
from oms_api.domain.rules.states import RuleActionKind, RuleMode, RuleTrigger
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import input_type, one_of
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.ids import ChannelId, OrderRuleId


@input_type
class RuleHoldInput:
    """A hold to place on the order."""

    reason: str
    """The code of a reason for holds; see `orderReasons`."""
    hours: int | None = None
    """Hours after which the hold is released automatically, 1 to 8,784; by default never."""
    note: str | None = None
    """A remark for the person who releases the hold."""


@input_type
class RuleApprovalInput:
    """A hold that waits for an approval."""

    note: str | None = None
    """A remark for the person who approves the order."""


@input_type
class RuleRejectInput:
    """The refusal of the order."""

    message: str
    """The message for the customer: 1 to 255 characters."""


@input_type
class RuleTagInput:
    """Tags to add."""

    tags: list[str]
    """1 to 100 tags."""


@input_type
class RuleNoteInput:
    """A note to write on the order."""

    note: str
    """The text, up to 10,000 characters."""


@input_type
class RulePriorityInput:
    """The priority of the order."""

    priority: int
    """The priority: a higher number is served first."""


@input_type
class RuleShippingInput:
    """The shipping method of the order.

    The order's first shipping charge gets the new method and keeps its amount. An order without charges gets a charge of 0.
    """

    code: str
    """The code of the method."""
    title: str
    """The title of the method, as shown to the customer."""


@input_type
class RuleLineInput:
    """Units to add to the order at price 0. They are added only if all of them are in stock."""

    sku: str
    """The code of an active SKU of the kind GOODS."""
    quantity: int
    """Units of the SKU."""


@input_type
class RuleRouteInput:
    """The sourcing profile for the order's goods."""

    profile: str
    """The code of a sourcing profile."""


@one_of
class OrderRuleActionInput:
    """One action of a rule: give exactly one field."""

    hold: RuleHoldInput | None = strawberry.UNSET
    """Put the order on hold."""
    require_approval: RuleApprovalInput | None = strawberry.UNSET
    """Put the order on hold until somebody with the scope `orders:approve` releases it."""
    reject: RuleRejectInput | None = strawberry.UNSET
    """Refuse the order; the rule can have no other action."""
    tag: RuleTagInput | None = strawberry.UNSET
    """Add tags."""
    note: RuleNoteInput | None = strawberry.UNSET
    """Write a note on the order."""
    set_priority: RulePriorityInput | None = strawberry.UNSET
    """Set the priority."""
    set_shipping: RuleShippingInput | None = strawberry.UNSET
    """Set the shipping method. Allowed only where ORDER_PLACED is the only trigger."""
    add_line: RuleLineInput | None = strawberry.UNSET
    """Add units of a SKU at price 0. Allowed only where ORDER_PLACED is the only trigger."""
    route: RuleRouteInput | None = strawberry.UNSET
    """Set the sourcing profile. Allowed only where ORDER_PLACED is the only trigger."""
    stop: bool | None = strawberry.UNSET
    """Skip all later rules: give true. It must be the last action."""

    def to_action(self) -> RuleAction:
        """Return the action. Raises: InvalidValue."""
        ((name, given),) = ((name, given) for name, given in vars(self).items() if given is not strawberry.UNSET)
        if name == "stop" and given is not True:
            raise InvalidValue(problem="stop is true, or left out.", field=("stop",))
        said: dict[str, Any] = {} if name == "stop" else dict(vars(given))
        if "tags" in said:
            said["tags"] = tuple(said["tags"])
        return RuleAction(kind=RuleActionKind(name.upper()), **said)


def actions_of(given: list[OrderRuleActionInput]) -> tuple[RuleAction, ...]:
    """Return the actions. Raises: InvalidValue, with its path from the list on."""
    made = []
    for index, each in enumerate(given):
        try:
            made.append(each.to_action())
        except InvalidValue as error:
            raise error.at(index) from None
    return tuple(made)


@input_type
class OrderRuleCreateInput(Input[CreateRule]):
    """A rule to write."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same rule."""
    code: str
    """Its code: unique, case-sensitive, no blanks around it."""
    name: str
    """The name shown to people."""
    condition: str
    """The condition under which an order matches, in CEL, up to 2,000 characters: `order.total > 500.0`; see
    `ruleVariables`."""
    actions: list[OrderRuleActionInput] = becomes(by=actions_of)
    """The actions of the rule, 1 to 20."""
    triggers: list[RuleTrigger] = strawberry.field(default_factory=lambda: [RuleTrigger.ORDER_PLACED])
    """The occasions on which the rule is evaluated."""
    channel_ids: list[ChannelId] | None = None
    """The channels in which the rule is evaluated; null for all channels, future channels too."""
    position: int = 100
    """The place of the rule among all rules, 0 to 1,000,000. The lowest place is evaluated first; rules with equal places are
    evaluated in the sequence of their codes."""


@input_type
class OrderRuleUpdateInput(Input[UpdateRule], changes=OrderRuleCreateInput):
    """Changes of a rule. They become its next version; fields left out stay as in the last version."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the rule."""
    rule_id: OrderRuleId
    """The rule."""
    name: str | None = strawberry.UNSET
    """The name shown to people. A change of the name alone makes no new version."""
    expected_version: int | None = None
    """The `version` of the rule that the change is based on; any other is refused. It is not the `number` of a version."""


@input_type
class OrderRuleActivateInput(Input[ActivateRule]):
    """The version of a rule to put in force."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the rule."""
    rule_id: OrderRuleId
    """The rule."""
    mode: RuleMode
    """The new mode of the version: SHADOW or ACTIVE."""
    number: int | None = None
    """The number of the version; by default the last version."""
    expected_version: int | None = None
    """The `version` of the rule that the change is based on; any other is refused. It is not the `number` of a version."""


@input_type
class OrderRuleRetireInput(Input[RetireRule]):
    """The rule to retire, or one version of it."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the rule."""
    rule_id: OrderRuleId
    """The rule."""
    number: int | None = None
    """The number of the version to retire; by default all versions are retired, drafts too."""
    expected_version: int | None = None
    """The `version` of the rule that the change is based on; any other is refused. It is not the `number` of a version."""
