"""Changing a request with its fulfillment order, and giving up units that the supplier does not send."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import field
from typing import Any

from oms_api.db.documents import not_found
from oms_api.db.pipeline import Rows, Statement
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.domain.fulfillment.events import FulfillmentOrderChanged
from oms_api.domain.fulfillment.giving_up import GOODS
from oms_api.domain.fulfillment.parts import changing_part
from oms_api.domain.fulfillment.requests.document import OWN, FulfillmentRequestDocument
from oms_api.domain.fulfillment.requests.queries import requests_by_id
from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.fulfillment.units import Promise
from oms_api.domain.orders.reasons.tables import OrderReasonRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import FulfillmentRequestId, LineId, SkuId
from oms_api.kernel.verbs import Verb
from oms_api.workflows.reject_work import Rejected, record_rejected

S = FulfillmentRequestStatus
MOVED = updates(FulfillmentOrderRow, "status", "version")


@dataclass(slots=True)
class Answer:
    """A request that is answered, and the units of it that are *rejected*; *asked* is what was read alongside."""

    request: FulfillmentRequestDocument
    skus: Mapping[LineId, SkuId]
    asked: Sequence[Rows]
    rejected: list[Rejected] = field(default_factory=list)

    def reject(self, reason: OrderReasonRow, chosen: Sequence[tuple[Promise, int]], note: str | None) -> None:
        """Give the *chosen* units up for a reason: they are sourced again elsewhere."""
        it = self.request
        rejected = Rejected.of(it.order, it.work, reason, chosen, self.skus)
        rejected.note = note
        self.rejected.append(rejected)
        before = sum(units for each in self.rejected[:-1] for units in each.units.values())
        it.also(f"{OWN}rejected", None, before + sum(units for _, units in chosen))

    def end(self) -> FulfillmentRequestStatus:
        """Return what a request without any units left becomes."""
        work = self.request.work
        shipped = any(each.work_shipped for each in self.request.order.promises.values() if each.work_id == work.id)
        return S.CLOSED if shipped else S.REJECTED


async def request_named(tx: Tx, key: FulfillmentRequestId) -> FulfillmentRequestRow:
    """Return a request as it was a moment ago: of what and whose it is never changes. Raises: NotFound."""
    found = await requests_by_id.of_one(tx, key)
    if found is None:
        raise not_found(FulfillmentRequestDocument, key)
    return found


@asynccontextmanager
async def answering(
    tx: Tx,
    verb: Verb[FulfillmentRequestStatus, Any],
    row: FulfillmentRequestRow,
    version: int | None,
    *alongside: Statement,
) -> AsyncIterator[Answer]:
    """Change a request under the lock of its order, and with it its fulfillment order, stock and what is rejected.

    Raises: NotFound, VersionConflict, and what the verb is refused with.
    """
    async with changing_part(
        tx, FulfillmentRequestDocument, verb, row.id, version, GOODS(order=row.order_id), *alongside
    ) as it:
        was, (goods, *asked) = it.work, it.asked
        it.order.answered.add(was.id)
        answer = Answer(it, dict(goods), asked)
        yield answer
        if it.row.status in {S.CLOSED, S.REJECTED}:
            it.row.closed_at = tx.now
        if it.work.status is not was.status:
            tx.write(MOVED, [{"id": was.id, "status": it.work.status, "version": was.version + 1}])
    now = it.work
    if answer.rejected:
        for each in answer.rejected[1:]:
            each.work = now  # the first one tells what became of the fulfillment order
        await record_rejected(tx, answer.rejected)
    elif now.status is not was.status and now.status is not FulfillmentOrderStatus.CLOSED:
        changes: dict[str, tuple[object, object]] = {"fulfillmentOrder.status": (was.status, now.status)}
        it.order.emit(tx, FulfillmentOrderChanged, changes, tx.now, subject_id=was.id, location_ids=it.location_ids)
