"""Holds, as clients read them."""

from datetime import datetime
from typing import Annotated

import strawberry

from oms_api.domain.orders.holds.queries import holds_by_id, holds_by_order
from oms_api.domain.orders.holds.states import HoldStatus
from oms_api.domain.orders.holds.tables import OrderHoldRow
from oms_api.domain.orders.tables import OrderRow
from oms_api.graphql.declared.links import leads_to, many
from oms_api.graphql.declared.records import Record, entity
from oms_api.graphql.described import enum, output
from oms_api.graphql.nodes import Node
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import HoldId

OrderType = Annotated["Order", strawberry.lazy("oms_api.graphql.orders.types")]  # type: ignore[name-defined]  # noqa: F821
WorkType = Annotated["FulfillmentOrder", strawberry.lazy("oms_api.graphql.fulfillment.types")]  # type: ignore[name-defined]  # noqa: F821
enum(HoldStatus)


@entity(holds_by_id, Scope.ORDERS_READ)
class Hold(Node, Record[OrderHoldRow]):
    """A reason why an order or a fulfillment order is not worked on: while it is active, nothing is picked or shipped."""

    id: HoldId
    status: HoldStatus
    """The state of the hold: active, or how it ended."""
    reason: str
    """The code of its reason; see `orderReasons`."""
    handle: str | None
    """The client's own name for the hold, unique among the active holds of its order or fulfillment order."""
    note: str | None
    """The remark on it."""
    approval: bool
    """Whether the hold waits for an approval: only an API key with the scope `orders:approve` releases it."""
    release_at: datetime | None
    """When the hold is released automatically; null for never."""
    placed_by: str
    """The person or program that placed the hold."""
    placed_at: datetime
    """When it was placed."""
    released_by: str | None
    """The person or program that ended the hold; null while it is active."""
    released_at: datetime | None
    """When the hold ended; null while it is active."""
    release_note: str | None
    """The remark on its release."""
    version: int
    """Increases with every change."""
    order: OrderType = leads_to(OrderHoldRow.order_id)
    """The held order. For a hold on a fulfillment order: the order to which that fulfillment order belongs."""
    fulfillment_order: WorkType | None = leads_to(OrderHoldRow.fulfillment_order_id)
    """The fulfillment order that is held; null where the whole order is held."""


@output
class HoldsOfOrder(Record[OrderRow]):
    """The field of an order that tells of its holds; `Order` inherits it."""

    holds: list[Hold] = many(holds_by_order, Hold)
    """The holds of the whole order, past ones too, oldest first. Fulfillment orders have holds of their own."""
