"""Writing rules: a new one, and a new version of one; neither is in force yet."""

from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Any, TypedDict
from uuid import UUID

from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.db.sets import text_array
from oms_api.db.sql import Sql
from oms_api.db.versioned import Moved, change, locking
from oms_api.domain.catalog.errors import UnknownSku
from oms_api.domain.channels.queries import channels_by_id
from oms_api.domain.orders.reasons.queries import known_reasons, unknown
from oms_api.domain.orders.reasons.states import OrderReasonUse
from oms_api.domain.rules.actions import RuleAction, actions_in, stored, wrong_actions
from oms_api.domain.rules.conditions import checked
from oms_api.domain.rules.errors import RuleCodeTaken
from oms_api.domain.rules.events import OrderRuleCreated, OrderRuleUpdated
from oms_api.domain.rules.queries import versions_by_rule
from oms_api.domain.rules.states import RuleActionKind, RuleMode, RuleTrigger
from oms_api.domain.rules.tables import OrderRuleRow, OrderRuleVersionRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, Refused, TooManyItems, wrong_in
from oms_api.kernel.ids import ChannelId, IdKind, OrderRuleId, OrderRuleVersionId, text_id
from oms_api.kernel.naming import check_code, check_name, check_version

MOST_CHANNELS = 250
LARGEST_POSITION = 1_000_000
VERSIONS = inserts(OrderRuleVersionRow)
SKUS = Sql("SELECT code, kind, status FROM sku WHERE code = ANY (:codes::text[])")
lock = locking(OrderRuleRow)


class RuleChanges(TypedDict, total=False):
    """Changes of a rule; fields left out stay as in the last version."""

    name: str
    triggers: tuple[RuleTrigger, ...]
    channel_ids: tuple[ChannelId, ...] | None
    condition: str
    actions: tuple[RuleAction, ...]
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRule:
    """Write a rule: its first version is a DRAFT."""

    code: str
    name: str
    condition: str
    actions: tuple[RuleAction, ...]
    triggers: tuple[RuleTrigger, ...] = (RuleTrigger.ORDER_PLACED,)
    channel_ids: tuple[ChannelId, ...] | None = None
    position: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRule:
    """Write the next version of a rule, as a DRAFT; what is in force stays so."""

    rule_id: OrderRuleId
    changes: RuleChanges = field(default_factory=RuleChanges)
    expected_version: int | None = None


async def create_rule(tx: Tx, command: CreateRule) -> OrderRuleRow:
    """Write a rule and return it. Raises: Refused with all that is wrong, RuleCodeTaken, LimitedKey."""
    tx.principal.check_unlimited("channels")
    said: RuleChanges = {
        "name": command.name,
        "triggers": command.triggers,
        "channel_ids": command.channel_ids,
        "condition": command.condition,
        "actions": command.actions,
        "position": command.position,
    }
    await _check(tx, said, said, code=command.code)
    new = {"id": tx.new_id(OrderRuleId), "code": command.code, "name": command.name, "mode": RuleMode.DRAFT}
    rule = await tx.made_or_none(OrderRuleRow, {**new, "created_at": tx.now, "updated_at": tx.now})
    if rule is None:
        raise RuleCodeTaken(given=command.code, field=("code",))
    _put_version(tx, rule.id, 1, said)
    tx.emit(OrderRuleCreated(subject_id=rule.id, changes={"code": (None, rule.code), "mode": (None, rule.mode)}))
    return rule


async def update_rule(tx: Tx, command: UpdateRule) -> OrderRuleRow:
    """Write the next version of a rule, or only give it another name, and return the rule.

    Raises: NotFound, VersionConflict, Refused with all that is wrong, LimitedKey.
    """
    tx.principal.check_unlimited("channels")
    rule, versions = await rule_locked(tx, command.rule_id, command.expected_version)
    last, changes = versions[0], command.changes
    nulls = [name for name, value in changes.items() if value is None and name != "channel_ids"]
    if nulls:
        raise Refused(errors=[InvalidValue(problem=f"{name} cannot be null.", field=(name,)) for name in nulls])
    was = _said(rule, last)
    said: RuleChanges = {**was, **changes}
    await _check(tx, changes, said)
    anew = _columns(said) != _columns(was)
    if anew:
        _put_version(tx, rule.id, last.number + 1, said)
    modes = {version.mode for version in versions} | ({RuleMode.DRAFT} if anew else set())
    columns = {"name": said["name"], "mode": furthest(modes)}
    rule, moved = await change(tx, OrderRuleRow, rule, columns, also=anew)
    if moved or anew:
        tx.emit(OrderRuleUpdated(subject_id=rule.id, changes=_shown(moved, last.number if anew else None)))
    return rule


async def rule_locked(
    tx: Tx, rule_id: OrderRuleId, expected_version: int | None
) -> tuple[OrderRuleRow, list[OrderRuleVersionRow]]:
    """Return a rule, locked, and its versions, the last first. Raises: NotFound, VersionConflict."""
    rule = await lock(tx, rule_id)
    if rule is None:
        raise NotFound(what="rule", given=text_id(IdKind.ORDER_RULE, rule_id), field=("ruleId",))
    check_version(expected_version, rule.version)
    return rule, await versions_by_rule.of_one(tx, rule_id)


