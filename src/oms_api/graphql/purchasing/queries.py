"""Asking for suppliers, what they supply, and purchase orders."""

from enum import Enum
from typing import Annotated

import strawberry

from oms_api.domain.channels.states import Activity
from oms_api.domain.purchasing.queries import (
    NEWEST_FIRST,
    OLDEST_FIRST,
    PurchaseOrderFilter,
    page_of_purchase_orders,
    purchase_order_by_number,
    purchase_order_by_reference,
)
from oms_api.domain.purchasing.states import PurchaseOrderStatus
from oms_api.domain.purchasing.suppliers import (
    SupplierFilter,
    SupplierSkuFilter,
    page_of_supplier_skus,
    page_of_suppliers,
    supplier_by_code,
)
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, enum, input_type, one_of, output
from oms_api.graphql.filters import DateTimeRange, Match, id_at, matched, matched_ids
from oms_api.graphql.permissions import query
from oms_api.graphql.purchasing.suppliers import Supplier, SupplierSku, fetch_supplier
from oms_api.graphql.purchasing.types import PurchaseOrder, fetch_purchase_order
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import PageRequest


@enum
class PurchaseOrderOrder(Enum):
    """How a list of purchase orders is ordered."""

    CREATED_AT_DESC = "CREATED_AT_DESC"
    """The newest first."""
    CREATED_AT_ASC = "CREATED_AT_ASC"
    """The oldest first."""


ORDERINGS = {PurchaseOrderOrder.CREATED_AT_DESC: NEWEST_FIRST, PurchaseOrderOrder.CREATED_AT_ASC: OLDEST_FIRST}


@input_type
class SupplierFilterInput:
    """Which suppliers. All that is given must hold."""

    code: Match[str] | None = None
    """By code, case-sensitive."""
    status: Match[Activity] | None = None
    """By whether anything new is ordered from them."""


@input_type
class SupplierSkuFilterInput:
    """Which SKUs of suppliers. All that is given must hold."""

    supplier_id: Match[strawberry.ID] | None = None
    """By supplier."""
    sku_id: Match[strawberry.ID] | None = None
    """By SKU: who supplies it."""
    status: Match[Activity] | None = None
    """By whether they can be ordered."""


@input_type
class PurchaseOrderFilterInput:
    """Which purchase orders. All that is given must hold."""

    status: Match[PurchaseOrderStatus] | None = None
    """By how far they are."""
    supplier_id: Match[strawberry.ID] | None = None
    """By supplier."""
    location_id: Match[strawberry.ID] | None = None
    """By where the goods go."""
    external_ref: Match[str] | None = None
    """By the id in the system they came from."""
    sku_id: Match[strawberry.ID] | None = None
    """By SKU: those with a line of it."""
    created_at: DateTimeRange | None = None
    """By when they were written."""
    expected_at: DateTimeRange | None = None
    """By when what is open of a line is expected: those that are late have one before now."""

    def to_filter(self) -> PurchaseOrderFilter:
        """Return the filter as the domain takes it. Raises: InvalidId, TooManyItems."""
        return PurchaseOrderFilter(
            supplier_ids=matched_ids(IdKind.SUPPLIER, self.supplier_id, "where", "supplierId"),
            location_ids=matched_ids(IdKind.LOCATION, self.location_id, "where", "locationId"),
            statuses=matched(self.status, "where", "status"),
            external_refs=matched(self.external_ref, "where", "externalRef"),
            sku_ids=matched_ids(IdKind.SKU, self.sku_id, "where", "skuId"),
            created_from=self.created_at.from_ if self.created_at else None,
            created_before=self.created_at.before if self.created_at else None,
            expected_from=self.expected_at.from_ if self.expected_at else None,
            expected_before=self.expected_at.before if self.expected_at else None,
        )


@one_of
class SupplierByInput:
    """What a supplier is found by: exactly one of these."""

    id: strawberry.ID | None = strawberry.UNSET
    """Its id."""
    code: str | None = strawberry.UNSET
    """Its code, case-sensitive."""


