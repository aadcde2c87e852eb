"""Asking for plans, suggestions and alerts."""

from typing import Annotated, Any

from sqlalchemy import Select, select, true

from oms_api.db.keyset import page_of
from oms_api.db.session import Reader
from oms_api.db.statements import statement
from oms_api.domain.planning.positions import positions_now
from oms_api.domain.planning.queries import (
    MOST_URGENT,
    NEWEST_ALERTS,
    NEWEST_PLANS,
    bands,
    lines_of_skus,
    lines_visible_to,
    newest_plan,
    plan_by_id,
    skus_to_move,
)
from oms_api.domain.planning.surplus import suggested_transfers
from oms_api.domain.planning.tables import InventoryAlertRow, StockPlanLineRow, StockPlanRow
from oms_api.graphql.catalog.filters import on_skus, skus_named
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.declared.asking import asks
from oms_api.graphql.declared.filters import Where, on
from oms_api.graphql.declared.links import connection
from oms_api.graphql.declared.lists import Listing, listed
from oms_api.graphql.declared.operators import MOST_VALUES
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.permissions import query
from oms_api.graphql.planning.transfers import TransferSuggestion
from oms_api.graphql.planning.types import InventoryAlert, ReplenishmentSuggestion, StockBand, StockPlan
from oms_api.kernel.access import Scope, Sight
from oms_api.kernel.ids import StockPlanId
from oms_api.kernel.paging import PageRequest

PlanId = Annotated[StockPlanId | None, argument("The plan; by default the latest finished plan.")]


@input_type
class ReplenishmentFilterInput(Where):
    """Conditions on levels of a plan; all must be true."""

    needed = asks(bool, lambda needed: StockPlanLineRow.suggested > 0 if needed else true(), default=True)
    """Only levels with units to order."""
    skus = on_skus(StockPlanLineRow.sku_id)
    """Of these SKUs, at most 250."""
    location_id = on(StockPlanLineRow.location_id)
    supplier_id = on(StockPlanLineRow.supplier_id)
    """By the suggested supplier."""
    abc = on(StockPlanLineRow.abc)
    """By the ABC class of the SKU: by its share of the value sold."""
    xyz = on(StockPlanLineRow.xyz)
    """By the steadiness of demand."""


@input_type
class InventoryAlertFilterInput(Where):
    """Conditions on alerts; all must be true."""

    open = asks(
        bool,
        lambda open_: InventoryAlertRow.resolved_at.is_(None) if open_ else InventoryAlertRow.resolved_at.is_not(None),
        default=True,
    )
    """True: only open alerts. False: only resolved ones. Null: both."""
    kind = on(InventoryAlertRow.kind)
    """By kind of problem."""
    skus = on_skus(InventoryAlertRow.sku_id)
    """Of these SKUs, at most 250."""
    location_id = on(InventoryAlertRow.location_id)


PLANS = Listing(show=StockPlan, order=NEWEST_PLANS)
ALERTS = Listing(
    show=InventoryAlert,
    where=InventoryAlertFilterInput,
    order=NEWEST_ALERTS,
    which="Conditions on alerts; by default all open alerts.",
)


@statement
def _levels_of_plan(
    plan_id: StockPlanId,
    where: ReplenishmentFilterInput,
    sight: Sight,
    limit: int,
    backwards: bool,
    place: tuple[Any, ...],
) -> Select[StockPlanLineRow]:
    past = MOST_URGENT.past(place, backwards=backwards)
    wanted = (StockPlanLineRow.plan_id == plan_id, *lines_visible_to(sight), where.condition(sight), past)
    return select(StockPlanLineRow).where(*wanted).order_by(*MOST_URGENT.by(backwards=backwards)).limit(limit)


@output
class PlanningQueries:
    """Asking for plans, suggestions and alerts."""

    stock_plans = listed(PLANS)
    """Stock plans, the latest first."""

    @query(
        Scope.INVENTORY_READ,
        description=(
            "The units that a plan suggests to order, one entry for each level. The levels with the fewest days of "
            "cover come first. Fails with NO_PLAN while no plan is finished."
        ),
    )
    async def replenishment_suggestions(
        self,
        info: Info,
        plan_id: PlanId = None,
        where: Annotated[
            ReplenishmentFilterInput | None, argument("Conditions on levels; by default all levels that need an order.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ReplenishmentSuggestion]:
        read, page = info.context.read, PageRequest.of(first, after, last, before)
        asked = await (where or ReplenishmentFilterInput()).checked("where").known(read, None, "where")
        plan = await plan_of(read, plan_id)
        rows = await read.all(_levels_of_plan(plan.id, asked, read.sight, page.size + 1, page.backwards, MOST_URGENT.at(page)))
        found: Connection[ReplenishmentSuggestion] = connection(
            page_of(rows, by=MOST_URGENT, page=page), ReplenishmentSuggestion
        )
        return found

    @query(
        Scope.INVENTORY_READ,
        description=(
            "Suggestions to move units from locations that have too many to locations that need them: for the given SKUs, or "
            "by default for the 250 most urgent SKUs of the plan. The stock that the plan wants is compared with the present "
            "stock, supply, demand and backorders. If the plan was made for a moment in the past, the stock that it wants is "
            "compared with the figures of that moment."
        ),
    )
    async def transfer_suggestions(
        self,
        info: Info,
        skus: Annotated[
            list[SkuByInput] | None, argument("The SKUs, at most 250; by default the most urgent SKUs of the plan.")
        ] = None,
        plan_id: PlanId = None,
    ) -> list[TransferSuggestion]:
        read = info.context.read
        plan = await plan_of(read, plan_id)
        wanted = await skus_to_move(read, plan.id, MOST_VALUES) if skus is None else await skus_named(read, skus)
        lines = await lines_of_skus(read, plan.id, wanted)
        now = {} if plan.at < plan.recorded_at else await positions_now(read, wanted)
        return [TransferSuggestion.of(found) for found in suggested_transfers(lines, now)]

    inventory_alerts = listed(ALERTS)
    """The problems found at inventory levels, the newest problem first."""

    @query(Scope.INVENTORY_READ, description="The days of cover allowed for each class.")
    async def stock_bands(self, info: Info) -> list[StockBand]:
        return StockBand.of_all(await bands(info.context.read))


async def plan_of(read: Reader, plan_id: StockPlanId | None) -> StockPlanRow:
    """Return the plan asked for. Raises: NotFound, NoPlan."""
    return await (newest_plan(read) if plan_id is None else plan_by_id(read, plan_id))
