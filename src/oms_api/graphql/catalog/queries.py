"""Asking for SKUs."""

from enum import Enum
from typing import Annotated

from oms_api.domain.catalog.queries import BY_CODE, LAST_CHANGED_FIRST, SkuFilter, page_of_skus
from oms_api.domain.catalog.references import skus_by_reference
from oms_api.domain.catalog.states import SkuKind, SkuStatus
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.filters import Match, matched
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.paging import PageRequest


@enum
class SkuOrder(Enum):
    """How a list of SKUs is ordered."""

    CODE = "CODE"
    """By code."""
    UPDATED_AT_DESC = "UPDATED_AT_DESC"
    """Those changed last first."""


ORDERINGS = {SkuOrder.CODE: BY_CODE, SkuOrder.UPDATED_AT_DESC: LAST_CHANGED_FIRST}


@input_type
class SkuFilterInput:
    """Which SKUs. All that is given must hold."""

    code: Match[str] | None = None
    """By code, case-sensitive."""
    kind: Match[SkuKind] | None = None
    """By what they are."""
    status: Match[SkuStatus] | None = None
    """By whether they can be ordered."""

    def to_filter(self, *path: str) -> SkuFilter:
        """Return the filter as the domain takes it. Raises: TooManyItems."""
        return SkuFilter(
            codes=matched(self.code, *path, "code"),
            kinds=matched(self.kind, *path, "kind"),
            statuses=matched(self.status, *path, "status"),
        )


@output
class CatalogQueries:
    """Asking for SKUs."""

    @query(Scope.CATALOG_READ, description="A list of SKUs, by code unless told otherwise.")
    async def skus(
        self,
        info: Info,
        where: Annotated[SkuFilterInput | None, argument("Which SKUs; all of them unless told.")] = None,
        order_by: Annotated[SkuOrder, argument("In which order.")] = SkuOrder.CODE,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Sku]:
        page = PageRequest.of(first, after, last, before)
        wanted = where.to_filter("where") if where else SkuFilter()
        async with info.context.reads() as read:
            return Connection.of(await page_of_skus(read, wanted, ORDERINGS[order_by], page), Sku.of)

    @query(Scope.CATALOG_READ, description="One SKU, or null where there is none.")
    async def sku(self, info: Info, by: Annotated[SkuByInput, argument("What the SKU is found by.")]) -> Sku | None:
        wanted = by.to_reference("by")
        async with info.context.reads() as read:
            row = (await skus_by_reference(read, [wanted])).get(wanted)
        return Sku.of(row) if row else None
