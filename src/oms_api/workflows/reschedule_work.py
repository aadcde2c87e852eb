"""Choosing the day on which the work of a fulfillment order opens."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from oms_api.db.session import Tx
from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.fulfillment.parts import changing_part
from oms_api.domain.fulfillment.queries import fulfillment_order_by_id
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.fulfillment.verbs import RESCHEDULE
from oms_api.domain.fulfillment.work import FulfillmentOrderDocument
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue
from oms_api.kernel.ids import FulfillmentOrderId

MOST_DAYS = 730


@dataclass(frozen=True, slots=True, kw_only=True)
class RescheduleWork:
    """Let the work of a fulfillment order open on a day of its location, or at once."""

    idempotency_key: str
    fulfillment_order_id: FulfillmentOrderId
    opens_on: date | None = None
    expected_version: int | None = None


async def reschedule_work(tx: Tx, command: RescheduleWork) -> FulfillmentOrderRow:
    """Put work off to a day, or open it, and return the fulfillment order: whatever its channel's rule says.

    Raises: NotFound, VersionConflict, FulfillmentOrderBegun, InvalidValue.
    """
    key, day = command.fulfillment_order_id, command.opens_on
    work = await fulfillment_order_by_id(tx, key)
    place = await locations_by_id.of_one(tx, work.location_id)
    today = tx.now.astimezone(ZoneInfo("UTC" if place is None else place.time_zone)).date()
    if day is not None and not today <= day <= today + timedelta(days=MOST_DAYS):
        problem = f"opensOn is between today, {today}, and {MOST_DAYS} days from now; null for at once."
        raise InvalidValue(problem=problem, field=("opensOn",))
    later = day is not None and day > today
    async with changing_part(tx, FulfillmentOrderDocument, RESCHEDULE, key, command.expected_version) as changed:
        row = changed.row
        if later != (row.status is FulfillmentOrderStatus.SCHEDULED):
            changed.move(FulfillmentOrderStatus.SCHEDULED if later else FulfillmentOrderStatus.OPEN)
        changed.also("fulfillmentOrder.opensOn", row.opens_on, day if later else None)
        row.opens_on, row.opens_by_hand, row.leave_by = (day if later else None), later, None
    return changed.row
