"""The one statement that writes what a change of an order's document makes different."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from oms_api.db.pipeline import Statement
from oms_api.db.rows import updates
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.tables import AllocationRow, FulfillmentOrderLineRow
from oms_api.domain.fulfillment.units import Promise
from oms_api.domain.fulfillment.ways import UNITS
from oms_api.domain.orders.quantities import LineUnits
from oms_api.domain.orders.tables import OrderLineRow, OrderRow
from oms_api.kernel.ids import FulfillmentOrderId

STATUSES = ("status", "fulfillment_status", "payment_status", "return_status")
ENDS = "completed_at", "canceled_at", "cancel_reason", "external_ref", "freed_external_ref"
HEADER = updates(OrderRow, *STATUSES, *ENDS, "on_hold", "awaits_payment", "pay_by", "version", "due_minor", "updated_at")
MOVED_LINES = updates(OrderLineRow, *UNITS)
MOVED_PROMISES = updates(AllocationRow, "allocated", "in_fulfillment", "consumed", "released")
MOVED_WORK = updates(FulfillmentOrderLineRow, "shipped", "canceled", "packed")
WRITE = Sql(f"""
WITH lines AS ({MOVED_LINES}), promises AS ({MOVED_PROMISES}), work_lines AS ({MOVED_WORK}), moved AS (
    UPDATE fulfillment_order SET version = version + 1 WHERE id = ANY (:moved::uuid[])
), closed AS (
    UPDATE fulfillment_order SET status = 'CLOSED', closed_at = :at, on_hold = false, version = version + 1
    WHERE id = ANY (:closed::uuid[])
)
{HEADER}
""")  # noqa: S608 - made of constants


def saved(
    order: OrderRow,
    lines: Iterable[LineUnits],
    promises: Sequence[Promise],
    closed: Collection[FulfillmentOrderId],
    at: datetime,
) -> Statement:
    """Return what writes the header, moved *lines* and *promises*, and fulfillment orders that were worked on or *closed*."""
    worked_on = {promise.work_id for promise in promises if promise.work_id is not None}
    worked = [
        {
            "id": promise.work_line_id,
            "shipped": promise.work_shipped,
            "canceled": promise.work_canceled,
            "packed": promise.work_packed,
        }
        for promise in promises
        if promise.work_line_id is not None
    ]
    return WRITE(
        order_line=MOVED_LINES(lines),
        allocation=MOVED_PROMISES(promises),
        fulfillment_order_line=MOVED_WORK(worked),
        moved=array(sorted(worked_on.difference(closed))),
        closed=array(closed),
        at=at,
        orders=HEADER([order]),
    )
