"""Proposing changes of an order, and deciding on them."""

from enum import Enum
from typing import Annotated

from oms_api.domain.orders.changes.queries import RECORDED_FIRST, RECORDED_LAST
from oms_api.domain.orders.changes.tables import OrderChangeRow
from oms_api.graphql.context import Info
from oms_api.graphql.declared.filters import Where, on
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.lists import Listing, listed
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.orders.cancel import OrderCancelRefundInput
from oms_api.graphql.orders.changes import OrderChange
from oms_api.graphql.orders.edit import OrderChangeInput, OrderEditPayload, edited
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import OrderChangeId, OrderId
from oms_api.workflows.edit_order import edited_before
from oms_api.workflows.edit_order.proposals import (
    ApplyChange,
    DeclineChange,
    RequestChange,
    apply_change,
    decline_change,
    request_change,
)


@enum
class OrderChangeOrder(Enum):
    """The sort order of a list of changes."""

    RECORDED_AT_DESC = RECORDED_LAST
    """The newest first."""
    RECORDED_AT_ASC = RECORDED_FIRST
    """The oldest first."""


@input_type
class OrderChangeFilterInput(Where):
    """Conditions on changes of orders; all must be true."""

    status = on(OrderChangeRow.status)
    """By status; REQUESTED changes wait for a decision."""
    order_id = on(OrderChangeRow.order_id)
    channel_id = on(OrderChangeRow.channel_id)
    """By the channel of the order."""
    recorded_at = on(OrderChangeRow.recorded_at)
    """When they were recorded."""


ORDER_CHANGES = Listing(show=OrderChange, where=OrderChangeFilterInput, order=OrderChangeOrder)


@output
class OrderChangeQueries:
    """Asking for changes of orders."""

    order_changes = listed(ORDER_CHANGES)
    """A list of changes of orders, the newest first by default."""


@input_type
class OrderChangeRequestInput(Input[RequestChange]):
    """An order and the changes to propose."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same change."""
    order_id: OrderId
    """The order."""
    changes: list[OrderChangeInput]
    """1 to 250 changes, to be made in the given sequence."""
    reason: str | None = None
    """Why the order should be changed."""
    note: str | None = None
    """A remark for the person who decides on the change."""


@output
class OrderChangeRequestPayload(Payload):
    """The proposed change, or why it could not be made."""

    change: OrderChange | None = None
    """The proposed change, with status REQUESTED and the result that it would have now."""


@input_type
class OrderChangeApplyInput(Input[ApplyChange]):
    """The proposed change to apply."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same change."""
    order_change_id: OrderChangeId
    """The change; it must be REQUESTED."""
    note: str | None = None
    """A remark on the decision."""
    refund: OrderCancelRefundInput | None = None
    """A refund to grant with the change; needs the scope `payments:write` too."""


@input_type
class OrderChangeDeclineInput(Input[DeclineChange]):
    """The proposed change to decline."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same change."""
    order_change_id: OrderChangeId
    """The change; it must be REQUESTED."""
    note: str | None = None
    """A remark on the decision, such as what to tell the customer."""


@output
class OrderChangeDeclinePayload(Payload):
    """The declined change, or why it could not be declined."""

    change: OrderChange | None = None
    """The change."""


@output
class OrderChangeMutations:
    """Proposing changes of orders, and deciding on them."""

    order_change_request = carries_out(
        request_change,
        OrderChangeRequestInput,
        OrderChangeRequestPayload,
        Scope.ORDERS_REQUEST,
        describes="The order and the changes.",
    )
    """Propose changes of an order, as a customer or an agent does: the order stays as it is until staff applies them. A change
    that could not be made now is refused at once."""
    order_change_decline = carries_out(
        decline_change, OrderChangeDeclineInput, OrderChangeDeclinePayload, Scope.ORDERS_WRITE, describes="The change."
    )
    """Decline a proposed change of an order."""

    @mutation(
        Scope.ORDERS_WRITE,
        description=(
            "Apply a proposed change to its order, as `orderEdit` would. Fails with CHANGE_OUTDATED where the order changed "
            "since, so that the result would differ from the proposal."
        ),
    )
    async def order_change_apply(
        self, info: Info, input: Annotated[OrderChangeApplyInput, argument("The change.")]
    ) -> OrderEditPayload:
        return edited(await once(info, input, apply_change, again=edited_before))
