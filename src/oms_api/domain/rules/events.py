"""Events of rules."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class OrderRuleCreated(Event):
    """A rule was written."""

    type = "ORDER_RULE_CREATED"
    subject = IdKind.ORDER_RULE


@dataclass(frozen=True, kw_only=True)
class OrderRuleUpdated(Event):
    """A rule was changed: it has another name, or a new version. The new version is not in force yet."""

    type = "ORDER_RULE_UPDATED"
    subject = IdKind.ORDER_RULE


@dataclass(frozen=True, kw_only=True)
class OrderRuleActivated(Event):
    """A version of a rule was put in force or in shadow. In shadow its actions are not carried out."""

    type = "ORDER_RULE_ACTIVATED"
    subject = IdKind.ORDER_RULE


@dataclass(frozen=True, kw_only=True)
class OrderRuleRetired(Event):
    """A rule, or one version of it, is no longer evaluated."""

    type = "ORDER_RULE_RETIRED"
    subject = IdKind.ORDER_RULE


@dataclass(frozen=True, kw_only=True)
class OrderRuled(Event):
    """Rules in force matched an order, or could not be evaluated for it.

    The actions of the rules have events of their own.
    """

    type = "ORDER_RULED"
    subject = IdKind.ORDER
