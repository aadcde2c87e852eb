"""Reading fulfillment orders: what a principal may see, and in which order."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import aliased

from oms_api.db.keyset import Ordering
from oms_api.db.relations import Found, Keys, One, Pages, Several, all_for, by, of, one_for, pages_of, required
from oms_api.db.sets import among
from oms_api.domain.channels.calendar import calendar_of
from oms_api.domain.channels.queries import at_locations, visible_channels, visible_locations
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import (
    AllocationRow,
    FulfillmentOrderLineRow,
    FulfillmentOrderRow,
    OrderSourcingLineRow,
    OrderSourcingRow,
)
from oms_api.domain.inventory.promised_days import Days
from oms_api.domain.inventory.states import CauseKind
from oms_api.domain.inventory.stock_documents import document_behind
from oms_api.domain.orders.tables import OrderLineRow, OrderRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import AllocationId, FulfillmentOrderId, IdKind, LineId, OrderId
from oms_api.kernel.paging import LARGEST_PAGE

S = FulfillmentRequestStatus
OLDEST_FIRST = Ordering("created_at_asc", (FulfillmentOrderRow.created_at, FulfillmentOrderRow.id))
NEWEST_FIRST = Ordering("created_at_desc", (FulfillmentOrderRow.created_at, FulfillmentOrderRow.id), descending=True)
MOST_URGENT = Ordering("leave_by", (FulfillmentOrderRow.leave_by, FulfillmentOrderRow.id))
RANK = (-select(OrderRow.priority).where(OrderRow.id == FulfillmentOrderRow.order_id).scalar_subquery()).label("rank")
"""The lower, the higher is the priority of the order."""
HIGHEST_PRIORITY_FIRST = Ordering("priority_desc", (RANK, FulfillmentOrderRow.created_at, FulfillmentOrderRow.id))
LINE_ORDER = Ordering("line", (FulfillmentOrderLineRow.id,))
ALLOCATION_ORDER = Ordering("allocation", (AllocationRow.id,))
allocations_by_id: One[AllocationId, AllocationRow] = by(AllocationRow.id, visible=at_locations(AllocationRow.location_id))
"""The promises of units at locations that can be seen."""
allocations_by_line: Several[LineId, AllocationRow] = of(
    AllocationRow.line_id, order=ALLOCATION_ORDER, visible=at_locations(AllocationRow.location_id)
)
"""The promises of each line at locations that can be seen, the oldest first."""


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limits of channels and locations, as conditions."""
    row = FulfillmentOrderRow
    return [*visible_channels(sight, row.channel_id), *visible_locations(sight, row.location_id)]


def _asked() -> ColumnElement[Any]:
    """Return how far a supplier is asked for work, as the text ASKED has it for commands."""
    work, part, asked = FulfillmentOrderRow, FulfillmentOrderLineRow, FulfillmentRequestRow
    begun = select(part.id).where(part.fulfillment_order_id == work.id, part.shipped > 0).exists()
    waits = work.status.in_([FulfillmentOrderStatus.SCHEDULED, FulfillmentOrderStatus.OPEN]) & ~begun
    of_supplier = LocationRow.supplier_id.is_not(None)
    binds = asked.id.is_not(None) & (of_supplier | asked.status.not_in([S.UNSUBMITTED, S.CANCELLATION_ACCEPTED]))
    return case((binds, asked.status), (of_supplier & waits & asked.id.is_(None), S.UNSUBMITTED)).label("asked")


@one_for("id")
def work_held_up(works: Keys, _sight: Sight) -> Select[Any, Any, Any, Any]:
    """Find what keeps fulfillment orders, seen before, from being worked on.

    That is whether their order is on hold, whether it ships complete and goods of it have no source yet, how many units of
    theirs are packed, whether customers fetch goods at their location, and how far a supplier is asked for them.
    """
    work, part = FulfillmentOrderRow, FulfillmentOrderLineRow
    waits = select(OrderLineRow.id).where(
        OrderLineRow.order_id == OrderRow.id,
        OrderLineRow.kind == "GOODS",
        OrderLineRow.unsourced + OrderLineRow.backordered > 0,
    )
    incomplete = and_(OrderRow.ship_complete, waits.exists()).label("incomplete")
    packed = select(func.coalesce(func.sum(part.packed), 0)).where(part.fulfillment_order_id == work.id).scalar_subquery()
    offered = LocationRow.pickup_days.is_not(None).label("offers_pickup")
    held, inside = work.on_hold.label("held"), packed.label("packed")
    found = select(work.id, work.status, OrderRow.on_hold, held, incomplete, inside, work.awaits_pickup, offered, _asked())
    found = found.join(OrderRow, OrderRow.id == work.order_id).join(LocationRow, LocationRow.id == work.location_id)
    return found.outerjoin(FulfillmentRequestRow, FulfillmentRequestRow.fulfillment_order_id == work.id).where(
        among(work.id, works)
    )


fulfillment_orders_by_id: One[FulfillmentOrderId, FulfillmentOrderRow] = by(FulfillmentOrderRow.id, visible=visible_to)
fulfillment_order_by_id = required(fulfillment_orders_by_id, "fulfillment order", IdKind.FULFILLMENT_ORDER)
fulfillment_orders_by_order: Several[OrderId, FulfillmentOrderRow] = of(
    FulfillmentOrderRow.order_id, order=OLDEST_FIRST, visible=visible_to, first=LARGEST_PAGE
)
pages_of_work_lines: Pages[FulfillmentOrderId, FulfillmentOrderLineRow] = pages_of(
    FulfillmentOrderLineRow.fulfillment_order_id, order=LINE_ORDER
)


@all_for("id")
def scheduled_lines(lines: Keys, _sight: Sight) -> Found:
    """Find what is scheduled of order lines, of a bundle's line what is of its components."""
    asked, line, part, work = aliased(OrderLineRow), aliased(OrderLineRow), FulfillmentOrderLineRow, FulfillmentOrderRow
    of_asked = (line.order_id == asked.order_id) & ((line.id == asked.id) | (line.parent_line_id == asked.id))
    return (
        select(asked.id, work.opens_on, OrderRow.placed_at, LocationRow.time_zone, LocationRow.calendar, OrderRow.country)
        .join(line, of_asked)
        .join(part, part.line_id == line.id)
        .join(work, work.id == part.fulfillment_order_id)
        .join(LocationRow, LocationRow.id == work.location_id)
        .join(OrderRow, OrderRow.id == asked.order_id)
        .where(among(asked.id, lines), work.status == FulfillmentOrderStatus.SCHEDULED)
        .where(part.quantity > part.shipped + part.canceled)
    )


def _days(scheduled: Sequence[Any]) -> list[Days]:
    """Return when *scheduled* lines leave and arrive, by the calendar of each location where they wait."""
    found: list[Days] = []
    for _, opens_on, placed_at, zone, kept, country in scheduled:
        calendar, clock = calendar_of(kept), ZoneInfo(zone)
        leaves = calendar.ships_on(max(datetime.combine(opens_on, time(), clock), placed_at), clock)
        found.append((leaves, leaves and calendar.delivered_on(leaves, country)))
    return found


days_of_scheduled_lines: Several[LineId, Days] = scheduled_lines.turned(_days)
"""When scheduled units of each order line leave and arrive."""

document_behind(
    CauseKind.SOURCING_LINE,
    IdKind.ORDER,
    OrderSourcingLineRow.id,
    OrderSourcingRow.order_id,
    OrderSourcingRow.id == OrderSourcingLineRow.sourcing_id,
)
