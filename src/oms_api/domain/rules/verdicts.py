"""The verdict of all rules on one order: asked by position, their actions combined. Pure: facts are given."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any

from oms_api.domain.orders.holds.placing import NewHold
from oms_api.domain.rules.actions import HOLDING, RuleAction
from oms_api.domain.rules.conditions import Answer, Condition
from oms_api.domain.rules.errors import RuleRejected
from oms_api.domain.rules.states import RuleActionKind, RuleMode, RuleTrigger
from oms_api.kernel.access import SYSTEM_CLIENT
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import OrderRuleId, OrderRuleVersionId

K = RuleActionKind
FAILED, APPROVAL = "RULE_FAILED", "APPROVAL"
"""The reasons of holds by a rule that failed, and by one that wants an approval."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A version of a rule that is in force."""

    rule_id: OrderRuleId
    version_id: OrderRuleVersionId
    number: int
    code: str
    mode: RuleMode
    position: int
    triggers: frozenset[RuleTrigger]
    condition: Condition
    actions: tuple[RuleAction, ...]

    @property
    def placed_by(self) -> str:
        """The name under which its holds are placed and its notes written."""
        return f"rule {self.code}"


@dataclass(slots=True)
class Did:
    """The outcome of an action: *applied*, or why not."""

    action: RuleAction
    applied: bool = True
    why: str | None = None

    def refuse(self, why: str) -> None:
        """Note that it was not applied."""
        self.applied, self.why = False, why

    def stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"kind": self.action.kind.value, "applied": self.applied, "why": self.why}


@dataclass(slots=True)
class Match:
    """That a rule matched, or failed with *error*, and what it did."""

    rule: Rule
    did: list[Did] = field(default_factory=list)
    error: str | None = None

    @property
    def shadow(self) -> bool:
        """Whether nothing is done."""
        return self.rule.mode is RuleMode.SHADOW


@dataclass(slots=True)
class Verdict:
    """The actions of all rules together on an order; rules in force that did not match have `passed`."""

    trigger: RuleTrigger
    matches: list[Match] = field(default_factory=list)
    passed: list[Rule] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    notes: list[tuple[Rule, str]] = field(default_factory=list)
    holds: list[tuple[Rule, NewHold, Did | None]] = field(default_factory=list)
    inserts: list[tuple[RuleAction, Did]] = field(default_factory=list)
    priority: int | None = None
    shipping: tuple[str, str] | None = None
    route: str | None = None

    @property
    def acted(self) -> list[Match]:
        """The matches that are no shadows."""
        return [match for match in self.matches if not match.shadow]

    def keep_holds(self, own: Collection[tuple[str, str]], why: str) -> None:
        """Place no hold again that is there: *own* are active ones, by who placed them and their reason."""
        for rule, hold, did in self.holds:
            if (rule.placed_by, hold.reason) in own and did is not None:
                did.refuse(why)
        self.holds = [each for each in self.holds if (each[0].placed_by, each[1].reason) not in own]

    def let_go(self, why: str) -> None:
        """Place no holds, and note *why*."""
        for _, _, did in self.holds:
            if did is not None:
                did.refuse(why)
        self.holds.clear()


def judge(rules: Sequence[Rule], trigger: RuleTrigger, ask: Callable[[Condition], Answer], now: datetime) -> Verdict:
    """Return what *rules*, by position, do with the order that *ask* answers about. Raises: RuleRejected."""
    verdict = Verdict(trigger)
    for rule in rules:
        if trigger not in rule.triggers:
            continue
        answer = ask(rule.condition)
        if answer.error is not None:
            verdict.matches.append(Match(rule, error=answer.error))
            if rule.mode is RuleMode.ACTIVE:
                verdict.holds.append((rule, _failed(rule, answer.error), None))
        elif answer.holds:
            match = Match(rule, [Did(action) for action in rule.actions])
            verdict.matches.append(match)
            if match.shadow:
                for did in match.did:
                    did.refuse("the rule is in shadow")
            elif _act(verdict, match, now):
                break
        elif rule.mode is RuleMode.ACTIVE:
            verdict.passed.append(rule)
    return verdict


def _failed(rule: Rule, error: str) -> NewHold:
    note = f"The rule {rule.code} failed: {error}"
    return NewHold(reason=FAILED, note=note, owner=SYSTEM_CLIENT, placed_by=rule.placed_by)


def _act(verdict: Verdict, match: Match, now: datetime) -> bool:
    """Take the actions of a match into the verdict; return whether no more rules are asked. Raises: RuleRejected."""
    rule = match.rule
    for did in match.did:
        action = did.action
        if action.kind is K.REJECT:
            raise RuleRejected(said=action.message or "", rule=rule.code)
        if action.kind in SAID:
            _first(verdict, action, did)
        elif action.kind is K.TAG:
            verdict.tags += [tag for tag in action.tags or () if tag not in verdict.tags]
        elif action.kind is K.NOTE:
            verdict.notes.append((rule, action.note or ""))
        elif action.kind is K.ADD_LINE:
            verdict.inserts.append((action, did))
        elif action.kind in HOLDING:
            verdict.holds.append((rule, _hold(rule, action, now), did))
    return any(did.action.kind is K.STOP for did in match.did)


SAID: dict[RuleActionKind, tuple[str, Callable[[RuleAction], object]]] = {
    K.SET_PRIORITY: ("priority", lambda action: action.priority),
    K.SET_SHIPPING: ("shipping", lambda action: (action.code, action.title)),
    K.ROUTE: ("route", lambda action: action.profile),
}
"""What one rule says for all."""


def _first(verdict: Verdict, action: RuleAction, did: Did) -> None:
    """Let the first rule that says something have its way."""
    name, value = SAID[action.kind]
    if getattr(verdict, name) is None:
        setattr(verdict, name, value(action))
    else:
        did.refuse("a rule before it said so already")


def _hold(rule: Rule, action: RuleAction, now: datetime) -> NewHold:
    approval = action.kind is K.REQUIRE_APPROVAL
    return NewHold(
        reason=APPROVAL if approval else action.reason or "",
        note=action.note,
        approval=approval,
        release_at=None if action.hours is None else now + timedelta(hours=action.hours),
        owner=SYSTEM_CLIENT,
        placed_by=rule.placed_by,
    )
