"""Asking suppliers for work, and their answers."""

from typing import Annotated

from oms_api.domain.shipping.queries import shipment_by_id
from oms_api.graphql.context import Info
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import argument, output
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.graphql.requests.inputs import (
    FulfillmentRequestAcceptInput,
    FulfillmentRequestCancellationAcceptInput,
    FulfillmentRequestCancellationRejectInput,
    FulfillmentRequestCancellationRequestInput,
    FulfillmentRequestRejectInput,
    FulfillmentRequestShipInput,
    FulfillmentRequestSubmitInput,
    FulfillmentRequestTrackInput,
)
from oms_api.graphql.requests.types import FulfillmentRequest, FulfillmentRequestPackage
from oms_api.kernel.access import Scope
from oms_api.workflows.requests.accept import accept_request
from oms_api.workflows.requests.cancel import accept_cancellation, ask_to_cancel, reject_cancellation
from oms_api.workflows.requests.reject import reject_request
from oms_api.workflows.requests.ship import ship_request, shipped_of, track_request
from oms_api.workflows.requests.submit import submit_request


@output
class FulfillmentRequestSubmitPayload(Payload):
    """The request, or why the supplier was not asked."""

    fulfillment_request: FulfillmentRequest | None = None
    """The request. Where `replayed` is true, this is its present state."""


@output
class FulfillmentRequestCancellationRequestPayload(Payload):
    """The request, or why it could not be canceled."""

    fulfillment_request: FulfillmentRequest | None = None
    """The request. Where `replayed` is true, this is its present state."""


@output
class FulfillmentRequestAcceptPayload(Payload):
    """The request, or why it was not accepted."""

    fulfillment_request: FulfillmentRequest | None = None
    """The request. Where `replayed` is true, this is its present state."""


@output
class FulfillmentRequestRejectPayload(Payload):
    """The request, or why it was not rejected."""

    fulfillment_request: FulfillmentRequest | None = None
    """The request. Where `replayed` is true, this is its present state."""


@output
class FulfillmentRequestCancellationAcceptPayload(Payload):
    """The request, or why the cancellation could not be accepted."""

    fulfillment_request: FulfillmentRequest | None = None
    """The request. Where `replayed` is true, this is its present state."""


@output
class FulfillmentRequestCancellationRejectPayload(Payload):
    """The request, or why its cancellation could not be rejected."""

    fulfillment_request: FulfillmentRequest | None = None
    """The request. Where `replayed` is true, this is its present state."""


@output
class FulfillmentRequestShipPayload(Payload):
    """The package that left the supplier, or why nothing was shipped."""

    fulfillment_request: FulfillmentRequest | None = None
    """The request as it is now."""
    package: FulfillmentRequestPackage | None = None
    """The package."""


@output
class FulfillmentRequestTrackPayload(Payload):
    """The request, or why nothing was recorded."""

    fulfillment_request: FulfillmentRequest | None = None
    """The request. Where `replayed` is true, this is its present state."""


@output
class FulfillmentRequestMutations:
    """Asking suppliers for work, and what suppliers do with it."""

    fulfillment_request_submit = carries_out(
        submit_request,
        FulfillmentRequestSubmitInput,
        FulfillmentRequestSubmitPayload,
        Scope.SHIPPING_WRITE,
        describes="The request.",
    )
    """Submit a request to its supplier. This is possible if the supplier was not asked yet, or has stopped the work. Where
    `submitsRequests` of the location is true, this happens automatically."""
    fulfillment_request_cancellation_request = carries_out(
        ask_to_cancel,
        FulfillmentRequestCancellationRequestInput,
        FulfillmentRequestCancellationRequestPayload,
        Scope.SHIPPING_WRITE,
        describes="The request.",
    )
    """Withdraw a request that the supplier has not answered, or ask the supplier to stop work that it accepted. The supplier
    may ship until it accepts the cancellation."""
    fulfillment_request_accept = carries_out(
        accept_request,
        FulfillmentRequestAcceptInput,
        FulfillmentRequestAcceptPayload,
        Scope.REQUESTS_ANSWER,
        describes="The answer.",
    )
    """Accept a request, apart from units that the supplier cannot send. At a location of the kind SUPPLIER this also creates
    the purchase order for the goods, at the supplier's cost."""
    fulfillment_request_reject = carries_out(
        reject_request,
        FulfillmentRequestRejectInput,
        FulfillmentRequestRejectPayload,
        Scope.REQUESTS_ANSWER,
        describes="The answer.",
    )
    """Reject a request, or units of it, also after it was accepted. The units are sourced from other locations, never again
    from the location that rejected them."""
    fulfillment_request_cancellation_accept = carries_out(
        accept_cancellation,
        FulfillmentRequestCancellationAcceptInput,
        FulfillmentRequestCancellationAcceptPayload,
        Scope.REQUESTS_ANSWER,
        describes="The answer.",
    )
    """Stop accepted work, as the merchant asked. Shipped units stay shipped."""
    fulfillment_request_cancellation_reject = carries_out(
        reject_cancellation,
        FulfillmentRequestCancellationRejectInput,
        FulfillmentRequestCancellationRejectPayload,
        Scope.REQUESTS_ANSWER,
        describes="The answer.",
    )
    """Go on with accepted work, although the merchant asked to stop."""
    fulfillment_request_track = carries_out(
        track_request,
        FulfillmentRequestTrackInput,
        FulfillmentRequestTrackPayload,
        Scope.REQUESTS_ANSWER,
        describes="The package and its tracking.",
    )
    """Report tracking events of a supplier's own package, as `trackingEventReport` does."""

    @mutation(
        Scope.REQUESTS_ANSWER,
        description="Ship accepted units in one package, as `shipmentCreate` does.",
    )
    async def fulfillment_request_ship(
        self, info: Info, input: Annotated[FulfillmentRequestShipInput, argument("The units shipped.")]
    ) -> FulfillmentRequestShipPayload:
        done = await once(info, input, ship_request, again=shipment_by_id)
        request, package = await shipped_of(info.context.read, done.value)
        return FulfillmentRequestShipPayload(
            fulfillment_request=FulfillmentRequest.of(request),
            package=FulfillmentRequestPackage.of(package),
            replayed=done.replayed,
        )
