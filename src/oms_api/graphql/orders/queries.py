"""Asking for orders."""

from enum import Enum

from sqlalchemy import literal_column, select

from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.fulfillment.queries import visible_to as visible_works
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.orders.holds.tables import OrderHoldRow
from oms_api.domain.orders.queries import (
    HIGHEST_NUMBER_FIRST,
    HIGHEST_PRIORITY_FIRST,
    HIGHEST_TOTAL_FIRST,
    LAST_CHANGED_FIRST,
    LAST_CHANGED_LAST,
    LOWEST_NUMBER_FIRST,
    LOWEST_TOTAL_FIRST,
    NEWEST_FIRST,
    OLDEST_FIRST,
    tagged,
    tagged_one_by_one,
)
from oms_api.domain.orders.tables import (
    PARTY_EMAIL,
    PARTY_IS_LATEST,
    PARTY_NAME,
    PARTY_PHONE,
    OrderLineRow,
    OrderPartyRow,
    OrderRow,
    OrderShippingRow,
)
from oms_api.domain.shipping.queries import visible_to as visible_shipments
from oms_api.domain.shipping.tables import PackageRow, ShipmentRow
from oms_api.graphql.attributes.values import on_attributes
from oms_api.graphql.catalog.filters import on_sku_code
from oms_api.graphql.declared.amounts import on_amount
from oms_api.graphql.declared.asking import Found, asks
from oms_api.graphql.declared.facets import ValueCount, faceted
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Count, Listing, counted, found, listed
from oms_api.graphql.declared.through import Sought
from oms_api.graphql.described import enum, input_type, one_of, output
from oms_api.graphql.orders.search import CURRENCY, OrderText
from oms_api.graphql.orders.types import Order
from oms_api.kernel.access import Scope

LINES = Sought(OrderRow.id, OrderLineRow.order_id)
PEOPLE = Sought(OrderRow.id, OrderPartyRow.order_id, PARTY_IS_LATEST)
PARCELS = Sought(OrderRow.id, ShipmentRow.order_id, PackageRow.shipment_id == ShipmentRow.id, seen=visible_shipments)
HOLDS = Sought(OrderRow.id, OrderHoldRow.order_id)
ACTIVE_HOLD = OrderHoldRow.status == literal_column("'ACTIVE'")
SHIPPING = Sought(OrderRow.id, OrderShippingRow.order_id)
WORKS = Sought(OrderRow.id, FulfillmentOrderRow.order_id, seen=visible_works)


@enum
class OrderOrder(Enum):
    """The sort order of a list of orders."""

    PLACED_AT_DESC = NEWEST_FIRST
    """The newest first."""
    PLACED_AT_ASC = OLDEST_FIRST
    """The oldest first."""
    UPDATED_AT_DESC = LAST_CHANGED_FIRST
    """The most recently changed come first."""
    UPDATED_AT_ASC = LAST_CHANGED_LAST
    """The order whose last change is longest ago comes first."""
    TOTAL_DESC = HIGHEST_TOTAL_FIRST
    """The highest total first, whatever its currency."""
    TOTAL_ASC = LOWEST_TOTAL_FIRST
    """The lowest total first, whatever its currency."""
    NUMBER_DESC = HIGHEST_NUMBER_FIRST
    """The highest number first."""
    NUMBER_ASC = LOWEST_NUMBER_FIRST
    """The lowest number first."""
    PRIORITY_DESC = HIGHEST_PRIORITY_FIRST
    """The highest priority first; among equal priorities the newest first."""


