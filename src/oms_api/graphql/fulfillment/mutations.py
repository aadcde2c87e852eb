"""Working on fulfillment orders."""

from datetime import date, datetime

from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import input_type, output
from oms_api.graphql.fulfillment.types import FulfillmentOrder
from oms_api.graphql.payloads import Payload
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import FulfillmentOrderId
from oms_api.workflows.reschedule_work import RescheduleWork, reschedule_work
from oms_api.workflows.start_fulfillment import FulfillmentToChange, put_back_fulfillment, start_fulfillment


@input_type
class FulfillmentOrderStartInput(Input[FulfillmentToChange]):
    """The fulfillment order to start."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the fulfillment order as it is now."""
    fulfillment_order_id: FulfillmentOrderId
    """The fulfillment order. For `fulfillmentOrderStart` it must be OPEN, for `fulfillmentOrderPutBack` it must be
    IN_PROGRESS."""
    occurred_at: datetime | None = None
    """When it happened; by default now. Never in the future, never before the order was placed. Needs the scope
    `orders:import`."""


@input_type
class FulfillmentOrderPutBackInput(FulfillmentOrderStartInput):
    """The fulfillment order to put back."""


@input_type
class FulfillmentOrderRescheduleInput(Input[RescheduleWork]):
    """The day from which a fulfillment order can be worked on."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the fulfillment order as it is now."""
    fulfillment_order_id: FulfillmentOrderId
    """The fulfillment order: it must be SCHEDULED or OPEN."""
    opens_on: date | None = None
    """The day in the location's time zone, at most 730 days from now; null for at once."""
    expected_version: int | None = None
    """The version of the fulfillment order that the change is based on; any other is refused."""


@output
class FulfillmentOrderReschedulePayload(Payload):
    """The fulfillment order with its day, or why it was not rescheduled."""

    fulfillment_order: FulfillmentOrder | None = None
    """The fulfillment order. Where `replayed` is true, this is its present state."""


@output
class FulfillmentOrderStartPayload(Payload):
    """The fulfillment order that was started, or why it was not."""

    fulfillment_order: FulfillmentOrder | None = None
    """The fulfillment order. Where `replayed` is true, this is its present state."""


@output
class FulfillmentOrderPutBackPayload(Payload):
    """The fulfillment order whose units were put back, or why they were not."""

    fulfillment_order: FulfillmentOrder | None = None
    """The fulfillment order. Where `replayed` is true, this is its present state."""


@output
class FulfillmentMutations:
    """Working on fulfillment orders."""

    fulfillment_order_start = carries_out(
        start_fulfillment,
        FulfillmentOrderStartInput,
        FulfillmentOrderStartPayload,
        Scope.SHIPPING_WRITE,
        describes="The fulfillment order.",
    )
    """Start picking a fulfillment order: it becomes IN_PROGRESS. From then on, its units can be canceled only after they are
    put back, or if `stock` of the cancellation is NOT_FOUND or DAMAGED. A stock number that does not cover these units is
    refused."""
    fulfillment_order_put_back = carries_out(
        put_back_fulfillment,
        FulfillmentOrderPutBackInput,
        FulfillmentOrderPutBackPayload,
        Scope.SHIPPING_WRITE,
        describes="The fulfillment order.",
    )
    """Put the picked units of a fulfillment order back: it is OPEN again. Its units can then be picked again, or canceled. If
    stock is missing, a correction of the stock can then take the units away from the order."""
    fulfillment_order_reschedule = carries_out(
        reschedule_work,
        FulfillmentOrderRescheduleInput,
        FulfillmentOrderReschedulePayload,
        Scope.SHIPPING_WRITE,
        describes="The day.",
    )
    """Choose the day from which a fulfillment order can be worked on, while nobody has begun it. It is SCHEDULED until that
    day, or OPEN for today. The day takes precedence over the channel's rule for preorders."""
