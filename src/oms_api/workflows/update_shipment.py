"""Correcting what is known of a shipment that left, and recording a further package of it."""

from collections.abc import Sequence
from typing import Any, TypedDict

from oms_api.db.idempotency import gained
from oms_api.db.records import revised
from oms_api.db.rows import inserts, updates
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.errors import LineUnnamed
from oms_api.domain.orders.given import MOST_LINES
from oms_api.domain.shipping.errors import ExceedsPackage
from oms_api.domain.shipping.events import PackageAdded, ShipmentUpdated
from oms_api.domain.shipping.policies import shipment_status, why_not_change
from oms_api.domain.shipping.states import PackageStatus, ShipmentStatus
from oms_api.domain.shipping.tables import PackageLineRow, PackageRow, ShipmentRow
from oms_api.domain.shipping.tracking import TRACKING, Tracking, check_tracking
from oms_api.kernel.checks import check_length, check_quantity, refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import IllegalMove, InvalidValue, LineTwice, NotFound, OmsError, Refused
from oms_api.kernel.ids import FulfillmentOrderLineId, IdKind, LineId, PackageId, PackageLineId, ShipmentId, text_id
from oms_api.kernel.naming import LONGEST_CODE
from oms_api.workflows.shipment_left import Left, shipment_left

TRACKED = updates(PackageRow, *TRACKING, "version", "updated_at")
HEADER = updates(ShipmentRow, "method", "status", "delivered_at", "version", "updated_at")
ADDED, CONTENTS, TAKEN = inserts(PackageRow), inserts(PackageLineRow), updates(PackageLineRow, "quantity")
EMPTIED = Sql("DELETE FROM package_line WHERE id = ANY (:lines::uuid[])")
INSIDE = Sql("""
SELECT content.package_id, content.id, content.fulfillment_order_line_id, content.line_id, content.quantity
FROM package_line content JOIN package ON package.id = content.package_id
WHERE package.shipment_id = :shipment::uuid ORDER BY content.id
""")


class ShipmentChanges(TypedDict, total=False):
    """What is said anew of a shipment, and of the packages that it is about."""

    carrier: str | None
    tracking_number: str | None
    tracking_url: str | None
    method: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateShipment:
    """Correct carrier and tracking of a package of a shipment, or without one of all of them, and the shipment's method."""

    idempotency_key: str
    shipment_id: ShipmentId
    package_id: PackageId | None = None
    expected_version: int | None = gained()
    changes: ShipmentChanges


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToMove:
    """Units of a line that are in the further package."""

    quantity: int
    fulfillment_order_line_id: FulfillmentOrderLineId | None = None
    line_id: LineId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPackage:
    """Record a further package of a shipment that left, with units that were in another one, or with none."""

    idempotency_key: str
    shipment_id: ShipmentId
    from_package_id: PackageId | None = None
    lines: tuple[LineToMove, ...] = ()
    expected_version: int | None = gained()
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None


@dataclass(frozen=True, slots=True)
class Inside:
    """Units of a line that are in a package."""

    id: PackageLineId
    fulfillment_order_line_id: FulfillmentOrderLineId
    line_id: LineId
    quantity: int


async def update_shipment(tx: Tx, command: UpdateShipment) -> ShipmentRow:
    """Correct what is known of a shipment's way, and return it.

    Raises: NotFound, VersionConflict, IllegalMove, InvalidValue, Refused.
    """
    changes = command.changes
    check_tracking(Tracking(changes.get("carrier"), changes.get("tracking_number"), changes.get("tracking_url")))
    method = changes.get("method")
    if method is not None and not 0 < len(method.strip()) <= LONGEST_CODE:
        raise InvalidValue(problem=f"method has 1 to {LONGEST_CODE} characters; null for none.", field=("method",))
    left = await shipment_left(tx, command.shipment_id, command.expected_version)
    refuse_if(why_not_change(left.shipment.status))
    packages = list(left.packages.values())
    if command.package_id is not None:
        packages = [left.package(command.package_id, "packageId")]
    elif len(packages) > 1 and ("tracking_number" in changes or "tracking_url" in changes):
        raise InvalidValue(problem="The shipment has several packages: say which one by packageId.", field=("packageId",))
    rows, moved = [], dict[str, tuple[object, object]]()
    for package in packages:
        tracking = {name: changes.get(name, getattr(package, name)) for name in TRACKING}
        differs = {name: (was, now) for name, now in tracking.items() if (was := getattr(package, name)) != now}
        if differs:
            rows.append(revised(package, tx.now, **tracking))
            key = text_id(IdKind.PACKAGE, package.id)
            moved |= {f"shipment.packages.{key}.{name}": both for name, both in differs.items()}
    was = left.shipment
    if "method" in changes and method != was.method:
        moved["shipment.method"] = was.method, method
    if not moved:
        return was
    shipment = revised(was, tx.now, method=changes.get("method", was.method))
    tx.write(TRACKED, rows)
    tx.write(HEADER, [shipment])
    left.document.emit(tx, ShipmentUpdated, moved, tx.now, subject_id=was.id, location_ids=(was.location_id,), statuses=False)
    return shipment


