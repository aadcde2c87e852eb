"""Purchase orders and receipts, as clients read them."""

from datetime import datetime
from decimal import Decimal
from typing import Self, cast
from uuid import UUID

import strawberry

from oms_api.domain.catalog.tables import Sku as SkuRow
from oms_api.domain.channels.tables import Location as LocationRow
from oms_api.domain.purchasing.policies import available_actions
from oms_api.domain.purchasing.states import PurchaseOrderStatus, ReceiptBucket, RejectReason
from oms_api.domain.purchasing.tables import PurchaseOrderLineRow, PurchaseOrderRow
from oms_api.domain.purchasing.tables import PurchaseReceipt as ReceiptRow
from oms_api.domain.purchasing.tables import PurchaseReceiptLine as ReceiptLineRow
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.catalog.loaders import SkuById
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.loaders import LocationById
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import enum, output
from oms_api.graphql.inventory.types import InventoryLevel, fetch_level
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node, fetches
from oms_api.graphql.permissions import field, guarded
from oms_api.graphql.purchasing.loaders import (
    LinesByPurchaseOrder,
    LinesByPurchaseReceipt,
    PurchaseOrderById,
    PurchaseOrderLineById,
    PurchaseReceiptById,
    ReceiptsByPurchaseOrder,
)
from oms_api.graphql.purchasing.suppliers import Supplier, supplier_of
from oms_api.graphql.scalars import CurrencyCode, Int64
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.paging import PageRequest

enum(PurchaseOrderStatus)
enum(RejectReason, name="PurchaseRejectReason")
enum(ReceiptBucket, name="PurchaseReceiptBucket")


@output
class PurchaseOrderLine:
    """Units of one SKU on a purchase order.

    open = confirmed (or quantity, before the supplier confirms) - accepted - rejected - calledOff, and never less than 0.
    """

    row: strawberry.Private[PurchaseOrderLineRow]
    id: strawberry.ID
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
    """Units that were delivered and not taken in."""
    called_off: int
    """Units that nobody expects any more."""
    open: Int64
    """Units that may still come."""
    expected_at: datetime | None
    """When they are expected; null where nobody knows."""
    over_receipt_percent: Decimal
    """How many more units than were ordered may be accepted, in percent."""

    @classmethod
    def of(cls, row: PurchaseOrderLineRow) -> Self:
        """Describe a stored line."""
        return cls(
            row=row,
            id=strawberry.ID(text_id(IdKind.PURCHASE_ORDER_LINE, row.id)),
            supplier_code=row.supplier_code,
            quantity=row.quantity,
            confirmed=row.confirmed,
            accepted=row.accepted,
            rejected=row.rejected,
            called_off=row.called_off,
            open=Int64(row.open),
            expected_at=row.expected_at,
            over_receipt_percent=row.over_receipt_percent,
        )

    @field(description="The goods.")
    async def sku(self, info: Info) -> Sku:
        return Sku.of(cast("SkuRow", await info.context.loader(SkuById).load(self.row.sku_id)))

    @guarded(Scope.COSTS_READ, description="What one unit costs, with up to six decimals.")
    async def unit_cost(self, info: Info) -> Money:
        return Money.of_price(self.row.unit_cost, await self._currency(info))

    @guarded(Scope.COSTS_READ, description="What the ordered units cost: unit cost x quantity, rounded.")
    async def total(self, info: Info) -> Money:
        return Money.of(self.row.total_minor, await self._currency(info))

    async def _currency(self, info: Info) -> str:
        order = await info.context.loader(PurchaseOrderById).load(self.row.purchase_order_id)
        return cast("PurchaseOrderRow", order).currency


@output
class PurchaseReceiptLine:
    """Units of one line that were delivered together."""

    row: strawberry.Private[ReceiptLineRow]
    id: strawberry.ID
    """The id, as the movement of the accepted units names it."""
    accepted: int
    """Units that were taken in."""
    bucket: ReceiptBucket = strawberry.field(name="to", description="Where accepted units went.")
    rejected: int
    """Units that were not taken in: they move no stock."""
    reject_reason: RejectReason | None
    """Why not; null where nothing was rejected."""
    note: str | None
    """What the warehouse had to say about it."""
    lot: str | None
    """The code of the lot that accepted units are of, where one was named."""

    @classmethod
    def of(cls, row: ReceiptLineRow) -> Self:
        """Describe a stored line."""
        return cls(
            row=row,
            id=strawberry.ID(text_id(IdKind.PURCHASE_RECEIPT_LINE, row.id)),
            accepted=row.accepted,
            bucket=row.bucket,
            rejected=row.rejected,
            reject_reason=row.reject_reason,
            note=row.note,
            lot=row.lot,
        )

    @field(description="The line of the purchase order, as it is now.")
    async def line(self, info: Info) -> PurchaseOrderLine:
        return PurchaseOrderLine.of(await info.context.loader(PurchaseOrderLineById).load(self.row.purchase_order_line_id))

    @guarded(Scope.INVENTORY_READ, description="The level that took accepted units in, as it is now; null where none were.")
    async def inventory_level(self, info: Info) -> InventoryLevel | None:
        return None if self.row.level_id is None else await fetch_level(info, self.row.level_id)


