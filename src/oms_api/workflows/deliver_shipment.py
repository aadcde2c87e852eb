"""Recording that a shipment arrived; the order is completed when nothing of it is on its way any more."""

from collections.abc import Sequence
from datetime import datetime

from oms_api.db.idempotency import gained
from oms_api.db.records import revised
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.orders.quantities import deliver, lose
from oms_api.domain.shipping.events import PackageDelivered, ShipmentDelivered
from oms_api.domain.shipping.policies import arriving, shipment_status, why_not_deliver
from oms_api.domain.shipping.states import PackageStatus, ShipmentStatus
from oms_api.domain.shipping.tables import PackageRow, ShipmentRow
from oms_api.domain.shipping.verbs import DELIVER
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import PackageId, ShipmentId
from oms_api.kernel.occurrence import occurred
from oms_api.workflows.shipment_left import Left, shipment_left

CONTENTS = Sql("""
SELECT line.package_id, line.line_id, line.quantity FROM package JOIN package_line line ON line.package_id = package.id
WHERE package.shipment_id = :shipment::uuid
""")
ARRIVED = updates(PackageRow, "status", "delivered_at", "version", "updated_at")
HEADER = updates(ShipmentRow, "status", "delivered_at", "version", "updated_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkDelivered:
    """All packages of a shipment that are on their way arrived; where none is, those that were lost."""

    idempotency_key: str
    shipment_id: ShipmentId
    expected_version: int | None = gained()
    occurred_at: datetime | None = None


async def mark_delivered(tx: Tx, command: MarkDelivered) -> ShipmentRow:
    """Record the arrival of a shipment's packages, and return the shipment.

    Raises: NotFound, VersionConflict, AlreadyDelivered, IllegalMove, OccurredTooEarly.
    """
    at = tx.business_time(command.occurred_at)
    left = await _left_with(tx, command.shipment_id, command.expected_version)
    at = occurred(at, command.occurred_at, not_before=left.shipment.shipped_at, what="the shipment's leaving")
    statuses = {key: package.status for key, package in left.packages.items()}
    refuse_if(why_not_deliver(left.shipment.status, statuses.values(), left.shipment.delivered_at))
    return _arrived(tx, left, arriving(statuses), at)


async def package_delivered(tx: Tx, package: PackageRow, at: datetime) -> PackageRow:
    """Record that one package of a shipment arrived *at* a moment, or as it left where that was later, and return it.

    One that is not on its way any more stays what it is. Raises: NotFound.
    """
    left = await _left_with(tx, package.shipment_id)
    if left.packages[package.id].status not in DELIVER.moves:
        return package
    _arrived(tx, left, [package.id], max(at, left.shipment.shipped_at))
    return left.packages[package.id]


async def package_arrived_before(tx: Tx, package: PackageRow, at: datetime) -> PackageRow:
    """Correct when a package arrived that was delivered: *at* a moment before, never before it left. Raises: NotFound."""
    left = await _left_with(tx, package.shipment_id)
    was, at = left.packages[package.id], max(at, left.shipment.shipped_at)
    if was.delivered_at is None or at >= was.delivered_at:
        return package
    left.packages[package.id] = now = revised(was, tx.now, delivered_at=at)
    tx.write(ARRIVED, [now])
    if left.shipment.delivered_at is not None:
        tx.write(HEADER, [revised(left.shipment, tx.now, delivered_at=_last_arrival(left))])
    return now


async def _left_with(tx: Tx, key: ShipmentId | None, version: int | None = None) -> Left:
    """Lock the order of a shipment and return it with what is in its packages. Raises: NotFound, VersionConflict."""
    if key is None:
        raise NotFound(what="shipment", given="", field=("packageId",))
    return await shipment_left(tx, key, version, CONTENTS(shipment=key))


def _arrived(tx: Tx, left: Left, arrived: Sequence[PackageId], at: datetime) -> ShipmentRow:
    """Let packages have *arrived*, and return the shipment as it is then."""
    document, was, packages = left.document, left.shipment, left.packages
    (contents,) = left.asked
    for package, line_id, units in contents:
        if package in arrived:
            line, lost = document.lines[line_id], packages[package].status is PackageStatus.LOST
            document.set_line(deliver(lose(line, -units) if lost else line, units))
    for key in arrived:
        packages[key] = revised(packages[key], tx.now, status=PackageStatus.DELIVERED, delivered_at=at)
    document.save(tx, at)
    status = shipment_status([each.status for each in packages.values()])
    delivered_at = _last_arrival(left) if status is ShipmentStatus.DELIVERED else None
    shipment = revised(was, tx.now, status=status, delivered_at=delivered_at)
    tx.write(ARRIVED, [packages[key] for key in arrived])
    tx.write(HEADER, [shipment])
    moved = {"shipment.status": (was.status, shipment.status)}
    kind, cause = (ShipmentDelivered, None) if status is ShipmentStatus.DELIVERED else (PackageDelivered, arrived[0])
    document.emit(tx, kind, moved, at, subject_id=was.id, location_ids=(was.location_id,), cause_id=cause)
    document.emit_status(tx, at)
    return shipment


def _last_arrival(left: Left) -> datetime:
    return max(each.delivered_at for each in left.packages.values() if each.delivered_at is not None)
