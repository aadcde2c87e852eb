"""What a move of a refund means for its order, and what is told of it."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.orders.differences import header_changes
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.payments.events import RefundCanceled, RefundFailed, RefundGranted, RefundRequested, RefundSucceeded
from oms_api.domain.payments.states import RefundStatus
from oms_api.domain.payments.tables import RefundRow
from oms_api.kernel.events import Event

EVENTS: dict[RefundStatus, type[Event]] = {
    RefundStatus.GRANTED: RefundGranted,
    RefundStatus.REQUESTED: RefundRequested,
    RefundStatus.SUCCEEDED: RefundSucceeded,
    RefundStatus.FAILED: RefundFailed,
    RefundStatus.CANCELED: RefundCanceled,
}


def count_refund(document: OrderDocument, was: RefundRow | None, now: RefundRow) -> None:
    """Let the order know what its refunds owe and how many are open, after one was granted or moved."""
    owed, was_open = (0, False) if was is None else (was.owed_minor, was.status.open)
    document.balance = replace(document.balance, granted=document.balance.granted + now.owed_minor - owed)
    document.open_refunds += now.status.open - was_open


def emit_refund(
    tx: Tx,
    document: OrderDocument,
    was: RefundRow | None,
    now: RefundRow,
    at: datetime,
    *,
    order: OrderRow | None = None,
    cause_id: UUID | None = None,
) -> None:
    """Tell where a refund got to, if it moved, and what that made of its *order*, unless something else tells it.

    *cause_id* is what moved it: an event of a provider, a cancellation.
    """
    before = None if was is None else was.status
    if before is now.status:
        return
    tx.emit(
        EVENTS[now.status](
            subject_id=now.id,
            order_id=now.order_id,
            channel_id=now.channel_id,
            location_ids=document.location_ids,
            changes={
                "refund.status": (before, now.status),
                **({} if order is None else header_changes(document.order, order)),
            },
            occurred_at=at,
            cause_id=cause_id,
        )
    )