@input_type
class OrderFilterInput(Where):
    """Conditions on orders; all must be true."""

    id = on(OrderRow.id)
    number = on(OrderRow.number, gauged=True)
    channel_id = on(OrderRow.channel_id, gauged=True)
    customer_id = on(OrderRow.customer_id, gauged=True)
    external_ref = on(OrderRow.external_ref, searched=True, gauged=True)
    """By the platform's id."""
    freed_external_ref = on(OrderRow.freed_external_ref, searched=True, gauged=True)
    """By the platform's id that was removed from a canceled order, so that another order can use it."""
    text = OrderText()
    """By a text of 2 to 100 characters. It matches the order number, the code of a SKU, or the beginning of the platform's id
    or of a tracking number. For keys with `customers:read` it also matches the beginning of the contact's e-mail address, name
    or last name."""
    email = on(PARTY_EMAIL, through=PEOPLE, searched=True, folded=True, scope=Scope.CUSTOMERS_READ)
    """By the e-mail address of the contact; upper and lower case are treated alike. Needs the scope `customers:read`."""
    name = on(PARTY_NAME, through=PEOPLE, searched=True, folded=True, scope=Scope.CUSTOMERS_READ)
    """By the name of the contact or, if the contact has no name, of the recipient; upper and lower case are treated alike.
    Needs the scope `customers:read`."""
    phone = on(PARTY_PHONE, through=PEOPLE, searched=True, scope=Scope.CUSTOMERS_READ)
    """By the phone number of the contact, as it was given. Needs the scope `customers:read`."""
    tag = asks(str, tagged, found=Found(OrderRow.id, lambda tag: select(OrderRow.id).where(tagged(tag)), tagged_one_by_one))
    """Only orders with this tag."""
    attribute = on_attributes(AttributeOwner.ORDER, OrderRow.id)
    """By values of their attributes; all must be true."""
    line_attribute = on_attributes(AttributeOwner.LINE, OrderRow.id, part=OrderLineRow.id, whole=OrderLineRow.order_id)
    """By attributes of a line. One line must meet all conditions."""
    priority = on(OrderRow.priority, gauged=True)
    country = on(OrderRow.country, gauged=True)
    """By the two-letter code of the country of delivery: "GB"."""
    total = on_amount(OrderRow.total_minor, CURRENCY)
    """By total."""
    currency_code = CURRENCY
    """By currency."""
    location_id = on(FulfillmentOrderRow.location_id, through=WORKS, gauged=True)
    """By the location of one of the order's fulfillment orders; closed fulfillment orders count too."""
    shipping_code = on(OrderShippingRow.code, through=SHIPPING, gauged=True)
    """By the platform's code of a shipping method."""
    tracking_number = on(PackageRow.tracking_number, through=PARCELS, searched=True)
    """By the tracking number of a parcel."""
    sku = on_sku_code(OrderLineRow.sku_id, OrderLineRow.sku_code, through=LINES)
    """Only orders with a line of one of these SKU codes."""
    status = on(OrderRow.status, gauged=True)
    fulfillment_status = on(OrderRow.fulfillment_status, gauged=True)
    payment_status = on(OrderRow.payment_status, gauged=True)
    return_status = on(OrderRow.return_status, gauged=True)
    on_hold = on(OrderRow.on_hold)
    """True: only orders on hold. False: only orders that are not on hold."""
    awaits_payment = on(OrderRow.awaits_payment)
    """True: only orders that wait for their payment. False: only all other orders."""
    hold_reason = on(OrderHoldRow.reason, through=HOLDS, only=ACTIVE_HOLD)
    """By the reason of an active hold of the whole order or one of its fulfillment orders."""
    placed_at = on(OrderRow.placed_at, gauged=True)
    """When the orders were placed."""
    updated_at = on(OrderRow.updated_at, gauged=True)
    """When they were last changed."""


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
    number = key(OrderRow.number)
    external_ref = ExternalRefInput
    """Its id in the platform it came from."""


@output
class OrdersCount(Count):
    """The number of orders that match."""


@output
class OrderFacets:
    """The number of matching orders with each status: of the order, its fulfillment, its payment and its returns."""

    status: list[ValueCount]
    """By status."""
    fulfillment_status: list[ValueCount]
    """By fulfillment status."""
    payment_status: list[ValueCount]
    """By payment status."""
    return_status: list[ValueCount]
    """By return status."""


ORDERS = Listing(
    show=Order,
    where=OrderFilterInput,
    order=OrderOrder,
    by=OrderByInput,
    which="Conditions on orders; by default, all orders are included.",
)


@output
class OrderQueries:
    """Asking for orders."""

    orders = listed(ORDERS)
    """A list of orders, the newest first by default."""
    order = found(ORDERS, "The id of the order, or another unique key.")
    """One order; null where there is none that the API key may see."""
    orders_count = counted(ORDERS, OrdersCount)
    """The number of orders that match, counted up to a limit."""
    orders_facets = faceted(
        ORDERS,
        OrderFacets,
        OrderRow.status,
        OrderRow.fulfillment_status,
        OrderRow.payment_status,
        OrderRow.return_status,
    )
    """The number of matching orders with each status: of the order, its fulfillment, its payment and its returns. Each number
    is counted up to a limit."""
