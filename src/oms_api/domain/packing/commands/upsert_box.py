"""Naming the boxes of a location."""

from typing import Any, TypedDict

from sqlalchemy import Select, select

from oms_api.db.session import Tx
from oms_api.db.statements import statement
from oms_api.db.versioned import change
from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.packing.events import BoxChanged
from oms_api.domain.packing.measures import LARGEST_MEASURE, check_measure
from oms_api.domain.packing.states import BoxStatus
from oms_api.domain.packing.tables import BoxRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError, Refused, wrong_in
from oms_api.kernel.ids import BoxId, IdKind, LocationId, text_id
from oms_api.kernel.naming import check_code, check_name, check_version, shown

SIDES = ("inner_length_mm", "inner_width_mm", "inner_height_mm")


class BoxChanges(TypedDict, total=False):
    """The fields of a box to set."""

    name: str
    inner_length_mm: int
    inner_width_mm: int
    inner_height_mm: int
    tare_g: int
    max_weight_g: int | None
    status: BoxStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertBox:
    """A box of a location by its code; of one that exists, what is left out stays as it is."""

    idempotency_key: str
    location_id: LocationId
    code: str
    changes: BoxChanges
    expected_version: int | None = None


@statement
def _box(location: LocationId, code: str) -> Select[BoxRow]:
    return select(BoxRow).where(BoxRow.location_id == location, BoxRow.code == code).with_for_update(key_share=True)


async def upsert_box(tx: Tx, command: UpsertBox) -> BoxRow:
    """Make a box of a location, or change it. Raises: NotFound, Refused, VersionConflict."""
    if errors := _wrong(command):
        raise Refused(errors=errors)
    location, code, columns = command.location_id, command.code, dict[str, Any](command.changes)
    if await locations_by_id.of_one(tx, location) is None:
        raise NotFound(what="location", given=text_id(IdKind.LOCATION, location), field=("locationId",))
    before = await tx.one_or_none(_box(location, code))
    if before is None:
        made = await tx.made_or_none(BoxRow, _new(tx, command, columns))
        if made is not None:
            tx.emit(BoxChanged(subject_id=made.id, location_ids=(location,), changes={"status": (None, made.status)}))
            return made
        before = await tx.one(_box(location, code))
    check_version(command.expected_version, before.version)
    _check_limit(columns.get("tare_g", before.tare_g), columns.get("max_weight_g", before.max_weight_g))
    after, moved = await change(tx, BoxRow, before, columns)
    if moved:
        tx.emit(BoxChanged(subject_id=after.id, location_ids=(location,), changes=moved))
    return after


def _new(tx: Tx, command: UpsertBox, columns: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a new box. Raises: Refused, for what it lacks."""
    errors: list[OmsError] = [
        InvalidValue(problem=f"A new box needs {shown(name)}.", field=(shown(name),)) for name in SIDES if name not in columns
    ]
    if command.expected_version is not None:
        problem = "The location has no box with this code yet, so it has no version."
        errors.append(InvalidValue(problem=problem, field=("expectedVersion",)))
    if errors:
        raise Refused(errors=errors)
    given = {"name": command.code, "tare_g": 0, "max_weight_g": None, "status": BoxStatus.ACTIVE, **columns}
    _check_limit(given["tare_g"], given["max_weight_g"])
    ids = {"id": tx.new_id(BoxId), "location_id": command.location_id, "code": command.code}
    return {**ids, **given, "created_at": tx.now, "updated_at": tx.now}


def _wrong(command: UpsertBox) -> list[OmsError]:
    changes = command.changes
    errors = wrong_in(lambda: check_code(command.code, "code"))
    if "name" in changes:
        errors += wrong_in(lambda: check_name(changes["name"], "name"))
    for name in (*SIDES, "max_weight_g"):
        if (given := changes.get(name)) is not None:
            errors += wrong_in(lambda name=name, given=given: check_measure(given, shown(name)))  # type: ignore[misc]
    if not 0 <= changes.get("tare_g", 0) <= LARGEST_MEASURE:
        errors.append(InvalidValue(problem=f"tareG is between 0 and {LARGEST_MEASURE:,}.", field=("tareG",)))
    return errors


def _check_limit(tare_g: int, max_weight_g: int | None) -> None:
    """Raises: InvalidValue, for a box that carries less than it weighs."""
    if max_weight_g is not None and max_weight_g <= tare_g:
        raise InvalidValue(problem="maxWeightG is more than tareG: it is of the box with its contents.", field=("maxWeightG",))
