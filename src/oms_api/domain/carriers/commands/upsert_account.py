"""Making and changing accounts with carriers. Credentials go in and never come out."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from sqlalchemy import Select, select

from oms_api.db.session import Tx
from oms_api.db.statements import statement
from oms_api.db.versioned import change
from oms_api.domain.carriers.credentials import opened, sealed, wrong_with
from oms_api.domain.carriers.errors import CredentialsUnreadable, UnknownCarrier
from oms_api.domain.carriers.events import CarrierAccountChanged
from oms_api.domain.carriers.tables import CarrierAccountRow
from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.channels.states import Activity
from oms_api.domain.parcels.port import Carrier, Carriers
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, Refused, TooManyItems, wrong_in
from oms_api.kernel.ids import CarrierAccountId, IdKind, LocationId, text_id
from oms_api.kernel.naming import check_code, check_name, check_version
from oms_api.kernel.vault import Vault

MOST_LOCATIONS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertAccount:
    """An account by its code; of one that exists, what is None stays as it is. Credentials replace all that there were."""

    code: str
    carrier: str | None = None
    name: str | None = None
    credentials: Mapping[str, str] | None = field(default=None, repr=False)
    settings: Mapping[str, str] | None = None
    location_ids: tuple[LocationId, ...] | None = None
    all_locations: bool = False
    status: Activity | None = None
    expected_version: int | None = None


@statement
def _account(code: str) -> Select[CarrierAccountRow]:
    return select(CarrierAccountRow).where(CarrierAccountRow.code == code).with_for_update()


async def upsert_account(tx: Tx, command: UpsertAccount, *, carriers: Carriers, vault: Vault) -> CarrierAccountRow:
    """Make an account, or change it. Raises: Refused, UnknownCarrier, VersionConflict, LimitedKey."""
    tx.principal.check_unlimited("channels", "locations")
    errors = wrong_in(
        lambda: check_code(command.code, "code"),
        lambda: None if command.name is None else check_name(command.name, "name"),
    )
    errors += await _wrong_places(tx, command)
    before: CarrierAccountRow | None = None
    if not errors:
        before = await tx.one_or_none(_account(command.code))
    if before is not None and command.carrier not in {None, before.carrier}:
        problem = f"An account stays with its carrier, '{before.carrier}': make another one."
        errors.append(InvalidValue(problem=problem, field=("carrier",)))
    if before is None and command.carrier is None:
        errors.append(InvalidValue(problem="A new account needs a carrier.", field=("carrier",)))
    if errors:
        raise Refused(errors=errors)
    name = command.carrier if before is None else before.carrier
    carrier = known(carriers, name or "")
    if errors := _wrong_values(command, carrier, name or "", new=before is None):
        raise Refused(errors=errors)
    if before is None:
        if command.expected_version is not None:
            raise InvalidValue(problem="There is none with this code yet, so it has no version.", field=("expectedVersion",))
        made = await tx.made_or_none(CarrierAccountRow, _new(tx, command, vault))
        if made is not None:
            tx.emit(CarrierAccountChanged(subject_id=made.id, changes={"status": (None, made.status)}))
            return made
        before = await tx.one(_account(command.code))
    return await _changed(tx, before, command, vault)


async def _changed(tx: Tx, before: CarrierAccountRow, command: UpsertAccount, vault: Vault) -> CarrierAccountRow:
    check_version(command.expected_version, before.version)
    columns = _columns(command)
    given = command.credentials
    if given is not None and given != _known_credentials(vault, before):
        columns |= {"credentials": sealed(vault, before.id, given), "credential_names": sorted(given)}
    after, moved = await change(tx, CarrierAccountRow, before, columns)
    if moved:
        if "location_ids" in moved:
            moved["locations"] = tuple(map(_shown, moved.pop("location_ids")))  # type: ignore[assignment]
        names = {"credentials", "credential_names", "settings"}
        changes = {key: both for key, both in moved.items() if key not in names}
        if "credentials" in moved:
            changes["credential_names"] = before.credential_names, after.credential_names
        if "settings" in moved:
            changes["settings"] = None, None
        tx.emit(CarrierAccountChanged(subject_id=after.id, changes=changes))
    return after


def _known_credentials(vault: Vault, account: CarrierAccountRow) -> Mapping[str, str] | None:
    try:
        return opened(vault, account.id, account.credentials)
    except CredentialsUnreadable:
        return None


def _new(tx: Tx, command: UpsertAccount, vault: Vault) -> dict[str, Any]:
    key, given = tx.new_id(CarrierAccountId), command.credentials or {}
    return {
        "id": key,
        "code": command.code,
        "name": command.code,
        "carrier": command.carrier,
        "status": Activity.ACTIVE,
        "settings": {},
        "credentials": sealed(vault, key, given),
        "credential_names": sorted(given),
        "created_at": tx.now,
        "updated_at": tx.now,
        **_columns(command),
    }


def _columns(command: UpsertAccount) -> dict[str, Any]:
    columns: dict[str, Any] = {name: value for name in ("name", "status") if (value := getattr(command, name)) is not None}
    if command.settings is not None:
        columns["settings"] = dict(command.settings)
    if command.location_ids is not None or command.all_locations:
        columns["location_ids"] = None if command.location_ids is None else list(command.location_ids)
    return columns


def known(carriers: Carriers, code: str) -> Carrier:
    """Return the carrier with *code*. Raises: UnknownCarrier."""
    found = carriers.get(code)
    if found is None:
        raise UnknownCarrier(given=code, known=f"there are {', '.join(sorted(carriers))}", field=("carrier",))
    return found


def _wrong_values(command: UpsertAccount, carrier: Carrier, code: str, *, new: bool) -> list[OmsError]:
    errors: list[OmsError] = []
    for path, given, declared in (
        ("credentials", command.credentials, carrier.credentials),
        ("settings", command.settings, carrier.settings),
    ):
        if given is not None or new:
            errors += wrong_with(code, given or {}, declared, path)
    return errors


async def _wrong_places(tx: Tx, command: UpsertAccount) -> list[OmsError]:
    wanted = command.location_ids or ()
    if command.location_ids is not None and command.all_locations:
        problem = "An account serves the locations that are named, or all."
        return [InvalidValue(problem=problem, field=("allLocations",))]
    if len(wanted) > MOST_LOCATIONS:
        return [TooManyItems(limit=MOST_LOCATIONS, given=len(wanted), field=("locationIds",))]
    there = await locations_by_id(tx, wanted)
    return [
        NotFound(what="location", given=text_id(IdKind.LOCATION, each), field=("locationIds", str(at)))
        for at, each in enumerate(wanted)
        if each not in there
    ]


def _shown(locations: Any) -> list[str] | None:  # noqa: ANN401 - a column
    return None if locations is None else [text_id(IdKind.LOCATION, each) for each in locations]
