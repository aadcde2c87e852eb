"""Making goods ready for customers, and handing them over."""

from typing import Annotated

from oms_api.domain.pickups.queries import pickup_by_id
from oms_api.graphql.context import Info
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.graphql.pickups.types import Pickup
from oms_api.kernel.access import Scope
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.ids import FulfillmentOrderId, PickupId
from oms_api.workflows.pickups.change import ExtendPickup, PickupToChange, cancel_pickup, extend_pickup, renew_code
from oms_api.workflows.pickups.hand_over import HandOverPickup, hand_over_pickup, try_code
from oms_api.workflows.pickups.ready import ReadyForPickup, ready_for_pickup


@input_type
class PickupReadyInput(Input[ReadyForPickup]):
    """The fulfillment order whose goods are ready."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the pickup that the first call made."""
    fulfillment_order_id: FulfillmentOrderId
    """The fulfillment order. It must be OPEN or IN_PROGRESS, with nothing packed, at a location with `pickupDays`."""
    expected_version: int | None = None
    """The version of the fulfillment order that the change is based on; any other is refused."""


@input_type
class PickupHandOverInput(Input[HandOverPickup]):
    """The pickup to hand over, and the customer's code."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the pickup."""
    pickup_id: PickupId
    """The pickup."""
    code: str
    """The code that the customer gives; case, blanks and hyphens do not matter. Five wrong codes lock the pickup."""
    collected_by: str | None = None
    """The name of the person who fetches the goods, kept with the pickup."""


@input_type
class PickupCancelInput(Input[PickupToChange]):
    """The pickup to cancel."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the pickup."""
    pickup_id: PickupId
    """The pickup."""
    expected_version: int | None = None
    """The version of the pickup that the change is based on; any other is refused."""


@input_type
class PickupCodeRenewInput(PickupCancelInput):
    """The pickup that gets a new code."""


@input_type
class PickupExtendInput(Input[ExtendPickup]):
    """The pickup to extend."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the pickup."""
    pickup_id: PickupId
    """The pickup."""
    days: int
    """Days to add, 1 to 365, counted from the last day of the pickup, or from today if that day has passed."""
    expected_version: int | None = None
    """The version of the pickup that the change is based on; any other is refused."""


@output
class PickupReadyPayload(Payload):
    """The pickup that waits for its customer, or why there is none."""

    pickup: Pickup | None = None
    """The pickup. Where `replayed` is true, this is its present state."""


@output
class PickupHandOverPayload(Payload):
    """The pickup that was handed over, or why it was not."""

    pickup: Pickup | None = None
    """The pickup. Where `replayed` is true, this is its present state."""


@output
class PickupCancelPayload(Payload):
    """The pickup that was canceled, or why it was not."""

    pickup: Pickup | None = None
    """The pickup. Where `replayed` is true, this is its present state."""


@output
class PickupCodeRenewPayload(Payload):
    """The pickup with its new code, or why it got no new code."""

    pickup: Pickup | None = None
    """The pickup. Where `replayed` is true, this is its present state."""


@output
class PickupExtendPayload(Payload):
    """The pickup with its new last day, or why it was not extended."""

    pickup: Pickup | None = None
    """The pickup. Where `replayed` is true, this is its present state."""


@output
class PickupMutations:
    """Making goods ready for customers, and handing them over."""

    pickup_ready = carries_out(
        ready_for_pickup, PickupReadyInput, PickupReadyPayload, Scope.SHIPPING_WRITE, describes="The fulfillment order."
    )
    """Mark all remaining units of a fulfillment order as ready for their customer to fetch: they wait under a new code, and the
    fulfillment order is IN_PROGRESS. While they wait, they cannot be shipped, packed, canceled or rejected."""

    @mutation(
        Scope.SHIPPING_WRITE,
        description=(
            "Hand goods over to the customer who gives the code: they are shipped and delivered at once. Wrong codes "
            "are counted: the fifth locks the pickup until `pickupCodeRenew`."
        ),
    )
    async def pickup_hand_over(
        self, info: Info, input: Annotated[PickupHandOverInput, argument("The pickup and its code.")]
    ) -> PickupHandOverPayload:
        refuse_if(await info.context.execute(try_code, input.to_command()))
        done = await once(info, input, hand_over_pickup, again=pickup_by_id)
        return PickupHandOverPayload(pickup=Pickup.of(done.value), replayed=done.replayed)

    pickup_cancel = carries_out(
        cancel_pickup, PickupCancelInput, PickupCancelPayload, Scope.SHIPPING_WRITE, describes="The pickup."
    )
    """Stop keeping goods for their customer: their fulfillment order stays IN_PROGRESS, to be shipped, put back, or made ready
    again."""
    pickup_code_renew = carries_out(
        renew_code, PickupCodeRenewInput, PickupCodeRenewPayload, Scope.SHIPPING_WRITE, describes="The pickup."
    )
    """Give a pickup a new code, and unlock it: the old code is not valid any more."""
    pickup_extend = carries_out(
        extend_pickup, PickupExtendInput, PickupExtendPayload, Scope.SHIPPING_WRITE, describes="The pickup and the days."
    )
    """Keep goods longer for their customer."""
