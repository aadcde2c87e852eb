"""Asking for suppliers, what they supply, and purchase orders."""

from enum import Enum

from sqlalchemy import literal_column

from oms_api.domain.purchasing.queries import NEWEST_FIRST, OLDEST_FIRST
from oms_api.domain.purchasing.suppliers import SUPPLIER_SKUS_BY_ID, SUPPLIERS_BY_CODE
from oms_api.domain.purchasing.tables import PurchaseOrderLineRow as LineRow
from oms_api.domain.purchasing.tables import PurchaseOrderRow, SupplierRow, SupplierSkuRow
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, found, listed
from oms_api.graphql.declared.through import Sought
from oms_api.graphql.described import enum, input_type, one_of, output
from oms_api.graphql.purchasing.suppliers import Supplier, SupplierSku
from oms_api.graphql.purchasing.types import PurchaseOrder

LINES = Sought(PurchaseOrderRow.id, LineRow.purchase_order_id)


@enum
class PurchaseOrderOrder(Enum):
    """The sort order of a list of purchase orders."""

    CREATED_AT_DESC = NEWEST_FIRST
    """The newest first."""
    CREATED_AT_ASC = OLDEST_FIRST
    """The oldest first."""


@input_type
class SupplierFilterInput(Where):
    """Conditions on suppliers; all must be true."""

    code = on(SupplierRow.code)
    """By code, case-sensitive."""
    status = on(SupplierRow.status)


@input_type
class SupplierSkuFilterInput(Where):
    """Conditions on SKUs of suppliers; all must be true."""

    supplier_id = on(SupplierSkuRow.supplier_id)
    sku_id = on(SupplierSkuRow.sku_id)
    """By SKU."""
    status = on(SupplierSkuRow.status)


@input_type
class PurchaseOrderFilterInput(Where):
    """Conditions on purchase orders; all must be true."""

    status = on(PurchaseOrderRow.status, gauged=True)
    supplier_id = on(PurchaseOrderRow.supplier_id, gauged=True)
    location_id = on(PurchaseOrderRow.location_id, gauged=True)
    """By the location of delivery."""
    number = on(PurchaseOrderRow.number, gauged=True)
    external_ref = on(PurchaseOrderRow.external_ref, searched=True, gauged=True)
    """By the id in the system that the purchase orders came from."""
    supplier_ref = on(PurchaseOrderRow.supplier_ref, searched=True, gauged=True)
    """By the supplier's own number for the purchase order."""
    sku_id = on(LineRow.sku_id, through=LINES)
    """By the SKU of a line of the purchase order."""
    created_at = on(PurchaseOrderRow.created_at, gauged=True)
    """When they were created."""
    expected_at = on(LineRow.expected_at, through=LINES, only=LineRow.open > literal_column("0"), gauged=True)
    """When open units of a line are expected. To find late purchase orders, ask for times in the past."""


@one_of
class SupplierByInput(By):
    """Identifies a supplier: give exactly one field."""

    id = key(SupplierRow.id)
    code = key(SupplierRow.code)
    """Its code, case-sensitive."""


@input_type
class PurchaseOrderRefInput(By, together=True):
    """A reference that is unique for a supplier."""

    supplier_id = key(PurchaseOrderRow.supplier_id)
    """The supplier."""
    ref = key(PurchaseOrderRow.external_ref)
    """The purchase order's id in the system it came from."""


@one_of
class PurchaseOrderByInput(By):
    """Identifies a purchase order: give exactly one field."""

    id = key(PurchaseOrderRow.id)
    number = key(PurchaseOrderRow.number)
    external_ref = PurchaseOrderRefInput
    """The purchase order's id in the system it came from."""


SUPPLIERS = Listing(
    show=Supplier,
    where=SupplierFilterInput,
    order=SUPPLIERS_BY_CODE,
    by=SupplierByInput,
    which="Conditions on suppliers; by default, all suppliers are included.",
)
SUPPLIER_SKUS = Listing(show=SupplierSku, where=SupplierSkuFilterInput, order=SUPPLIER_SKUS_BY_ID)
PURCHASE_ORDERS = Listing(show=PurchaseOrder, where=PurchaseOrderFilterInput, order=PurchaseOrderOrder, by=PurchaseOrderByInput)


@output
class PurchasingQueries:
    """Asking for suppliers, what they supply, and purchase orders."""

    suppliers = listed(SUPPLIERS)
    """A list of suppliers, sorted by code."""
    supplier = found(SUPPLIERS, "The id of the supplier, or another unique key.")
    """One supplier; null where there is none that the API key may see."""
    supplier_skus = listed(SUPPLIER_SKUS)
    """The SKUs of suppliers, in order of creation."""
    purchase_orders = listed(PURCHASE_ORDERS)
    """A list of purchase orders, the newest first by default."""
    purchase_order = found(PURCHASE_ORDERS, "The id of the purchase order, or another unique key.")
    """One purchase order; null where there is none that the API key may see."""
