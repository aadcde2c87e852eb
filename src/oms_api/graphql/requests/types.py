"""Requests to suppliers, as clients and suppliers read them: nothing of the order leads on from them."""

from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from oms_api.domain.carriers.folding import where
from oms_api.domain.carriers.queries import scans_by_package
from oms_api.domain.fulfillment.queries import pages_of_work_lines, work_held_up
from oms_api.domain.fulfillment.requests.queries import request_lines_shown, requests_by_id, requests_shown
from oms_api.domain.fulfillment.requests.recipients import delivery_point_of, recipient_of
from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.fulfillment.requests.verbs import LIFE, RequestFacts
from oms_api.domain.fulfillment.tables import FulfillmentOrderLineRow
from oms_api.domain.fulfillment.verbs import WorkFacts
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.shipping.queries import lines_by_package, packages_by_fulfillment_order
from oms_api.domain.shipping.states import PackageStatus
from oms_api.domain.shipping.tables import PackageLineRow, PackageRow
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.addresses import Address, DeliveryPoint
from oms_api.graphql.carriers.types import TrackingEvent
from oms_api.graphql.connections import Connection
from oms_api.graphql.declared.links import leads_to, loaded, many, pages
from oms_api.graphql.declared.records import Record, entity, made
from oms_api.graphql.described import enum, output
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import FulfillmentOrderLineId, FulfillmentRequestId, PackageId

PurchaseOrderType = Annotated["PurchaseOrder", strawberry.lazy("oms_api.graphql.purchasing.types")]  # type: ignore[name-defined]  # noqa: F821
enum(FulfillmentRequestStatus)


def _actions(held: Any, status: FulfillmentRequestStatus) -> list[AvailableAction]:
    pickup = (held.awaits_pickup, held.offers_pickup)
    work = WorkFacts(held.on_hold, held.held, held.incomplete, held.packed, *pickup, held.asked)
    return AvailableAction.of(LIFE.actions(status, RequestFacts(held.status, work)))


def _ship_to(shown: Any, status: FulfillmentRequestStatus) -> Address | None:
    return Address.of(recipient_of(shown, status))


def _delivery_point(shown: Any, status: FulfillmentRequestStatus) -> DeliveryPoint | None:
    return DeliveryPoint.of(delivery_point_of(shown, status))


def _cost(shown: Any) -> Money | None:
    known = shown.unit_cost is not None and shown.currency is not None
    return Money.of_price(shown.unit_cost, shown.currency) if known else None


@output
class FulfillmentRequestLine(Record[FulfillmentOrderLineRow]):
    """Units of one SKU that a supplier is asked for: quantity = shipped + canceled + remaining."""

    id: FulfillmentOrderLineId
    """The id."""
    sku_code: str | None = loaded(request_lines_shown, lambda shown: shown.sku_code)
    """The merchant's code of the SKU."""
    supplier_code: str | None = loaded(request_lines_shown, lambda shown: shown.supplier_code)
    """The supplier's own code of the SKU; null where it is not known."""
    name: str = loaded(request_lines_shown, lambda shown: shown.name)
    """The name of the goods."""
    quantity: int
    """Units asked for."""
    shipped: int
    """Units that left."""
    canceled: int
    """Units that are no longer to be sent, rejected ones included."""
    rejected: int = loaded(request_lines_shown, lambda shown: shown.rejected)
    """Units that the supplier rejected."""
    remaining: int = made(
        lambda quantity, shipped, canceled: quantity - shipped - canceled,
        FulfillmentOrderLineRow.quantity,
        FulfillmentOrderLineRow.shipped,
        FulfillmentOrderLineRow.canceled,
    )
    """Units still to send."""
    unit_cost: Money | None = loaded(request_lines_shown, _cost)
    """The price at which the merchant buys one unit from the supplier; null where the goods belong to the merchant, or no cost
    is known."""


@output
class FulfillmentRequestPackageLine(Record[PackageLineRow]):
    """Units of one line in a package."""

    fulfillment_order_line_id: FulfillmentOrderLineId
    """The id of the line of the request."""
    quantity: int
    """Units."""


