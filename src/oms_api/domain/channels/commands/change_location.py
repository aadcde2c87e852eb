"""Making, changing and deactivating locations."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, field
from typing import cast
from uuid import UUID

from psycopg.errors import ForeignKeyViolation

from oms_api.db.session import Tx
from oms_api.db.versioned import change, locking
from oms_api.domain.attributes.given import AttributeGiven
from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.attributes.values import attributes_wanted, differing, write_values
from oms_api.domain.channels.calendar import Calendar, check_calendar, stored
from oms_api.domain.channels.errors import CodeTaken
from oms_api.domain.channels.events import LocationChanged, LocationCreated
from oms_api.domain.channels.policies import LocationChanges, check_changes, check_pickup
from oms_api.domain.channels.queries import at_locations
from oms_api.domain.channels.states import Activity, LocationKind
from oms_api.domain.channels.stock_reports import reported_first
from oms_api.domain.channels.tables import LocationRow
from oms_api.kernel.address import Address
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, NotFound, OmsError
from oms_api.kernel.ids import IdKind, LocationId, SupplierId, text_id
from oms_api.kernel.naming import check_code, check_version

SUPPLIER = "fk_location_supplier_id"
NO_SUPPLIER = "No supplier has this id."
lock = locking(LocationRow, visible=at_locations(LocationRow.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateLocation:
    """Create a location, a place that holds stock."""

    code: str
    name: str
    kind: LocationKind
    time_zone: str
    address: Address | None = None
    calendar: Calendar | None = None
    accepts_orders: bool = True
    open_order_limit: int | None = None
    eori: str | None = None
    supplier_id: SupplierId | None = None
    answer_within_minutes: int | None = None
    submits_requests: bool = True
    pickup_days: int | None = None
    pickup_reminder_days: int | None = None
    stock_valid_minutes: int | None = None
    attributes: tuple[AttributeGiven, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateLocation:
    """Change a location."""

    location_id: LocationId
    changes: LocationChanges = field(default_factory=LocationChanges)
    attributes: tuple[AttributeGiven, ...] = ()
    expected_version: int | None = None


async def create_location(tx: Tx, command: CreateLocation) -> LocationRow:
    """Make a location. Raises: CodeTaken, InvalidValue; LimitedKey, for a key that sees some locations only."""
    tx.principal.check_unlimited("locations")
    check_code(command.code, "code")
    check_changes(
        LocationChanges(
            name=command.name,
            time_zone=command.time_zone,
            open_order_limit=command.open_order_limit,
            eori=command.eori,
            answer_within_minutes=command.answer_within_minutes,
            pickup_days=command.pickup_days,
            pickup_reminder_days=command.pickup_reminder_days,
            stock_valid_minutes=command.stock_valid_minutes,
        )
    )
    check_pickup(command.pickup_days, command.pickup_reminder_days)
    _check_seen(tx, command.supplier_id)
    _check(command.calendar)
    wanted = await attributes_wanted(tx, AttributeOwner.LOCATION, command.attributes)
    row = {
        "id": tx.new_id(LocationId),
        "code": command.code,
        "name": command.name,
        "kind": command.kind,
        "status": Activity.ACTIVE,
        "time_zone": command.time_zone,
        "address": command.address and asdict(command.address),
        "calendar": command.calendar and stored(command.calendar),
        "accepts_orders": command.accepts_orders,
        "open_order_limit": command.open_order_limit,
        "eori": command.eori,
        "supplier_id": command.supplier_id,
        "answer_within_minutes": command.answer_within_minutes,
        "submits_requests": command.submits_requests,
        "pickup_days": command.pickup_days,
        "pickup_reminder_days": command.pickup_reminder_days,
        **reported_first(command.stock_valid_minutes, tx.now),
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    with _known_supplier():
        location = await tx.made_or_none(LocationRow, row)
    if location is None:
        raise CodeTaken(what="location", given=command.code, field=("code",))
    write_values(tx, {location.id: wanted})
    tx.emit(LocationCreated(subject_id=location.id, location_ids=(location.id,)))
    return location


async def update_location(tx: Tx, command: UpdateLocation) -> LocationRow:
    """Change a location. Raises: NotFound, VersionConflict, Refused."""
    wanted = await attributes_wanted(tx, AttributeOwner.LOCATION, command.attributes)
    location = await lock(tx, command.location_id)
    if location is None:
        raise NotFound(what="location", given=text_id(IdKind.LOCATION, command.location_id), field=("id",))
    check_version(command.expected_version, location.version)
    changes = command.changes
    check_changes(changes)
    _check_seen(tx, changes.get("supplier_id"))
    columns = dict(changes)
    if (address := changes.get("address")) is not None:
        columns["address"] = asdict(address)
    if (calendar := changes.get("calendar")) is not None:
        _check(calendar)
        columns["calendar"] = stored(calendar)
    days, reminder_days = location.pickup_days, location.pickup_reminder_days
    check_pickup(changes.get("pickup_days", days), changes.get("pickup_reminder_days", reminder_days))
    if (minutes := changes.get("stock_valid_minutes", location.stock_valid_minutes)) != location.stock_valid_minutes:
        columns |= reported_first(minutes, tx.now)
    values = await differing(tx, location.id, wanted)
    with _known_supplier():
        location, moved = await change(tx, LocationRow, location, columns, also=bool(values))
    if "supplier_id" in moved:
        suppliers = [each and text_id(IdKind.SUPPLIER, cast("UUID", each)) for each in moved.pop("supplier_id")]
        moved["supplier"] = suppliers[0], suppliers[1]
    if "stock_told_at" in moved:
        moved["stock_reported_at"] = moved.pop("stock_told_at")
    if values:
        write_values(tx, {location.id: values})
        moved["attributes"] = (None, None)
    if moved:
        tx.emit(LocationChanged(subject_id=location.id, location_ids=(location.id,), changes=moved))
    return location


def _check_seen(tx: Tx, supplier_id: SupplierId | None) -> None:
    """Raises: InvalidValue, for a supplier that the caller does not see."""
    if supplier_id is not None and not tx.principal.sees_supplier(supplier_id):
        raise InvalidValue(problem=NO_SUPPLIER, field=("supplierId",))


@contextmanager
def _known_supplier() -> Iterator[None]:
    """Raises: InvalidValue, where the database knows no supplier that works at the location."""
    try:
        yield
    except ForeignKeyViolation as error:
        if error.diag.constraint_name != SUPPLIER:
            raise
        raise InvalidValue(problem=NO_SUPPLIER, field=("supplierId",)) from None


def _check(calendar: Calendar | None) -> None:
    if calendar is not None:
        try:
            check_calendar(calendar)
        except OmsError as error:
            raise error.at("calendar") from None
