"""A supplier who does not answer in time loses the work."""

from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.fulfillment.requests.queries import request_by_id
from oms_api.domain.fulfillment.requests.verbs import EXPIRE
from oms_api.domain.orders.reasons.queries import reason_kept
from oms_api.domain.orders.reasons.states import OrderReasonUse
from oms_api.kernel.ids import FulfillmentRequestId
from oms_api.workflows.requests.answering import answering

NO_ANSWER = "NO_ANSWER"
"""The reason of what is rejected because the supplier did not answer."""
SILENT = Sql("""
SELECT asked.id FROM fulfillment_request asked JOIN orders ON orders.id = asked.order_id
WHERE asked.status = 'SUBMITTED' AND asked.answer_by IS NOT NULL AND asked.answer_by <= :now
  AND asked.id <> ALL (:passed::uuid[])
ORDER BY asked.answer_by, asked.id LIMIT 1 FOR NO KEY UPDATE OF orders, asked SKIP LOCKED
""")


async def silent_suppliers(tx: Tx, batch: Batch) -> int:
    """Let the units of a request whose supplier did not answer in time be sourced again elsewhere: a sweep."""
    batch.take(key for (key,) in await tx.fetch(SILENT(now=tx.now, passed=batch.passed)))
    if not batch.tries:
        return 0
    row = await request_by_id(tx, FulfillmentRequestId(batch.tries[0]))
    reason = await reason_kept(tx, OrderReasonUse.REJECT, NO_ANSWER)
    async with answering(tx, EXPIRE, row, None) as answer:
        promises = answer.request.promises
        answer.reject(reason, [(promise, promise.in_fulfillment) for promise in promises], None)
        answer.request.move(answer.end())
    return 1
