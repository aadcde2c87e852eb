"""Reading reservations: what a principal may see, by which filter and in which order.

A reservation is seen by whoever sees its channel; its lines at other locations are hidden from those limited to some.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset
from oms_api.db.relations import by, pages_of
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_channels, visible_locations
from oms_api.domain.inventory.reservations.states import ReservationStatus
from oms_api.domain.inventory.reservations.tables import ReservationLineRow, ReservationRow
from oms_api.kernel.access import Sight
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, ReservationId, text_id
from oms_api.kernel.paging import Page, PageRequest

NEWEST_FIRST = Ordering("created_at_desc", (ReservationRow.created_at, ReservationRow.id), descending=True)
OLDEST_FIRST = Ordering("created_at_asc", (ReservationRow.created_at, ReservationRow.id))
LINE_ORDER = Ordering("position", (ReservationLineRow.position, ReservationLineRow.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationFilter:
    """Which reservations. `None` means any."""

    statuses: tuple[ReservationStatus, ...] | None = None
    channel_ids: tuple[UUID, ...] | None = None
    external_refs: tuple[str, ...] | None = None
    order_ids: tuple[UUID, ...] | None = None
    sku_ids: tuple[UUID, ...] | None = None
    location_ids: tuple[UUID, ...] | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the condition that whoever has *sight* sees the channel of a reservation."""
    return visible_channels(sight, ReservationRow.channel_id)


def visible_lines(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the condition that whoever has *sight* sees the location of a line, of a reservation that was seen before."""
    return visible_locations(sight, ReservationLineRow.location_id)


def visible_by_themselves(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the condition that whoever has *sight* sees a line and its reservation."""
    headers = visible_to(sight)
    of_seen = [ReservationLineRow.reservation_id.in_(select(ReservationRow.id).where(*headers))] if headers else []
    return [*visible_lines(sight), *of_seen]


def matching(sight: Sight, where: ReservationFilter) -> list[ColumnElement[bool]]:
    """Return *where* as conditions."""
    columns: tuple[tuple[InstrumentedAttribute[Any], Sequence[object] | None], ...] = (
        (ReservationRow.status, where.statuses),
        (ReservationRow.channel_id, where.channel_ids),
        (ReservationRow.external_ref, where.external_refs),
        (ReservationRow.order_id, where.order_ids),
    )
    conditions = [among(column, values) for column, values in columns if values is not None]
    of_lines: tuple[tuple[InstrumentedAttribute[Any], Sequence[object] | None], ...] = (
        (ReservationLineRow.sku_id, where.sku_ids),
        (ReservationLineRow.location_id, where.location_ids),
    )
    wanted = [among(column, values) for column, values in of_lines if values is not None]
    if wanted:
        conditions.append(
            exists().where(ReservationLineRow.reservation_id == ReservationRow.id, *wanted, *visible_lines(sight))
        )
    if where.created_from is not None:
        conditions.append(ReservationRow.created_at >= where.created_from)
    if where.created_before is not None:
        conditions.append(ReservationRow.created_at < where.created_before)
    return conditions


async def page_of_reservations(
    read: Reader, where: ReservationFilter, page: PageRequest, *, by: Ordering = NEWEST_FIRST
) -> Page[ReservationRow]:
    """Return one page of the reservations that *read.principal* may see. Raises: InvalidCursor."""
    conditions = [*visible_to(read.sight), *matching(read.sight, where)]
    return await keyset(read, select(ReservationRow).where(*conditions), by=by, page=page)


reservations_by_id = by(ReservationRow.id, visible=visible_to)
reservation_lines_by_id = by(ReservationLineRow.id, visible=visible_by_themselves)
pages_of_reservation_lines = pages_of(ReservationLineRow.reservation_id, order=LINE_ORDER, visible=visible_lines)


async def reservation_by_id(read: Reader, key: ReservationId) -> ReservationRow:
    """Return a reservation. Raises: NotFound, also for one outside the principal's channels."""
    row: ReservationRow | None = await reservations_by_id.of_one(read, key)
    if row is None:
        raise NotFound(what="reservation", given=text_id(IdKind.RESERVATION, key))
    return row
