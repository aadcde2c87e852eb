"""What an order line tells of the units that wait."""

from asyncio import gather
from datetime import date
from typing import Any

from oms_api.domain.inventory.promising import last
from oms_api.domain.orders.states import LineKind
from oms_api.graphql.context import Info
from oms_api.graphql.described import output
from oms_api.graphql.permissions import field
from oms_api.graphql.promises.loaders import BackordersByBundle, BackordersByLine, DayOfScheduledLine
from oms_api.graphql.promises.types import Backorder


@output
class LineBackorders:
    """What an order line tells of the units that wait."""

    @field(
        description="Its units that had to wait for goods, with the day they are promised for; of a bundle those of its "
        "components."
    )
    async def backorders(self, info: Info) -> list[Backorder]:
        return [Backorder.of(row) for row in await waited(self, info)]

    @field(
        description="The day on which units that wait, or are sold before their day, will have left; null where there are "
        "none, or no day is known yet."
    )
    async def promised_ship_on(self, info: Info) -> date | None:
        rows, scheduled = await gather(waited(self, info), opens_on(self, info))  # asked at once, so that both are batched
        waiting = [row.ships_on for row in rows if row.waiting]
        return last(waiting if scheduled is None else [*waiting, scheduled])

    @field(description="The day on which units that wait will have arrived; null where none wait, or no day is known.")
    async def promised_delivery_on(self, info: Info) -> date | None:
        return last([row.arrives_on for row in await waited(self, info) if row.waiting])


async def waited(line: Any, info: Info) -> list[Any]:
    """Return the backorders of an order line, of a bundle those of its components; lines that never waited may be asked."""
    loader = BackordersByBundle if line.row.kind is LineKind.BUNDLE else BackordersByLine
    return await info.context.loader(loader).load(line.row.id)


async def opens_on(line: Any, info: Info) -> date | None:
    """Return the day on which work on units of an order line is opened that are promised, but sold before their day."""
    return await info.context.loader(DayOfScheduledLine).load(line.row.id)
