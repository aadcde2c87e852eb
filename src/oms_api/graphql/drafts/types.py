"""Drafts of orders, as clients read them."""

from datetime import datetime

import strawberry

from oms_api.domain.orders.drafts.errors import DraftPlaced
from oms_api.domain.orders.drafts.queries import drafts_by_id
from oms_api.domain.orders.drafts.states import OrderDraftStatus
from oms_api.domain.orders.drafts.stored import cart_in
from oms_api.domain.orders.drafts.tables import OrderDraftRow
from oms_api.domain.orders.drafts.verbs import LIFE
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.channels.types import Channel
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import answered, leads_to
from oms_api.graphql.declared.records import Record, entity, made
from oms_api.graphql.described import enum, output
from oms_api.graphql.drafts.cart import OrderCart
from oms_api.graphql.errors import UserError, represents
from oms_api.graphql.nodes import Node
from oms_api.graphql.orders.preview import A_PREVIEW, OrderPricePreview
from oms_api.graphql.orders.types import Order
from oms_api.graphql.permissions import field, guarded
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import OrderDraftId, OrderId
from oms_api.workflows.place_order import preview_cart

enum(OrderDraftStatus)


async def _actions(_info: Info, draft: OrderDraftRow) -> list[AvailableAction]:
    return AvailableAction.of(LIFE.actions(draft.status, draft.order_id))


@entity(drafts_by_id, Scope.ORDERS_READ)
class OrderDraft(Node, Record[OrderDraftRow]):
    """An order in preparation: nothing is promised until it is placed."""

    id: OrderDraftId
    status: OrderDraftStatus
    """The state of the draft: in preparation, placed or discarded."""
    note: str | None
    """A remark for the people who prepare the draft; it is not copied to the order."""
    cart: OrderCart = made(lambda stored: OrderCart.of(cart_in(stored)), OrderDraftRow.cart)
    """The order so far."""
    actor: str
    """The person or program that made the draft."""
    version: int
    """Increases with every change of the draft."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When it was last changed."""
    channel: Channel | None = leads_to(OrderDraftRow.channel_id)
    """The channel of the order; null where the draft names none."""
    order: Order | None = leads_to(OrderDraftRow.order_id)
    """The order that the draft became; null until it is placed."""
    available_actions: list[AvailableAction] = answered(_actions)
    """The actions on it, and whether each is allowed now."""

    @guarded(
        Scope.ORDERS_WRITE,
        description=(
            "A preview of the order if the draft were placed now: its amounts, its availability, and the errors. Null "
            "once the draft is placed or discarded."
        ),
        price=A_PREVIEW,
    )
    async def preview(self, info: Info) -> OrderPricePreview | None:
        if self.row.status is not OrderDraftStatus.DRAFT:
            return None
        seen = await info.context.work.execute(info.context.principal, preview_cart, cart_in(self.row.cart))
        return OrderPricePreview.of(seen)


@represents(DraftPlaced, lambda error: {"order_id": error.order_id})
@output
class DraftPlacedError(UserError):
    """The draft was placed already."""

    order_id: strawberry.Private[OrderId | None]

    @field(description="The order that the draft became.")
    async def order(self, info: Info) -> Order | None:
        return None if self.order_id is None else await Order.fetch(info, self.order_id)
