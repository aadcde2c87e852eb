"""Recording that a shipment arrived; the order is completed when nothing of it is on its way any more."""

from dataclasses import dataclass
from datetime import datetime

from oms_api.db.records import changed, changed_on
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.document import locked_document
from oms_api.domain.fulfillment.ways import Way
from oms_api.domain.orders.quantities import deliver, lose
from oms_api.domain.shipping.events import ShipmentDelivered
from oms_api.domain.shipping.policies import arriving, shipment_status, why_not_deliver
from oms_api.domain.shipping.shapes import SHIPMENTS
from oms_api.domain.shipping.states import PackageStatus, ShipmentStatus
from oms_api.domain.shipping.tables import PackageRow, ShipmentRow
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, ShipmentId, text_id
from oms_api.kernel.occurrence import occurred

BY_SHIPMENT = Way("(SELECT sent.order_id FROM shipment sent WHERE sent.id = :key::uuid)")
SHIPMENT = Sql(f"SELECT {SHIPMENTS.columns} FROM shipment WHERE id = :shipment::uuid")  # noqa: S608 - our own columns
CONTENTS = Sql("""
SELECT package.id, package.status, line.line_id, line.quantity
FROM package LEFT JOIN shipment_line line ON line.shipment_id = package.shipment_id AND line.package_id = package.id
WHERE package.shipment_id = :shipment::uuid
""")
ARRIVED, HEADER = updates(PackageRow, "status", "delivered_at"), updates(ShipmentRow, "status", "delivered_at", "updated_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkDelivered:
    """All packages of a shipment that are on their way arrived; where none is, those that were lost."""

    idempotency_key: str
    shipment_id: ShipmentId
    occurred_at: datetime | None = None


async def mark_delivered(tx: Tx, command: MarkDelivered) -> ShipmentRow:
    """Record the arrival of a shipment's packages, and return the shipment.

    Raises: NotFound, AlreadyDelivered, IllegalMove, OccurredTooEarly.
    """
    at = tx.business_time(command.occurred_at)
    key = command.shipment_id
    document, found = await locked_document(tx, BY_SHIPMENT, key, SHIPMENT(shipment=key), CONTENTS(shipment=key))
    shipments, contents = found
    was = SHIPMENTS.record(shipments[0]) if shipments else None
    if document is None or was is None or not tx.principal.sees_location(was.location_id):
        raise NotFound(what="shipment", given=text_id(IdKind.SHIPMENT, command.shipment_id), field=("shipmentId",))
    at = occurred(at, command.occurred_at, not_before=was.shipped_at, what="the shipment's leaving")
    packages = {package: PackageStatus(status) for package, status, _, _ in contents}
    refuse_if(why_not_deliver(was.status, packages.values(), was.delivered_at))
    arrived = arriving(packages)
    for package, status, line_id, units in contents:
        if line_id is not None and package in arrived:
            line = document.lines[line_id]
            document.set_line(deliver(lose(line, -units) if status == PackageStatus.LOST else line, units))
    packages.update(dict.fromkeys(arrived, PackageStatus.DELIVERED))
    document.save(tx, at)
    status = shipment_status(packages.values())
    delivered_at = at if status is ShipmentStatus.DELIVERED else None
    shipment = changed(was, status=status, delivered_at=delivered_at, **changed_on(was, tx.now))
    tx.write(ARRIVED, [{"id": package, "status": PackageStatus.DELIVERED, "delivered_at": at} for package in arrived])
    tx.write(HEADER, [shipment])
    moved = {"shipment.status": (was.status, shipment.status)}
    document.emit(tx, ShipmentDelivered, moved, at, subject_id=was.id, location_ids=(was.location_id,))
    document.emit_status(tx, at)
    return shipment
