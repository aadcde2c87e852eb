"""Asking for plans, and setting bands."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from oms_api.domain.planning.commands.create_plan import CreatePlan, create_plan
from oms_api.domain.planning.commands.set_bands import Band, SetBands, set_bands
from oms_api.domain.planning.states import AbcClass
from oms_api.graphql.context import Info
from oms_api.graphql.declared.inputs import Input
from oms_api.graphql.declared.mutations import carries_out
from oms_api.graphql.described import argument, input_type, output
from oms_api.graphql.payloads import Payload
from oms_api.graphql.permissions import mutation
from oms_api.graphql.planning.types import StockBand, StockPlan
from oms_api.kernel.access import Scope


@input_type
class StockPlanCreateInput(Input[CreatePlan]):
    """The plan."""

    idempotency_key: str
    """Makes a retry safe: for 72 hours, another call with the same key answers with the plan that the first call requested."""
    at: datetime | None = None
    """The moment of the plan: only earlier facts count; now by default."""
    service_level: Decimal = Decimal("0.95")
    """The share of order cycles in which stock must not run out, with up to four decimals: "0.95"."""
    review_days: int = 7
    """The review period: days between two orders."""


@input_type
class StockBandInput(Input[Band]):
    """The band of one class."""

    abc: AbcClass
    """The class."""
    most_days: int
    """The most days of cover. A level with more days has too much stock."""
    dead_after_days: int
    """Days without demand after which stock is dead."""
    expected_version: int | None = None
    """The version of the band that the change is based on; any other is refused."""


@input_type
class StockBandsSetInput(Input[SetBands]):
    """New bands; classes that are left out keep their bands."""

    bands: list[StockBandInput]
    """The bands."""


@output
class StockPlanCreatePayload(Payload):
    """The requested plan, or why there is none."""

    stock_plan: StockPlan | None = None
    """The plan. Its job shows the progress."""


@output
class StockBandsSetPayload(Payload):
    """All bands."""

    stock_bands: list[StockBand] = strawberry.field(default_factory=list)
    """The bands as they are now."""


@output
class PlanningMutations:
    """Asking for plans, and setting bands."""

    stock_plan_create = carries_out(
        create_plan, StockPlanCreateInput, StockPlanCreatePayload, Scope.INVENTORY_WRITE, describes="The plan."
    )
    """Start a job that plans every level: it forecasts the demand, classifies the level and suggests orders. Of all plans, only
    the plan for the latest moment (`at`) raises alerts. Fails with LIMITED_KEY for an API key that is limited to certain
    locations."""

    @mutation(
        Scope.INVENTORY_WRITE,
        description="Set the stock bands: the days of cover allowed for each class of articles. Fails with LIMITED_KEY for an "
        "API key that is limited to certain locations.",
    )
    async def stock_bands_set(
        self, info: Info, input: Annotated[StockBandsSetInput, argument("The bands.")]
    ) -> StockBandsSetPayload:
        rows = await info.context.execute(set_bands, input.to_command())
        return StockBandsSetPayload(stock_bands=StockBand.of_all(rows))
