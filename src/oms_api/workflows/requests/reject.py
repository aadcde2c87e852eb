"""A supplier rejects a request, before or after it accepted it."""

from oms_api.db.session import Tx
from oms_api.domain.fulfillment.policies import LineToShip, chosen_of
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.fulfillment.requests.verbs import REJECT
from oms_api.domain.orders.given import MOST_LINES
from oms_api.domain.orders.reasons.queries import reason_in_use
from oms_api.domain.orders.reasons.states import OrderReasonUse
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import FulfillmentOrderLineId, FulfillmentRequestId
from oms_api.kernel.naming import check_note
from oms_api.workflows.reject_work import switch_off
from oms_api.workflows.requests.answering import answering, request_named


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOfRequest:
    """Units of one line of a request."""

    line_id: FulfillmentOrderLineId
    quantity: int

    @property
    def to_ship(self) -> LineToShip:
        """The same as a line of the fulfillment order."""
        return LineToShip(work_line_id=self.line_id, quantity=self.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectRequest:
    """Reject *lines* of a request, or all that is left of it, for a reason for rejections."""

    idempotency_key: str
    request_id: FulfillmentRequestId
    reason_code: str
    lines: tuple[LineOfRequest, ...] | None = None
    note: str | None = None
    expected_version: int | None = None


async def reject_request(tx: Tx, command: RejectRequest) -> FulfillmentRequestRow:
    """Take units that a supplier cannot send from it, so that they are sourced again elsewhere, and return the request.

    With nothing left it is REJECTED, or CLOSED where some of it has shipped. Raises: InvalidValue, UnknownOrderReason,
    NotFound, VersionConflict, RequestNotRejectable, UnitsPacked; Refused with all that is wrong with the lines.
    """
    check_note(command.note, "note")
    if command.lines is not None:
        check_length(command.lines, "lines", MOST_LINES, "leave them out to reject all that is left")
    reason = await reason_in_use(tx, OrderReasonUse.REJECT, command.reason_code, "reasonCode")
    row = await request_named(tx, command.request_id)
    await switch_off(tx, row.location_id, [reason])
    async with answering(tx, REJECT, row, command.expected_version) as answer:
        request = answer.request
        if command.lines is None:
            chosen = [(promise, promise.in_fulfillment) for promise in request.promises]
        else:
            chosen = chosen_of(request.promises, [line.to_ship for line in command.lines], named="lineId")
        answer.reject(reason, chosen, command.note)
        request.row.note = command.note
        if not request.promises:
            request.row.answered_at = request.was.answered_at or tx.now
            request.move(answer.end())
    return request.row
