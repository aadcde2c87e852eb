"""A buyer: a supplier with what it supplies, and purchase orders taken through their life by the domain's own commands."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import select

from oms_api.db.session import Tx
from oms_api.db.unit_of_work import Done, UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.purchasing.commands.confirm import ConfirmPurchaseOrder, LineToConfirm, confirm_purchase_order
from oms_api.domain.purchasing.commands.create import CreatePurchaseOrder, create_purchase_order
from oms_api.domain.purchasing.commands.end import EndPurchaseOrder, cancel_purchase_order, close_purchase_order
from oms_api.domain.purchasing.commands.submit import SubmitPurchaseOrder, submit_purchase_order
from oms_api.domain.purchasing.commands.update import UpdatePurchaseOrder, update_purchase_order
from oms_api.domain.purchasing.commands.upsert_supplier import UpsertSupplier, upsert_supplier
from oms_api.domain.purchasing.commands.upsert_supplier_sku import UpsertSupplierSku, upsert_supplier_sku
from oms_api.domain.purchasing.given import SupplierChanges, SupplierSkuChanges, UnitCost
from oms_api.domain.purchasing.incoming import incoming_units
from oms_api.domain.purchasing.ordering import LineToOrder
from oms_api.domain.purchasing.queries import purchase_orders_by_id
from oms_api.domain.purchasing.receiving import LineReceived
from oms_api.domain.purchasing.tables import (
    PurchaseOrderLineRow,
    PurchaseOrderRow,
    PurchaseReceiptLineRow,
    PurchaseReceiptRow,
    SupplierRow,
    SupplierSkuRow,
)
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import PurchaseOrderId, PurchaseOrderLineId
from oms_api.workflows.receive_purchase_order import ReceivePurchaseOrder, receive_purchase_order
from tests.factories.given import SYSTEM, Given
from tests.factories.raw import raw

COST = Decimal("2.50")


def line(sku: SkuRow, quantity: int = 10, **more: Any) -> LineToOrder:
    """Return a line for *sku*."""
    return LineToOrder(sku=SkuRef(id=sku.id), quantity=quantity, **more)


def came(line_id: PurchaseOrderLineId, accepted: int, rejected: int = 0, **more: Any) -> LineReceived:
    """Return units of a line that were delivered."""
    return LineReceived(line_id=line_id, accepted=accepted, rejected=rejected, **more)


@dataclass
class Buyer:
    """One who buys from *supplier* for *location*."""

    work: UnitOfWork
    supplier: SupplierRow
    location: LocationRow
    principal: Principal = SYSTEM

    @classmethod
    async def open(cls, work: UnitOfWork, **changes: Any) -> "Buyer":
        """Make a supplier that is paid in pounds, and a location."""
        given = Given(work)
        said = cast("SupplierChanges", {"name": "Cups & Co", "currency": "GBP", **changes})
        supplier = await work.execute(SYSTEM, upsert_supplier, UpsertSupplier(code=given.code("SUP"), changes=said))
        return cls(work, supplier, await given.location())

    async def supplied(self, sku: SkuRow | None = None, **changes: Any) -> SkuRow:
        """Return a SKU (by default a new one) that the supplier sells at 2.50, or as *changes* say."""
        sku = sku or await Given(self.work).sku()
        await self.supply(sku, **{"cost": UnitCost(COST), **changes})
        return sku

    async def supply(self, sku: SkuRow, **changes: Any) -> SupplierSkuRow:
        """Say how the supplier sells *sku*."""
        said = cast("SupplierSkuChanges", changes)
        command = UpsertSupplierSku(supplier_id=self.supplier.id, sku=SkuRef(id=sku.id), changes=said)
        return await self.work.execute(self.principal, upsert_supplier_sku, command)

    async def write(self, *lines: LineToOrder, key: str | None = None, **more: Any) -> Done[PurchaseOrderRow]:
        """Write a draft."""
        command = CreatePurchaseOrder(**{
            "idempotency_key": key or uuid4().hex, "supplier_id": self.supplier.id, "location_id": self.location.id,
            "lines": lines, **more,
        })  # fmt: skip
        return await self._once("purchaseOrderCreate", create_purchase_order, command)

    async def rewrite(self, order: PurchaseOrderId, *lines: LineToOrder, **more: Any) -> Done[PurchaseOrderRow]:
        """Rewrite a draft, its lines where there are any."""
        command = UpdatePurchaseOrder(idempotency_key=uuid4().hex, purchase_order_id=order, lines=lines or None, **more)
        return await self._once("purchaseOrderUpdate", update_purchase_order, command)

    async def submit(self, order: PurchaseOrderId, **more: Any) -> Done[PurchaseOrderRow]:
        """Send a draft to the supplier."""
        command = SubmitPurchaseOrder(idempotency_key=uuid4().hex, purchase_order_id=order, **more)
        return await self._once("purchaseOrderSubmit", submit_purchase_order, command)

    async def order(self, *lines: LineToOrder, **more: Any) -> PurchaseOrderRow:
        """Write a purchase order and send it."""
        return (await self.submit((await self.write(*lines, **more)).value.id)).value

    async def confirm(self, order: PurchaseOrderId, *lines: LineToConfirm, **more: Any) -> Done[PurchaseOrderRow]:
        """Record what the supplier says of *lines*, or that all comes as it was ordered."""
        command = ConfirmPurchaseOrder(idempotency_key=uuid4().hex, purchase_order_id=order, lines=lines or None, **more)
        return await self._once("purchaseOrderConfirm", confirm_purchase_order, command)

    async def receive(
        self, order: PurchaseOrderId, *lines: LineReceived, key: str | None = None, **more: Any
    ) -> Done[PurchaseOrderRow]:
        """Receive *lines*, or without any all that is open."""
        command = ReceivePurchaseOrder(
            **{"idempotency_key": key or uuid4().hex, "purchase_order_id": order, "lines": lines or None, **more}
        )
        return await self._once("purchaseOrderReceive", receive_purchase_order, command)

    async def close(self, order: PurchaseOrderId, **more: Any) -> Done[PurchaseOrderRow]:
        """Expect nothing more."""
        command = EndPurchaseOrder(idempotency_key=uuid4().hex, purchase_order_id=order, **more)
        return await self._once("purchaseOrderClose", close_purchase_order, command)

    async def cancel(self, order: PurchaseOrderId, **more: Any) -> Done[PurchaseOrderRow]:
        """Call a purchase order off."""
        command = EndPurchaseOrder(idempotency_key=uuid4().hex, purchase_order_id=order, **more)
        return await self._once("purchaseOrderCancel", cancel_purchase_order, command)

    async def _once(
        self, name: str, act: Callable[[Tx, Any], Awaitable[PurchaseOrderRow]], command: Any
    ) -> Done[PurchaseOrderRow]:
        key = command.idempotency_key
        return await self.work.once(self.principal, act, command, key=key, name=name, again=purchase_orders_by_id.known)

    async def now(self, order: PurchaseOrderId) -> PurchaseOrderRow:
        """Return a purchase order as it is now."""
        async with self.work.reads(SYSTEM) as read:
            return await purchase_orders_by_id.known(read, order)

    async def lines(self, order: PurchaseOrderId) -> Sequence[PurchaseOrderLineRow]:
        """Return its lines as they are now."""
        table = PurchaseOrderLineRow
        async with self.work.reads(SYSTEM) as read:
            return await read.all(raw(select(table).where(table.purchase_order_id == order).order_by(table.position)))

    async def receipt_lines(self, order: PurchaseOrderId) -> Sequence[PurchaseReceiptLineRow]:
        """Return the lines of its receipts, oldest first."""
        table = PurchaseReceiptLineRow
        mine = select(PurchaseReceiptRow.id).where(PurchaseReceiptRow.purchase_order_id == order)
        async with self.work.reads(SYSTEM) as read:
            return await read.all(raw(select(table).where(table.receipt_id.in_(mine)).order_by(table.id)))

    async def incoming(self, sku: SkuRow, location: LocationRow | None = None) -> int:
        """Return how many units are on their way to a location, by default the buyer's."""
        key = (sku.id, (location or self.location).id)
        async with self.work.reads(SYSTEM) as read:
            return (await incoming_units(read, [key])).get(key, 0)
