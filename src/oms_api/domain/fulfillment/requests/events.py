"""Events of requests to suppliers, for the supplier too: they hold nothing of the order."""

from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind


@dataclass(frozen=True, kw_only=True)
class FulfillmentRequestCreated(Event):
    """Work came to a supplier's location, and the supplier is not asked for it yet."""

    type = "FULFILLMENT_REQUEST_CREATED"
    subject = IdKind.FULFILLMENT_REQUEST


@dataclass(frozen=True, kw_only=True)
class FulfillmentRequestSubmitted(Event):
    """A supplier was asked for work."""

    type = "FULFILLMENT_REQUEST_SUBMITTED"
    subject = IdKind.FULFILLMENT_REQUEST


@dataclass(frozen=True, kw_only=True)
class FulfillmentRequestWithdrawn(Event):
    """A request was withdrawn before its supplier had answered."""

    type = "FULFILLMENT_REQUEST_WITHDRAWN"
    subject = IdKind.FULFILLMENT_REQUEST


@dataclass(frozen=True, kw_only=True)
class FulfillmentRequestAccepted(Event):
    """A supplier accepted work, apart from units that it rejected."""

    type = "FULFILLMENT_REQUEST_ACCEPTED"
    subject = IdKind.FULFILLMENT_REQUEST


@dataclass(frozen=True, kw_only=True)
class FulfillmentRequestRejected(Event):
    """A supplier rejected units of a request, or all of it."""

    type = "FULFILLMENT_REQUEST_REJECTED"
    subject = IdKind.FULFILLMENT_REQUEST


@dataclass(frozen=True, kw_only=True)
class FulfillmentRequestExpired(Event):
    """A supplier did not answer in time: the request counts as rejected."""

    type = "FULFILLMENT_REQUEST_EXPIRED"
    subject = IdKind.FULFILLMENT_REQUEST


@dataclass(frozen=True, kw_only=True)
class FulfillmentRequestCancellationRequested(Event):
    """A supplier was asked to stop work that it had accepted."""

    type = "FULFILLMENT_REQUEST_CANCELLATION_REQUESTED"
    subject = IdKind.FULFILLMENT_REQUEST


@dataclass(frozen=True, kw_only=True)
class FulfillmentRequestCancellationAccepted(Event):
    """A supplier stopped work that it was asked to stop."""

    type = "FULFILLMENT_REQUEST_CANCELLATION_ACCEPTED"
    subject = IdKind.FULFILLMENT_REQUEST


@dataclass(frozen=True, kw_only=True)
class FulfillmentRequestCancellationRejected(Event):
    """A supplier goes on with work that it was asked to stop."""

    type = "FULFILLMENT_REQUEST_CANCELLATION_REJECTED"
    subject = IdKind.FULFILLMENT_REQUEST


@dataclass(frozen=True, kw_only=True)
class FulfillmentRequestChanged(Event):
    """A request changed.

    Units were packed, unpacked, shipped or canceled, a shipment of the request was undone, or its destination changed.
    """

    type = "FULFILLMENT_REQUEST_CHANGED"
    subject = IdKind.FULFILLMENT_REQUEST


@dataclass(frozen=True, kw_only=True)
class FulfillmentRequestClosed(Event):
    """A request has nothing left to do: all units were shipped, canceled, or given to other locations."""

    type = "FULFILLMENT_REQUEST_CLOSED"
    subject = IdKind.FULFILLMENT_REQUEST
