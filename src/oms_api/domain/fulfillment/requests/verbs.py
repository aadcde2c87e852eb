"""The verbs of a request to a supplier, with their refusals. Pure: queries ask the same as commands."""

from oms_api.domain.fulfillment.requests.errors import (
    CancellationNotRequested,
    RequestNotAccepted,
    RequestNotDue,
    RequestNotRejectable,
    RequestNotSubmitted,
)
from oms_api.domain.fulfillment.requests.events import (
    FulfillmentRequestAccepted,
    FulfillmentRequestCancellationAccepted,
    FulfillmentRequestCancellationRejected,
    FulfillmentRequestCancellationRequested,
    FulfillmentRequestChanged,
    FulfillmentRequestClosed,
    FulfillmentRequestExpired,
    FulfillmentRequestRejected,
    FulfillmentRequestSubmitted,
)
from oms_api.domain.fulfillment.requests.states import AGREED, FulfillmentRequestAction, FulfillmentRequestStatus
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.verbs import WorkFacts, awaits_pickup, incomplete, on_hold, packed
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError
from oms_api.kernel.verbs import Life, Verb

S = FulfillmentRequestStatus
OPEN = (S.UNSUBMITTED, S.SUBMITTED, *AGREED, S.CANCELLATION_ACCEPTED)
"""While it is one of these, its fulfillment order is not closed."""


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """The status of a request's fulfillment order, and what keeps that from being worked on."""

    work_status: FulfillmentOrderStatus
    work: WorkFacts


def _not_due(facts: RequestFacts) -> OmsError | None:
    waits = facts.work_status is FulfillmentOrderStatus.OPEN
    return None if waits else RequestNotDue(status=facts.work_status.value)


def _held(facts: RequestFacts) -> OmsError | None:
    return on_hold(facts.work) or incomplete(facts.work)


def _fetched(facts: RequestFacts) -> OmsError | None:
    return awaits_pickup(facts.work)


SUBMIT = Verb[S, RequestFacts](
    name=FulfillmentRequestAction.SUBMIT_REQUEST,
    moves={S.UNSUBMITTED: {S.SUBMITTED}, S.CANCELLATION_ACCEPTED: {S.SUBMITTED}},
    aim=S.SUBMITTED,
    event=FulfillmentRequestSubmitted,
    refusals=(_not_due, _held),
)
ASK_TO_CANCEL = Verb[S, RequestFacts](
    name=FulfillmentRequestAction.ASK_TO_CANCEL_REQUEST,
    moves={
        S.SUBMITTED: {S.UNSUBMITTED, S.CLOSED},
        S.ACCEPTED: {S.CANCELLATION_REQUESTED},
        S.CANCELLATION_REJECTED: {S.CANCELLATION_REQUESTED},
    },
    aim=S.CANCELLATION_REQUESTED,
    event=FulfillmentRequestCancellationRequested,
)
"""What nobody accepted yet is withdrawn at once."""
ACCEPT = Verb[S, RequestFacts](
    name=FulfillmentRequestAction.ACCEPT_REQUEST,
    moves={S.SUBMITTED: {S.ACCEPTED, S.REJECTED, S.CLOSED}},
    aim=S.ACCEPTED,
    event=FulfillmentRequestAccepted,
    otherwise=lambda status, _: RequestNotSubmitted(status=status.value),
)
"""On hold, too: it is the shipment that waits for the hold's end."""
REJECT = Verb[S, RequestFacts](
    name=FulfillmentRequestAction.REJECT_REQUEST,
    moves={status: {status, S.REJECTED, S.CLOSED} for status in (S.SUBMITTED, *AGREED)},
    event=FulfillmentRequestRejected,
    otherwise=lambda status, _: RequestNotRejectable(status=status.value),
    refusals=(_fetched,),
)
"""After it was accepted, too: goods turn out to be missing."""
ACCEPT_CANCELLATION = Verb[S, RequestFacts](
    name=FulfillmentRequestAction.ACCEPT_CANCELLATION,
    moves={S.CANCELLATION_REQUESTED: {S.CANCELLATION_ACCEPTED, S.CLOSED}},
    aim=S.CANCELLATION_ACCEPTED,
    event=FulfillmentRequestCancellationAccepted,
    otherwise=lambda status, _: CancellationNotRequested(status=status.value),
    refusals=(lambda facts: packed(facts.work), _fetched),
)
REJECT_CANCELLATION = Verb[S, RequestFacts](
    name=FulfillmentRequestAction.REJECT_CANCELLATION,
    moves={S.CANCELLATION_REQUESTED: {S.CANCELLATION_REJECTED}},
    aim=S.CANCELLATION_REJECTED,
    event=FulfillmentRequestCancellationRejected,
    otherwise=lambda status, _: CancellationNotRequested(status=status.value),
)
SHIP = Verb[S, RequestFacts](
    name=FulfillmentRequestAction.SHIP_REQUEST,
    moves={status: {status, S.CLOSED} for status in AGREED},
    event=None,
    otherwise=lambda status, _: RequestNotAccepted(status=status.value),
    refusals=(_held,),
)
"""Asked to stop, too, until the supplier says that it does: the parcel may be with the carrier."""
EXPIRE = Verb[S, RequestFacts](moves={S.SUBMITTED: {S.REJECTED, S.CLOSED}}, event=FulfillmentRequestExpired)
"""By the clock."""
FOLLOW = Verb[S, RequestFacts](
    moves={status: {status, S.CLOSED} for status in OPEN}, event=FulfillmentRequestClosed, label="FULFILLMENT_ORDER_CLOSED"
)
"""With its fulfillment order."""
REOPEN = Verb[S, RequestFacts](moves={S.CLOSED: {S.ACCEPTED}}, event=FulfillmentRequestChanged, label="SHIPMENT_CANCELED")
"""With a shipment that is undone."""

OFFERED = SUBMIT, ACCEPT, REJECT, SHIP, ASK_TO_CANCEL, ACCEPT_CANCELLATION, REJECT_CANCELLATION
LIFE = Life("request", "fulfillmentRequestId", S, *OFFERED, EXPIRE, FOLLOW, REOPEN)
