"""Taking a request back: at once while nobody accepted it, else by asking the supplier to stop."""

from oms_api.db.session import Tx
from oms_api.domain.fulfillment.rejections.tables import WITHDRAWN
from oms_api.domain.fulfillment.requests.document import FulfillmentRequestDocument
from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.fulfillment.requests.verbs import ACCEPT_CANCELLATION, ASK_TO_CANCEL, REJECT_CANCELLATION
from oms_api.domain.orders.reasons.queries import reason_kept
from oms_api.domain.orders.reasons.states import OrderReasonUse
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import FulfillmentRequestId
from oms_api.kernel.naming import check_note
from oms_api.workflows.requests.answering import Answer, answering, request_named

S = FulfillmentRequestStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class AskToCancel:
    """Take a request back; with *source_elsewhere* its units are sourced again elsewhere once the supplier has stopped."""

    idempotency_key: str
    request_id: FulfillmentRequestId
    source_elsewhere: bool = False
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCancellation:
    """Answer that the work stops, or goes on."""

    idempotency_key: str
    request_id: FulfillmentRequestId
    note: str | None = None
    expected_version: int | None = None


async def ask_to_cancel(tx: Tx, command: AskToCancel) -> FulfillmentRequestRow:
    """Withdraw a request that the supplier has not answered, or ask it to stop, and return the request.

    Raises: NotFound, VersionConflict, IllegalMove.
    """
    row = await request_named(tx, command.request_id)
    async with answering(tx, ASK_TO_CANCEL, row, command.expected_version) as answer:
        request = answer.request
        if request.was.status is not S.SUBMITTED:
            request.row.moves_on = command.source_elsewhere
            request.move()
        elif command.source_elsewhere:
            await _move_on(tx, answer)
        else:
            request.row.answer_by = None
            request.move(S.UNSUBMITTED)
    return request.row


async def accept_cancellation(tx: Tx, command: AnswerCancellation) -> FulfillmentRequestRow:
    """Let a supplier stop, and return the request: what is left waits there, or is sourced again elsewhere as was asked.

    Raises: InvalidValue, NotFound, VersionConflict, CancellationNotRequested, UnitsPacked.
    """
    check_note(command.note, "note")
    row = await request_named(tx, command.request_id)
    async with answering(tx, ACCEPT_CANCELLATION, row, command.expected_version) as answer:
        request = answer.request
        _answered(tx, request, accepted=True)
        request.row.note = command.note
        if request.was.moves_on:
            await _move_on(tx, answer)
        else:
            request.move()
    return request.row


async def reject_cancellation(tx: Tx, command: AnswerCancellation) -> FulfillmentRequestRow:
    """Let a supplier go on, and return the request.

    Raises: InvalidValue, NotFound, VersionConflict, CancellationNotRequested.
    """
    check_note(command.note, "note")
    row = await request_named(tx, command.request_id)
    async with answering(tx, REJECT_CANCELLATION, row, command.expected_version) as answer:
        request = answer.request
        _answered(tx, request, accepted=False)
        request.row.note, request.row.moves_on = command.note, False
        request.move()
    return request.row


def _answered(tx: Tx, request: FulfillmentRequestDocument, *, accepted: bool) -> None:
    request.row.cancellation_answered_at, request.row.cancellation_accepted = tx.now, accepted


async def _move_on(tx: Tx, answer: Answer) -> None:
    """Let other locations be found for all that is left."""
    reason = await reason_kept(tx, OrderReasonUse.REJECT, WITHDRAWN)
    request = answer.request
    answer.reject(reason, [(promise, promise.in_fulfillment) for promise in request.promises], None)
    request.move(S.CLOSED)