def furthest(modes: set[RuleMode]) -> RuleMode:
    """Return the mode of a rule whose versions have *modes*."""
    return next(mode for mode in (RuleMode.ACTIVE, RuleMode.SHADOW, RuleMode.DRAFT, RuleMode.RETIRED) if mode in modes)


def _said(rule: OrderRuleRow, version: OrderRuleVersionRow) -> RuleChanges:
    channels = version.channel_ids
    return {
        "name": rule.name,
        "triggers": tuple(map(RuleTrigger, version.triggers)),
        "channel_ids": None if channels is None else tuple(map(ChannelId, channels)),
        "condition": version.condition,
        "actions": actions_in(version.actions),
        "position": version.position,
    }


def _columns(said: RuleChanges) -> dict[str, Any]:
    """Return what a version keeps of what was *said*."""
    channels: Sequence[UUID] | None = said["channel_ids"]
    return {
        "triggers": [trigger.value for trigger in said["triggers"]],
        "channel_ids": None if channels is None else sorted(channels),
        "condition": said["condition"],
        "actions": stored(said["actions"]),
        "position": said["position"],
    }


def _put_version(tx: Tx, rule_id: OrderRuleId, number: int, said: RuleChanges) -> None:
    row = {"id": tx.new_id(OrderRuleVersionId), "rule_id": rule_id, "number": number, "mode": RuleMode.DRAFT}
    tx.put(VERSIONS, **row, **_columns(said), created_by=tx.actor, created_at=tx.now)


def _shown(moved: Moved, last: int | None) -> Moved:
    return moved if last is None else {**moved, "versions.number": (last, last + 1)}


async def _check(tx: Tx, given: RuleChanges, said: RuleChanges, *, code: str | None = None) -> None:
    """Raises: Refused, with all that is wrong with what is *given*, and with its actions beside all that is *said*."""
    errors = list(_wrong(given, said, code))
    if "channel_ids" in given and given["channel_ids"] is not None:
        errors += await _wrong_channels(tx, given["channel_ids"])
    if "actions" in given:
        errors += await _wrong_references(tx, given["actions"])
    if errors:
        raise Refused(errors=errors)


def _wrong(given: RuleChanges, said: RuleChanges, code: str | None) -> Iterator[OmsError]:
    if code is not None:
        yield from wrong_in(lambda: check_code(code, "code"))
    if "name" in given:
        yield from wrong_in(lambda: check_name(given["name"], "name"))
    if "triggers" in given and not given["triggers"]:
        yield InvalidValue(problem="A rule is asked some time: give at least one trigger.", field=("triggers",))
    if "triggers" in given and len(set(given["triggers"])) < len(given["triggers"]):
        yield InvalidValue(problem="A trigger is given once.", field=("triggers",))
    if "position" in given and not 0 <= given["position"] <= LARGEST_POSITION:
        yield InvalidValue(problem=f"A position is between 0 and {LARGEST_POSITION:,}.", field=("position",))
    if "condition" in given:
        yield from (error.at("condition") for error in wrong_in(lambda: checked(given["condition"])))
    if "actions" in given or "triggers" in given:
        yield from wrong_actions(said["actions"], said["triggers"])


async def _wrong_channels(tx: Tx, channels: Sequence[ChannelId]) -> list[OmsError]:
    """Return which of *channels* there are not."""
    if not channels:
        problem = "Give at least one channel, or null for all of them."
        return [InvalidValue(problem=problem, field=("channelIds",))]
    if len(channels) > MOST_CHANNELS:
        return [TooManyItems(limit=MOST_CHANNELS, given=len(channels), field=("channelIds",))]
    found = await channels_by_id(tx, channels)
    errors: list[OmsError] = []
    for at, channel in enumerate(channels):
        path = ("channelIds", str(at))
        if channel not in found:
            errors.append(NotFound(what="channel", given=text_id(IdKind.CHANNEL, channel), field=path))
        elif channel in channels[:at]:
            errors.append(InvalidValue(problem="A channel is given once.", field=path))
    return errors


async def _wrong_references(tx: Tx, actions: Sequence[RuleAction]) -> list[OmsError]:
    """Return which reasons and SKUs of *actions* there are not."""
    codes = {action.sku for action in actions if action.sku and "\0" not in action.sku}
    skus = {code: rest for code, *rest in await tx.fetch(SKUS(codes=text_array(sorted(codes))))} if codes else {}
    wanted = {action.reason for action in actions if action.reason}
    reasons = await known_reasons(tx, OrderReasonUse.HOLD, wanted) if wanted else {}
    errors: list[OmsError] = []
    for at, action in enumerate(actions):
        path = ("actions", str(at))
        if action.reason and action.reason not in reasons:
            errors.append(unknown(OrderReasonUse.HOLD, action.reason, *path, "hold", "reason"))
        if action.kind is RuleActionKind.ADD_LINE and action.sku in codes:
            place = (*path, "addLine", "sku")
            if action.sku not in skus:
                errors.append(UnknownSku(given=action.sku, field=place))
            elif skus[action.sku] != ["GOODS", "ACTIVE"]:
                problem = f"{action.sku} is no active SKU of the kind GOODS: only such units are added."
                errors.append(InvalidValue(problem=problem, field=place))
    return errors
