"""How rules are asked one after the other, and what their actions come to together."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_api.domain.rules.actions import RuleAction, actions_in, stored, wrong_actions
from oms_api.domain.rules.conditions import Answer, Condition, ask, engine, kept
from oms_api.domain.rules.errors import RuleRejected
from oms_api.domain.rules.states import RuleActionKind as K
from oms_api.domain.rules.states import RuleMode, RuleTrigger
from oms_api.domain.rules.verdicts import Rule, judge
from oms_api.kernel.ids import OrderRuleId, OrderRuleVersionId, new_uuid

NOW = datetime(2026, 11, 29, tzinfo=UTC)
PLACED = RuleTrigger.ORDER_PLACED


def rule(position: int, condition: str, *actions: RuleAction, mode: RuleMode = RuleMode.ACTIVE) -> Rule:
    ids = OrderRuleId(new_uuid()), OrderRuleVersionId(new_uuid())
    return Rule(*ids, 1, f"rule-{position}", mode, position, frozenset({PLACED}), Condition(condition, None), actions)


def answers(condition: Condition) -> Answer:
    return Answer(holds=condition.text == "yes", error="broken" if condition.text == "fails" else None)


def test_holds_last_as_long_as_they_say() -> None:
    verdict = judge([rule(1, "yes", RuleAction(kind=K.HOLD, reason="OTHER", hours=3))], PLACED, answers, NOW)
    ((_, hold, _),) = verdict.holds
    assert (hold.release_at, hold.approval, hold.placed_by) == (NOW + timedelta(hours=3), False, "rule rule-1")


def test_a_rule_is_not_asked_at_another_moment() -> None:
    asked: list[str] = []

    def note(condition: Condition) -> Answer:
        asked.append(condition.text)
        return answers(condition)

    judge([rule(1, "yes")], RuleTrigger.ORDER_EDITED, note, NOW)
    assert asked == []


def test_a_condition_that_cannot_be_read_any_more_fails() -> None:
    assert ask(kept("order.gone > 1.0"), engine().activation({})) == Answer(
        holds=False, error="this version of the program cannot read it"
    )


KINDS: dict[str, Callable[[int], RuleAction]] = {
    "tag": lambda n: RuleAction(kind=K.TAG, tags=(f"t{n}",)),
    "priority": lambda n: RuleAction(kind=K.SET_PRIORITY, priority=n),
    "stop": lambda _: RuleAction(kind=K.STOP),
    "hold": lambda _: RuleAction(kind=K.HOLD, reason="OTHER"),
    "reject": lambda _: RuleAction(kind=K.REJECT, message="No."),
}
RULES = st.lists(
    st.tuples(st.sampled_from(["yes", "no", "fails"]), st.sampled_from(sorted(KINDS)), st.sampled_from(list(RuleMode)[1:3])),
    max_size=8,
)


@given(RULES)
def test_a_verdict_is_what_asking_one_rule_after_the_other_comes_to(drawn: list[tuple[str, str, RuleMode]]) -> None:
    rules = [rule(n, text, KINDS[kind](n), mode=mode) for n, (text, kind, mode) in enumerate(drawn)]
    expected: dict[str, Any] = {"tags": [], "priority": None, "holds": 0, "matches": 0, "rejected": False}
    for n, (text, kind, mode) in enumerate(drawn):
        if text == "no":
            continue
        expected["matches"] += 1
        if mode is RuleMode.SHADOW:
            continue
        if text == "fails" or kind == "hold":
            expected["holds"] += 1
            continue
        if kind == "reject":
            expected["rejected"] = True
            break
        if kind == "stop":
            break
        if kind == "tag":
            expected["tags"].append(f"t{n}")
        elif expected["priority"] is None:
            expected["priority"] = n
    if expected["rejected"]:
        with pytest.raises(RuleRejected):
            judge(rules, PLACED, answers, NOW)
        return
    verdict = judge(rules, PLACED, answers, NOW)
    assert (verdict.tags, verdict.priority) == (expected["tags"], expected["priority"])
    assert (len(verdict.holds), len(verdict.matches)) == (expected["holds"], expected["matches"])
    assert not any(did.applied for match in verdict.matches if match.shadow for did in match.did)


@given(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4))
def test_actions_are_kept_as_they_are(kinds: list[str]) -> None:
    actions = tuple(KINDS[kind](number) for number, kind in enumerate(kinds))
    assert actions_in(stored(actions)) == actions
    assert all(error.field[0] == "actions" for error in wrong_actions(actions, [PLACED]))
