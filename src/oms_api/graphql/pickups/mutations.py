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
from oms_api.workflows.pickups.hand_over import HandOver, hand_over_pickup, try_code
from oms_api.workflows.pickups.ready import ReadyForPickup, ready_for_pickup


@input_type
class PickupReadyInput(Input[ReadyForPickup]):
    """The fulfillment order whose goods are ready."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the pickup made first; kept 72 hours."""
    fulfillment_order_id: FulfillmentOrderId
    """The fulfillment order: OPEN or IN_PROGRESS, nothing of it packed, at a location with `pickupDays`."""
    expected_version: int | None = None
    """The version that the fulfillment order must have."""


@input_type
class PickupHandOverInput(Input[HandOver]):
    """Who fetches which goods."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the pickup; kept 72 hours."""
    pickup_id: PickupId
    """The pickup."""
    code: str
    """The code that the customer tells; case, blanks and hyphens do not matter. Five wrong ones lock the pickup."""
    collected_by: str | None = None
    """The name of the person who fetches the goods, if it is to be kept."""


@input_type
class PickupCancelInput(Input[PickupToChange]):
    """The pickup whose goods wait no longer."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the pickup; kept 72 hours."""
    pickup_id: PickupId
    """The pickup."""
    expected_version: int | None = None
    """The version that the pickup must have."""


@input_type
class PickupCodeRenewInput(PickupCancelInput):
    """The pickup that gets another code."""


@input_type
class PickupExtendInput(Input[ExtendPickup]):
    """The pickup whose goods wait longer."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the pickup; kept 72 hours."""
    pickup_id: PickupId
    """The pickup."""
    days: int
    """Days more, 1 to 365: from its last day on, or from today where that has passed."""
    expected_version: int | None = None
    """The version that the pickup must have."""


@output
class PickupReadyPayload(Payload):
    """The pickup that waits for its customer, or why there is none."""

    pickup: Pickup | None = None
    """The pickup; on a replay as it is now."""


@output
class PickupHandOverPayload(Payload):
    """The pickup that was handed over, or why it was not."""

    pickup: Pickup | None = None
    """The pickup; on a replay as it is now."""


@output
class PickupCancelPayload(Payload):
    """The pickup that was canceled, or why it was not."""

    pickup: Pickup | None = None
    """The pickup; on a replay as it is now."""


@output
class PickupCodeRenewPayload(Payload):
    """The pickup with another code, or why it has none."""

    pickup: Pickup | None = None
    """The pickup; on a replay as it is now."""


@output
class PickupExtendPayload(Payload):
    """The pickup with its later day, or why it has none."""

    pickup: Pickup | None = None
    """The pickup; on a replay as it is now."""


@output
class PickupMutations:
    """Making goods ready for customers, and handing them over."""

    pickup_ready = carries_out(
        ready_for_pickup, PickupReadyInput, PickupReadyPayload, Scope.SHIPPING_WRITE, describes="What is ready."
    )
    """Tell that a customer can fetch all that is left of a fulfillment order: it waits under a new code, IN_PROGRESS. While
    it waits, nothing else ships, packs, cancels or rejects its units."""

    @mutation(
        Scope.SHIPPING_WRITE,
        description="Hand goods over to the customer who tells their code: they are shipped and delivered at once. A wrong "
        "code is counted although it is refused; the fifth locks the pickup until `pickupCodeRenew`.",
    )
    async def pickup_hand_over(
        self, info: Info, input: Annotated[PickupHandOverInput, argument("What is fetched.")]
    ) -> PickupHandOverPayload:
        refuse_if(await info.context.execute(try_code, input.to_command()))
        done = await once(info, input, hand_over_pickup, again=pickup_by_id)
        return PickupHandOverPayload(pickup=Pickup.of(done.value), replayed=done.replayed)

    pickup_cancel = carries_out(
        cancel_pickup, PickupCancelInput, PickupCancelPayload, Scope.SHIPPING_WRITE, describes="What waits no longer."
    )
    """Let goods wait for their customer no longer: their fulfillment order stays IN_PROGRESS, to be shipped, put back, or made
    ready again."""
    pickup_code_renew = carries_out(
        renew_code, PickupCodeRenewInput, PickupCodeRenewPayload, Scope.SHIPPING_WRITE, describes="What gets another code."
    )
    """Give a pickup another code, and unlock it: the one before is worth nothing any more."""
    pickup_extend = carries_out(
        extend_pickup, PickupExtendInput, PickupExtendPayload, Scope.SHIPPING_WRITE, describes="What waits longer."
    )
    """Let goods wait longer for their customer."""
