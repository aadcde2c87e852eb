"""Suppliers and what they supply, as clients read them."""

from datetime import datetime
from decimal import Decimal

from oms_api.domain.channels.states import Activity
from oms_api.domain.purchasing.suppliers import pages_of_supplier_skus, supplier_skus_by_id, suppliers_by_id
from oms_api.domain.purchasing.tables import SupplierRow, SupplierSkuRow
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
    """The supplier's own code for the SKU."""
    status: Activity
    """ACTIVE where the SKU can be ordered."""
    minimum_quantity: int
    """The minimum order quantity, in units."""
    pack_size: int
    """The units of a pack: orders are multiples of it."""
    lead_time_mean_days: Decimal | None
    """The mean lead time, in days from ordering to receiving; null where the supplier's lead time applies."""
    lead_time_deviation_days: Decimal | None
    """The standard deviation of the lead time, in days; null where the supplier's deviation applies."""
    over_receipt_percent: Decimal
    """The tolerance for over-receipt: units beyond the ordered quantity that may be accepted, in percent."""
    preferred: bool
    """Whether plans suggest this supplier first, while the supplier and this entry are both ACTIVE."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""
    cost: Money | None = price(SupplierSkuRow.cost, SupplierSkuRow.currency, scope=Scope.COSTS_READ)
    """The cost of one unit from this supplier, with up to six decimals; null where it is not known."""
    supplier: "Supplier" = leads_to(SupplierSkuRow.supplier_id)
    """The supplier."""
    sku: Sku = leads_to(SupplierSkuRow.sku_id)
    """The SKU."""


@entity(suppliers_by_id, Scope.PURCHASING_READ)
class Supplier(Node, Record[SupplierRow]):
    """A vendor that goods are bought from."""

    id: SupplierId
    code: str
    """Its code: unique, case-sensitive, never changed."""
    name: str
    """The name shown to people."""
    status: Activity
    """ACTIVE where the supplier can get new orders."""
    currency_code: CurrencyCode = column(SupplierRow.currency)
    """The default currency of the supplier's costs."""
    address: Address | None
    """The address."""
    contact: Contact | None
    """The person to ask."""
    lead_time_mean_days: Decimal | None
    """The mean lead time, in days from ordering to receiving, for SKUs without a lead time of their own; null where it is not
    known."""
    lead_time_deviation_days: Decimal | None
    """The standard deviation of the lead time, in days; null where it is not known."""
    version: int
    """Increases with every change."""
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""
    skus: Connection[SupplierSku] = pages(pages_of_supplier_skus, SupplierSku)
    """The SKUs that the supplier sells, in order of creation."""
