"""Asking for plans, suggestions and alerts."""

from typing import Annotated

import strawberry

from oms_api.db.session import Reader
from oms_api.domain.planning.queries import (
    AlertFilter,
    SuggestionFilter,
    bands,
    lines_of_skus,
    newest_plan,
    page_of_alerts,
    page_of_plans,
    page_of_suggestions,
    plan_by_id,
    skus_to_move,
)
from oms_api.domain.planning.standing import standing_now
from oms_api.domain.planning.states import AbcClass, AlertKind, XyzClass
from oms_api.domain.planning.surplus import suggested_transfers
from oms_api.domain.planning.tables import StockPlan as PlanRow
from oms_api.graphql.catalog.filters import skus_named, skus_of
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.filters import MOST_VALUES, Match, id_at, matched, matched_ids
from oms_api.graphql.permissions import query
from oms_api.graphql.planning.transfers import TransferSuggestion
from oms_api.graphql.planning.types import InventoryAlert, ReplenishmentSuggestion, StockBand, StockPlan
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import PageRequest

PlanId = Annotated[strawberry.ID | None, argument("The plan; the finished one of the latest moment unless told.")]


@input_type
class ReplenishmentFilterInput:
    """Which levels of a plan. All that is given must hold."""

    needed: bool = True
    """Only levels of which something is to be ordered."""
    skus: list[SkuByInput] | None = None
    """Of these SKUs, at most 250."""
    location_id: Match[strawberry.ID] | None = None
    """By location."""
    supplier_id: Match[strawberry.ID] | None = None
    """By the supplier that would be asked."""
    abc: Match[AbcClass] | None = None
    """By the share of the value sold."""
    xyz: Match[XyzClass] | None = None
    """By the steadiness of demand."""


@input_type
class InventoryAlertFilterInput:
    """Which alerts. All that is given must hold."""

    open: bool | None = True
    """Those that are not resolved; false for those that are, null for both."""
    kind: Match[AlertKind] | None = None
    """By what is wrong."""
    skus: list[SkuByInput] | None = None
    """Of these SKUs, at most 250."""
    location_id: Match[strawberry.ID] | None = None
    """By location."""


@output
class PlanningQueries:
    """Asking for plans, suggestions and alerts."""

    @query(Scope.INVENTORY_READ, description="Plans of what to have and to order, the one of the latest moment first.")
    async def stock_plans(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[StockPlan]:
        async with info.context.reads() as read:
            return Connection.of(await page_of_plans(read, PageRequest.of(first, after, last, before)), StockPlan.of)

    @query(
        Scope.INVENTORY_READ,
        description="What to order by a plan, those levels first that last for the fewest days. Fails with NO_PLAN before "
        "there is a finished one.",
    )
    async def replenishment_suggestions(
        self,
        info: Info,
        plan_id: PlanId = None,
        where: Annotated[
            ReplenishmentFilterInput | None, argument("Which levels; those that need something unless told.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ReplenishmentSuggestion]:
        page, given = PageRequest.of(first, after, last, before), where or ReplenishmentFilterInput()
        async with info.context.reads() as read:
            wanted = SuggestionFilter(
                needed=given.needed,
                sku_ids=await skus_of(read, given.skus),
                location_ids=matched_ids(IdKind.LOCATION, given.location_id, "where", "locationId"),
                supplier_ids=matched_ids(IdKind.SUPPLIER, given.supplier_id, "where", "supplierId"),
                abc=matched(given.abc, "where", "abc"),
                xyz=matched(given.xyz, "where", "xyz"),
            )
            plan = await plan_of(read, plan_id)
            return Connection.of(await page_of_suggestions(read, plan.id, wanted, page), ReplenishmentSuggestion.of)

    @query(
        Scope.INVENTORY_READ,
        description="Units that lie where there are too many and are needed elsewhere: what a plan wants to have, beside what "
        "lies there, comes, leaves and waits now (by a plan of the past: then). Of the 250 most urgent SKUs by the plan, or of "
        "the given ones.",
    )
    async def transfer_suggestions(
        self,
        info: Info,
        skus: Annotated[list[SkuByInput] | None, argument("The SKUs, at most 250; the most urgent unless told.")] = None,
        plan_id: PlanId = None,
    ) -> list[TransferSuggestion]:
        async with info.context.reads() as read:
            plan = await plan_of(read, plan_id)
            wanted = await skus_to_move(read, plan.id, MOST_VALUES) if skus is None else await skus_named(read, skus)
            lines = await lines_of_skus(read, plan.id, wanted)
            now = {} if plan.at < plan.recorded_at else await standing_now(read, wanted)
        return [TransferSuggestion.of(found) for found in suggested_transfers(lines, now)]

    @query(Scope.INVENTORY_READ, description="What is wrong with levels, the newest first.")
    async def inventory_alerts(
        self,
        info: Info,
        where: Annotated[InventoryAlertFilterInput | None, argument("Which alerts; the open ones unless told.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[InventoryAlert]:
        page, given = PageRequest.of(first, after, last, before), where or InventoryAlertFilterInput()
        async with info.context.reads() as read:
            wanted = AlertFilter(
                open=given.open,
                kinds=matched(given.kind, "where", "kind"),
                sku_ids=await skus_of(read, given.skus),
                location_ids=matched_ids(IdKind.LOCATION, given.location_id, "where", "locationId"),
            )
            return Connection.of(await page_of_alerts(read, wanted, page), InventoryAlert.of)

    @query(Scope.INVENTORY_READ, description="How many days of cover the articles of each class may have.")
    async def stock_bands(self, info: Info) -> list[StockBand]:
        async with info.context.reads() as read:
            return [StockBand.of(row) for row in await bands(read)]


async def plan_of(read: Reader, plan_id: str | None) -> PlanRow:
    """Return the plan asked for. Raises: InvalidId, NotFound, NoPlan."""
    return await (newest_plan(read) if plan_id is None else plan_by_id(read, id_at(IdKind.STOCK_PLAN, plan_id, "planId")))
