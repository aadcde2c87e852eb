"""Naming groups of locations and postal zones."""

from typing import Any

from sqlalchemy import Select, select

from oms_api.db.session import Tx
from oms_api.db.statements import statement
from oms_api.db.versioned import change
from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.sourcing.events import LocationGroupChanged, PostalZoneChanged
from oms_api.domain.sourcing.places import plain
from oms_api.domain.sourcing.tables import LocationGroupRow, PostalZoneRow
from oms_api.kernel.address import COUNTRIES, check_point
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, Refused, TooManyItems, wrong_in
from oms_api.kernel.ids import IdKind, LocationGroupId, LocationId, PostalZoneId, text_id
from oms_api.kernel.naming import check_code, check_name, check_version

MOST_IN_GROUP, MOST_CODES, LONGEST_POSTAL_CODE = 1_000, 1_000, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertGroup:
    """A group of locations by its code; of one that exists, what is None stays as it is."""

    code: str
    name: str | None = None
    location_ids: tuple[LocationId, ...] | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class PostalRange:
    """Postal codes from one to another, both included."""

    low: str
    high: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertZone:
    """A postal zone by its code; of one that exists, what is None stays as it is."""

    code: str
    country: str | None = None
    prefixes: tuple[str, ...] | None = None
    ranges: tuple[PostalRange, ...] | None = None
    latitude: float | None = None
    longitude: float | None = None
    expected_version: int | None = None


@statement
def _group(code: str) -> Select[LocationGroupRow]:
    return select(LocationGroupRow).where(LocationGroupRow.code == code).with_for_update()


@statement
def _zone(code: str) -> Select[PostalZoneRow]:
    return select(PostalZoneRow).where(PostalZoneRow.code == code).with_for_update()


async def upsert_group(tx: Tx, command: UpsertGroup) -> LocationGroupRow:
    """Make a group of locations, or change it. Raises: Refused, VersionConflict, LimitedKey."""
    tx.principal.check_unlimited("channels", "locations")
    errors = wrong_in(
        lambda: check_code(command.code, "code"), lambda: None if command.name is None else check_name(command.name, "name")
    )
    errors += await _wrong_locations(tx, command.location_ids or ())
    if errors:
        raise Refused(errors=errors)
    before = await tx.one_or_none(_group(command.code))
    if before is None:
        row: dict[str, Any] = {
            "id": tx.new_id(LocationGroupId),
            "code": command.code,
            "name": command.name or command.code,
            "location_ids": list(command.location_ids or ()),
            "created_at": tx.now,
            "updated_at": tx.now,
        }
        _check_new(command.expected_version)
        made = await tx.made_or_none(LocationGroupRow, row)
        if made is not None:
            tx.emit(LocationGroupChanged(subject_id=made.id, changes={"locations": ([], _shown(made.location_ids))}))
            return made
        before = await tx.one(_group(command.code))
    check_version(command.expected_version, before.version)
    columns: dict[str, Any] = {} if command.name is None else {"name": command.name}
    if command.location_ids is not None:
        columns["location_ids"] = list(command.location_ids)
    after, moved = await change(tx, LocationGroupRow, before, columns)
    if "location_ids" in moved:
        del moved["location_ids"]
        moved["locations"] = _shown(before.location_ids), _shown(after.location_ids)
    if moved:
        tx.emit(LocationGroupChanged(subject_id=after.id, changes=moved))
    return after


async def upsert_zone(tx: Tx, command: UpsertZone) -> PostalZoneRow:
    """Make a postal zone, or change it. Raises: Refused, VersionConflict, LimitedKey."""
    tx.principal.check_unlimited("channels", "locations")
    if errors := _wrong_zone(command):
        raise Refused(errors=errors)
    columns: dict[str, Any] = {}
    if command.country is not None:
        columns["country"] = command.country
    if command.prefixes is not None:
        columns["prefixes"] = [plain(prefix) for prefix in command.prefixes]
    if command.ranges is not None:
        columns["ranges"] = [[plain(each.low), plain(each.high)] for each in command.ranges]
    if command.latitude is not None:
        columns |= {"latitude": command.latitude, "longitude": command.longitude}
    before = await tx.one_or_none(_zone(command.code))
    if before is None:
        _check_new(command.expected_version)
        if command.country is None:
            raise InvalidValue(problem="A new zone needs a country.", field=("country",))
        new = {"id": tx.new_id(PostalZoneId), "code": command.code, "prefixes": [], "ranges": [], **columns}
        made = await tx.made_or_none(PostalZoneRow, {**new, "created_at": tx.now, "updated_at": tx.now})
        if made is not None:
            tx.emit(PostalZoneChanged(subject_id=made.id, changes={"country": (None, made.country)}))
            return made
        before = await tx.one(_zone(command.code))
    check_version(command.expected_version, before.version)
    after, moved = await change(tx, PostalZoneRow, before, columns)
    if moved:
        tx.emit(PostalZoneChanged(subject_id=after.id, changes=moved))
    return after


def _check_new(expected_version: int | None) -> None:
    if expected_version is not None:
        raise InvalidValue(problem="There is none with this code yet, so it has no version.", field=("expectedVersion",))


def _shown(locations: list[LocationId]) -> list[str]:
    return [text_id(IdKind.LOCATION, location) for location in locations]


async def _wrong_locations(tx: Tx, location_ids: tuple[LocationId, ...]) -> list[OmsError]:
    if len(location_ids) > MOST_IN_GROUP:
        return [TooManyItems(limit=MOST_IN_GROUP, given=len(location_ids), field=("locationIds",))]
    found = await locations_by_id(tx, location_ids) if location_ids else {}
    errors: list[OmsError] = []
    for at, location_id in enumerate(location_ids):
        path = ("locationIds", str(at))
        if location_id not in found:
            errors.append(NotFound(what="location", given=text_id(IdKind.LOCATION, location_id), field=path))
        elif location_id in location_ids[:at]:
            errors.append(InvalidValue(problem="A location is in a group once.", field=path))
    return errors


def _wrong_zone(command: UpsertZone) -> list[OmsError]:
    errors = wrong_in(lambda: check_code(command.code, "code"), lambda: check_point(command.latitude, command.longitude))
    if command.country is not None and command.country not in COUNTRIES:
        problem = f"'{command.country}' is not a country code of ISO 3166-1 alpha-2, such as GB."
        errors.append(InvalidValue(problem=problem, field=("country",)))
    prefixes, ranges = command.prefixes or (), command.ranges or ()
    for name, given in (("prefixes", prefixes), ("ranges", ranges)):
        if len(given) > MOST_CODES:
            errors.append(TooManyItems(limit=MOST_CODES, given=len(given), field=(name,)))
    for at, prefix in enumerate(prefixes):
        if not _is_code(prefix):
            errors.append(InvalidValue(problem=NO_CODE, field=("prefixes", str(at))))
    for at, each in enumerate(ranges):
        ends = {"low": each.low, "high": each.high}
        errors += [
            InvalidValue(problem=NO_CODE, field=("ranges", str(at), end)) for end, code in ends.items() if not _is_code(code)
        ]
        if len(plain(each.low)) != len(plain(each.high)) or plain(each.low) > plain(each.high):
            problem = "The ends of a range are equally long, the low one first."
            errors.append(InvalidValue(problem=problem, field=("ranges", str(at), "high")))
    return errors


NO_CODE = f"A postal code or its beginning has 1 to {LONGEST_POSTAL_CODE} letters and digits."


def _is_code(given: str) -> bool:
    code = plain(given)
    return 0 < len(code) <= LONGEST_POSTAL_CODE and code.isalnum() and code.isascii()
