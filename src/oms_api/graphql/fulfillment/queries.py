"""Asking for fulfillment orders."""

from enum import Enum

from sqlalchemy import exists, or_, select, union_all

from oms_api.domain.fulfillment.queries import HIGHEST_PRIORITY_FIRST, NEWEST_FIRST, OLDEST_FIRST
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderLineRow, FulfillmentOrderRow
from oms_api.domain.orders.queries import tagged, tagged_one_by_one
from oms_api.domain.orders.tables import OrderLineRow, OrderRow, OrderShippingRow
from oms_api.graphql.catalog.filters import on_sku_code
from oms_api.graphql.declared.asking import Found, asks
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, Within, found, listed
from oms_api.graphql.declared.through import Sought
from oms_api.graphql.described import enum, input_type, one_of, output
from oms_api.graphql.fulfillment.types import FulfillmentOrder
from oms_api.kernel.access import Scope

LINES = Sought(
    FulfillmentOrderRow.id, FulfillmentOrderLineRow.fulfillment_order_id, OrderLineRow.id == FulfillmentOrderLineRow.line_id
)
SOME_ORDERS = Sought(FulfillmentOrderRow.order_id, OrderRow.id)
OF_ORDER = OrderRow.id == FulfillmentOrderRow.order_id
UNFINISHED = (FulfillmentOrderStatus.SCHEDULED, FulfillmentOrderStatus.OPEN, FulfillmentOrderStatus.IN_PROGRESS)
HELD = or_(FulfillmentOrderRow.on_hold.is_(True), exists().where(OF_ORDER, OrderRow.on_hold.is_(True)))
HOLDING = union_all(
    select(FulfillmentOrderRow.id).where(FulfillmentOrderRow.on_hold.is_(True)),
    select(FulfillmentOrderRow.id).join(OrderRow, OF_ORDER).where(OrderRow.on_hold.is_(True)),
)
SHIPPING = Sought(FulfillmentOrderRow.order_id, OrderShippingRow.order_id)


@enum
class FulfillmentOrderOrder(Enum):
    """The sort order of a list of fulfillment orders."""

    CREATED_AT_ASC = OLDEST_FIRST
    """The oldest first, as a location works through its fulfillment orders."""
    CREATED_AT_DESC = NEWEST_FIRST
    """The newest first."""
    PRIORITY_DESC = HIGHEST_PRIORITY_FIRST
    """The highest priority of the order first; among equal priorities the oldest first. Needs the scope `orders:read`. In
    addition, `where` must limit `status` to statuses of unfinished work."""


@input_type
class FulfillmentOrderFilterInput(Where):
    """Conditions on fulfillment orders; all must be true."""

    status = on(FulfillmentOrderRow.status, gauged=True)
    location_id = on(FulfillmentOrderRow.location_id, gauged=True)
    """By the location that does the work."""
    channel_id = on(OrderRow.channel_id, through=SOME_ORDERS, gauged=True)
    """By the channel of the order."""
    order_id = on(FulfillmentOrderRow.order_id)
    held = asks(bool, lambda held: HELD if held else ~HELD, found=Found(FulfillmentOrderRow.id, lambda _: HOLDING))
    """True: only fulfillment orders with an active hold, their own or their order's. False: only those without."""
    created_at = on(FulfillmentOrderRow.created_at, gauged=True)
    """When they were created."""
    sku = on_sku_code(OrderLineRow.sku_id, OrderLineRow.sku_code, through=LINES)
    """By the SKU code of one of their lines."""
    payment_status = on(OrderRow.payment_status, through=SOME_ORDERS, gauged=True, scope=Scope.ORDERS_READ)
    """By the payment status of the order. Needs the scope `orders:read`."""
    country = on(OrderRow.country, through=SOME_ORDERS, gauged=True, scope=Scope.ORDERS_READ)
    """By the country that the order goes to. Needs the scope `orders:read`."""
    priority = on(OrderRow.priority, through=SOME_ORDERS, gauged=True, scope=Scope.ORDERS_READ)
    """By the priority of the order. Needs the scope `orders:read`."""
    tag = asks(
        str,
        lambda tag: exists().where(OF_ORDER, tagged(tag)),
        scope=Scope.ORDERS_READ,
        found=Found(
            FulfillmentOrderRow.order_id,
            lambda tag: select(OrderRow.id).where(tagged(tag)),
            lambda tag: exists().where(OF_ORDER, tagged_one_by_one(tag)),
        ),
    )
    """By a tag of the order. Needs the scope `orders:read`."""
    shipping_code = on(OrderShippingRow.code, through=SHIPPING, gauged=True, scope=Scope.ORDERS_READ)
    """By the platform's code of a shipping method of the order. Needs the scope `orders:read`."""


@one_of
class FulfillmentOrderByInput(By):
    """Identifies a fulfillment order."""

    id = key(FulfillmentOrderRow.id)


FULFILLMENT_ORDERS = Listing(
    show=FulfillmentOrder,
    where=FulfillmentOrderFilterInput,
    order=FulfillmentOrderOrder,
    by=FulfillmentOrderByInput,
    within=Within(of=["status"], values={"status": UNFINISHED}, orders=[HIGHEST_PRIORITY_FIRST], scope=Scope.ORDERS_READ),
)


@output
class FulfillmentQueries:
    """Asking for fulfillment orders."""

    fulfillment_orders = listed(FULFILLMENT_ORDERS)
    """A list of fulfillment orders, the oldest first by default."""
    fulfillment_order = found(FULFILLMENT_ORDERS, "The id of the record, or another unique key.")
    """One fulfillment order; null where there is none that the API key may see."""
