"""Handing goods over to the customer who fetches them, for the code: they leave and arrive at once."""

from oms_api.db.documents import changing_held
from oms_api.db.session import Tx
from oms_api.domain.fulfillment.giving_up import promises_of
from oms_api.domain.fulfillment.parts import changing_part, part_held
from oms_api.domain.orders.quantities import deliver
from oms_api.domain.pickups.document import PickupDocument
from oms_api.domain.pickups.errors import PickupCodeWrong
from oms_api.domain.pickups.policies import MOST_TRIES, is_code
from oms_api.domain.pickups.tables import PickupRow
from oms_api.domain.pickups.verbs import HAND_OVER, TRY
from oms_api.domain.shipping.events import ShipmentCreated, ShipmentDelivered
from oms_api.domain.shipping.states import PackageStatus, ShipmentStatus
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import PackageId, PickupId, ShipmentLineId
from oms_api.kernel.naming import check_name
from oms_api.workflows.pickups.change import let_go
from oms_api.workflows.ship_order import LeavingUnits, picked_by_lot, write_contents, write_package, write_shipment


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverPickup:
    """Give the goods of a pickup to who knows its code."""

    idempotency_key: str
    pickup_id: PickupId
    code: str
    collected_by: str | None = None


async def try_code(tx: Tx, command: HandOverPickup) -> OmsError | None:
    """Return why the code is refused, or None: in a transaction of its own, committed before the caller hears of it.

    So each wrong code counts, also of those that are tried at the same time. Of a pickup that is over no code is wrong: whoever
    hands it over tells why not. Raises: NotFound, PickupLocked.
    """
    found = await part_held(tx, PickupDocument, TRY, command.pickup_id)
    if not found.ready:
        return None
    with changing_held(tx, found, None) as pickup:
        if is_code(pickup.was.code, command.code):
            return None
        pickup.row.tries += 1
    return PickupCodeWrong(left=MOST_TRIES - pickup.row.tries, field=("code",))


async def hand_over_pickup(tx: Tx, command: HandOverPickup) -> PickupRow:
    """Let goods leave with their customer, and return the pickup: their shipment is DELIVERED.

    Whoever calls it has tried the code before: see `try_code`. Raises: NotFound, PickupOver, PickupLocked, PickupCodeWrong,
    OrderOnHold, FulfillmentOrderOnHold, InvalidValue; Refused with LotExpired.
    """
    if command.collected_by is not None:
        check_name(command.collected_by, "collectedBy")
    at = tx.now
    async with changing_part(tx, PickupDocument, HAND_OVER, command.pickup_id, None) as pickup:
        order, work_id = pickup.order, pickup.was.fulfillment_order_id
        if not is_code(pickup.was.code, command.code):
            raise PickupCodeWrong(left=MOST_TRIES - pickup.was.tries, field=("code",))
        pickup.end(at)
        package = tx.new_id(PackageId)
        leaving = [
            LeavingUnits(tx.new_id(ShipmentLineId), package, promise, promise.in_fulfillment, ("pickupId",))
            for promise in promises_of(order, work_id)
        ]
        picked = await picked_by_lot(tx, work_id, leaving, at)
        for each in leaving:
            order.ship(each.promise, each.units)
            order.set_line(deliver(order.lines[each.promise.line_id], each.units))
        shipment = write_shipment(tx, order, work_id, at, ShipmentStatus.DELIVERED, delivered_at=at)
        write_package(tx, package, shipment, leaving, PackageStatus.DELIVERED, delivered_at=at)
        pickup.row.shipment_id = shipment.id
        pickup.row.collected_by = command.collected_by
        let_go(tx, work_id)
    write_contents(tx, shipment, leaving, picked)
    for kind, was, now in (
        (ShipmentCreated, None, ShipmentStatus.SHIPPED),
        (ShipmentDelivered, ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED),
    ):
        moved = {"shipment.status": (was, now)}
        order.emit(
            tx,
            kind,
            moved,
            at,
            subject_id=shipment.id,
            location_ids=pickup.location_ids,
            cause_id=pickup.was.id,
            statuses=False,
        )
    return pickup.row
