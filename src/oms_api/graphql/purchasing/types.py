"""Purchase orders and receipts, as clients read them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from oms_api.domain.events.timeline import DOCUMENT_EVENTS
from oms_api.domain.fulfillment.requests.queries import requests_by_fulfillment_order
from oms_api.domain.purchasing.queries import (
    lines_by_id,
    pages_of_lines,
    pages_of_receipt_lines,
    pages_of_receipts,
    purchase_orders_by_id,
    receipts_by_id,
)
from oms_api.domain.purchasing.states import PurchaseOrderStatus, ReceiptBucket, RejectReason
from oms_api.domain.purchasing.tables import PurchaseOrderLineRow, PurchaseOrderRow, PurchaseReceiptLineRow, PurchaseReceiptRow
from oms_api.domain.purchasing.verbs import LIFE, PurchaseFacts
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import Connection
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import leads_to, pages
from oms_api.graphql.declared.records import Record, column, entity, money, price
from oms_api.graphql.described import enum, output
from oms_api.graphql.inventory.types import InventoryLevel
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node
from oms_api.graphql.permissions import field
from oms_api.graphql.purchasing.suppliers import Supplier
from oms_api.graphql.scalars import CurrencyCode, Int64
from oms_api.graphql.timeline.types import TimelineEntry, timeline
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, PurchaseOrderId, PurchaseOrderLineId, PurchaseReceiptId, PurchaseReceiptLineId

FulfillmentRequestType = Annotated[
    "FulfillmentRequest",  # type: ignore[name-defined]  # noqa: F821
    strawberry.lazy("oms_api.graphql.requests.types"),
]
enum(PurchaseOrderStatus)
enum(RejectReason, name="PurchaseRejectReason")
enum(ReceiptBucket, name="PurchaseReceiptBucket")


@output
class PurchaseOrderLine(Record[PurchaseOrderLineRow], along="currency"):
    """Units of one SKU on a purchase order.

    open = confirmed (or quantity, before the supplier confirms) - accepted - rejected - calledOff, and never less than 0.
    """

    id: PurchaseOrderLineId
    """The id."""
    supplier_code: str | None
    """The supplier's own code for the SKU, as it was when the line was written."""
    quantity: int
    """Units ordered."""
    confirmed: int | None
    """Units that the supplier confirmed in total; null before the confirmation."""
    accepted: int
    """Units accepted into stock."""
    rejected: int
    """Units that were delivered and rejected; no replacement is expected for them."""
    replaced: int
    """Delivered units that were rejected and that the supplier will replace. These units still count as open."""
    called_off: int
    """Units no longer expected."""
    open: Int64
    """Units still expected."""
    expected_at: datetime | None
    """When the open units are expected; null where it is not known."""
    over_receipt_percent: Decimal
    """The tolerance for over-receipt: units beyond the ordered quantity that may be accepted, in percent."""
    sku: Sku = leads_to(PurchaseOrderLineRow.sku_id)
    """The goods."""

    unit_cost: Money = price(PurchaseOrderLineRow.unit_cost, "currency", scope=Scope.COSTS_READ)
    """The cost of one unit, with up to six decimals."""
    total: Money = money(PurchaseOrderLineRow.total_minor, "currency", scope=Scope.COSTS_READ)
    """The cost of the ordered units: unit cost x quantity, rounded."""


@output
class PurchaseReceiptLine(Record[PurchaseReceiptLineRow]):
    """Delivered units of one line."""

    id: PurchaseReceiptLineId
    """The id of the receipt line. The movement of the accepted units refers to this id."""
    accepted: int
    """Units accepted into stock."""
    to: ReceiptBucket = column(PurchaseReceiptLineRow.bucket)
    """The bucket of the accepted units."""
    rejected: int
    """Units rejected; they did not enter stock."""
    reject_reason: RejectReason | None
    """The reason for rejecting units; null where none were rejected."""
    replaced: bool
    """Whether the supplier sends replacements for the rejected units."""
    note: str | None
    """A remark of the warehouse."""
    lot: str | None
    """The code of the lot of the accepted units; null where none was named."""
    line: PurchaseOrderLine = leads_to(PurchaseReceiptLineRow.purchase_order_line_id, lines_by_id, PurchaseOrderLine)
    """The line of the purchase order, as it is now."""
    inventory_level: InventoryLevel | None = leads_to(PurchaseReceiptLineRow.level_id, scope=Scope.INVENTORY_READ)
    """The level that the accepted units entered, as it is now; null where none were accepted."""


