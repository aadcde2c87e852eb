"""Working on fulfillment orders."""

from datetime import datetime
from typing import Annotated

import strawberry

from oms_api.domain.fulfillment.queries import fulfillment_order_by_id
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.filters import id_at
from oms_api.graphql.fulfillment.types import FulfillmentOrder
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind
from oms_api.workflows.start_fulfillment import FulfillmentToChange, put_back_fulfillment, start_fulfillment


@input_type
class FulfillmentOrderStartInput:
    """Which work is begun."""

    idempotency_key: str
    """Makes a retry safe: the same key answers with the fulfillment order as it is now; kept 72 hours."""
    fulfillment_order_id: strawberry.ID
    """The fulfillment order: OPEN to be begun, IN_PROGRESS to be put back."""
    occurred_at: datetime | None = None
    """When that was, if not now; needs the scope `orders:import`, never in the future or before the order."""

    def to_command(self) -> FulfillmentToChange:
        """Return the command. Raises: InvalidId."""
        return FulfillmentToChange(
            idempotency_key=self.idempotency_key,
            fulfillment_order_id=id_at(IdKind.FULFILLMENT_ORDER, self.fulfillment_order_id, "fulfillmentOrderId"),
            occurred_at=self.occurred_at,
        )


@input_type
class FulfillmentOrderPutBackInput(FulfillmentOrderStartInput):
    """Which work is put back."""


@output
class FulfillmentOrderStartPayload(Payload):
    """The work that was begun, or why it was not."""

    fulfillment_order: FulfillmentOrder | None = None
    """The fulfillment order; on a replay as it is now."""


@output
class FulfillmentOrderPutBackPayload(Payload):
    """The work that was put back, or why it was not."""

    fulfillment_order: FulfillmentOrder | None = None
    """The fulfillment order; on a replay as it is now."""


@output
class FulfillmentMutations:
    """Working on fulfillment orders."""

    @mutation(
        Scope.SHIPPING_WRITE,
        description="Begin to pick: the fulfillment order is IN_PROGRESS. Its units are in somebody's hands then: they are no "
        "longer canceled at once, and no number below them can be told of the level.",
    )
    async def fulfillment_order_start(
        self, info: Info, input: Annotated[FulfillmentOrderStartInput, argument("What is begun.")]
    ) -> FulfillmentOrderStartPayload:
        done = await once(info, input, start_fulfillment, again=fulfillment_order_by_id)
        return FulfillmentOrderStartPayload(fulfillment_order=FulfillmentOrder.of(done.value), replayed=done.replayed)

    @mutation(
        Scope.SHIPPING_WRITE,
        description="Put back what was picked: the fulfillment order is OPEN again, and what it holds can be canceled, taken "
        "back where units are missing, or begun once more.",
    )
    async def fulfillment_order_put_back(
        self, info: Info, input: Annotated[FulfillmentOrderPutBackInput, argument("What is put back.")]
    ) -> FulfillmentOrderPutBackPayload:
        done = await once(info, input, put_back_fulfillment, again=fulfillment_order_by_id)
        return FulfillmentOrderPutBackPayload(fulfillment_order=FulfillmentOrder.of(done.value), replayed=done.replayed)
