"""Asking for orders."""

from enum import Enum

from oms_api.domain.orders.queries import NEWEST_FIRST, OLDEST_FIRST, visible_to
from oms_api.domain.orders.tables import OrderLine, OrderRow
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Count, Listing, counted, found, listed
from oms_api.graphql.declared.through import Through
from oms_api.graphql.described import enum, input_type, one_of, output
from oms_api.graphql.orders.types import Order
from oms_api.kernel.access import Scope


@enum
class OrderOrder(Enum):
    """How a list of orders is ordered."""

    PLACED_AT_DESC = NEWEST_FIRST
    """The newest first."""
    PLACED_AT_ASC = OLDEST_FIRST
    """The oldest first."""


@input_type
class OrderFilterInput(Where):
    """Conditions on orders; all must hold."""

    id = on(OrderRow.id)
    """By id."""
    number = on(OrderRow.number)
    """By number."""
    channel_id = on(OrderRow.channel_id)
    """By channel."""
    customer_id = on(OrderRow.customer_id)
    """By customer."""
    external_ref = on(OrderRow.external_ref)
    """By the platform's id."""
    freed_external_ref = on(OrderRow.freed_external_ref)
    """By the platform's id that a canceled order gave up."""
    sku = on(OrderLine.sku_code, through=Through(OrderLine.order_id == OrderRow.id))
    """Only orders with a line of one of these SKU codes."""
    status = on(OrderRow.status)
    """By status."""
    fulfillment_status = on(OrderRow.fulfillment_status)
    """By fulfillment status."""
    payment_status = on(OrderRow.payment_status)
    """By payment status."""
    return_status = on(OrderRow.return_status)
    """By return status."""
    on_hold = on(OrderRow.on_hold)
    """Only orders on hold, or only those that are not."""
    placed_at = on(OrderRow.placed_at)
    """By when they were placed."""


@input_type
class ExternalRefInput(By, together=True):
    """A reference that is unique within a channel."""

    channel_id = key(OrderRow.channel_id)
    """The channel."""
    ref = key(OrderRow.external_ref)
    """The order's id in the platform."""


@one_of
class OrderByInput(By):
    """Identifies an order: give exactly one field."""

    id = key(OrderRow.id)
    """Its id."""
    number = key(OrderRow.number)
    """Its number."""
    external_ref = ExternalRefInput
    """Its id in the platform it came from."""


@output
class OrdersCount(Count):
    """The number of orders that match."""


ORDERS = Listing(
    show=Order,
    where=OrderFilterInput,
    order=OrderOrder,
    by=OrderByInput,
    visible=visible_to,
    scope=Scope.ORDERS_READ,
    which="Conditions on orders; all match by default.",
)


@output
class OrderQueries:
    """Asking for orders."""

    orders = listed(ORDERS)
    """A list of orders, the newest first by default."""
    order = found(ORDERS, "The id of the order, or another unique key.")
    """One order; null where there is none that the key may see."""
    orders_count = counted(ORDERS, OrdersCount)
    """The number of orders that match, counted up to a limit."""