@output
class FulfillmentRequestPackage(Record[PackageRow]):
    """One parcel of a request."""

    id: PackageId
    """The id."""
    status: PackageStatus
    """The status."""
    carrier: str | None
    """The carrier."""
    tracking_number: str | None
    """The carrier's tracking number."""
    tracking_url: str | None
    """A web page that tracks it."""
    packed_at: datetime
    """When it was packed."""
    delivered_at: datetime | None
    """When it arrived."""
    lines: list[FulfillmentRequestPackageLine] = many(lines_by_package, FulfillmentRequestPackageLine)
    """Its contents, at most 250 lines."""
    tracking_status: TrackingStatus | None = loaded(scans_by_package, where)
    """Its status by the carrier's latest report."""
    tracking_events: list[TrackingEvent] = many(scans_by_package, TrackingEvent)
    """The carrier's reports on it, oldest first."""


@entity(requests_by_id, Scope.REQUESTS_READ)
class FulfillmentRequest(Node, Record[FulfillmentRequestRow]):
    """A fulfillment order that a supplier is asked to carry out, with the data that the supplier needs."""

    id: FulfillmentRequestId
    status: FulfillmentRequestStatus
    """The status."""
    order_number: int = loaded(requests_shown, lambda shown: shown.number)
    """The number of the order."""
    location_code: str = loaded(requests_shown, lambda shown: shown.location_code)
    """The code of the supplier's location."""
    supplier_code: str = loaded(requests_shown, lambda shown: shown.supplier_code)
    """The code of the supplier."""
    on_hold: bool = loaded(requests_shown, lambda shown: shown.on_hold)
    """Whether a hold keeps the goods from being shipped."""
    ship_to: Address | None = loaded(requests_shown, _ship_to, along=FulfillmentRequestRow.status)
    """The recipient and the address; null where there is no address, and where the supplier has nothing to send."""
    delivery_point: DeliveryPoint | None = loaded(requests_shown, _delivery_point, along=FulfillmentRequestRow.status)
    """The pickup point or locker that the goods go to; null for none, and where the supplier has nothing to send."""
    shipping_method: str | None = loaded(requests_shown, lambda shown: shown.shipping_method)
    """The shipping method that the customer chose; null for none."""
    order_note: str | None = loaded(requests_shown, lambda shown: shown.order_note)
    """The customer's note on the order."""
    lines: Connection[FulfillmentRequestLine] = pages(
        pages_of_work_lines, FulfillmentRequestLine, key=FulfillmentRequestRow.fulfillment_order_id
    )
    """The units asked for, by line."""
    packages: list[FulfillmentRequestPackage] = many(
        packages_by_fulfillment_order, FulfillmentRequestPackage, key=FulfillmentRequestRow.fulfillment_order_id
    )
    """Its parcels, oldest first, at most 250."""
    rejected: int = loaded(requests_shown, lambda shown: shown.rejected)
    """Units that the supplier rejected."""
    submitted_at: datetime | None
    """When the supplier was last asked; null where it was not asked yet."""
    answer_by: datetime | None
    """The deadline for the supplier's answer, after which the request counts as rejected; null for none."""
    answered_at: datetime | None
    """When the supplier accepted or rejected the request; null before that, and where the supplier did not answer."""
    ships_by: date | None
    """The day by which the supplier promised to ship; null where the supplier named none."""
    supplier_ref: str | None
    """The supplier's own number for it."""
    note: str | None
    """The supplier's note on its last answer."""
    purchase_order_number: int | None = loaded(requests_shown, lambda shown: shown.purchase_order_number)
    """The number of the purchase order by which the goods are bought; null where the goods belong to the merchant."""
    purchase_order: PurchaseOrderType | None = leads_to(FulfillmentRequestRow.purchase_order_id, scope=Scope.PURCHASING_READ)
    """The purchase order by which the goods are bought; null where the goods belong to the merchant."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When the work came to the location."""
    closed_at: datetime | None
    """When it had no work left; null until then."""
    updated_at: datetime
    """When it was last changed."""
    available_actions: list[AvailableAction] = loaded(
        work_held_up, _actions, key=FulfillmentRequestRow.fulfillment_order_id, along=FulfillmentRequestRow.status
    )
    """The actions on it, and whether each is allowed now."""
