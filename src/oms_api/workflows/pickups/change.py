"""Changing goods that wait for their customer: another code, a later day, or an end of the waiting."""

from zoneinfo import ZoneInfo

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.parts import changing_part
from oms_api.domain.pickups.document import PickupDocument
from oms_api.domain.pickups.policies import extended, new_code
from oms_api.domain.pickups.tables import PickupRow
from oms_api.domain.pickups.verbs import CANCEL, EXTEND, RENEW_CODE
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import FulfillmentOrderId, PickupId

ENDED = Sql("UPDATE fulfillment_order SET awaits_pickup = false, version = version + 1 WHERE id = :work::uuid")
ZONE = Sql("""
SELECT location.time_zone FROM pickup JOIN location ON location.id = pickup.location_id WHERE pickup.id = :pickup::uuid
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupToChange:
    """A pickup that is canceled, or gets another code."""

    idempotency_key: str
    pickup_id: PickupId
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendPickup:
    """A pickup that waits for *days* more."""

    idempotency_key: str
    pickup_id: PickupId
    days: int
    expected_version: int | None = None


def let_go(tx: Tx, work_id: FulfillmentOrderId) -> None:
    """Write that a fulfillment order waits for no customer any more, with the last flush of *tx*."""
    tx.closing.append(ENDED(work=work_id))


async def cancel_pickup(tx: Tx, command: PickupToChange) -> PickupRow:
    """Let goods wait no longer: their fulfillment order stays IN_PROGRESS. Raises: NotFound, VersionConflict, PickupOver."""
    async with changing_part(tx, PickupDocument, CANCEL, command.pickup_id, command.expected_version) as pickup:
        pickup.end(tx.now)
        let_go(tx, pickup.was.fulfillment_order_id)
    return pickup.row


async def renew_code(tx: Tx, command: PickupToChange) -> PickupRow:
    """Give a pickup another code, for which nobody has tried one yet. Raises: NotFound, VersionConflict, PickupOver."""
    async with changing_part(tx, PickupDocument, RENEW_CODE, command.pickup_id, command.expected_version) as pickup:
        pickup.row.code, pickup.row.tries = new_code(), 0
    return pickup.row


async def extend_pickup(tx: Tx, command: ExtendPickup) -> PickupRow:
    """Let goods wait longer for their customer. Raises: NotFound, VersionConflict, PickupOver, InvalidValue."""
    key, version = command.pickup_id, command.expected_version
    async with changing_part(tx, PickupDocument, EXTEND, key, version, ZONE(pickup=key)) as pickup:
        (((zone,),),) = pickup.asked
        today = tx.now.astimezone(ZoneInfo(zone)).date()
        pickup.row.collect_by = extended(pickup.was.collect_by, today, command.days)
    return pickup.row
