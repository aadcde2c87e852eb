"""Asking for SKUs."""

from enum import Enum
from typing import Annotated

from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.catalog.errors import BarcodeShared
from oms_api.domain.catalog.queries import BY_CODE, LAST_CHANGED_FIRST
from oms_api.domain.catalog.tables import SkuRow
from oms_api.graphql.attributes.values import on_attributes
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.context import Info
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, listed
from oms_api.graphql.declared.searches import text_in
from oms_api.graphql.described import argument, enum, input_type, one_of, output
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope


@enum
class SkuOrder(Enum):
    """The sort order of a list of SKUs."""

    CODE = BY_CODE
    """By code."""
    UPDATED_AT_DESC = LAST_CHANGED_FIRST
    """The most recently changed come first."""


@input_type
class SkuFilterInput(Where):
    """Conditions on SKUs; all must be true."""

    code = on(SkuRow.code, searched=True, contained=True)
    """By code, case-sensitive."""
    name = on(SkuRow.name, searched=True, folded=True, contained=True, sought=True)
    """By name; upper and lower case are treated alike."""
    barcode = on(SkuRow.barcode, searched=True, contained=True, sought=True)
    """By barcode number; several SKUs may share one."""
    text = text_in(SkuRow.code, SkuRow.name, SkuRow.barcode, key=SkuRow.id, name=SkuRow.id)
    """By a text that the code, name or barcode contains; upper and lower case are treated alike."""
    attribute = on_attributes(AttributeOwner.SKU, SkuRow.id)
    """By values of their attributes; all must be true."""
    kind = on(SkuRow.kind)
    status = on(SkuRow.status)
    updated_at = on(SkuRow.updated_at)
    """When they were last changed."""


@one_of
class SkuLookupInput(By):
    """Identifies a SKU to be read: give exactly one field."""

    id = key(SkuRow.id)
    code = key(SkuRow.code)
    """Its code, case-sensitive."""
    barcode = key(SkuRow.barcode.collate("C"))
    """Its barcode. Fails with BARCODE_SHARED where several SKUs have it."""


SKUS = Listing(show=Sku, where=SkuFilterInput, order=SkuOrder, which="Conditions on SKUs; by default, all SKUs are included.")


@output
class CatalogQueries:
    """Asking for SKUs."""

    skus = listed(SKUS)
    """A list of SKUs, sorted by code by default."""

    @query(Scope.CATALOG_READ, description="One SKU; null where there is none.")
    async def sku(
        self, info: Info, by: Annotated[SkuLookupInput, argument("The id of the SKU, its code, or its barcode.")]
    ) -> Sku | None:
        read = info.context.read
        rows = await read.all(SKUS.one(by.given(), read.sight))
        if len(rows) > 1:
            raise BarcodeShared(given=rows[0].barcode or "", field=("by", "barcode"))
        return Sku.of(rows[0]) if rows else None
