"""The actions of a rule: checked when it is written, kept as JSON. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from oms_api.db.json_text import read_as
from oms_api.domain.orders.texts import MOST_TAGS
from oms_api.domain.rules.errors import ActionsContradict
from oms_api.domain.rules.states import RuleActionKind, RuleTrigger
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidQuantity, InvalidValue, OmsError, TooManyItems
from oms_api.kernel.naming import LONGEST_CODE, LONGEST_NOTE
from oms_api.kernel.quantities import LARGEST_QUANTITY

MOST_ACTIONS = 20
LONGEST_HOLD_HOURS = 24 * 366
LONGEST_MESSAGE = 255
LARGEST_PRIORITY = 2**31 - 1
K = RuleActionKind
SINGLE = (K.HOLD, K.REQUIRE_APPROVAL, K.SET_PRIORITY, K.SET_SHIPPING, K.ROUTE, K.STOP, K.REJECT)
"""What a rule does once at most."""
HOLDING = (K.HOLD, K.REQUIRE_APPROVAL)
WHEN_PLACED = (K.ADD_LINE, K.ROUTE, K.SET_SHIPPING)
"""What can be done only with an order that is being placed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAction:
    """One action, with what its kind takes.

    HOLD takes a `reason`, `hours` and a `note`, REQUIRE_APPROVAL a `note`, REJECT a `message`, TAG `tags`, NOTE a `note`,
    SET_PRIORITY a `priority`, SET_SHIPPING a `code` and a `title`, ADD_LINE a `sku` and a `quantity`, ROUTE a `profile`.
    """

    kind: RuleActionKind
    reason: str | None = None
    hours: int | None = None
    note: str | None = None
    message: str | None = None
    tags: tuple[str, ...] | None = None
    priority: int | None = None
    code: str | None = None
    title: str | None = None
    sku: str | None = None
    quantity: int | None = None
    profile: str | None = None


def stored(actions: Sequence[RuleAction]) -> list[dict[str, Any]]:
    """Return *actions* as JSON, without what they leave open."""
    return [
        {field.name: value for field in fields(RuleAction) if (value := getattr(action, field.name)) is not None}
        | ({} if action.tags is None else {"tags": list(action.tags)})
        for action in actions
    ]


def actions_in(kept: Sequence[Any]) -> tuple[RuleAction, ...]:
    """Return the actions in their JSON."""
    return tuple(read_as(RuleAction, each) for each in kept)


def wrong_actions(actions: Sequence[RuleAction], triggers: Sequence[RuleTrigger]) -> Iterator[OmsError]:
    """Yield what is wrong with *actions* by themselves, and where they contradict each other or the *triggers*."""
    if not actions:
        yield InvalidValue(problem="A rule does something: give at least one action.", field=("actions",))
    if len(actions) > MOST_ACTIONS:
        yield TooManyItems(limit=MOST_ACTIONS, given=len(actions), field=("actions",))
        return
    for at, action in enumerate(actions):
        path = ("actions", str(at))
        yield from (error.at(*path, *PATHS[action.kind]) for error in _wrong(action))
        problem = _contradiction(actions, at, triggers)
        if problem is not None:
            yield ActionsContradict(problem=problem, field=(*path, PATHS[action.kind][0]))


def _contradiction(actions: Sequence[RuleAction], at: int, triggers: Sequence[RuleTrigger]) -> str | None:
    """Return what the action *at* a place contradicts."""
    kind, before, all_kinds = actions[at].kind, [each.kind for each in actions[:at]], [each.kind for each in actions]
    same = [each for each in actions[:at] if each.kind is kind]
    other_hold = kind in HOLDING and any(each in HOLDING and each is not kind for each in before)
    refused = kind is not K.REJECT and K.REJECT in all_kinds
    too_late = kind in WHEN_PLACED and set(triggers) != {RuleTrigger.ORDER_PLACED}
    found = {
        f"A rule does {kind} once.": kind in SINGLE and kind in before,
        "REQUIRE_APPROVAL is a hold already: leave one of the two out.": other_hold,
        f"An order that is refused is not there for {kind}: REJECT stands alone.": refused,
        "STOP is the last action.": kind is K.STOP and at < len(actions) - 1,
        f"{kind} is for orders that are being placed: let ORDER_PLACED be the only trigger.": too_late,
        "A rule adds a SKU once: give its whole quantity.": kind is K.ADD_LINE
        and any(each.sku == actions[at].sku for each in same),
    }
    return next((problem for problem, holds in found.items() if holds), None)


