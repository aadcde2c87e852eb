"""Reads of rules, of their matches, and of simulations."""

from sqlalchemy import ColumnElement, false

from oms_api.db.keyset import Ordering
from oms_api.db.relations import One, Pages, Several, by, of, pages_of, required
from oms_api.domain.channels.queries import in_channels
from oms_api.domain.rules.tables import (
    OrderRuleMatchRow,
    OrderRuleRow,
    OrderRuleSimulationRow,
    OrderRuleVersionRow,
    OrderRulingRow,
)
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import (
    IdKind,
    OrderId,
    OrderRuleId,
    OrderRuleMatchId,
    OrderRuleSimulationId,
    OrderRuleVersionId,
    OrderRulingId,
)

BY_CODE = Ordering("code", (OrderRuleRow.code, OrderRuleRow.id))
NEWEST_FIRST = Ordering("created_at_desc", (OrderRuleRow.created_at, OrderRuleRow.id), descending=True)
LAST_VERSION_FIRST = Ordering("number_desc", (OrderRuleVersionRow.number, OrderRuleVersionRow.id), descending=True)
RULINGS_IN_TURN = Ordering("id", (OrderRulingRow.id,))
MATCHES_IN_TURN = Ordering("id", (OrderRuleMatchRow.id,))
LAST_MATCH_FIRST = Ordering("at_desc", (OrderRuleMatchRow.at, OrderRuleMatchRow.id), descending=True)

rules_by_id: One[OrderRuleId, OrderRuleRow] = by(OrderRuleRow.id)
rule_by_id = required(rules_by_id, "rule", IdKind.ORDER_RULE)
"""A rule. Raises: NotFound."""
versions_by_id: One[OrderRuleVersionId, OrderRuleVersionRow] = by(OrderRuleVersionRow.id)
versions_by_rule: Several[OrderRuleId, OrderRuleVersionRow] = of(OrderRuleVersionRow.rule_id, order=LAST_VERSION_FIRST)
pages_of_versions: Pages[OrderRuleId, OrderRuleVersionRow] = pages_of(OrderRuleVersionRow.rule_id, order=LAST_VERSION_FIRST)
rulings_by_id: One[OrderRulingId, OrderRulingRow] = by(OrderRulingRow.id, visible=in_channels(OrderRulingRow.channel_id))
rulings_by_order: Several[OrderId, OrderRulingRow] = of(OrderRulingRow.order_id, order=RULINGS_IN_TURN)
"""What rules said of each order, oldest first; the orders were seen before."""
matches_visible = in_channels(OrderRuleMatchRow.channel_id)
matches_by_id: One[OrderRuleMatchId, OrderRuleMatchRow] = by(OrderRuleMatchRow.id, visible=matches_visible)
matches_by_ruling: Several[OrderRulingId, OrderRuleMatchRow] = of(OrderRuleMatchRow.ruling_id, order=MATCHES_IN_TURN)


def unlimited(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the condition that a caller is limited to no channels: a simulation counts orders of all of them."""
    return [] if sight.channels is None else [false()]


simulations_by_id: One[OrderRuleSimulationId, OrderRuleSimulationRow] = by(OrderRuleSimulationRow.id, visible=unlimited)
simulation_by_id = required(simulations_by_id, "simulation", IdKind.ORDER_RULE_SIMULATION)
"""A simulation. Raises: NotFound."""
