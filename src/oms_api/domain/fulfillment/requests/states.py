"""The states of fulfillment requests."""

from enum import StrEnum


class FulfillmentRequestStatus(StrEnum):
    """The status of a request to a supplier."""

    UNSUBMITTED = "UNSUBMITTED"
    """The supplier is not asked yet, or the request was withdrawn before the supplier answered."""
    SUBMITTED = "SUBMITTED"
    """The supplier is asked and has not answered."""
    ACCEPTED = "ACCEPTED"
    """The supplier does the work, apart from units that it rejected."""
    REJECTED = "REJECTED"
    """The supplier rejected all of it, or did not answer in time: the server looks for other locations."""
    CANCELLATION_REQUESTED = "CANCELLATION_REQUESTED"
    """The supplier is asked to stop work that it accepted, and has not answered; until then it may ship."""
    CANCELLATION_ACCEPTED = "CANCELLATION_ACCEPTED"
    """The supplier stopped. The remaining units can be canceled, moved, or submitted again."""
    CANCELLATION_REJECTED = "CANCELLATION_REJECTED"
    """The supplier goes on with work that it was asked to stop."""
    CLOSED = "CLOSED"
    """All units were shipped, canceled, or given to other locations."""

    @property
    def agreed(self) -> bool:
        """Whether the supplier works on it."""
        return self in AGREED


S = FulfillmentRequestStatus
AGREED = (S.ACCEPTED, S.CANCELLATION_REQUESTED, S.CANCELLATION_REJECTED)
"""While it is one of these, its fulfillment order is IN_PROGRESS: what is asked of it is the supplier's to answer."""


class FulfillmentRequestAction(StrEnum):
    """The actions on a request to a supplier."""

    SUBMIT_REQUEST = "SUBMIT_REQUEST"
    """Ask the supplier to do the work: `fulfillmentRequestSubmit`."""
    ASK_TO_CANCEL_REQUEST = "ASK_TO_CANCEL_REQUEST"
    """Withdraw the request, or ask the supplier to stop: `fulfillmentRequestCancellationRequest`."""
    ACCEPT_REQUEST = "ACCEPT_REQUEST"
    """Accept the work: `fulfillmentRequestAccept`."""
    REJECT_REQUEST = "REJECT_REQUEST"
    """Reject the request, or units of it: `fulfillmentRequestReject`."""
    ACCEPT_CANCELLATION = "ACCEPT_CANCELLATION"
    """Stop the work, as the merchant asked: `fulfillmentRequestCancellationAccept`."""
    REJECT_CANCELLATION = "REJECT_CANCELLATION"
    """Go on with the work, although the merchant asked to stop: `fulfillmentRequestCancellationReject`."""
    SHIP_REQUEST = "SHIP_REQUEST"
    """Ship accepted units: `fulfillmentRequestShip`."""
