"""Writing rules, and putting them in force."""

from oms_api.domain.rules.commands.activate import activate_rule, retire_rule
from oms_api.domain.rules.commands.write import create_rule, update_rule
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import output
from oms_api.graphql.payloads import Payload
from oms_api.graphql.rules.inputs import (
    OrderRuleActivateInput,
    OrderRuleCreateInput,
    OrderRuleRetireInput,
    OrderRuleUpdateInput,
)
from oms_api.graphql.rules.types import OrderRule
from oms_api.kernel.access import Scope


@output
class OrderRulePayload(Payload):
    """The rule as it is now, or why nothing was done."""

    order_rule: OrderRule | None = None
    """The rule."""


@output
class OrderRuleMutations:
    """Writing rules, and putting them in force."""

    order_rule_create = carries_out(
        create_rule, OrderRuleCreateInput, OrderRulePayload, Scope.RULES_WRITE, describes="The rule."
    )
    """Write a rule about orders. Its first version is a DRAFT: it is not evaluated before `orderRuleActivate`. Fails with
    CONDITION_INVALID, which names the line and column of the mistake. Also fails with ACTIONS_CONTRADICT."""
    order_rule_update = carries_out(
        update_rule, OrderRuleUpdateInput, OrderRulePayload, Scope.RULES_WRITE, describes="The changes."
    )
    """Write the next version of a rule, as a DRAFT. The previous version stays in force until the new version is activated."""
    order_rule_activate = carries_out(
        activate_rule, OrderRuleActivateInput, OrderRulePayload, Scope.RULES_WRITE, describes="The version."
    )
    """Put a version of a rule in force, in SHADOW or ACTIVE mode. In SHADOW its matches are only listed; in ACTIVE its actions
    are carried out. The version that was in this mode until now is retired. One version in SHADOW and one ACTIVE version can be
    in force together. A version never goes back to an earlier mode: that fails with ILLEGAL_MOVE."""
    order_rule_retire = carries_out(
        retire_rule, OrderRuleRetireInput, OrderRulePayload, Scope.RULES_WRITE, describes="The rule."
    )
    """Retire a rule, or one version of it: it is no longer evaluated. Holds that it placed stay."""
