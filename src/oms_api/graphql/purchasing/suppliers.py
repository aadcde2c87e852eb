"""Suppliers and what they supply, as clients read them."""

from datetime import datetime
from decimal import Decimal

from oms_api.domain.channels.states import Activity
from oms_api.domain.purchasing.suppliers import pages_of_supplier_skus, supplier_skus_by_id, suppliers_by_id
from oms_api.domain.purchasing.tables import Supplier as SupplierRow
from oms_api.domain.purchasing.tables import SupplierSku as SupplierSkuRow
from oms_api.graphql.addresses import Address, Contact
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.connections import Connection
from oms_api.graphql.declared.links import leads_to, pages
from oms_api.graphql.declared.records import Record, column, entity, price
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node
from oms_api.graphql.scalars import CurrencyCode
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import SupplierId, SupplierSkuId


@entity(supplier_skus_by_id, Scope.PURCHASING_READ)
class SupplierSku(Node, Record[SupplierSkuRow]):
    """A SKU as one supplier sells it."""

    id: SupplierSkuId
    code: str | None
    """The supplier's own code for it."""
    status: Activity
    """Whether it can be ordered."""
    minimum_quantity: int
    """The minimum order quantity, in units."""
    pack_size: int
    """Units come in multiples of this."""
    lead_time_mean_days: Decimal | None
    """Days from ordering to receiving on average; null where the supplier's holds."""
    lead_time_deviation_days: Decimal | None
    """By how many days that usually varies; null where the supplier's holds."""
    over_receipt_percent: Decimal
    """How many more units than were ordered may be accepted, in percent."""
    preferred: bool
    """Whether plans ask this supplier for it before all others, as long as both are ACTIVE."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When it was made known."""
    updated_at: datetime
    """When it was last changed."""
    cost: Money | None = price(SupplierSkuRow.cost, SupplierSkuRow.currency, scope=Scope.COSTS_READ)
    """What one unit costs from this supplier, with up to six decimals."""
    supplier: "Supplier" = leads_to(SupplierSkuRow.supplier_id)
    """Who supplies it."""
    sku: Sku = leads_to(SupplierSkuRow.sku_id)
    """What it is to us."""


@entity(suppliers_by_id, Scope.PURCHASING_READ)
class Supplier(Node, Record[SupplierRow]):
    """Somebody goods are bought from."""

    id: SupplierId
    code: str
    """Its code: unique, case-sensitive, never changed."""
    name: str
    """What people call it."""
    status: Activity
    """Whether anything new is ordered from it."""
    currency_code: CurrencyCode = column(SupplierRow.currency)
    """What it is paid in, by default."""
    address: Address | None
    """Where it is."""
    contact: Contact | None
    """Whom to ask."""
    lead_time_mean_days: Decimal | None
    """Days from ordering to receiving on average, of what has no lead time of its own."""
    lead_time_deviation_days: Decimal | None
    """By how many days that usually varies: one standard deviation."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When it was made known."""
    updated_at: datetime
    """When it was last changed."""
    skus: Connection[SupplierSku] = pages(pages_of_supplier_skus, SupplierSku)
    """What it supplies, in the order it was made known."""
