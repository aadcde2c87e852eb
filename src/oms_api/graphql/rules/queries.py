"""Asking for rules, their matches, and the variables of conditions."""

from enum import Enum
from typing import Annotated

from oms_api.domain.rules.conditions import checked
from oms_api.domain.rules.errors import ConditionInvalid
from oms_api.domain.rules.queries import BY_CODE, LAST_MATCH_FIRST, NEWEST_FIRST
from oms_api.domain.rules.tables import OrderRuleMatchRow, OrderRuleRow
from oms_api.domain.rules.variables import VARIABLES, VariableType
from oms_api.graphql.context import Info
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, found, listed
from oms_api.graphql.described import argument, enum, input_type, one_of, output
from oms_api.graphql.permissions import query
from oms_api.graphql.rules.types import OrderRule, OrderRuleMatch
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import Refused

A_TRIAL = 2_500
"""What trying a condition on a large order costs at most."""
enum(VariableType, name="OrderRuleVariableType")


@enum
class OrderRuleOrder(Enum):
    """The sort order of a list of rules."""

    CODE_ASC = BY_CODE
    """By code."""
    CREATED_AT_DESC = NEWEST_FIRST
    """The newest first."""


@input_type
class OrderRuleFilterInput(Where):
    """Conditions on rules; all must be true."""

    code = on(OrderRuleRow.code)
    mode = on(OrderRuleRow.mode)


@one_of
class OrderRuleByInput(By):
    """Identifies a rule: give exactly one field."""

    id = key(OrderRuleRow.id)
    code = key(OrderRuleRow.code)


ORDER_RULES = Listing(show=OrderRule, where=OrderRuleFilterInput, order=OrderRuleOrder, by=OrderRuleByInput)


@enum
class OrderRuleMatchOrder(Enum):
    """The sort order of a list of matches."""

    AT_DESC = LAST_MATCH_FIRST
    """The newest first."""


@input_type
class OrderRuleMatchFilterInput(Where):
    """Conditions on matches of rules; all must be true."""

    rule_id = on(OrderRuleMatchRow.rule_id)
    rule_code = on(OrderRuleMatchRow.rule_code)
    """By the code of the rule."""
    number = on(OrderRuleMatchRow.number)
    """By the number of the version."""
    mode = on(OrderRuleMatchRow.mode)
    """By mode: SHADOW or ACTIVE."""
    trigger = on(OrderRuleMatchRow.trigger)
    order_id = on(OrderRuleMatchRow.order_id)
    channel_id = on(OrderRuleMatchRow.channel_id)
    """By the channel of the order."""
    error = on(OrderRuleMatchRow.error)
    """By the error. `isNull: false` finds the rules whose condition could not be evaluated."""
    at = on(OrderRuleMatchRow.at)
    """When the rules were evaluated."""


ORDER_RULE_MATCHES = Listing(
    show=OrderRuleMatch, where=OrderRuleMatchFilterInput, order=OrderRuleMatchOrder, scope=Scope.RULES_READ
)


@output
class OrderRuleVariable:
    """A variable for the conditions of rules."""

    name: str
    """The name of the variable, as conditions write it. Names that begin with `line.` are used within `lines.exists(line, ...)`
    or `lines.all(line, ...)`."""
    type: VariableType
    """The type of the variable: it is compared with values of the same type."""
    description: str
    """The meaning of the variable."""
    example: str
    """A condition that uses the variable."""


@output
class OrderRuleMistake:
    """A mistake in a condition."""

    message: str
    """The mistake, in words."""
    line: int | None
    """The line, from 1; null where the mistake has no single place."""
    column: int | None
    """The column, from 1; null where the mistake has no single place."""
    unknown: str | None
    """The unknown variable that the condition uses; null for another mistake."""


@output
class OrderRuleCheck:
    """The check of a condition."""

    ok: bool
    """Whether the condition can be used."""
    mistakes: list[OrderRuleMistake]
    """The mistakes in the condition; empty where it can be used."""


@output
class OrderRuleQueries:
    """Asking for rules, for what matched, and for what conditions may say."""

    order_rules = listed(ORDER_RULES)
    """A list of rules, sorted by code by default."""
    order_rule = found(ORDER_RULES, "The id or the code of the rule.")
    """One rule; null where there is none."""
    order_rule_matches = listed(ORDER_RULE_MATCHES)
    """The cases in which a rule in the mode SHADOW or ACTIVE matched an order, or in which its condition could not be
    evaluated. The newest come first."""

    @query(Scope.RULES_READ, description="The variables for the conditions of rules.")
    async def rule_variables(self, info: Info) -> list[OrderRuleVariable]:
        return [
            OrderRuleVariable(name=each.path, type=each.type, description=each.description, example=each.example)
            for each in VARIABLES
        ]

    @query(Scope.RULES_READ, description="The check of a condition that is being written.", price=A_TRIAL)
    async def order_rule_check(
        self, info: Info, condition: Annotated[str, argument("The condition, in CEL.")]
    ) -> OrderRuleCheck:
        try:
            checked(condition)
        except Refused as refused:
            mistakes = [
                OrderRuleMistake(message=each.message, line=each.line, column=each.column, unknown=each.unknown)
                for each in refused.causes
                if isinstance(each, ConditionInvalid)
            ]
            return OrderRuleCheck(ok=False, mistakes=mistakes)
        return OrderRuleCheck(ok=True, mistakes=[])