@input_type
class PurchaseOrderRefInput:
    """A reference that is unique for a supplier."""

    supplier_id: strawberry.ID
    """The supplier."""
    ref: str
    """The purchase order's id in the system it came from."""


@one_of
class PurchaseOrderByInput:
    """What a purchase order is found by: exactly one of these."""

    id: strawberry.ID | None = strawberry.UNSET
    """Its id."""
    number: Int64 | None = strawberry.UNSET
    """Its number."""
    external_ref: PurchaseOrderRefInput | None = strawberry.UNSET
    """Its id in the system it came from."""


@output
class PurchasingQueries:
    """Asking for suppliers, what they supply, and purchase orders."""

    @query(Scope.PURCHASING_READ, description="A list of suppliers, by code.")
    async def suppliers(
        self,
        info: Info,
        where: Annotated[SupplierFilterInput | None, argument("Which suppliers; all of them unless told.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Supplier]:
        page, given = PageRequest.of(first, after, last, before), where or SupplierFilterInput()
        codes, statuses = matched(given.code, "where", "code"), matched(given.status, "where", "status")
        async with info.context.reads() as read:
            found = await page_of_suppliers(read, SupplierFilter(codes=codes, statuses=statuses), page)
        return Connection.of(found, Supplier.of)

    @query(Scope.PURCHASING_READ, description="One supplier, or null where there is none that the key may see.")
    async def supplier(
        self, info: Info, by: Annotated[SupplierByInput, argument("What the supplier is found by.")]
    ) -> Supplier | None:
        if isinstance(by.id, str):
            return await fetch_supplier(info, id_at(IdKind.SUPPLIER, by.id, "by", "id"))
        async with info.context.reads() as read:
            row = await supplier_by_code(read, by.code or "")
        return Supplier.of(row) if row else None

    @query(Scope.PURCHASING_READ, description="What suppliers supply, in the order it was made known.")
    async def supplier_skus(
        self,
        info: Info,
        where: Annotated[SupplierSkuFilterInput | None, argument("Which ones; all of them unless told.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[SupplierSku]:
        page, given = PageRequest.of(first, after, last, before), where or SupplierSkuFilterInput()
        wanted = SupplierSkuFilter(
            supplier_ids=matched_ids(IdKind.SUPPLIER, given.supplier_id, "where", "supplierId"),
            sku_ids=matched_ids(IdKind.SKU, given.sku_id, "where", "skuId"),
            statuses=matched(given.status, "where", "status"),
        )
        async with info.context.reads() as read:
            return Connection.of(await page_of_supplier_skus(read, wanted, page), SupplierSku.of)

    @query(Scope.PURCHASING_READ, description="A list of purchase orders, the newest first unless told otherwise.")
    async def purchase_orders(
        self,
        info: Info,
        where: Annotated[PurchaseOrderFilterInput | None, argument("Which ones; all of them unless told.")] = None,
        order_by: Annotated[PurchaseOrderOrder, argument("In which order.")] = PurchaseOrderOrder.CREATED_AT_DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PurchaseOrder]:
        page = PageRequest.of(first, after, last, before)
        wanted = where.to_filter() if where else PurchaseOrderFilter()
        async with info.context.reads() as read:
            found = await page_of_purchase_orders(read, wanted, page, by=ORDERINGS[order_by])
        return Connection.of(found, PurchaseOrder.of)

    @query(Scope.PURCHASING_READ, description="One purchase order, or null where there is none that the key may see.")
    async def purchase_order(
        self, info: Info, by: Annotated[PurchaseOrderByInput, argument("What the purchase order is found by.")]
    ) -> PurchaseOrder | None:
        if isinstance(by.id, str):
            return await fetch_purchase_order(info, id_at(IdKind.PURCHASE_ORDER, by.id, "by", "id"))
        async with info.context.reads() as read:
            if by.external_ref:
                supplier = id_at(IdKind.SUPPLIER, by.external_ref.supplier_id, "by", "externalRef", "supplierId")
                row = await purchase_order_by_reference(read, supplier, by.external_ref.ref)
            else:
                row = await purchase_order_by_number(read, by.number or 0)
        return PurchaseOrder.of(row) if row else None