def _wrong(action: RuleAction) -> Iterator[OmsError]:
    """Yield what is wrong with *action* by itself."""
    for name, longest in TEXTS.get(action.kind, {}).items():
        value = getattr(action, name)
        if value is None and name in NEEDED[action.kind]:
            yield InvalidValue(problem=f"{action.kind} needs a {name}.", field=(name,))
        elif value is not None and not (value.strip() and len(value) <= longest and "\0" not in value):
            problem = f"A {name} has 1 to {longest:,} characters that are not all blanks, none of them NUL."
            yield InvalidValue(problem=problem, field=(name,))
    if action.hours is not None and not 0 < action.hours <= LONGEST_HOLD_HOURS:
        yield InvalidValue(problem=f"A hold lasts 1 to {LONGEST_HOLD_HOURS:,} hours.", field=("hours",))
    if action.priority is not None and not -LARGEST_PRIORITY <= action.priority <= LARGEST_PRIORITY:
        yield InvalidValue(problem="A priority is a whole number of 32 bits.", field=("priority",))
    if action.kind is K.ADD_LINE and not 0 < (action.quantity or 0) <= LARGEST_QUANTITY:
        yield InvalidQuantity(given=action.quantity or 0, field=("quantity",))
    if action.kind is K.TAG:
        yield from _wrong_tags(action.tags or ())


def _wrong_tags(tags: Sequence[str]) -> Iterator[OmsError]:
    if not tags:
        yield InvalidValue(problem="Give at least one tag.", field=("tags",))
    if len(tags) > MOST_TAGS:
        yield TooManyItems(limit=MOST_TAGS, given=len(tags), field=("tags",))
    for at, tag in enumerate(tags):
        if not (tag.strip() and len(tag) <= LONGEST_CODE and "\0" not in tag):
            problem = f"A tag has 1 to {LONGEST_CODE} characters that are not all blanks, none of them NUL."
            yield InvalidValue(problem=problem, field=("tags", str(at)))


TEXTS: dict[RuleActionKind, dict[str, int]] = {
    K.HOLD: {"reason": LONGEST_CODE, "note": LONGEST_NOTE},
    K.REQUIRE_APPROVAL: {"note": LONGEST_NOTE},
    K.REJECT: {"message": LONGEST_MESSAGE},
    K.NOTE: {"note": LONGEST_NOTE},
    K.SET_SHIPPING: {"code": LONGEST_CODE, "title": LONGEST_CODE},
    K.ADD_LINE: {"sku": LONGEST_CODE},
    K.ROUTE: {"profile": LONGEST_CODE},
}
"""The texts of each kind of action, and how long they may be."""
NEEDED: dict[RuleActionKind, tuple[str, ...]] = {
    K.HOLD: ("reason",),
    K.REQUIRE_APPROVAL: (),
    K.REJECT: ("message",),
    K.NOTE: ("note",),
    K.SET_SHIPPING: ("code", "title"),
    K.ADD_LINE: ("sku",),
    K.ROUTE: ("profile",),
}
PATHS: dict[RuleActionKind, tuple[str, ...]] = {
    K.HOLD: ("hold",),
    K.REQUIRE_APPROVAL: ("requireApproval",),
    K.REJECT: ("reject",),
    K.TAG: ("tag",),
    K.NOTE: ("note",),
    K.SET_PRIORITY: ("setPriority",),
    K.SET_SHIPPING: ("setShipping",),
    K.ADD_LINE: ("addLine",),
    K.ROUTE: ("route",),
    K.STOP: ("stop",),
}
"""Where the input says what each kind takes."""
