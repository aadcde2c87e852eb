"""Purchase orders and receipts, as clients read them."""

from datetime import datetime
from decimal import Decimal

from oms_api.domain.purchasing.policies import available_actions
from oms_api.domain.purchasing.queries import (
    lines_by_id,
    pages_of_lines,
    pages_of_receipt_lines,
    pages_of_receipts,
    purchase_orders_by_id,
    receipts_by_id,
)
from oms_api.domain.purchasing.states import PurchaseOrderStatus, ReceiptBucket, RejectReason
from oms_api.domain.purchasing.tables import PurchaseOrderLineRow, PurchaseOrderRow
from oms_api.domain.purchasing.tables import PurchaseReceipt as ReceiptRow
from oms_api.domain.purchasing.tables import PurchaseReceiptLine as ReceiptLineRow
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
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import PurchaseOrderId, PurchaseOrderLineId, PurchaseReceiptId, PurchaseReceiptLineId

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
    """The supplier's own code for it, as it was when the line was written."""
    quantity: int
    """Units that were ordered."""
    confirmed: int | None
    """Units that the supplier says will come in all; null before it says so."""
    accepted: int
    """Units that were taken in."""
    rejected: int
    """Units that were delivered and not taken in, and for which no others come."""
    replaced: int
    """Units that were delivered and not taken in, but the supplier sends others in their place: these are open."""
    called_off: int
    """Units that nobody expects any more."""
    open: Int64
    """Units that may still come."""
    expected_at: datetime | None
    """When they are expected; null where nobody knows."""
    over_receipt_percent: Decimal
    """How many more units than were ordered may be accepted, in percent."""
    sku: Sku = leads_to(PurchaseOrderLineRow.sku_id)
    """The goods."""

    unit_cost: Money = price(PurchaseOrderLineRow.unit_cost, "currency", scope=Scope.COSTS_READ)
    """What one unit costs, with up to six decimals."""
    total: Money = money(PurchaseOrderLineRow.total_minor, "currency", scope=Scope.COSTS_READ)
    """What the ordered units cost: unit cost x quantity, rounded."""


@output
class PurchaseReceiptLine(Record[ReceiptLineRow]):
    """Units of one line that were delivered together."""

    id: PurchaseReceiptLineId
    """The id, as the movement of the accepted units names it."""
    accepted: int
    """Units that were taken in."""
    to: ReceiptBucket = column(ReceiptLineRow.bucket)
    """Where accepted units went."""
    rejected: int
    """Units that were not taken in: they move no stock."""
    reject_reason: RejectReason | None
    """Why not; null where nothing was rejected."""
    replaced: bool
    """Whether the supplier sends others in their place."""
    note: str | None
    """What the warehouse had to say about it."""
    lot: str | None
    """The code of the lot that accepted units are of, where one was named."""
    line: PurchaseOrderLine = leads_to(ReceiptLineRow.purchase_order_line_id, lines_by_id, PurchaseOrderLine)
    """The line of the purchase order, as it is now."""
    inventory_level: InventoryLevel | None = leads_to(ReceiptLineRow.level_id, scope=Scope.INVENTORY_READ)
    """The level that took accepted units in, as it is now; null where none were."""


@entity(receipts_by_id, Scope.PURCHASING_READ)
class PurchaseReceipt(Node, Record[ReceiptRow]):
    """One delivery of goods of a purchase order."""

    id: PurchaseReceiptId
    reference: str | None
    """The supplier's delivery note."""
    note: str | None
    """What the warehouse had to say about it."""
    actor: str
    """Who took it in."""
    occurred_at: datetime
    """When it came, by the business's clock."""
    recorded_at: datetime
    """When it was recorded here."""
    purchase_order: "PurchaseOrder" = leads_to(ReceiptRow.purchase_order_id)
    """The purchase order, as it is now."""
    lines: Connection[PurchaseReceiptLine] = pages(pages_of_receipt_lines, PurchaseReceiptLine)
    """What came, in the order given."""


@entity(purchase_orders_by_id, Scope.PURCHASING_READ)
class PurchaseOrder(Node, Record[PurchaseOrderRow]):
    """Goods ordered from one supplier to one location."""

    id: PurchaseOrderId
    number: Int64
    """Its number: unique, with gaps."""
    external_ref: str | None
    """Its id in the system it came from, unique for the supplier."""
    supplier_ref: str | None
    """The supplier's own number for it."""
    status: PurchaseOrderStatus
    """How far it is."""
    currency_code: CurrencyCode = column(PurchaseOrderRow.currency)
    """What it is paid in."""
    note: str | None
    """A remark for whoever handles it."""
    close_note: str | None
    """What was remarked when it was closed or canceled."""
    version: int
    """Increases with every change."""
    actor: str
    """Who wrote it."""
    created_at: datetime
    """When it was written, by the business's clock."""
    ordered_at: datetime | None
    """When the supplier got it."""
    confirmed_at: datetime | None
    """When the supplier first said what will come."""
    received_at: datetime | None
    """When the last of it came; null while more is expected."""
    closed_at: datetime | None
    """When it was closed or canceled."""
    recorded_at: datetime
    """When it was recorded here."""
    total: Money = money(PurchaseOrderRow.total_minor, PurchaseOrderRow.currency, scope=Scope.COSTS_READ)
    """What the ordered units cost together."""
    supplier: Supplier = leads_to(PurchaseOrderRow.supplier_id)
    """Who it was ordered from."""
    location: Location = leads_to(PurchaseOrderRow.location_id)
    """Where the goods go."""
    lines: Connection[PurchaseOrderLine] = pages(pages_of_lines, PurchaseOrderLine, along=PurchaseOrderRow.currency)
    """What was ordered, in the order given."""
    receipts: Connection[PurchaseReceipt] = pages(pages_of_receipts, PurchaseReceipt)
    """What came, oldest first."""

    @field(description="The actions on it, and whether each is allowed now.")
    async def available_actions(self, info: Info) -> list[AvailableAction]:
        return AvailableAction.of(available_actions(self.row.status))
