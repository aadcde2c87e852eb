"""Inputs about requests: the merchant's questions and the suppliers' answers."""

from datetime import date

import strawberry

from oms_api.graphql.carriers.inputs import TrackingEventInput
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.described import input_type
from oms_api.kernel.ids import FulfillmentOrderLineId, FulfillmentRequestId, PackageId
from oms_api.workflows.requests.accept import AcceptRequest, LineToReject
from oms_api.workflows.requests.cancel import AnswerCancellation, AskToCancel
from oms_api.workflows.requests.reject import LineOfRequest, RejectRequest
from oms_api.workflows.requests.ship import ShipRequest, TrackRequest
from oms_api.workflows.requests.submit import SubmitRequest


@input_type
class FulfillmentRequestSubmitInput(Input[SubmitRequest]):
    """The request to submit."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the request as it is now."""
    fulfillment_request_id: FulfillmentRequestId = becomes("request_id")
    """The request: it must be UNSUBMITTED or CANCELLATION_ACCEPTED. Its fulfillment order must be OPEN and not on hold."""
    expected_version: int | None = None
    """The version of the request that the change is based on; any other is refused."""


@input_type
class FulfillmentRequestCancellationRequestInput(Input[AskToCancel]):
    """The fulfillment request that you withdraw. If the supplier has accepted it already, the supplier is asked to stop."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the request as it is now."""
    fulfillment_request_id: FulfillmentRequestId = becomes("request_id")
    """The request: it must be SUBMITTED, ACCEPTED or CANCELLATION_REJECTED."""
    source_elsewhere: bool = False
    """Whether the units are sourced from other locations once the supplier has stopped. If so, they are never sourced from the
    location of the request."""
    expected_version: int | None = None
    """The version of the request that the change is based on; any other is refused."""


@input_type
class FulfillmentRequestRejectedLineInput(Input[LineToReject]):
    """Units of a line that the supplier cannot send."""

    line_id: FulfillmentOrderLineId
    """The line of the request."""
    quantity: int
    """Units, at least 1, at most the remaining units."""
    reason_code: str
    """The code of a reason for rejections: see `orderReasons`."""


@input_type
class FulfillmentRequestAcceptInput(Input[AcceptRequest]):
    """The request to accept."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the request as it is now."""
    fulfillment_request_id: FulfillmentRequestId = becomes("request_id")
    """The request: it must be SUBMITTED."""
    rejected: list[FulfillmentRequestRejectedLineInput] = strawberry.field(default_factory=list)
    """Units that the supplier cannot send, each line once; the server looks for other locations."""
    supplier_ref: str | None = None
    """The supplier's own number for it."""
    ships_by: date | None = None
    """The day by which the supplier ships."""
    note: str | None = None
    """A remark for the merchant."""
    expected_version: int | None = None
    """The version of the request that the change is based on; any other is refused, because units may have been canceled
    since."""


@input_type
class FulfillmentRequestLineInput(Input[LineOfRequest]):
    """Units of a line of a request."""

    line_id: FulfillmentOrderLineId
    """The line of the request."""
    quantity: int
    """Units, at least 1, at most the remaining units."""


@input_type
class FulfillmentRequestRejectInput(Input[RejectRequest]):
    """The request to reject, or some of its units."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the request as it is now."""
    fulfillment_request_id: FulfillmentRequestId = becomes("request_id")
    """The request: it must be SUBMITTED, or accepted and not shipped."""
    reason_code: str
    """The code of a reason for rejections: see `orderReasons`."""
    lines: list[FulfillmentRequestLineInput] | None = None
    """The units; by default all remaining units."""
    note: str | None = None
    """A remark for the merchant."""
    expected_version: int | None = None
    """The version of the request that the change is based on; any other is refused."""


@input_type
class FulfillmentRequestCancellationAcceptInput(Input[AnswerCancellation]):
    """The request for which the supplier stops its work."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the request as it is now."""
    fulfillment_request_id: FulfillmentRequestId = becomes("request_id")
    """The request: it must be CANCELLATION_REQUESTED."""
    note: str | None = None
    """A remark for the merchant."""
    expected_version: int | None = None
    """The version of the request that the change is based on; any other is refused."""


@input_type
class FulfillmentRequestCancellationRejectInput(FulfillmentRequestCancellationAcceptInput):
    """The request whose cancellation the supplier refuses: the supplier goes on with the work."""


@input_type
class FulfillmentRequestShipInput(Input[ShipRequest]):
    """The units that leave the supplier in one package."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the package that the first call made."""
    fulfillment_request_id: FulfillmentRequestId = becomes("request_id")
    """The request: the supplier must have accepted it."""
    lines: list[FulfillmentRequestLineInput] | None = None
    """The units; by default all remaining units."""
    carrier: str | None = None
    """The carrier."""
    tracking_number: str | None = None
    """The carrier's tracking number."""
    tracking_url: str | None = None
    """A web page that tracks the package: https://..."""


@input_type
class FulfillmentRequestTrackInput(Input[TrackRequest]):
    """A package of a request, and its tracking events."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the request as it is now."""
    package_id: PackageId
    """The package."""
    events: list[TrackingEventInput]
    """The carrier's reports, in any sequence, at most 250; known reports are not recorded twice."""
