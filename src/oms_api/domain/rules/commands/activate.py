"""Putting versions of rules in force, in shadow or for good, and retiring them: each channel gets its new rulebook."""

from collections.abc import Sequence
from uuid import UUID

from oms_api.db.rows import Row, updates
from oms_api.db.session import Tx
from oms_api.db.versioned import change
from oms_api.domain.rules.books import in_turn, keep_books
from oms_api.domain.rules.commands.write import furthest, rule_locked
from oms_api.domain.rules.events import OrderRuleActivated, OrderRuleRetired
from oms_api.domain.rules.states import RuleMode
from oms_api.domain.rules.tables import OrderRuleRow, OrderRuleVersionRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import IllegalMove, InvalidValue, NotFound
from oms_api.kernel.ids import OrderRuleId

MODES = updates(OrderRuleVersionRow, "mode", "activated_at", "retired_at")
IN_FORCE = (RuleMode.SHADOW, RuleMode.ACTIVE)
ORDER = list(RuleMode)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateRule:
    """Put a version of a rule (the last by default) in force with *mode*, SHADOW or ACTIVE."""

    rule_id: OrderRuleId
    mode: RuleMode
    number: int | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireRule:
    """Ask a rule no more, or only one of its versions."""

    rule_id: OrderRuleId
    number: int | None = None
    expected_version: int | None = None


async def activate_rule(tx: Tx, command: ActivateRule) -> OrderRuleRow:
    """Put a version in force; the one that had its mode before is retired. Orders placed from then on are judged by it.

    Raises: NotFound, VersionConflict, IllegalMove for a version that is as far or retired, InvalidValue, LimitedKey.
    """
    tx.principal.check_unlimited("channels")
    if command.mode not in IN_FORCE:
        raise InvalidValue(problem="A version is put in SHADOW or made ACTIVE.", field=("mode",))
    await in_turn(tx)
    rule, versions = await rule_locked(tx, command.rule_id, command.expected_version)
    version = version_of(versions, command.number)
    if version.mode is command.mode:
        return rule
    if ORDER.index(version.mode) > ORDER.index(command.mode):
        raise IllegalMove(what="version", current=version.mode, target=command.mode, field=("mode",))
    over = [each for each in versions if each.mode is command.mode]
    rows = [_as(version, command.mode, tx), *(_as(each, RuleMode.RETIRED, tx) for each in over)]
    rule = await _moved(tx, rule, versions, rows)
    changes = {"mode": (version.mode, command.mode), "number": (version.number, version.number)}
    tx.emit(OrderRuleActivated(subject_id=rule.id, cause_id=version.id, changes=_versions(changes)))
    return rule


async def retire_rule(tx: Tx, command: RetireRule) -> OrderRuleRow:
    """Retire every version of a rule, drafts too, or the one that is named. What holds it placed stays.

    Raises: NotFound, VersionConflict, LimitedKey.
    """
    tx.principal.check_unlimited("channels")
    await in_turn(tx)
    rule, versions = await rule_locked(tx, command.rule_id, command.expected_version)
    wanted = versions if command.number is None else [version_of(versions, command.number)]
    over = [version for version in wanted if version.mode is not RuleMode.RETIRED]
    if not over:
        return rule
    was = rule.mode
    rule = await _moved(tx, rule, versions, [_as(version, RuleMode.RETIRED, tx) for version in over])
    changes: dict[str, tuple[object, object]] = {} if was is rule.mode else {"mode": (was, rule.mode)}
    if command.number is not None:
        changes |= _versions({"mode": (over[0].mode, RuleMode.RETIRED), "number": (over[0].number, over[0].number)})
    tx.emit(OrderRuleRetired(subject_id=rule.id, changes=changes))
    return rule


def version_of(versions: Sequence[OrderRuleVersionRow], number: int | None) -> OrderRuleVersionRow:
    """Return the version *number*, the last by default. Raises: NotFound."""
    if number is None:
        return versions[0]
    found = next((version for version in versions if version.number == number), None)
    if found is None:
        raise NotFound(what="version", given=str(number), field=("number",))
    return found


def _as(version: OrderRuleVersionRow, mode: RuleMode, tx: Tx) -> Row:
    retired = mode is RuleMode.RETIRED
    begun = version.activated_at if retired else version.activated_at or tx.now
    return {"id": version.id, "mode": mode, "activated_at": begun, "retired_at": tx.now if retired else None}


async def _moved(tx: Tx, rule: OrderRuleRow, versions: Sequence[OrderRuleVersionRow], rows: Sequence[Row]) -> OrderRuleRow:
    """Write the modes of versions, those that are retired first, and the rulebooks that follow; return the rule."""
    ordered = sorted(rows, key=lambda row: row["mode"] is not RuleMode.RETIRED)
    await tx.flush([MODES.of([row]) for row in ordered])
    now: dict[UUID, RuleMode] = {version.id: version.mode for version in versions}
    for row in rows:
        now[UUID(str(row["id"]))] = RuleMode(str(row["mode"]))
    rule, _ = await change(tx, OrderRuleRow, rule, {"mode": furthest(set(now.values()))}, also=True)
    await keep_books(tx)
    return rule


def _versions(changes: dict[str, tuple[object, object]]) -> dict[str, tuple[object, object]]:
    """Return what is told of a version, by its path from the rule."""
    return {f"versions.{name}": both for name, both in changes.items()}
