"""Asking for lots."""

from datetime import date
from typing import Annotated

import strawberry

from oms_api.domain.catalog.references import skus_by_reference
from oms_api.domain.inventory.lots.queries import LotFilter, lot_by_id, lot_of_sku, page_of_lot_movements, page_of_lots
from oms_api.graphql.catalog.filters import skus_of
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, input_type, one_of, output
from oms_api.graphql.filters import Match, id_at, matched_ids
from oms_api.graphql.inventory.types import StockMovement
from oms_api.graphql.lots.types import Lot, LotLevel, fetch_lot
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import PageRequest


@input_type
class LotFilterInput:
    """Which lots at which levels. All that is given must hold."""

    expiring_before: date | None = None
    """Only lots whose last good day is before this one; those that have expired are among them."""
    skus: list[SkuByInput] | None = None
    """Of these SKUs, at most 250; unknown ones have no lots."""
    location_id: Match[strawberry.ID] | None = None
    """By location."""


@input_type
class LotOfSkuInput:
    """A lot by its SKU and code."""

    sku: SkuByInput
    """The goods."""
    code: str
    """Its code."""


@one_of
class LotByInput:
    """What a lot is found by: exactly one of these."""

    id: strawberry.ID | None = strawberry.UNSET
    """Its id."""
    of_sku: LotOfSkuInput | None = strawberry.UNSET
    """Its SKU and code."""


@output
class LotQueries:
    """Asking for lots."""

    @query(
        Scope.INVENTORY_READ,
        description="Lots of which units are there, level by level, those that expire first before others.",
    )
    async def lots(
        self,
        info: Info,
        where: Annotated[LotFilterInput | None, argument("Which lots; all of them unless told.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[LotLevel]:
        page = PageRequest.of(first, after, last, before)
        given = where or LotFilterInput()
        locations = matched_ids(IdKind.LOCATION, given.location_id, "where", "locationId")
        sku_ids = await skus_of(info.context.read, given.skus)
        chosen = LotFilter(expiring_before=given.expiring_before, sku_ids=sku_ids, location_ids=locations)
        return Connection.of(await page_of_lots(info.context.read, chosen, page), LotLevel.of)

    @query(Scope.INVENTORY_READ, description="One lot; null where there is none that lies or lay where the key may see it.")
    async def lot(self, info: Info, by: Annotated[LotByInput, argument("What the lot is found by.")]) -> Lot | None:
        if isinstance(by.id, str):
            return await fetch_lot(info, id_at(IdKind.LOT, by.id, "by", "id"))
        if not by.of_sku:
            return None
        wanted = by.of_sku.sku.to_reference("by", "ofSku", "sku")
        read = info.context.read
        sku = (await skus_by_reference(read, [wanted])).get(wanted)
        row = await lot_of_sku(read, sku.id, by.of_sku.code) if sku else None
        return Lot.of(row) if row else None

    @query(
        Scope.INVENTORY_READ,
        description="What moved units of a lot, the newest first: what brought them, and the shipments that took them.",
    )
    async def lot_movements(
        self,
        info: Info,
        lot_id: Annotated[strawberry.ID, argument("The lot.")],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[StockMovement]:
        page = PageRequest.of(first, after, last, before)
        lot = await lot_by_id(info.context.read, id_at(IdKind.LOT, lot_id, "lotId"))
        return Connection.of(await page_of_lot_movements(info.context.read, lot, page), StockMovement.of)
