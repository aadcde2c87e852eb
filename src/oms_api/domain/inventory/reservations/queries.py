"""Reading reservations: what a principal may see, by which filter and in which order.

A reservation is seen by whoever sees its channel; its lines at other locations are hidden from those limited to some.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset, keyset_of_each
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_channels, visible_locations
from oms_api.domain.inventory.reservations.states import ReservationStatus
from oms_api.domain.inventory.reservations.tables import ReservationLineRow, ReservationRow
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, text_id
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


def visible(read: Reader) -> list[ColumnElement[bool]]:
    """Return the principal's limit of channels, as conditions."""
    return visible_channels(read.principal, ReservationRow.channel_id)


def matching(read: Reader, where: ReservationFilter) -> list[ColumnElement[bool]]:
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
        conditions.append(exists().where(ReservationLineRow.reservation_id == ReservationRow.id, *wanted, *_seen_lines(read)))
    if where.created_from is not None:
        conditions.append(ReservationRow.created_at >= where.created_from)
    if where.created_before is not None:
        conditions.append(ReservationRow.created_at < where.created_before)
    return conditions


async def page_of_reservations(
    read: Reader, where: ReservationFilter, page: PageRequest, *, by: Ordering = NEWEST_FIRST
) -> Page[ReservationRow]:
    """Return one page of the reservations that *read.principal* may see. Raises: InvalidCursor."""
    return await keyset(read, select(ReservationRow).where(*visible(read), *matching(read, where)), by=by, page=page)


async def reservations_by_id(read: Reader, ids: Iterable[UUID]) -> dict[UUID, ReservationRow]:
    """Return the reservations among *ids* that the principal may see."""
    return {row.id: row for row in await read.all(select(ReservationRow).where(among(ReservationRow.id, ids), *visible(read)))}


async def reservation_by_id(read: Reader, key: UUID) -> ReservationRow:
    """Return a reservation. Raises: NotFound, also for one outside the principal's channels."""
    found = await reservations_by_id(read, [key])
    if key not in found:
        raise NotFound(what="reservation", given=text_id(IdKind.RESERVATION, key))
    return found[key]


async def pages_of_reservation_lines(
    read: Reader, reservations: Sequence[UUID], page: PageRequest
) -> dict[UUID, Page[ReservationLineRow]]:
    """Return a page of the lines of each reservation at locations that the principal may see. Raises: InvalidCursor."""
    parent = ReservationLineRow.reservation_id
    return await keyset_of_each(
        read, ReservationLineRow, parent=parent, keys=reservations, by=LINE_ORDER, page=page, where=_seen_lines(read)
    )


async def reservation_lines_by_id(read: Reader, ids: Sequence[UUID]) -> dict[UUID, ReservationLineRow]:
    """Return the lines among *ids* that the principal may see."""
    headers = visible(read)
    of_seen = [ReservationLineRow.reservation_id.in_(select(ReservationRow.id).where(*headers))] if headers else []
    statement = select(ReservationLineRow).where(among(ReservationLineRow.id, ids), *_seen_lines(read), *of_seen)
    return {row.id: row for row in await read.all(statement)}


def _seen_lines(read: Reader) -> list[ColumnElement[bool]]:
    return visible_locations(read.principal, ReservationLineRow.location_id)
