"""Errors of requests to suppliers, and of work under a request."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError


@dataclass(eq=False)
class RequestNotAccepted(OmsError):
    """The supplier has not accepted this work: its request is {status}. Only accepted work is begun, packed and shipped.

    The supplier of the location has not accepted this work. Only accepted work can be begun, packed and shipped.
    """

    code = "REQUEST_NOT_ACCEPTED"
    status: str


@dataclass(eq=False)
class RequestSubmitted(OmsError):
    """The supplier was asked for this work: withdraw the request first, with `fulfillmentRequestCancellationRequest`."""

    code = "REQUEST_SUBMITTED"


@dataclass(eq=False)
class RequestAccepted(OmsError):
    """The supplier accepted this work: ask the supplier to stop first, with `fulfillmentRequestCancellationRequest`."""

    code = "REQUEST_ACCEPTED"


@dataclass(eq=False)
class RequestNotSubmitted(OmsError):
    """The request is {status}: only one that is SUBMITTED can be accepted.

    Only a SUBMITTED request can be accepted, and only once.
    """

    code = "REQUEST_NOT_SUBMITTED"
    status: str


@dataclass(eq=False)
class RequestNotRejectable(OmsError):
    """The request is {status}: only one that is SUBMITTED or accepted can be rejected, as far as it has not shipped.

    Only a SUBMITTED or accepted request can be rejected, and only units that have not shipped.
    """

    code = "REQUEST_NOT_REJECTABLE"
    status: str


@dataclass(eq=False)
class CancellationNotRequested(OmsError):
    """The request is {status}: there is no cancellation to answer.

    Only a request that is CANCELLATION_REQUESTED has a cancellation to answer.
    """

    code = "CANCELLATION_NOT_REQUESTED"
    status: str


@dataclass(eq=False)
class RequestNotDue(OmsError):
    """The fulfillment order is {status}: its supplier cannot be asked before it is OPEN.

    The supplier cannot be asked before the fulfillment order is OPEN.
    """

    code = "REQUEST_NOT_DUE"
    status: str
