"""Reading requests: who sees both the location and the supplier sees them, and the channel."""

from sqlalchemy import ColumnElement, case, func, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by

from oms_api.db.keyset import Ordering
from oms_api.db.relations import Found, Keys, One, by, one_for, required
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_channels, visible_locations
from oms_api.domain.channels.states import LocationKind
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.fulfillment.rejections.tables import WITHDRAWN, FulfillmentRejectionLineRow, FulfillmentRejectionRow
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.fulfillment.tables import FulfillmentOrderLineRow, FulfillmentOrderRow
from oms_api.domain.orders.tables import PARTY_IS_LATEST, OrderLineRow, OrderPartyRow, OrderRow, OrderShippingRow
from oms_api.domain.purchasing.suppliers import visible_suppliers
from oms_api.domain.purchasing.tables import PurchaseOrderLineRow, PurchaseOrderRow, SupplierRow, SupplierSkuRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import FulfillmentOrderId, FulfillmentRequestId, IdKind

OLDEST_FIRST = Ordering("created_at_asc", (FulfillmentRequestRow.created_at, FulfillmentRequestRow.id))
NEWEST_FIRST = Ordering("created_at_desc", (FulfillmentRequestRow.created_at, FulfillmentRequestRow.id), descending=True)
BY_SUPPLIER = FulfillmentRejectionRow.reason != WITHDRAWN
"""Rejections of the supplier, who may have been silent."""


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limits of channels, locations and suppliers, as conditions; who is limited to those sees what was asked."""
    row = FulfillmentRequestRow
    places = [*visible_channels(sight, row.channel_id), *visible_locations(sight, row.location_id)]
    asked = [] if sight.suppliers is None else [row.submitted_at.is_not(None)]
    return [*places, *visible_suppliers(sight, row.supplier_id), *asked]


requests_by_id: One[FulfillmentRequestId, FulfillmentRequestRow] = by(FulfillmentRequestRow.id, visible=visible_to)
request_by_id = required(requests_by_id, "request", IdKind.FULFILLMENT_REQUEST)
"""A request. Raises: NotFound, also for one outside the principal's limits."""
requests_by_fulfillment_order: One[FulfillmentOrderId, FulfillmentRequestRow] = by(
    FulfillmentRequestRow.fulfillment_order_id, visible=visible_to
)
"""The request of each fulfillment order that has one."""


@one_for("id")
def requests_shown(requests: Keys, _sight: Sight) -> Found:
    """Find the facts of the order of each request for its supplier: never an e-mail, a price, or a note of staff."""
    row, party = FulfillmentRequestRow, OrderPartyRow
    methods = select(func.string_agg(OrderShippingRow.title, aggregate_order_by(text("', '"), OrderShippingRow.title)))
    rejected = (
        select(func.coalesce(func.sum(FulfillmentRejectionLineRow.quantity), 0))
        .join(FulfillmentRejectionRow, FulfillmentRejectionRow.id == FulfillmentRejectionLineRow.rejection_id)
        .where(FulfillmentRejectionRow.fulfillment_order_id == row.fulfillment_order_id, BY_SUPPLIER)
    )
    shipped = select(func.coalesce(func.sum(FulfillmentOrderLineRow.shipped), 0)).where(
        FulfillmentOrderLineRow.fulfillment_order_id == row.fulfillment_order_id
    )
    found = select(
        row.id,
        OrderRow.number,
        (OrderRow.on_hold | FulfillmentOrderRow.on_hold).label("on_hold"),
        OrderRow.note.label("order_note"),
        party.shipping_address,
        party.delivery_point,
        party.contact,
        methods.where(OrderShippingRow.order_id == row.order_id).scalar_subquery().label("shipping_method"),
        rejected.scalar_subquery().label("rejected"),
        shipped.scalar_subquery().label("shipped"),
        LocationRow.code.label("location_code"),
        SupplierRow.code.label("supplier_code"),
        PurchaseOrderRow.number.label("purchase_order_number"),
    )
    found = found.join(OrderRow, OrderRow.id == row.order_id).join(
        FulfillmentOrderRow, FulfillmentOrderRow.id == row.fulfillment_order_id
    )
    found = found.join(LocationRow, LocationRow.id == row.location_id).join(SupplierRow, SupplierRow.id == row.supplier_id)
    found = found.outerjoin(PurchaseOrderRow, PurchaseOrderRow.id == row.purchase_order_id)
    found = found.outerjoin(party, (party.order_id == row.order_id) & PARTY_IS_LATEST)
    return found.where(among(row.id, requests))


@one_for("id")
def request_lines_shown(lines: Keys, _sight: Sight) -> Found:
    """Find the facts of the goods of request lines for the supplier: its own code and cost, and no price."""
    part, line, article, bought = FulfillmentOrderLineRow, OrderLineRow, SupplierSkuRow, PurchaseOrderLineRow
    asked = FulfillmentRequestRow
    rejected = (
        select(func.coalesce(func.sum(FulfillmentRejectionLineRow.quantity), 0))
        .join(FulfillmentRejectionRow, FulfillmentRejectionRow.id == FulfillmentRejectionLineRow.rejection_id)
        .where(
            FulfillmentRejectionRow.fulfillment_order_id == part.fulfillment_order_id,
            FulfillmentRejectionLineRow.line_id == part.line_id,
            BY_SUPPLIER,
        )
    )
    own = LocationRow.kind == LocationKind.SUPPLIER
    found = select(
        part.id,
        line.sku_code,
        line.name,
        article.code.label("supplier_code"),
        case((own, func.coalesce(bought.unit_cost, article.cost))).label("unit_cost"),
        case((own, func.coalesce(PurchaseOrderRow.currency, article.currency))).label("currency"),
        rejected.scalar_subquery().label("rejected"),
    ).join(line, line.id == part.line_id)
    found = found.join(asked, asked.fulfillment_order_id == part.fulfillment_order_id)
    found = found.join(LocationRow, LocationRow.id == asked.location_id)
    found = found.outerjoin(article, (article.sku_id == line.sku_id) & (article.supplier_id == asked.supplier_id))
    found = found.outerjoin(PurchaseOrderRow, PurchaseOrderRow.id == asked.purchase_order_id)
    found = found.outerjoin(
        bought, (bought.purchase_order_id == asked.purchase_order_id) & (bought.fulfillment_order_line_id == part.id)
    )
    return found.where(among(part.id, lines))
