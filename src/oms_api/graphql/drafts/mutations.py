"""Preparing orders."""

from typing import Annotated

import strawberry

from oms_api.domain.orders.drafts.commands.change import (
    CreateDraft,
    DiscardDraft,
    UpdateDraft,
    create_draft,
    discard_draft,
    update_draft,
)
from oms_api.graphql.context import Info
from oms_api.graphql.declared.inputs import Input, becomes
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.drafts.changes import OrderCartChangesInput
from oms_api.graphql.drafts.types import OrderDraft
from oms_api.graphql.orders.inputs import OrderCartInput
from oms_api.graphql.orders.mutations import order_of
from oms_api.graphql.orders.types import Order
from oms_api.graphql.payloads import Payload, once
from oms_api.graphql.permissions import mutation
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import OrderDraftId
from oms_api.workflows.place_draft import PlaceDraft, place_draft, placed_before


@input_type
class OrderDraftCreateInput(Input[CreateDraft]):
    """An order to prepare."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the draft that the first call made."""
    cart: OrderCartInput
    """The order so far; it may be incomplete."""
    note: str | None = None
    """A remark for the people who prepare the draft, up to 10,000 characters."""


@input_type
class OrderDraftUpdateInput(Input[UpdateDraft]):
    """Changes of a draft; fields left out stay as they are."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the draft."""
    order_draft_id: OrderDraftId
    """The draft."""
    cart: OrderCartInput | None = becomes(by=OrderCartInput.to_command, default=strawberry.UNSET)
    """The whole cart, in place of the present one."""
    cart_changes: OrderCartChangesInput | None = None
    """Changes to the cart that the draft has now. Give `cartChanges` or `cart`, not both. The cart is checked after the
    changes; errors of this check have paths that begin with `cart`, not `cartChanges`."""
    note: str | None = strawberry.UNSET
    """A remark for the people who prepare the draft, up to 10,000 characters."""
    expected_version: int | None = None
    """The version of the draft that the change is based on; any other is refused."""


@input_type
class OrderDraftPlaceInput(Input[PlaceDraft]):
    """The draft to place."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the same order."""
    order_draft_id: OrderDraftId
    """The draft."""
    expected_version: int | None = None
    """The version of the draft that the change is based on; any other is refused."""


@input_type
class OrderDraftDiscardInput(Input[DiscardDraft]):
    """The draft to discard."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the draft."""
    order_draft_id: OrderDraftId
    """The draft."""
    expected_version: int | None = None
    """The version of the draft that the change is based on; any other is refused."""


@output
class OrderDraftPayload(Payload):
    """The draft, or why nothing was done."""

    order_draft: OrderDraft | None = None
    """The draft. Where `replayed` is true, this is its present state."""


@output
class OrderDraftPlacePayload(Payload):
    """The order that a draft became, or why it was not placed."""

    order_draft: OrderDraft | None = None
    """The draft. Where `replayed` is true, this is its present state."""
    order: Order | None = None
    """The order. Where `replayed` is true, this is its present state."""


@output
class OrderDraftMutations:
    """Preparing orders."""

    order_draft_create = carries_out(
        create_draft, OrderDraftCreateInput, OrderDraftPayload, Scope.ORDERS_WRITE, describes="The draft."
    )
    """Create a draft of an order. The draft may be incomplete; no stock is promised, and no order number is taken."""
    order_draft_update = carries_out(
        update_draft, OrderDraftUpdateInput, OrderDraftPayload, Scope.ORDERS_WRITE, describes="The changes."
    )
    """Change a draft of an order."""
    order_draft_discard = carries_out(
        discard_draft, OrderDraftDiscardInput, OrderDraftPayload, Scope.ORDERS_WRITE, describes="The draft."
    )
    """Give up a draft of an order."""

    @mutation(
        Scope.ORDERS_WRITE,
        description=(
            "Place the order of a draft, as `orderPlace` does; each draft is placed only once. Where the order is "
            "refused, the draft stays as it was, and the paths of errors begin at `cart`."
        ),
    )
    async def order_draft_place(
        self, info: Info, input: Annotated[OrderDraftPlaceInput, argument("The draft.")]
    ) -> OrderDraftPlacePayload:
        done = await once(info, input, place_draft, again=placed_before)
        order = await order_of(info, done.value.placed)
        return OrderDraftPlacePayload(order_draft=OrderDraft.of(done.value.draft), order=order, replayed=done.replayed)
