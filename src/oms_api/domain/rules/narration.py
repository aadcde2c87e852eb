"""The events of rules in words, for timelines."""

from oms_api.domain.events.timeline import Happening, narrate
from oms_api.domain.rules.events import OrderRuled
from oms_api.domain.rules.queries import matches_by_ruling
from oms_api.domain.rules.states import RuleMode
from oms_api.domain.rules.tables import OrderRuleMatchRow
from oms_api.kernel.ids import IdKind
from oms_api.kernel.sentences import enumerated


def ruled(it: Happening) -> str:
    """Say which rules matched, what they did, and which failed; those in shadow are left out."""
    acted = [match for match in it.record if match.mode is RuleMode.ACTIVE]
    return " ".join(_failed(match) if match.error else _matched(match) for match in acted) or "No rule matched."


def _matched(match: OrderRuleMatchRow) -> str:
    done = enumerated([each["kind"] for each in match.did if each["applied"]])
    return f"Rule {match.rule_code} (version {match.number}) matched{f': {done}' if done else ''}."


def _failed(match: OrderRuleMatchRow) -> str:
    return f"Rule {match.rule_code} (version {match.number}) failed: {match.error}."


narrate(OrderRuled, ruled, behind=matches_by_ruling, cause=IdKind.ORDER_RULING)
