"""What an order line tells of the units that wait."""

from asyncio import gather
from datetime import date
from typing import Any

from oms_api.domain.fulfillment.backorders.queries import backorders_by_bundle, backorders_by_line
from oms_api.domain.fulfillment.queries import days_of_scheduled_lines
from oms_api.domain.inventory.promised_days import Days, last
from oms_api.domain.orders.states import LineKind
from oms_api.graphql.context import Info
from oms_api.graphql.described import output
from oms_api.graphql.permissions import field
from oms_api.graphql.promises.types import Backorder


@output
class LineBackorders:
    """What an order line tells of the units that wait."""

    @field(description="The backorders of the line, with their promised days; for a bundle, the backorders of its components.")
    async def backorders(self, info: Info) -> list[Backorder]:
        return Backorder.of_all(await waited(self, info))

    @field(
        description=(
            "The day by which all waiting or preordered units will have left; null where there are none, or no day is "
            "known yet."
        )
    )
    async def promised_ship_on(self, info: Info) -> date | None:
        return last([leaves for leaves, _ in await promised(self, info)])

    @field(
        description=(
            "The day by which the customer will have all waiting or preordered units; null where there are none, or no day is "
            "known."
        )
    )
    async def promised_delivery_on(self, info: Info) -> date | None:
        return last([arrives for _, arrives in await promised(self, info)])


async def promised(line: Any, info: Info) -> list[Days]:
    """Return when units of an order line leave and arrive that do not leave now; both are asked at once."""
    rows, days = await gather(waited(line, info), info.context.load(days_of_scheduled_lines, line.row.id))
    return [*((row.ships_on, row.arrives_on) for row in rows if row.waiting), *days]


async def waited(line: Any, info: Info) -> list[Any]:
    """Return the backorders of an order line, of a bundle those of its components; lines that never waited may be asked."""
    relation = backorders_by_bundle if line.row.kind is LineKind.BUNDLE else backorders_by_line
    return await info.context.load(relation, line.row.id)