@entity(receipts_by_id, Scope.PURCHASING_READ)
class PurchaseReceipt(Node, Record[PurchaseReceiptRow]):
    """A delivery of goods of a purchase order."""

    id: PurchaseReceiptId
    reference: str | None
    """The supplier's delivery note."""
    note: str | None
    """A remark of the warehouse."""
    actor: str
    """The person or program that received the goods."""
    occurred_at: datetime
    """When the goods were received; it may have been recorded later."""
    recorded_at: datetime
    """When it was recorded in this system."""
    purchase_order: "PurchaseOrder" = leads_to(PurchaseReceiptRow.purchase_order_id)
    """The purchase order, as it is now."""
    lines: Connection[PurchaseReceiptLine] = pages(pages_of_receipt_lines, PurchaseReceiptLine)
    """The delivered units, in the sequence in which the lines were given."""


@entity(purchase_orders_by_id, Scope.PURCHASING_READ)
class PurchaseOrder(Node, Record[PurchaseOrderRow]):
    """A purchase of goods from one supplier for one location."""

    id: PurchaseOrderId
    number: Int64
    """Its number: unique, with gaps."""
    external_ref: str | None
    """The purchase order's id in the system it came from, unique for the supplier."""
    supplier_ref: str | None
    """The supplier's own number for it."""
    status: PurchaseOrderStatus
    """The status."""
    currency_code: CurrencyCode = column(PurchaseOrderRow.currency)
    """The currency of the purchase order's costs."""
    note: str | None
    """A remark for the people who handle it."""
    close_note: str | None
    """The remark on closing or canceling; null for none."""
    version: int
    """Increases with every change."""
    actor: str
    """The author."""
    created_at: datetime
    """When it was created; it may have been recorded later."""
    ordered_at: datetime | None
    """When the purchase order was submitted to the supplier; null for a draft."""
    confirmed_at: datetime | None
    """When the supplier first confirmed the purchase order; null until then."""
    received_at: datetime | None
    """When the last units were received; null while more are expected."""
    closed_at: datetime | None
    """When it was closed or canceled; null before that."""
    recorded_at: datetime
    """When it was recorded in this system."""
    total: Money = money(PurchaseOrderRow.total_minor, PurchaseOrderRow.currency, scope=Scope.COSTS_READ)
    """The cost of all ordered units."""
    supplier: Supplier = leads_to(PurchaseOrderRow.supplier_id)
    """The supplier."""
    location: Location = leads_to(PurchaseOrderRow.location_id)
    """The location that the goods go to."""
    request: FulfillmentRequestType | None = leads_to(
        PurchaseOrderRow.fulfillment_order_id,
        requests_by_fulfillment_order,
        IdKind.FULFILLMENT_REQUEST,
        scope=Scope.REQUESTS_READ,
    )
    """The fulfillment request that asks the supplier to send these goods to a customer; null for goods that come to a
    location."""
    lines: Connection[PurchaseOrderLine] = pages(pages_of_lines, PurchaseOrderLine, along=PurchaseOrderRow.currency)
    """The ordered units, in the sequence in which the lines were given."""
    receipts: Connection[PurchaseReceipt] = pages(pages_of_receipts, PurchaseReceipt)
    """The receipts, oldest first."""
    timeline: Connection[TimelineEntry] = timeline(DOCUMENT_EVENTS)
    """All that happened to it."""

    @field(description="The actions on it, and whether each is allowed now.")
    async def available_actions(self, info: Info) -> list[AvailableAction]:
        return AvailableAction.of(LIFE.actions(self.row.status, PurchaseFacts(self.row.fulfillment_order_id is not None)))
