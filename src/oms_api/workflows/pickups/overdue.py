"""The clock of pickups: reminders to customers, and cancellation of goods that nobody fetched."""

from datetime import date
from typing import Any

from oms_api.db.documents import changing_held
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.fulfillment.parts import part_held
from oms_api.domain.orders.reasons.queries import known_reasons
from oms_api.domain.orders.reasons.states import OrderReasonUse
from oms_api.domain.orders.states import CanceledStock, CancelReason
from oms_api.domain.pickups.document import PickupDocument
from oms_api.domain.pickups.policies import units_to_fetch
from oms_api.domain.pickups.states import PickupStatus
from oms_api.domain.pickups.verbs import EXPIRE, REMIND
from oms_api.kernel.ids import PickupId
from oms_api.kernel.verbs import Verb
from oms_api.workflows.cancel_order import Why, carried_out
from oms_api.workflows.cancellation import Cancellation
from oms_api.workflows.pickups.change import let_go

WAITING = """
SELECT pickup.id FROM pickup JOIN location ON location.id = pickup.location_id JOIN orders ON orders.id = pickup.order_id
JOIN fulfillment_order work ON work.id = pickup.fulfillment_order_id
WHERE pickup.status = 'READY' AND {due} AND pickup.id <> ALL (:passed::uuid[])
ORDER BY pickup.{first}, pickup.id LIMIT 1 FOR NO KEY UPDATE OF orders SKIP LOCKED
"""
"""One whose day has come, and its order locked. Where it is latest a day has come 14 hours before it comes in UTC."""
TODAY = "(:now::timestamptz AT TIME ZONE location.time_zone)::date"
LATEST = "((:now::timestamptz + interval '14 hours') AT TIME ZONE 'UTC')::date"
OVERDUE = Sql(
    WAITING.format(
        due=f"pickup.collect_by < {LATEST} AND pickup.collect_by < {TODAY} AND NOT orders.on_hold AND NOT work.on_hold",
        first="collect_by",
    )
)
"""Nobody can fetch what is on hold, so that waits until the hold is released."""
TO_REMIND = Sql(
    WAITING.format(
        due=f"pickup.reminded_at IS NULL AND pickup.remind_on <= {LATEST} AND pickup.remind_on <= {TODAY}", first="remind_on"
    )
)
PLACE_TODAY = Sql(f"""
SELECT {TODAY} FROM pickup JOIN location ON location.id = pickup.location_id WHERE pickup.id = :pickup::uuid
""")  # noqa: S608 - made of constants
NOT_COLLECTED = "NOT_COLLECTED"
"""The code of the reason for such cancellations, which says what becomes of the stock."""


async def remind_of_pickups(tx: Tx, batch: Batch) -> int:
    """Tell that a customer is to be reminded of goods that wait: a sweep."""
    batch.take(key for (key,) in await tx.fetch(TO_REMIND(now=tx.now, passed=batch.passed)))
    if not batch.tries:
        return 0
    pickup, today = await _held(tx, REMIND, PickupId(batch.tries[0]))
    if pickup.ready and pickup.was.remind_on is not None and pickup.was.remind_on <= today:
        with changing_held(tx, pickup, None):
            pickup.row.reminded_at = pickup.was.reminded_at or tx.now
    return 1


async def expire_pickups(tx: Tx, batch: Batch) -> int:
    """Give goods that nobody fetched in time back to stock, and cancel them: a sweep. What was paid for them is owed."""
    batch.take(key for (key,) in await tx.fetch(OVERDUE(now=tx.now, passed=batch.passed)))
    if not batch.tries:
        return 0
    pickup, today = await _held(tx, EXPIRE, PickupId(batch.tries[0]))
    if pickup.ready and pickup.was.collect_by < today:
        order, work_id = pickup.order, pickup.was.fulfillment_order_id
        with changing_held(tx, pickup, None):
            pickup.end(tx.now)
            let_go(tx, work_id)
        act = Cancellation.of(tx, order, units_to_fetch(order, work_id), work=work_id)
        await carried_out(tx, act, await _why(tx), tx.now)
    return 1


async def _held(tx: Tx, verb: Verb[PickupStatus, Any], key: PickupId) -> tuple[PickupDocument, date]:
    """Return a pickup under the lock of its order, as somebody may have left it meanwhile, and the day that it is there."""
    pickup = await part_held(tx, PickupDocument, verb, key, PLACE_TODAY(now=tx.now, pickup=key))
    (((today,),),) = pickup.asked
    return pickup, today


async def _why(tx: Tx) -> Why:
    reason = (await known_reasons(tx, OrderReasonUse.CANCEL, [NOT_COLLECTED])).get(NOT_COLLECTED)
    counts_as = (reason and reason.cancel_reason) or CancelReason.CUSTOMER
    return Why(counts_as, (reason and reason.stock) or CanceledStock.RELEASE, NOT_COLLECTED)
