"""Recording that a shipment arrived; the order is completed when nothing of it is on its way any more."""

from collections.abc import Sequence
from datetime import datetime

from oms_api.db.records import changed, changed_on
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.orders.quantities import deliver, lose
from oms_api.domain.shipping.events import PackageDelivered, ShipmentDelivered
from oms_api.domain.shipping.policies import arriving, shipment_status, why_not_deliver
from oms_api.domain.shipping.shapes import SHIPMENTS
from oms_api.domain.shipping.states import PackageStatus, ShipmentStatus
from oms_api.domain.shipping.tables import PackageRow, ShipmentRow
from oms_api.domain.shipping.verbs import DELIVER
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, LineId, PackageId, ShipmentId, text_id
from oms_api.kernel.occurrence import occurred
from oms_api.workflows.shipment_left import BY_SHIPMENT, SHIPMENT

CONTENTS = Sql("""
SELECT package.id, package.status, package.delivered_at, line.line_id, line.quantity
FROM package LEFT JOIN package_line line ON line.package_id = package.id
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
    sent = await shipment_sent(tx, command.shipment_id)
    at = occurred(at, command.occurred_at, not_before=sent.shipment.shipped_at, what="the shipment's leaving")
    refuse_if(why_not_deliver(sent.shipment.status, sent.packages.values(), sent.shipment.delivered_at))
    return _arrived(tx, sent, arriving(sent.packages), at)


async def package_delivered(tx: Tx, package: PackageRow, at: datetime) -> PackageRow:
    """Record that one package of a shipment arrived *at* a moment, or as it left where that was later, and return it.

    One that is not on its way any more stays what it is. Raises: NotFound.
    """
    sent = await _sent_with(tx, package)
    if sent.packages[package.id] not in DELIVER.moves:
        return package
    at = max(at, sent.shipment.shipped_at)
    _arrived(tx, sent, [package.id], at)
    return changed(package, status=PackageStatus.DELIVERED, delivered_at=at)


async def package_arrived_before(tx: Tx, package: PackageRow, at: datetime) -> PackageRow:
    """Correct when a package arrived that was delivered: *at* a moment before, never before it left. Raises: NotFound."""
    sent = await _sent_with(tx, package)
    at = max(at, sent.shipment.shipped_at)
    if at >= sent.arrivals[package.id]:
        return package
    tx.write(ARRIVED, [changed(package, delivered_at=at)])
    if sent.shipment.delivered_at is not None:
        last = max((sent.arrivals | {package.id: at}).values())
        tx.write(HEADER, [changed(sent.shipment, delivered_at=last, **changed_on(sent.shipment, tx.now))])
    return changed(package, delivered_at=at)


async def _sent_with(tx: Tx, package: PackageRow) -> "SentShipment":
    if package.shipment_id is None:
        raise NotFound(what="shipment", given="", field=("packageId",))
    return await shipment_sent(tx, package.shipment_id)


@dataclass(slots=True)
class SentShipment:
    """A shipment with its order, its packages with when they arrived, and what is in them: a package, a line and its units."""

    document: OrderDocument
    shipment: ShipmentRow
    packages: dict[PackageId, PackageStatus]
    arrivals: dict[PackageId, datetime]
    contents: Sequence[tuple[PackageId, LineId | None, int]]


async def shipment_sent(tx: Tx, key: ShipmentId) -> SentShipment:
    """Lock the order of a shipment, and return it with all that is in it. Raises: NotFound."""
    document, found = await locked_document(tx, BY_SHIPMENT, key, SHIPMENT(shipment=key), CONTENTS(shipment=key))
    shipments, contents = found
    was = SHIPMENTS.record(shipments[0]) if shipments else None
    if document is None or was is None or not tx.principal.sees_location(was.location_id):
        raise NotFound(what="shipment", given=text_id(IdKind.SHIPMENT, key), field=("shipmentId",))
    packages = {package: PackageStatus(status) for package, status, *_ in contents}
    arrivals = {package: at for package, _, at, *_ in contents if at is not None}
    return SentShipment(document, was, packages, arrivals, [(package, line, units) for package, _, _, line, units in contents])


def _arrived(tx: Tx, sent: SentShipment, arrived: Sequence[PackageId], at: datetime) -> ShipmentRow:
    """Let packages have *arrived*, and return the shipment as it is then."""
    document, was, packages = sent.document, sent.shipment, dict(sent.packages)
    for package, line_id, units in sent.contents:
        if line_id is not None and package in arrived:
            line, lost = document.lines[line_id], packages[package] is PackageStatus.LOST
            document.set_line(deliver(lose(line, -units) if lost else line, units))
    packages.update(dict.fromkeys(arrived, PackageStatus.DELIVERED))
    document.save(tx, at)
    status = shipment_status(packages.values())
    arrivals = sent.arrivals | dict.fromkeys(arrived, at)
    delivered_at = max(arrivals.values()) if status is ShipmentStatus.DELIVERED else None
    shipment = changed(was, status=status, delivered_at=delivered_at, **changed_on(was, tx.now))
    tx.write(ARRIVED, [{"id": package, "status": PackageStatus.DELIVERED, "delivered_at": at} for package in arrived])
    tx.write(HEADER, [shipment])
    moved = {"shipment.status": (was.status, shipment.status)}
    kind, cause = (ShipmentDelivered, None) if status is ShipmentStatus.DELIVERED else (PackageDelivered, arrived[0])
    document.emit(tx, kind, moved, at, subject_id=was.id, location_ids=(was.location_id,), cause_id=cause)
    document.emit_status(tx, at)
    return shipment
