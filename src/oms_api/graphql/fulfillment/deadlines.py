"""What must leave, the most urgent first, and what is late."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import ColumnElement, Select, func, select

from oms_api.db.keyset import page_of
from oms_api.db.statements import statement
from oms_api.domain.channels.queries import locations_by_id
from oms_api.domain.fulfillment.queries import MOST_URGENT, visible_to
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.declared.filters import Where
from oms_api.graphql.declared.links import connection
from oms_api.graphql.declared.lists import asked_of, known_of
from oms_api.graphql.described import argument, output
from oms_api.graphql.fulfillment.queries import FULFILLMENT_ORDERS, FulfillmentOrderFilterInput
from oms_api.graphql.fulfillment.types import FulfillmentOrder
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Scope, Sight
from oms_api.kernel.ids import LocationId
from oms_api.kernel.paging import PageRequest

MOST_LATE = 10_000
A_LOOK = 500
"""What counting those that are late costs."""


def waits(where: Where | None, sight: Sight, location: LocationId | None) -> list[ColumnElement[bool]]:
    """Return the conditions of work that is to leave."""
    row = FulfillmentOrderRow
    open_ = row.status.in_([FulfillmentOrderStatus.OPEN, FulfillmentOrderStatus.IN_PROGRESS])
    here = [] if location is None else [row.location_id == location]
    return [open_, row.leave_by.is_not(None), *here, *visible_to(sight), *asked_of(where, sight)]


@statement
def urgent(
    where: Where | None, sight: Sight, location: LocationId | None, limit: int, backwards: bool, place: tuple[Any, ...]
) -> Select[FulfillmentOrderRow]:
    """Return what is to leave, the most urgent first."""
    wanted = [*waits(where, sight, location), MOST_URGENT.past(place, backwards=backwards)]
    return select(FulfillmentOrderRow).where(*wanted).order_by(*MOST_URGENT.by(backwards=backwards)).limit(limit)


@statement
def late(where: Where | None, sight: Sight, location: LocationId | None, now: datetime) -> Select[Any, Any]:
    """Return how many of each location are late, counting the first 10,000."""
    row = FulfillmentOrderRow
    first = select(row.location_id).where(*waits(where, sight, location), row.leave_by < now)
    found = first.order_by(*MOST_URGENT.by(backwards=False)).limit(MOST_LATE).subquery()
    return select(found.c.location_id, func.count().label("late")).group_by(found.c.location_id)


@output
class LateAtLocation:
    """The number of late fulfillment orders of a location."""

    location: Location
    """The location."""
    count: int
    """Fulfillment orders that should have left already."""


@output
class Deadlines:
    """The fulfillment orders with a deadline, and the number of late ones."""

    late: list[LateAtLocation]
    """The number of late fulfillment orders at each location, the largest number first. If more than 10,000 are late, only the
    10,000 that were due earliest are counted."""
    fulfillment_orders: Connection[FulfillmentOrder]
    """The fulfillment orders that are OPEN or IN_PROGRESS, the most urgent first."""


@output
class DeadlineQueries:
    """Asking for what must leave."""

    @query(
        Scope.SHIPPING_READ,
        description=(
            "The fulfillment orders that are OPEN or IN_PROGRESS and have a deadline, the most urgent first. The "
            "deadline follows from the promised day, and from the calendar and the cut-off of the location. New "
            "fulfillment orders appear within seconds."
        ),
        price=A_LOOK,
    )
    async def deadlines(
        self,
        info: Info,
        location_id: Annotated[LocationId | None, argument("The location; all by default.")] = None,
        where: Annotated[
            FulfillmentOrderFilterInput | None,
            argument("Conditions on the fulfillment orders; by default, all fulfillment orders are included."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Deadlines:
        read = info.context.read
        asked = await known_of(FULFILLMENT_ORDERS, read, where)
        page = PageRequest.of(first, after, last, before)
        place = MOST_URGENT.at(page)
        rows = await read.all(urgent(asked, read.sight, location_id, page.size + 1, page.backwards, place))
        counted: list[Any] = await read.all(late(asked, read.sight, location_id, datetime.now(UTC)))
        return Deadlines(
            late=await _late(info, counted),
            fulfillment_orders=connection(page_of(rows, by=MOST_URGENT, page=page), FulfillmentOrder),
        )


async def _late(info: Info, counted: Sequence[Any]) -> list[LateAtLocation]:
    """Describe how many are late, the most first."""
    found = [(await info.context.load(locations_by_id, each.location_id), each.late) for each in counted]
    late = [LateAtLocation(location=Location.of(place), count=count) for place, count in found if place is not None]
    return sorted(late, key=lambda each: (-each.count, each.location.code))