async def add_package(tx: Tx, command: AddPackage) -> PackageRow:
    """Record a further package of a shipment, on its way, and return it.

    Raises: NotFound, VersionConflict, IllegalMove; Refused with all that is wrong with the lines.
    """
    check_tracking(command)
    left = await shipment_left(tx, command.shipment_id, command.expected_version, INSIDE(shipment=command.shipment_id))
    (inside,) = left.asked
    refuse_if(why_not_change(left.shipment.status))
    was, key = left.shipment, tx.new_id(PackageId)
    package = tx.put(
        ADDED,
        id=key,
        fulfillment_order_id=was.fulfillment_order_id,
        order_id=was.order_id,
        channel_id=was.channel_id,
        location_id=was.location_id,
        shipment_id=was.id,
        status=PackageStatus.SHIPPED,
        version=1,
        packed_at=was.shipped_at,
        updated_at=tx.now,
        **{name: getattr(command, name) for name in TRACKING},
    )
    if command.lines:
        _take(tx, left, command, key, inside)
    elif command.from_package_id is not None:
        raise InvalidValue(problem="Name the units that fromPackageId gives.", field=("lines",))
    status = shipment_status([*(each.status for each in left.packages.values()), PackageStatus.SHIPPED])
    delivered = was.delivered_at if status is ShipmentStatus.DELIVERED else None
    tx.write(HEADER, [revised(was, tx.now, status=status, delivered_at=delivered)])
    changes = {"shipment.status": (was.status, status)} if status is not was.status else {}
    where = (was.location_id,)
    left.document.emit(tx, PackageAdded, changes, tx.now, subject_id=was.id, location_ids=where, cause_id=key, statuses=False)
    return package


def _take(tx: Tx, left: Left, command: AddPackage, key: PackageId, inside: Sequence[tuple[Any, ...]]) -> None:
    """Move units into the package *key* from another one that is on its way. Raises: NotFound, IllegalMove, Refused."""
    check_length(command.lines, "lines", MOST_LINES)
    source = left.package(command.from_package_id, "fromPackageId")
    if source.status is not PackageStatus.SHIPPED:
        current, target = source.status.value, PackageStatus.SHIPPED.value
        raise IllegalMove(what="package", current=current, target=target, field=("fromPackageId",))
    there = [Inside(*row[1:]) for row in inside if row[0] == source.id]
    moved: dict[PackageLineId, int] = {}
    errors: list[OmsError] = []
    for at, line in enumerate(command.lines):
        try:
            _move(line, there, moved)
        except OmsError as error:
            errors.append(error.at("lines", at))
    if errors:
        raise Refused(errors=errors)
    tx.write(TRACKED, [revised(source, tx.now)])
    rest = [(each, each.quantity - moved[each.id]) for each in there if each.id in moved]
    tx.write(TAKEN, [{"id": each.id, "quantity": units} for each, units in rest if units])
    if emptied := [each.id for each, units in rest if not units]:
        tx.closing.append(EMPTIED(lines=array(emptied)))
    rows = [
        {
            "id": tx.new_id(PackageLineId),
            "package_id": key,
            "fulfillment_order_line_id": each.fulfillment_order_line_id,
            "line_id": each.line_id,
            "quantity": moved[each.id],
        }
        for each, _ in rest
    ]
    tx.write(CONTENTS, rows)


def _move(line: LineToMove, there: Sequence[Inside], moved: dict[PackageLineId, int]) -> None:
    """Count units of one line in *moved*. Raises: LineUnnamed, NotFound, LineTwice, InvalidQuantity, ExceedsPackage."""
    if (line.fulfillment_order_line_id is None) == (line.line_id is None):
        raise LineUnnamed
    found = [
        each
        for each in there
        if line.fulfillment_order_line_id in {None, each.fulfillment_order_line_id} and line.line_id in {None, each.line_id}
    ]
    if not found:
        raise NotFound(what="line of this package", given="", field=("quantity",))
    if any(each.id in moved for each in found):
        raise LineTwice
    check_quantity(line.quantity, "quantity")
    remaining, wanted = sum(each.quantity for each in found), line.quantity
    if wanted > remaining:
        raise ExceedsPackage(remaining=remaining, requested=wanted, field=("quantity",))
    for each in found:
        if units := min(wanted, each.quantity):
            moved[each.id] = units
            wanted -= units
