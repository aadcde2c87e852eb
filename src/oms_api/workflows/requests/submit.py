"""Asking suppliers for the work of their locations: by themselves where the location says so, else by hand."""

from datetime import datetime, timedelta
from typing import Any

from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.fulfillment.requests.events import FulfillmentRequestCreated, FulfillmentRequestSubmitted
from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.fulfillment.requests.verbs import SUBMIT
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import FulfillmentRequestId
from oms_api.workflows.requests.answering import answering, request_named

S = FulfillmentRequestStatus
REQUESTS = inserts(FulfillmentRequestRow)
UNASKED = Sql("""
SELECT work.id, work.order_id, work.channel_id, work.location_id, place.supplier_id, place.submits_requests,
       place.answer_within_minutes
FROM location place JOIN fulfillment_order work ON work.location_id = place.id JOIN orders ON orders.id = work.order_id
WHERE place.supplier_id IS NOT NULL AND work.status = 'OPEN' AND NOT work.on_hold AND NOT orders.on_hold
  AND NOT EXISTS (SELECT FROM fulfillment_request asked WHERE asked.fulfillment_order_id = work.id)
  AND NOT EXISTS (SELECT FROM fulfillment_order_line part WHERE part.fulfillment_order_id = work.id AND part.shipped > 0)
  AND NOT (orders.ship_complete AND EXISTS (
      SELECT FROM order_line line
      WHERE line.order_id = orders.id AND line.kind = 'GOODS' AND line.unsourced + line.backordered > 0))
ORDER BY work.created_at, work.id LIMIT :most FOR NO KEY UPDATE OF orders, work SKIP LOCKED
""")
"""Work that its supplier is not asked for yet. What was begun before the location was a supplier's is not asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRequest:
    """Ask the supplier."""

    idempotency_key: str
    request_id: FulfillmentRequestId
    expected_version: int | None = None


async def submit_request(tx: Tx, command: SubmitRequest) -> FulfillmentRequestRow:
    """Ask the supplier for work that is not asked for yet, or that it stopped, and return the request.

    Raises: NotFound, VersionConflict, IllegalMove, RequestNotDue, OrderOnHold, FulfillmentOrderOnHold, ShipsComplete.
    """
    row = await request_named(tx, command.request_id)
    place = await locations_by_id.of_one(tx, row.location_id)
    minutes = None if place is None else place.answer_within_minutes
    async with answering(tx, SUBMIT, row, command.expected_version) as answer:
        request = answer.request
        request.row.submitted_at, request.row.answer_by = tx.now, _deadline(tx.now, minutes)
        request.row.answered_at, request.row.moves_on = None, False
        request.move()
    return request.row


async def ask_suppliers(tx: Tx, size: int) -> int:
    """Make the requests of work that came to suppliers' locations, and submit them where the location says so: a sweep."""
    due = await tx.fetch(UNASKED(most=size))
    tx.write(REQUESTS, [_asked(tx, *row) for row in due])
    return len(due)


def _asked(tx: Tx, work: Any, order: Any, channel: Any, place: Any, supplier: Any, submits: bool, minutes: int | None) -> Any:  # noqa: ANN401 - a row
    """Tell of the request of one fulfillment order, and return its row."""
    key, status = tx.new_id(FulfillmentRequestId), S.SUBMITTED if submits else S.UNSUBMITTED
    kind = FulfillmentRequestSubmitted if submits else FulfillmentRequestCreated
    about = {"order_id": order, "channel_id": channel}
    changes = {"fulfillmentRequest.status": (None, status)}
    tx.emit(kind(subject_id=key, **about, location_ids=(place,), supplier_ids=(supplier,), changes=changes))
    return {
        "id": key,
        "fulfillment_order_id": work,
        **about,
        "location_id": place,
        "supplier_id": supplier,
        "status": status,
        "submitted_at": tx.now if submits else None,
        "answer_by": _deadline(tx.now, minutes) if submits else None,
        "created_at": tx.now,
    }


def _deadline(at: datetime, minutes: int | None) -> datetime | None:
    return None if minutes is None else at + timedelta(minutes=minutes)
