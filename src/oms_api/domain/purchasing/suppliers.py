"""Reading suppliers and what they supply: what a principal may see, and in which order."""

from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering
from oms_api.db.relations import Keys, One, Pages, by, one_for, pages_of
from oms_api.db.sets import among
from oms_api.domain.purchasing.tables import SupplierRow, SupplierSkuRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import SkuId, SupplierId, SupplierSkuId

SUPPLIERS_BY_CODE = Ordering("code", (SupplierRow.code,))
SUPPLIER_SKUS_BY_ID = Ordering("id", (SupplierSkuRow.id,))


def visible_suppliers(sight: Sight, column: InstrumentedAttribute[SupplierId]) -> list[ColumnElement[bool]]:
    """Return the limit of suppliers as conditions on *column*."""
    return [] if sight.suppliers is None else [among(column, sight.suppliers)]


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limit of suppliers, as conditions on them."""
    return visible_suppliers(sight, SupplierRow.id)


def supply_visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limit of suppliers, as conditions on what they supply."""
    return visible_suppliers(sight, SupplierSkuRow.supplier_id)


suppliers_by_id: One[SupplierId, SupplierRow] = by(SupplierRow.id, visible=visible_to)
"""The suppliers that exist and can be seen."""
pages_of_supplier_skus: Pages[SupplierId, SupplierSkuRow] = pages_of(SupplierSkuRow.supplier_id, order=SUPPLIER_SKUS_BY_ID)
"""A page of what each supplier supplies. The suppliers themselves were seen before."""
supplier_skus_by_id: One[SupplierSkuId, SupplierSkuRow] = by(SupplierSkuRow.id, visible=supply_visible_to)
"""What suppliers supply, where it can be seen."""


def _of_both(suppliers: Keys, skus: Keys, sight: Sight) -> Select[Any]:
    of_both = (among(SupplierSkuRow.supplier_id, suppliers), among(SupplierSkuRow.sku_id, skus))
    return select(SupplierSkuRow).where(*of_both, *supply_visible_to(sight))


supplier_skus_of: One[tuple[SupplierId, SkuId], SupplierSkuRow] = one_for("supplier_id", "sku_id")(_of_both)
"""How suppliers sell SKUs, by supplier and SKU, where it can be seen."""
