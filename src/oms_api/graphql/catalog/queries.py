"""Asking for SKUs."""

from enum import Enum
from typing import Annotated

from oms_api.domain.attributes.states import AttributeOwner
from oms_api.domain.catalog.queries import BY_CODE, LAST_CHANGED_FIRST
from oms_api.domain.catalog.references import skus_by_reference
from oms_api.domain.catalog.tables import SkuRow
from oms_api.graphql.attributes.values import on_attributes
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.context import Info
from oms_api.graphql.declared.filters import Where, on
from oms_api.graphql.declared.lists import Listing, listed
from oms_api.graphql.declared.searches import text_in
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope


@enum
class SkuOrder(Enum):
    """How a list of SKUs is ordered."""

    CODE = BY_CODE
    """By code."""
    UPDATED_AT_DESC = LAST_CHANGED_FIRST
    """Those changed last come first."""


@input_type
class SkuFilterInput(Where):
    """Conditions on SKUs; all must hold."""

    code = on(SkuRow.code, searched=True, contained=True)
    """By code, case-sensitive."""
    name = on(SkuRow.name, searched=True, folded=True, contained=True, sought=True)
    """By name, whatever the case."""
    barcode = on(SkuRow.barcode, searched=True, contained=True, sought=True)
    """By barcode number; several SKUs may share one."""
    text = text_in(SkuRow.code, SkuRow.name, SkuRow.barcode, key=SkuRow.id, name=SkuRow.id)
    """By a text that their code, name or barcode contains, whatever the case."""
    attribute = on_attributes(AttributeOwner.SKU, SkuRow.id)
    """By values of their attributes; all must hold."""
    kind = on(SkuRow.kind)
    status = on(SkuRow.status)
    updated_at = on(SkuRow.updated_at)
    """By when they were last changed."""


SKUS = Listing(show=Sku, where=SkuFilterInput, order=SkuOrder, which="Conditions on SKUs; all match by default.")


@output
class CatalogQueries:
    """Asking for SKUs."""

    skus = listed(SKUS)
    """A list of SKUs, by code by default."""

    @query(Scope.CATALOG_READ, description="One SKU; null where there is none.")
    async def sku(
        self, info: Info, by: Annotated[SkuByInput, argument("The id of the SKU, or another unique key.")]
    ) -> Sku | None:
        wanted = by.to_reference()
        row = (await skus_by_reference(info.context.read, [wanted])).get(wanted)
        return Sku.of(row) if row else None