@output
class PurchaseReceipt(Node):
    """One delivery of goods of a purchase order."""

    row: strawberry.Private[ReceiptRow]
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

    @classmethod
    def of(cls, row: ReceiptRow) -> Self:
        """Describe a stored receipt."""
        return cls(
            id=strawberry.ID(text_id(IdKind.PURCHASE_RECEIPT, row.id)),
            row=row,
            reference=row.reference,
            note=row.note,
            actor=row.actor,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
        )

    @field(description="The purchase order, as it is now.")
    async def purchase_order(self, info: Info) -> "PurchaseOrder":
        order = await info.context.loader(PurchaseOrderById).load(self.row.purchase_order_id)
        return PurchaseOrder.of(cast("PurchaseOrderRow", order))

    @field(description="What came, in the order given.")
    async def lines(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[PurchaseReceiptLine]:
        loader = info.context.loader(LinesByPurchaseReceipt, PageRequest.of(first, after, last, before))
        return Connection.of(await loader.load(self.row.id), PurchaseReceiptLine.of)


@output
class PurchaseOrder(Node):
    """Goods ordered from one supplier to one location."""

    row: strawberry.Private[PurchaseOrderRow]
    number: Int64
    """Its number: unique, with gaps."""
    external_ref: str | None
    """Its id in the system it came from, unique for the supplier."""
    supplier_ref: str | None
    """The supplier's own number for it."""
    status: PurchaseOrderStatus
    """How far it is."""
    currency: CurrencyCode = strawberry.field(name="currencyCode", description="What it is paid in.")
    note: str | None
    """A remark for whoever handles it."""
    close_note: str | None
    """What was remarked when it was closed or canceled."""
    version: int
    """Moves with every change of it."""
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

    @classmethod
    def of(cls, row: PurchaseOrderRow) -> Self:
        """Describe a stored purchase order."""
        return cls(
            id=strawberry.ID(text_id(IdKind.PURCHASE_ORDER, row.id)),
            row=row,
            number=Int64(row.number),
            external_ref=row.external_ref,
            supplier_ref=row.supplier_ref,
            status=row.status,
            currency=CurrencyCode(row.currency),
            note=row.note,
            close_note=row.close_note,
            version=row.version,
            actor=row.actor,
            created_at=row.created_at,
            ordered_at=row.ordered_at,
            confirmed_at=row.confirmed_at,
            received_at=row.received_at,
            closed_at=row.closed_at,
            recorded_at=row.recorded_at,
        )

    @guarded(Scope.COSTS_READ, description="What the ordered units cost together.")
    def total(self) -> Money:
        return Money.of(self.row.total_minor, self.row.currency)

    @field(description="Who it was ordered from.")
    async def supplier(self, info: Info) -> Supplier:
        return await supplier_of(info, self.row.supplier_id)

    @field(description="Where the goods go.")
    async def location(self, info: Info) -> Location:
        return Location.of(cast("LocationRow", await info.context.loader(LocationById).load(self.row.location_id)))

    @field(description="What was ordered, in the order given.")
    async def lines(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[PurchaseOrderLine]:
        self._known(info)
        loader = info.context.loader(LinesByPurchaseOrder, PageRequest.of(first, after, last, before))
        return Connection.of(await loader.load(self.row.id), PurchaseOrderLine.of)

    @field(description="What came, oldest first.")
    async def receipts(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[PurchaseReceipt]:
        self._known(info)
        loader = info.context.loader(ReceiptsByPurchaseOrder, PageRequest.of(first, after, last, before))
        return Connection.of(await loader.load(self.row.id), PurchaseReceipt.of)

    @field(description="What can be done with it now, and what stands in the way.")
    async def available_actions(self, info: Info) -> list[AvailableAction]:
        return AvailableAction.of(available_actions(self.row.status))

    def _known(self, info: Info) -> None:
        """Keep what lines and receipts ask for of their purchase order: it need not be read again."""
        info.context.loader(PurchaseOrderById).prime(self.row.id, self.row)


@fetches(IdKind.PURCHASE_ORDER, Scope.PURCHASING_READ)
async def fetch_purchase_order(info: Info, key: UUID) -> PurchaseOrder | None:
    """Return a purchase order, if the caller may see it."""
    row = await info.context.loader(PurchaseOrderById).load(key)
    return PurchaseOrder.of(row) if row else None


@fetches(IdKind.PURCHASE_RECEIPT, Scope.PURCHASING_READ)
async def fetch_purchase_receipt(info: Info, key: UUID) -> PurchaseReceipt | None:
    """Return a receipt, if the caller may see its purchase order."""
    row = await info.context.loader(PurchaseReceiptById).load(key)
    return PurchaseReceipt.of(row) if row else None
