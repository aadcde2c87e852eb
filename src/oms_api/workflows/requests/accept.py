"""A supplier accepts a request, apart from units that it rejects."""

from collections.abc import Mapping, Sequence
from datetime import date

from oms_api.db.session import Tx
from oms_api.domain.fulfillment.policies import LineToShip, chosen_of
from oms_api.domain.fulfillment.requests.buying import buy, what_to_buy
from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.fulfillment.requests.verbs import ACCEPT
from oms_api.domain.fulfillment.units import Promise
from oms_api.domain.orders.given import MOST_LINES
from oms_api.domain.orders.reasons.queries import known_reasons, unknown
from oms_api.domain.orders.reasons.states import OrderReasonUse
from oms_api.domain.orders.reasons.tables import OrderReasonRow
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused
from oms_api.kernel.ids import FulfillmentOrderLineId, FulfillmentRequestId
from oms_api.kernel.naming import check_note, check_text
from oms_api.workflows.reject_work import switch_off
from oms_api.workflows.requests.answering import answering, request_named

FARTHEST_DAYS = 730


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToReject:
    """Units of a line that the supplier cannot send, and why."""

    line_id: FulfillmentOrderLineId
    quantity: int
    reason_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptRequest:
    """Accept a request, apart from what is *rejected*; *supplier_ref* is the supplier's own number for it."""

    idempotency_key: str
    request_id: FulfillmentRequestId
    rejected: tuple[LineToReject, ...] = ()
    supplier_ref: str | None = None
    ships_by: date | None = None
    note: str | None = None
    expected_version: int | None = None


async def accept_request(tx: Tx, command: AcceptRequest) -> FulfillmentRequestRow:
    """Let a supplier do the work it is asked for, and return the request: ACCEPTED, or over where nothing is left of it.

    What it rejects is sourced again elsewhere. Its own goods are bought of it. Raises: InvalidValue, UnknownOrderReason,
    NotFound, VersionConflict, RequestNotSubmitted; Refused with all that is wrong with the lines.
    """
    check_note(command.note, "note")
    check_text(command.supplier_ref, "supplierRef")
    _check_day(tx, command.ships_by)
    reasons = await _reasons(tx, command.rejected)
    row = await request_named(tx, command.request_id)
    await switch_off(tx, row.location_id, reasons.values())
    async with answering(tx, ACCEPT, row, command.expected_version, *what_to_buy(row)) as answer:
        request = answer.request
        for reason, chosen in _chosen(request.promises, command.rejected, reasons):
            answer.reject(reason, chosen, command.note)
        request.row.answered_at = tx.now
        request.row.supplier_ref, request.row.ships_by, request.row.note = command.supplier_ref, command.ships_by, command.note
        left = request.promises
        request.move(FulfillmentRequestStatus.ACCEPTED if left else answer.end())
        if left:
            request.row.purchase_order_id = await buy(tx, request.was, left, answer.asked, command.supplier_ref)
    return request.row


async def _reasons(tx: Tx, rejected: Sequence[LineToReject]) -> Mapping[str, OrderReasonRow]:
    """Return the reasons for rejections that lines name, by their codes. Raises: TooManyItems; Refused with unknown ones."""
    if not rejected:
        return {}
    check_length(rejected, "rejected", MOST_LINES)
    found = await known_reasons(tx, OrderReasonUse.REJECT, {line.reason_code for line in rejected})
    errors: list[OmsError] = [
        unknown(OrderReasonUse.REJECT, line.reason_code, "rejected", str(at), "reasonCode")
        for at, line in enumerate(rejected)
        if line.reason_code not in found
    ]
    if errors:
        raise Refused(errors=errors)
    return found


def _chosen(
    promises: Sequence[Promise], rejected: Sequence[LineToReject], reasons: Mapping[str, OrderReasonRow]
) -> list[tuple[OrderReasonRow, list[tuple[Promise, int]]]]:
    """Return the units that are rejected, by reason. Raises: Refused with all that is wrong with the lines."""
    if not rejected:
        return []
    wanted = [LineToShip(work_line_id=line.line_id, quantity=line.quantity) for line in rejected]
    why = {line.line_id: line.reason_code for line in rejected}
    of_each: dict[str, list[tuple[Promise, int]]] = {}
    for promise, units in chosen_of(promises, wanted, path="rejected", named="lineId"):
        if promise.work_line_id is not None:
            of_each.setdefault(why[promise.work_line_id], []).append((promise, units))
    return [(reasons[code], chosen) for code, chosen in of_each.items()]


def _check_day(tx: Tx, day: date | None) -> None:
    if day is not None and abs((day - tx.now.date()).days) > FARTHEST_DAYS:
        raise InvalidValue(problem=f"shipsBy is at most {FARTHEST_DAYS} days from now.", field=("shipsBy",))
