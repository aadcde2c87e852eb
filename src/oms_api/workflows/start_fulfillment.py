"""Beginning to pick for a fulfillment order, from when on its units are in somebody's hands, and putting them back."""

from dataclasses import dataclass, replace
from datetime import datetime

from oms_api.db.records import Shape, changed
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.document import header_changes, locked_document
from oms_api.domain.fulfillment.events import FulfillmentOrderChanged
from oms_api.domain.fulfillment.policies import why_not_move
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.fulfillment.ways import BY_FULFILLMENT_ORDER
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import FulfillmentOrderId, IdKind, text_id
from oms_api.kernel.intake import refuse_if
from oms_api.kernel.occurrence import occurred

WORKS = Shape(FulfillmentOrderRow)
ROW = Sql(f"SELECT {WORKS.columns} FROM fulfillment_order WHERE fulfillment_order.id = :work::uuid")  # noqa: S608 - our own columns
STATUS = updates(FulfillmentOrderRow, "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfillmentToChange:
    """A fulfillment order of which somebody begins to pick, or puts back what was picked."""

    idempotency_key: str
    fulfillment_order_id: FulfillmentOrderId
    occurred_at: datetime | None = None


async def start_fulfillment(tx: Tx, command: FulfillmentToChange) -> FulfillmentOrderRow:
    """Let a location begin with its work on an order, and return the fulfillment order as it is then.

    What is being picked is not canceled at once, not taken back where units are missing, and not sold by anybody else.
    Raises: NotFound, IllegalMove, OrderOnHold, OccurredTooEarly.
    """
    return await _change(tx, command, FulfillmentOrderStatus.IN_PROGRESS)


async def put_back_fulfillment(tx: Tx, command: FulfillmentToChange) -> FulfillmentOrderRow:
    """Let a location put back what it picked for an order, and return the fulfillment order: OPEN, as if nobody had begun.

    Raises: NotFound, IllegalMove, OccurredTooEarly.
    """
    return await _change(tx, command, FulfillmentOrderStatus.OPEN)


async def _change(tx: Tx, command: FulfillmentToChange, target: FulfillmentOrderStatus) -> FulfillmentOrderRow:
    at, work_id = tx.business_time(command.occurred_at), command.fulfillment_order_id
    document, (rows,) = await locked_document(tx, BY_FULFILLMENT_ORDER, work_id, ROW(work=work_id))
    if document is None or not tx.principal.sees_location(document.works[work_id].location_id):
        given = text_id(IdKind.FULFILLMENT_ORDER, work_id)
        raise NotFound(what="fulfillment order", given=given, field=("fulfillmentOrderId",))
    was, before = document.order, document.works[work_id]
    refuse_if(why_not_move(before.status, target, on_hold=was.on_hold))
    at = occurred(at, command.occurred_at, not_before=was.placed_at, what="the order's placing")
    row = changed(WORKS.record(rows[0]), status=target)
    document.works[work_id] = replace(before, status=row.status)
    order = document.header(at)
    document.write(tx, order, at)
    tx.write(STATUS, [row])
    changes: dict[str, tuple[object, object]] = {"fulfillmentOrder.status": (before.status, row.status)}
    tx.emit(
        FulfillmentOrderChanged(
            subject_id=work_id,
            order_id=order.id,
            channel_id=order.channel_id,
            location_ids=(row.location_id,),
            changes=changes | header_changes(was, order),
            occurred_at=at,
        )
    )
    return row
