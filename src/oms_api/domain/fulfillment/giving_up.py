"""Promises of an order that are given up although nothing is missing, so that others may serve it; and the work they are of."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from oms_api.db.pipeline import Statement
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.document import OrderDocument, locked_document
from oms_api.domain.fulfillment.queries import fulfillment_orders_by_id
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.fulfillment.units import Promise, Work
from oms_api.domain.fulfillment.verbs import LIFE, WorkFacts
from oms_api.domain.fulfillment.ways import BY_ORDER
from oms_api.domain.inventory.deallocation import Loss, Promised
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import FulfillmentOrderId, IdKind, LineId, SkuId, text_id
from oms_api.kernel.naming import check_version
from oms_api.kernel.verbs import Verb

GOODS = Sql("SELECT id, sku_id FROM order_line WHERE order_id = :order::uuid AND kind = 'GOODS'")


@dataclass(frozen=True, slots=True)
class ActedOn:
    """The fulfillment order that an act on one came to."""

    id: FulfillmentOrderId


async def work_named(tx: Tx, key: FulfillmentOrderId, *path: str | int) -> FulfillmentOrderRow:
    """Return a fulfillment order as it was a moment ago: of which order and where it is never changes. Raises: NotFound."""
    found = await fulfillment_orders_by_id.of_one(tx, key)
    if found is None:
        field = tuple(map(str, path)) or ("fulfillmentOrderId",)
        raise NotFound(what="fulfillment order", given=text_id(IdKind.FULFILLMENT_ORDER, key), field=field)
    return found


async def locked_for(
    tx: Tx, row: FulfillmentOrderRow, verb: Verb[FulfillmentOrderStatus, Any], version: int | None, *alongside: Statement
) -> tuple[OrderDocument, Work, list[list[tuple[Any, ...]]]]:
    """Lock the order of a fulfillment order to do *verb* with that, and return both, and what *alongside* gave.

    Raises: NotFound, VersionConflict, and what the verb is refused with.
    """
    document, answers = await locked_document(tx, BY_ORDER, row.order_id, *alongside)
    if document is None:
        given = text_id(IdKind.FULFILLMENT_ORDER, row.id)
        raise NotFound(what="fulfillment order", given=given, field=("fulfillmentOrderId",))
    work = document.works[row.id]
    check_version(version, work.version)
    refuse_if(LIFE.why_not(verb, work.status, facts_of(document, work)))
    return document, work, answers


def facts_of(document: OrderDocument, work: Work) -> WorkFacts:
    """Return what the verbs of a fulfillment order are refused by."""
    packed = sum(promise.work_packed for promise in document.promises.values() if promise.work_id == work.id)
    return WorkFacts(
        document.order.on_hold,
        work.on_hold,
        document.incomplete,
        packed,
        work.awaits_pickup,
        work.pickup_days is not None,
        None if work.asked is None else work.asked.binding,
    )


def promises_of(document: OrderDocument, work_id: FulfillmentOrderId) -> list[Promise]:
    """Return the promises that a fulfillment order has left to ship."""
    return [promise for promise in document.promises.values() if promise.work_id == work_id and promise.in_fulfillment]


def give_up(document: OrderDocument, promise: Promise, units: int, sku_id: SkuId) -> Loss:
    """Take units of a promise back in *document*, and return what is to be written of it."""
    held = Promised(
        key=(sku_id, promise.location_id),
        level_id=promise.level_id,
        units=units,
        holder=document.order.id,
        allocation_id=promise.id,
        line_id=promise.line_id,
    )
    document.lose(promise, units)
    return Loss(held, units)


def status_changes(document: OrderDocument, was: Work) -> dict[str, tuple[object, object]]:
    """Return what became of the status of a fulfillment order, as events tell it."""
    now = document.works[was.id].status
    return {} if now is was.status else {"fulfillmentOrder.status": (was.status, now)}


def line_changes(
    before: Mapping[LineId, Any], document: OrderDocument, names: Sequence[str]
) -> dict[str, tuple[object, object]]:
    """Return which units of lines are others, as events tell it."""
    return {
        f"lines.{text_id(IdKind.LINE, key)}.{name}": (getattr(line, name), getattr(document.lines[key], name))
        for key, line in before.items()
        for name in names
        if getattr(line, name) != getattr(document.lines[key], name)
    }


def document_of(work_id: UUID) -> tuple[IdKind, UUID]:
    """Return the document that gives promises up, as `record_losses` keeps it."""
    return IdKind.FULFILLMENT_ORDER, work_id
