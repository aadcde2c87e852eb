"""Reading suppliers and what they supply: what a principal may see, by which filter and in which order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset, keyset_of_each
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.states import Activity
from oms_api.domain.purchasing.tables import Supplier, SupplierSku
from oms_api.kernel.access import Principal
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.paging import Page, PageRequest

SUPPLIERS_BY_CODE = Ordering("code", (Supplier.code,))
SUPPLIER_SKUS_BY_ID = Ordering("id", (SupplierSku.id,))


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierFilter:
    """Which suppliers. `None` means any."""

    codes: tuple[str, ...] | None = None
    statuses: tuple[Activity, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierSkuFilter:
    """Which SKUs of suppliers. `None` means any."""

    supplier_ids: tuple[UUID, ...] | None = None
    sku_ids: tuple[UUID, ...] | None = None
    statuses: tuple[Activity, ...] | None = None


def visible_suppliers(principal: Principal, column: InstrumentedAttribute[UUID]) -> list[ColumnElement[bool]]:
    """Return the principal's limit of suppliers as conditions on *column*."""
    return [] if principal.suppliers is None else [among(column, sorted(principal.suppliers))]


async def page_of_suppliers(read: Reader, where: SupplierFilter, page: PageRequest) -> Page[Supplier]:
    """Return one page of the suppliers, by code. Raises: InvalidCursor."""
    statement = select(Supplier).where(*visible_suppliers(read.principal, Supplier.id))
    for column, values in ((Supplier.code, where.codes), (Supplier.status, where.statuses)):
        if values is not None:
            statement = statement.where(among(column, values))
    return await keyset(read, statement, by=SUPPLIERS_BY_CODE, page=page)


async def suppliers_by_id(read: Reader, ids: Iterable[UUID]) -> Mapping[UUID, Supplier]:
    """Return the suppliers among *ids* that exist and can be seen."""
    statement = select(Supplier).where(among(Supplier.id, ids), *visible_suppliers(read.principal, Supplier.id))
    return {supplier.id: supplier for supplier in await read.all(statement)}


async def supplier_by_id(read: Reader, supplier_id: UUID) -> Supplier:
    """Return a supplier. Raises: NotFound, also for one outside the principal's limits."""
    found = await suppliers_by_id(read, [supplier_id])
    if supplier_id not in found:
        raise NotFound(what="supplier", given=text_id(IdKind.SUPPLIER, supplier_id))
    return found[supplier_id]


async def supplier_by_code(read: Reader, code: str) -> Supplier | None:
    """Return the supplier with *code*, if it can be seen."""
    visible = visible_suppliers(read.principal, Supplier.id)
    return await read.one_or_none(select(Supplier).where(Supplier.code == code, *visible))


async def page_of_supplier_skus(read: Reader, where: SupplierSkuFilter, page: PageRequest) -> Page[SupplierSku]:
    """Return one page of what suppliers supply, in the order it was made known. Raises: InvalidCursor."""
    columns = (
        (SupplierSku.supplier_id, where.supplier_ids),
        (SupplierSku.sku_id, where.sku_ids),
        (SupplierSku.status, where.statuses),
    )
    statement = select(SupplierSku).where(*visible_suppliers(read.principal, SupplierSku.supplier_id))
    for column, values in columns:
        if values is not None:
            statement = statement.where(among(column, values))
    return await keyset(read, statement, by=SUPPLIER_SKUS_BY_ID, page=page)


async def pages_of_supplier_skus(
    read: Reader, suppliers: Sequence[UUID], page: PageRequest
) -> Mapping[UUID, Page[SupplierSku]]:
    """Return one page of what each supplier supplies. The suppliers themselves were seen before. Raises: InvalidCursor."""
    parent, by = SupplierSku.supplier_id, SUPPLIER_SKUS_BY_ID
    return await keyset_of_each(read, SupplierSku, parent=parent, keys=suppliers, by=by, page=page)


async def supplier_skus_by_id(read: Reader, ids: Iterable[UUID]) -> Mapping[UUID, SupplierSku]:
    """Return what suppliers supply among *ids*, where it can be seen."""
    visible = visible_suppliers(read.principal, SupplierSku.supplier_id)
    return {row.id: row for row in await read.all(select(SupplierSku).where(among(SupplierSku.id, ids), *visible))}


async def supplier_skus_of(read: Reader, pairs: Iterable[tuple[UUID, UUID]]) -> Mapping[tuple[UUID, UUID], SupplierSku]:
    """Return how suppliers sell SKUs, by supplier and SKU, where it can be seen."""
    wanted = set(pairs)
    suppliers, skus = ({pair[at] for pair in wanted} for at in (0, 1))
    of_both = (among(SupplierSku.supplier_id, suppliers), among(SupplierSku.sku_id, skus))
    rows = await read.all(select(SupplierSku).where(*of_both, *visible_suppliers(read.principal, SupplierSku.supplier_id)))
    return {pair: row for row in rows if (pair := (row.supplier_id, row.sku_id)) in wanted}


async def supplier_sku_by_id(read: Reader, supplier_sku_id: UUID) -> SupplierSku:
    """Return a SKU as a supplier sells it. Raises: NotFound, also for a supplier outside the principal's limits."""
    found = await supplier_skus_by_id(read, [supplier_sku_id])
    if supplier_sku_id not in found:
        raise NotFound(what="SKU of a supplier", given=text_id(IdKind.SUPPLIER_SKU, supplier_sku_id))
    return found[supplier_sku_id]
