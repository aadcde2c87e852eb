"""Suppliers and what they supply, as clients read them."""

from datetime import datetime
from decimal import Decimal
from typing import Self, cast
from uuid import UUID

import strawberry

from oms_api.domain.catalog.tables import Sku as SkuRow
from oms_api.domain.channels.states import Activity
from oms_api.domain.purchasing.tables import Supplier as SupplierRow
from oms_api.domain.purchasing.tables import SupplierSku as SupplierSkuRow
from oms_api.graphql.addresses import Address, Contact
from oms_api.graphql.catalog.loaders import SkuById
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import output
from oms_api.graphql.money import Money
from oms_api.graphql.nodes import Node, fetches
from oms_api.graphql.permissions import field, guarded
from oms_api.graphql.purchasing.loaders import SkusBySupplier, SupplierById, SupplierSkuById
from oms_api.graphql.scalars import CurrencyCode
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.paging import PageRequest


@output
class Supplier(Node):
    """Somebody goods are bought from."""

    row: strawberry.Private[SupplierRow]
    code: str
    """Its code: unique, case-sensitive, never changed."""
    name: str
    """What people call it."""
    status: Activity
    """Whether anything new is ordered from it."""
    currency: CurrencyCode = strawberry.field(name="currencyCode", description="What it is paid in, unless told otherwise.")
    address: Address | None
    """Where it is."""
    contact: Contact | None
    """Whom to ask."""
    lead_time_mean_days: Decimal | None
    """Days from ordering to receiving on average, of what has no lead time of its own."""
    lead_time_deviation_days: Decimal | None
    """By how many days that usually varies: one standard deviation."""
    version: int
    """Moves with every change of it."""
    created_at: datetime
    """When it was made known."""
    updated_at: datetime
    """When it was changed last."""

    @classmethod
    def of(cls, row: SupplierRow) -> Self:
        """Describe a stored supplier."""
        return cls(
            id=strawberry.ID(text_id(IdKind.SUPPLIER, row.id)),
            row=row,
            code=row.code,
            name=row.name,
            status=row.status,
            currency=CurrencyCode(row.currency),
            address=Address.of(row.address),
            contact=Contact.of(row.contact),
            lead_time_mean_days=row.lead_time_mean_days,
            lead_time_deviation_days=row.lead_time_deviation_days,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    @field(description="What it supplies, in the order it was made known.")
    async def skus(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection["SupplierSku"]:
        loader = info.context.loader(SkusBySupplier, PageRequest.of(first, after, last, before))
        return Connection.of(await loader.load(self.row.id), SupplierSku.of)


@output
class SupplierSku(Node):
    """A SKU as one supplier sells it."""

    row: strawberry.Private[SupplierSkuRow]
    code: str | None
    """The supplier's own code for it."""
    status: Activity
    """Whether it can be ordered."""
    minimum_quantity: int
    """The fewest units that can be ordered at once."""
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
    """Moves with every change of it."""
    created_at: datetime
    """When it was made known."""
    updated_at: datetime
    """When it was changed last."""

    @classmethod
    def of(cls, row: SupplierSkuRow) -> Self:
        """Describe what a supplier supplies."""
        return cls(
            id=strawberry.ID(text_id(IdKind.SUPPLIER_SKU, row.id)),
            row=row,
            code=row.code,
            status=row.status,
            minimum_quantity=row.minimum_quantity,
            pack_size=row.pack_size,
            lead_time_mean_days=row.lead_time_mean_days,
            lead_time_deviation_days=row.lead_time_deviation_days,
            over_receipt_percent=row.over_receipt_percent,
            preferred=row.preferred,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    @guarded(Scope.COSTS_READ, description="What one unit costs from this supplier, with up to six decimals.")
    def cost(self) -> Money | None:
        if self.row.cost is None or self.row.currency is None:
            return None
        return Money.of_price(self.row.cost, self.row.currency)

    @field(description="Who supplies it.")
    async def supplier(self, info: Info) -> Supplier:
        return await supplier_of(info, self.row.supplier_id)

    @field(description="What it is to us.")
    async def sku(self, info: Info) -> Sku:
        return Sku.of(cast("SkuRow", await info.context.loader(SkuById).load(self.row.sku_id)))


async def supplier_of(info: Info, supplier_id: UUID) -> Supplier:
    """Return the supplier of a record that the caller sees."""
    return Supplier.of(cast("SupplierRow", await info.context.loader(SupplierById).load(supplier_id)))


@fetches(IdKind.SUPPLIER, Scope.PURCHASING_READ)
async def fetch_supplier(info: Info, supplier_id: UUID) -> Supplier | None:
    """Return a supplier, if the caller may see it."""
    row = await info.context.loader(SupplierById).load(supplier_id)
    return Supplier.of(row) if row else None


@fetches(IdKind.SUPPLIER_SKU, Scope.PURCHASING_READ)
async def fetch_supplier_sku(info: Info, supplier_sku_id: UUID) -> SupplierSku | None:
    """Return a SKU as a supplier sells it, if the caller may see it."""
    row = await info.context.loader(SupplierSkuById).load(supplier_sku_id)
    return SupplierSku.of(row) if row else None
