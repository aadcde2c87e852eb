"""Undoing a shipment before its carrier has it: its goods lie where they lay, and are to be sent once more."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from oms_api.db.idempotency import gained
from oms_api.db.records import revised
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.fulfillment.units import Work
from oms_api.domain.inventory.ledger import post
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.domain.shipping.events import ShipmentCanceled
from oms_api.domain.shipping.policies import why_not_cancel
from oms_api.domain.shipping.states import PackageStatus, ShipmentStatus
from oms_api.domain.shipping.tables import PackageRow, ShipmentRow
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LineId, ShipmentId
from oms_api.workflows.shipment_left import Left, shipment_left

LEFT = Sql("""
SELECT line.id, line.fulfillment_order_line_id, line.line_id, moved.sku_id, moved.lot, moved.quantity
FROM shipment_line line JOIN stock_movement moved
    ON moved.cause_id = line.id AND moved.cause_kind = 'shipline' AND moved.kind = 'SHIP'
WHERE line.shipment_id = :shipment::uuid ORDER BY moved.id
""")
LIMIT = Sql("""
SELECT channel.cancel_shipment_within_minutes FROM shipment JOIN channel ON channel.id = shipment.channel_id
WHERE shipment.id = :shipment::uuid
""")
UNDONE = updates(PackageRow, "status", "version", "updated_at")
HEADER = updates(ShipmentRow, "status", "version", "updated_at")
REOPENED = updates(FulfillmentOrderRow, "status", "closed_at", "pick_batch_id", "leave_by")


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelShipment:
    """Undo a shipment."""

    idempotency_key: str
    shipment_id: ShipmentId
    expected_version: int | None = gained()


async def cancel_shipment(tx: Tx, command: CancelShipment) -> ShipmentRow:
    """Bring the goods of a shipment back to where they lay, promised as they were, and return the shipment: CANCELED.

    Its fulfillment order is open again.

    Raises: NotFound, VersionConflict, IllegalMove, ShipmentScanned, TooLateToCancel, UnitsInReturn.
    """
    key = command.shipment_id
    left = await shipment_left(tx, key, command.expected_version, LEFT(shipment=key), LIMIT(shipment=key))
    moved, ((minutes,),) = left.asked
    shipped_at, packages = left.shipment.shipped_at, left.packages.values()
    returned = _returned(left, moved)
    refuse_if(why_not_cancel(packages, shipped_at=shipped_at, minutes=minutes, now=tx.now, returned=returned))
    document, was = left.document, left.shipment
    promises = {promise.work_line_id: promise.id for promise in document.promises.values()}
    for _, part, _, _, _, units in moved:
        document.come_back(document.promises[promises[part]], units)
    work = document.works[was.fulfillment_order_id]
    changes: dict[str, tuple[object, object]] = {"shipment.status": (was.status, ShipmentStatus.CANCELED)}
    if work.status is FulfillmentOrderStatus.CLOSED:
        changes["fulfillmentOrder.status"] = work.status, _reopen(tx, left, work)
    document.save(tx, tx.now)
    shipment = revised(was, tx.now, status=ShipmentStatus.CANCELED)
    tx.write(UNDONE, [revised(each, tx.now, status=PackageStatus.CANCELED) for each in packages])
    tx.write(HEADER, [shipment])
    post(tx, [_back(left, *row) for row in moved], tx.now)
    document.emit(tx, ShipmentCanceled, changes, tx.now, subject_id=was.id, location_ids=(was.location_id,))
    document.emit_status(tx, tx.now)
    return shipment


def _returned(left: Left, moved: Sequence[tuple[Any, ...]]) -> int:
    """Return how many of the units that left are announced to come back, or have come."""
    wanted: dict[LineId, int] = {}
    for _, _, line, _, _, units in moved:
        wanted[line] = wanted.get(line, 0) + units
    return sum(max(units - left.document.lines[line].returnable, 0) for line, units in wanted.items())


def _reopen(tx: Tx, left: Left, work: Work) -> FulfillmentOrderStatus:
    """Let the work of a closed fulfillment order be done once more, and return its status; `leave_by` is worked out anew.

    A supplier who accepted it works on it again.
    """
    status = FulfillmentOrderStatus.IN_PROGRESS if work.asked and work.asked.id else FulfillmentOrderStatus.OPEN
    left.document.works[work.id] = replace(work, status=status, pick_batch_id=None)
    tx.write(REOPENED, [{"id": work.id, "status": status, "closed_at": None, "pick_batch_id": None, "leave_by": None}])
    return status


def _back(left: Left, cause: Any, _part: Any, _line: Any, sku: Any, lot: str | None, units: int) -> Move:  # noqa: ANN401 - ids
    return Move(
        sku_id=sku,
        location_id=left.shipment.location_id,
        quantity=units,
        source=Account.CUSTOMER,
        target=Account.COMMITTED,
        kind=MovementKind.TAKE_BACK,
        cause_kind=CauseKind.SHIPMENT_LINE,
        cause_id=cause,
        lot=lot,
    )
