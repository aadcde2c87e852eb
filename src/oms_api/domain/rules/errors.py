"""Errors of rules, and the refusal by a rule."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class ConditionInvalid(OmsError):
    """{problem}

    The condition of a rule cannot be used: the error tells the line and the column, and the name that is unknown.
    """  # noqa: D415 - the problem ends with a stop

    code = "CONDITION_INVALID"
    problem: str
    line: int | None = None
    column: int | None = None
    unknown: str | None = None


@dataclass(eq=False)
class ActionsContradict(OmsError):
    """{problem}

    Actions of one rule contradict each other, or do not fit its trigger.
    """  # noqa: D415 - the problem ends with a stop

    code = "ACTIONS_CONTRADICT"
    problem: str


@dataclass(eq=False)
class RuleCodeTaken(OmsError):
    """There is another rule with the code '{given}' already: give another code.

    Another rule has this code.
    """

    code = "RULE_CODE_TAKEN"
    given: str


@dataclass(eq=False)
class RuleRejected(OmsError):
    """{said}

    A rule of the shop refuses the order: the message is for the customer, and the error names the rule.
    """  # noqa: D415 - the shop's own words

    code = "RULE_REJECTED"
    said: str
    rule: str
