"""Asking for lots."""

from datetime import date
from typing import Annotated

import strawberry
from sqlalchemy import and_

from oms_api.domain.catalog.references import skus_by_reference
from oms_api.domain.inventory.lots.queries import (
    FIRST_EXPIRED_FIRST,
    in_stock_and_seen,
    lot_by_id,
    lot_of_sku,
    page_of_lot_movements,
)
from oms_api.domain.inventory.lots.tables import LotLevelRow
from oms_api.graphql.catalog.filters import on_skus
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.declared.asking import asks
from oms_api.graphql.declared.filters import Where, on
from oms_api.graphql.declared.links import connection
from oms_api.graphql.declared.lists import Listing, listed
from oms_api.graphql.described import argument, input_type, one_of, output
from oms_api.graphql.inventory.types import StockMovement
from oms_api.graphql.lots.types import Lot, LotLevel
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import LotId
from oms_api.kernel.paging import PageRequest


@input_type
class LotFilterInput(Where):
    """Conditions on lots and their levels; all must be true."""

    expiring_before = asks(date, lambda day: and_(LotLevelRow.fefo_date < day, LotLevelRow.expires_on.is_not(None)))
    """Only lots whose last good day is before this day, including those that have expired."""
    skus = on_skus(LotLevelRow.sku_id)
    """Of these SKUs, at most 250; an unknown SKU matches no lot."""
    location_id = on(LotLevelRow.location_id)


LOTS = Listing(
    show=LotLevel,
    where=LotFilterInput,
    order=FIRST_EXPIRED_FIRST,
    visible=in_stock_and_seen,
    scope=Scope.INVENTORY_READ,
    which="Conditions on lots; by default, all lots are included.",
)


@input_type
class LotOfSkuInput:
    """A lot by its SKU and code."""

    sku: SkuByInput
    """The goods."""
    code: str
    """Its code."""


@one_of
class LotByInput:
    """Identifies a lot: give exactly one field."""

    id: LotId | None = strawberry.UNSET
    """Its id."""
    of_sku: LotOfSkuInput | None = strawberry.UNSET
    """Its SKU and code."""


@output
class LotQueries:
    """Asking for lots."""

    lots = listed(LOTS)
    """Lots with units on hand, grouped by inventory level. Within a level, the lots that expire earliest come first."""

    @query(Scope.INVENTORY_READ, description="One lot; null where the lot was never at a location that the API key may see.")
    async def lot(
        self, info: Info, by: Annotated[LotByInput, argument("The id of the lot, or another unique key.")]
    ) -> Lot | None:
        if by.id:
            return await Lot.fetch(info, by.id)
        if not by.of_sku:
            return None
        read, wanted = info.context.read, by.of_sku.sku.to_reference()
        sku = (await skus_by_reference(read, [wanted])).get(wanted)
        row = await lot_of_sku(read, sku.id, by.of_sku.code) if sku else None
        return Lot.of(row) if row else None

    @query(
        Scope.INVENTORY_READ,
        description=(
            "The movements of a lot's units, the newest first: the movements that brought the units, and the shipments "
            "that took them."
        ),
    )
    async def lot_movements(
        self,
        info: Info,
        lot_id: Annotated[LotId, argument("The lot.")],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[StockMovement]:
        page, lot = PageRequest.of(first, after, last, before), await lot_by_id(info.context.read, lot_id)
        return connection(await page_of_lot_movements(info.context.read, lot, page), StockMovement)
