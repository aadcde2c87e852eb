"""Making sourcing profiles and their versions, activating and retiring them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.db.statements import statement
from oms_api.db.versioned import change, locking
from oms_api.domain.channels.errors import CodeTaken
from oms_api.domain.channels.states import Activity
from oms_api.domain.channels.tables import ChannelRow
from oms_api.domain.sourcing.checking import ProfileDefinition, wrong_with
from oms_api.domain.sourcing.errors import ProfileInUse, ProfileRetired, VersionNotThere
from oms_api.domain.sourcing.events import SourcingProfileChanged
from oms_api.domain.sourcing.profile import (
    Scarcity,
    ShipmentRate,
    Step,
    rate_of,
    scarcity_of,
    step_of,
    stored_rate,
    stored_step,
)
from oms_api.domain.sourcing.queries import version_numbered
from oms_api.domain.sourcing.states import Otherwise, ProfileStatus
from oms_api.domain.sourcing.tables import SourcingProfileRow, SourcingProfileVersionRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound, OmsError, Refused, wrong_in
from oms_api.kernel.ids import IdKind, SourcingProfileId, SourcingProfileVersionId, text_id
from oms_api.kernel.naming import check_code, check_name, check_version

lock = locking(SourcingProfileRow)
STATUSES = updates(SourcingProfileVersionRow, "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProfile:
    """A new profile with its first version, which decides nothing until it is activated."""

    code: str
    name: str
    steps: tuple[Step, ...]
    rates: tuple[ShipmentRate, ...] = ()
    split_penalty: int = 0
    scarcity: Scarcity | None = None
    otherwise: Otherwise = Otherwise.REFUSE


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateProfile:
    """Another name, or a new version of a profile: what is None is as in its newest version."""

    profile_id: SourcingProfileId
    name: str | None = None
    steps: tuple[Step, ...] | None = None
    rates: tuple[ShipmentRate, ...] | None = None
    split_penalty: int | None = None
    scarcity: Scarcity | None = None
    otherwise: Otherwise | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateProfile:
    """Let a version decide, by default the newest."""

    profile_id: SourcingProfileId
    number: int | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireProfile:
    """Let a profile decide nothing any more."""

    profile_id: SourcingProfileId
    expected_version: int | None = None


async def create_profile(tx: Tx, command: CreateProfile) -> SourcingProfileRow:
    """Make a profile with its first version. Raises: Refused, CodeTaken; LimitedKey, for a key that does not see everything."""
    tx.principal.check_unlimited("channels", "locations")
    given = ProfileDefinition(
        steps=command.steps, rates=command.rates, split_penalty=command.split_penalty, scarcity=command.scarcity
    )
    errors = wrong_in(lambda: check_code(command.code, "code"), lambda: check_name(command.name, "name"))
    errors += await wrong_with(tx, given)
    if errors:
        raise Refused(errors=errors)
    row = {"id": tx.new_id(SourcingProfileId), "code": command.code, "name": command.name, "status": ProfileStatus.DRAFT}
    made = await tx.made_or_none(SourcingProfileRow, {**row, "latest": 1, "created_at": tx.now, "updated_at": tx.now})
    if made is None:
        raise CodeTaken(what="sourcing profile", given=command.code, field=("code",))
    await _add_version(tx, made.id, 1, _columns(given, command.otherwise))
    tx.emit(SourcingProfileChanged(subject_id=made.id, changes={"versions": (None, 1)}))
    return made


async def update_profile(tx: Tx, command: UpdateProfile) -> SourcingProfileRow:
    """Give a profile another name or a new version. Raises: NotFound, VersionConflict, ProfileRetired, Refused."""
    before = await _locked(tx, command.profile_id, command.expected_version)
    latest = await tx.one(version_numbered(before.id, before.latest))
    given = ProfileDefinition(
        steps=tuple(map(step_of, latest.steps)) if command.steps is None else command.steps,
        rates=tuple(map(rate_of, latest.rates)) if command.rates is None else command.rates,
        split_penalty=latest.split_penalty if command.split_penalty is None else command.split_penalty,
        scarcity=scarcity_of(latest.scarcity) if command.scarcity is None else command.scarcity,
    )
    errors: list[OmsError] = [] if command.name is None else wrong_in(lambda: check_name(command.name or "", "name"))
    columns = _columns(given, command.otherwise or latest.otherwise)
    differs = any(getattr(latest, name) != value for name, value in columns.items())
    if differs:
        errors += await wrong_with(tx, given)
    if errors:
        raise Refused(errors=errors)
    changes: dict[str, Any] = {} if command.name is None else {"name": command.name}
    if differs:
        await _add_version(tx, before.id, before.latest + 1, columns)
        changes["latest"] = before.latest + 1
    return await _changed(tx, before, changes)


async def activate_profile(tx: Tx, command: ActivateProfile) -> SourcingProfileRow:
    """Let a version of a profile decide, instead of the one that did. Raises: NotFound, VersionConflict, ProfileRetired."""
    before = await _locked(tx, command.profile_id, command.expected_version)
    number = before.latest if command.number is None else command.number
    version = await tx.one_or_none(version_numbered(before.id, number))
    if version is None:
        raise VersionNotThere(profile=before.code, given=number, latest=before.latest, field=("number",))
    if before.active_version_id == version.id:
        return before
    if before.active_version_id is not None:
        await tx.fetch(STATUSES.of([{"id": before.active_version_id, "status": ProfileStatus.RETIRED}]))
    await tx.fetch(STATUSES.of([{"id": version.id, "status": ProfileStatus.ACTIVE}]))
    return await _changed(tx, before, {"status": ProfileStatus.ACTIVE, "active_version_id": version.id})


async def retire_profile(tx: Tx, command: RetireProfile) -> SourcingProfileRow:
    """Let a profile decide nothing any more. Raises: NotFound, VersionConflict; ProfileInUse, while a channel has it."""
    tx.principal.check_unlimited("channels", "locations")
    before = await lock(tx, command.profile_id)
    if before is None:
        raise _unknown(command.profile_id)
    check_version(command.expected_version, before.version)
    if before.status is ProfileStatus.RETIRED:
        return before
    if (channel := await tx.value(_channel_with(before.id))) is not None:
        raise ProfileInUse(channel=channel, field=("profileId",))
    if before.active_version_id is not None:
        await tx.fetch(STATUSES.of([{"id": before.active_version_id, "status": ProfileStatus.RETIRED}]))
    return await _changed(tx, before, {"status": ProfileStatus.RETIRED, "active_version_id": None})


@statement
def _channel_with(profile_id: SourcingProfileId) -> Select[str]:
    row = ChannelRow
    used = row.sourcing_profile_id == profile_id, row.status == Activity.ACTIVE
    return select(row.code).where(*used).order_by(row.code).limit(1)


async def _locked(tx: Tx, profile_id: SourcingProfileId, expected: int | None) -> SourcingProfileRow:
    tx.principal.check_unlimited("channels", "locations")
    found = await lock(tx, profile_id)
    if found is None:
        raise _unknown(profile_id)
    check_version(expected, found.version)
    if found.status is ProfileStatus.RETIRED:
        raise ProfileRetired(profile=found.code, field=("profileId",))
    return found


async def _changed(tx: Tx, before: SourcingProfileRow, columns: Mapping[str, Any]) -> SourcingProfileRow:
    after, moved = await change(tx, SourcingProfileRow, before, columns)
    if moved:
        shown = {"latest": "versions", "active_version_id": "activeVersion"}
        changes = {shown.get(name, name): (_shown(was), _shown(now)) for name, (was, now) in moved.items()}
        tx.emit(SourcingProfileChanged(subject_id=after.id, changes=changes))
    return after


def _shown(value: object) -> object:
    return text_id(IdKind.SOURCING_PROFILE_VERSION, value) if isinstance(value, UUID) else value


async def _add_version(tx: Tx, profile_id: SourcingProfileId, number: int, columns: Mapping[str, Any]) -> None:
    key = {"id": tx.new_id(SourcingProfileVersionId), "profile_id": profile_id, "number": number}
    made = {"status": ProfileStatus.DRAFT, "actor": tx.actor, "created_at": tx.now}
    await tx.insert(SourcingProfileVersionRow, [{**key, **columns, **made}])


def _columns(given: ProfileDefinition, otherwise: Otherwise) -> dict[str, Any]:
    scarcity = given.scarcity
    return {
        "steps": [stored_step(step) for step in given.steps],
        "rates": [stored_rate(rate) for rate in given.rates],
        "split_penalty": given.split_penalty,
        "scarcity": None if scarcity is None else {"days": scarcity.days, "per_unit": scarcity.per_unit},
        "otherwise": otherwise,
    }


def _unknown(profile_id: SourcingProfileId) -> OmsError:
    return NotFound(what="sourcing profile", given=text_id(IdKind.SOURCING_PROFILE, profile_id), field=("profileId",))
