"""Telling that a customer can fetch the goods of a fulfillment order."""

from zoneinfo import ZoneInfo

from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.parts import changing_part
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.verbs import READY_FOR_PICKUP
from oms_api.domain.fulfillment.work import FulfillmentOrderDocument
from oms_api.domain.pickups.events import PickupReady
from oms_api.domain.pickups.policies import days_of, new_code, units_to_fetch
from oms_api.domain.pickups.states import PickupStatus
from oms_api.domain.pickups.tables import PickupRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import FulfillmentOrderId, PickupId

PICKUPS = inserts(PickupRow)
PLACE = Sql("""
SELECT location.time_zone, location.pickup_days, location.pickup_reminder_days
FROM fulfillment_order work JOIN location ON location.id = work.location_id WHERE work.id = :work::uuid
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyForPickup:
    """Let all that a fulfillment order has left to ship wait for its customer."""

    idempotency_key: str
    fulfillment_order_id: FulfillmentOrderId
    expected_version: int | None = None


async def ready_for_pickup(tx: Tx, command: ReadyForPickup) -> PickupRow:
    """Set goods aside for their customer under a new code, and return the pickup.

    Raises: NotFound, VersionConflict, FulfillmentOrderNotOpen, PickupNotOffered, OrderOnHold, FulfillmentOrderOnHold,
    ShipsComplete, UnitsPacked, AwaitsPickup, BundleApart.
    """
    key = command.fulfillment_order_id
    verb, version, place = READY_FOR_PICKUP, command.expected_version, PLACE(work=key)
    async with changing_part(tx, FulfillmentOrderDocument, verb, key, version, place) as work:
        units_to_fetch(work.order, key)
        ((((zone, days, reminder_days),)),) = work.asked
        collect_by, remind_on = days_of(tx.now.astimezone(ZoneInfo(zone)).date(), days, reminder_days)
        pickup = tx.put(
            PICKUPS,
            id=tx.new_id(PickupId),
            order_id=work.was.order_id,
            fulfillment_order_id=key,
            channel_id=work.was.channel_id,
            location_id=work.was.location_id,
            status=PickupStatus.READY,
            version=1,
            code=new_code(),
            tries=0,
            ready_at=tx.now,
            remind_on=remind_on,
            collect_by=collect_by,
            updated_at=tx.now,
        )
        work.row.awaits_pickup = True
        work.cause_id = pickup.id
        if work.was.status is not FulfillmentOrderStatus.IN_PROGRESS:
            work.move(FulfillmentOrderStatus.IN_PROGRESS)
    changes = {"pickup.status": (None, pickup.status), "pickup.collectBy": (None, collect_by)}
    tx.emit(PickupReady(subject_id=pickup.id, changes=changes, **work.concerned()))
    return pickup
