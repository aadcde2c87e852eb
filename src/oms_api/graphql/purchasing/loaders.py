"""Batch loaders around suppliers, purchase orders and what is on its way."""

from uuid import UUID

from oms_api.db.session import Reader
from oms_api.domain.purchasing.queries import (
    lines_by_id,
    pages_of_lines,
    pages_of_receipt_lines,
    pages_of_receipts,
    purchase_orders_by_id,
    receipts_by_id,
)
from oms_api.domain.purchasing.suppliers import pages_of_supplier_skus, supplier_skus_by_id, supplier_skus_of, suppliers_by_id
from oms_api.domain.purchasing.tables import (
    PurchaseOrderLineRow,
    PurchaseOrderRow,
    PurchaseReceipt,
    PurchaseReceiptLine,
    Supplier,
    SupplierSku,
)
from oms_api.graphql.context import BatchLoader, RequestContext
from oms_api.kernel.paging import Page, PageRequest


class SupplierById(BatchLoader[UUID, Supplier | None]):
    """Suppliers that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Supplier | None]:
        found = await suppliers_by_id(read, keys)
        return [found.get(key) for key in keys]


class SupplierSkuById(BatchLoader[UUID, SupplierSku | None]):
    """What suppliers supply, where the caller may see it."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[SupplierSku | None]:
        found = await supplier_skus_by_id(read, keys)
        return [found.get(key) for key in keys]


class SupplierSkuOfBoth(BatchLoader[tuple[UUID, UUID], SupplierSku | None]):
    """How suppliers sell SKUs, by supplier and SKU, where the caller may see it."""

    async def load_batch(self, read: Reader, keys: list[tuple[UUID, UUID]]) -> list[SupplierSku | None]:
        found = await supplier_skus_of(read, keys)
        return [found.get(key) for key in keys]


class PurchaseOrderById(BatchLoader[UUID, PurchaseOrderRow | None]):
    """Purchase orders that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[PurchaseOrderRow | None]:
        found = await purchase_orders_by_id(read, keys)
        return [found.get(key) for key in keys]


class PurchaseOrderLineById(BatchLoader[UUID, PurchaseOrderLineRow]):
    """Lines of purchase orders that were seen before."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[PurchaseOrderLineRow]:
        found = await lines_by_id(read, keys)
        return [found[key] for key in keys]


class PurchaseReceiptById(BatchLoader[UUID, PurchaseReceipt | None]):
    """Receipts that the caller may see."""

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[PurchaseReceipt | None]:
        found = await receipts_by_id(read, keys)
        return [found.get(key) for key in keys]


class SkusBySupplier(BatchLoader[UUID, Page[SupplierSku]]):
    """A page of what each supplier supplies."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[SupplierSku]]:
        found = await pages_of_supplier_skus(read, keys, self.page)
        return [found[key] for key in keys]


class LinesByPurchaseOrder(BatchLoader[UUID, Page[PurchaseOrderLineRow]]):
    """A page of the lines of each purchase order."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[PurchaseOrderLineRow]]:
        found = await pages_of_lines(read, keys, self.page)
        return [found[key] for key in keys]


class ReceiptsByPurchaseOrder(BatchLoader[UUID, Page[PurchaseReceipt]]):
    """A page of the receipts of each purchase order."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[PurchaseReceipt]]:
        found = await pages_of_receipts(read, keys, self.page)
        return [found[key] for key in keys]


class LinesByPurchaseReceipt(BatchLoader[UUID, Page[PurchaseReceiptLine]]):
    """A page of the lines of each receipt."""

    def __init__(self, context: RequestContext, page: PageRequest) -> None:
        super().__init__(context)
        self.page = page

    async def load_batch(self, read: Reader, keys: list[UUID]) -> list[Page[PurchaseReceiptLine]]:
        found = await pages_of_receipt_lines(read, keys, self.page)
        return [found[key] for key in keys]
