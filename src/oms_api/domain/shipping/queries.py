"""Reading shipments and what is in them: what a principal may see, by which filter and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset, keyset_of_each
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_channels, visible_locations
from oms_api.domain.shipping.states import ShipmentStatus
from oms_api.domain.shipping.tables import PackageRow, ShipmentLine, ShipmentRow
from oms_api.kernel.access import Principal
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.paging import LARGEST_PAGE, Page, PageRequest

NEWEST_FIRST = Ordering("shipped_at_desc", (ShipmentRow.shipped_at, ShipmentRow.id), descending=True)
OLDEST_FIRST = Ordering("shipped_at_asc", (ShipmentRow.shipped_at, ShipmentRow.id))
LINE_ORDER = Ordering("line", (ShipmentLine.id,))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentFilter:
    """Which shipments. `None` means any."""

    order_ids: tuple[UUID, ...] | None = None
    fulfillment_order_ids: tuple[UUID, ...] | None = None
    channel_ids: tuple[UUID, ...] | None = None
    location_ids: tuple[UUID, ...] | None = None
    statuses: tuple[ShipmentStatus, ...] | None = None
    tracking_numbers: tuple[str, ...] | None = None
    shipped_from: datetime | None = None
    shipped_before: datetime | None = None


def visible_to(principal: Principal) -> list[ColumnElement[bool]]:
    """Return the principal's limits of channels and locations, as conditions."""
    return [*visible_channels(principal, ShipmentRow.channel_id), *visible_locations(principal, ShipmentRow.location_id)]


def matching(where: ShipmentFilter) -> list[ColumnElement[bool]]:
    """Return *where* as conditions."""
    columns: tuple[tuple[InstrumentedAttribute[Any], Sequence[object] | None], ...] = (
        (ShipmentRow.order_id, where.order_ids),
        (ShipmentRow.fulfillment_order_id, where.fulfillment_order_ids),
        (ShipmentRow.channel_id, where.channel_ids),
        (ShipmentRow.location_id, where.location_ids),
        (ShipmentRow.status, where.statuses),
    )
    conditions = [among(column, values) for column, values in columns if values is not None]
    if where.tracking_numbers is not None:
        named = among(PackageRow.tracking_number, where.tracking_numbers)
        conditions.append(exists().where(PackageRow.shipment_id == ShipmentRow.id, named))
    if where.shipped_from is not None:
        conditions.append(ShipmentRow.shipped_at >= where.shipped_from)
    if where.shipped_before is not None:
        conditions.append(ShipmentRow.shipped_at < where.shipped_before)
    return conditions


async def page_of_shipments(
    read: Reader, where: ShipmentFilter, page: PageRequest, *, by: Ordering = NEWEST_FIRST
) -> Page[ShipmentRow]:
    """Return one page of the shipments that *read.principal* may see. Raises: InvalidCursor."""
    return await keyset(read, select(ShipmentRow).where(*visible_to(read.principal), *matching(where)), by=by, page=page)


async def shipments_by_id(read: Reader, ids: Sequence[UUID]) -> dict[UUID, ShipmentRow]:
    """Return the shipments among *ids* that the principal may see."""
    statement = select(ShipmentRow).where(among(ShipmentRow.id, ids), *visible_to(read.principal))
    return {row.id: row for row in await read.all(statement)}


async def shipment_by_id(read: Reader, key: UUID) -> ShipmentRow:
    """Return a shipment. Raises: NotFound, also for one outside the principal's limits."""
    found = await shipments_by_id(read, [key])
    if key not in found:
        raise NotFound(what="shipment", given=text_id(IdKind.SHIPMENT, key))
    return found[key]


async def shipments_by_order(read: Reader, orders: Sequence[UUID]) -> dict[UUID, list[ShipmentRow]]:
    """Return the first 250 shipments of each order that the principal may see, oldest first."""
    row = ShipmentRow
    rank = func.row_number().over(partition_by=row.order_id, order_by=(row.shipped_at, row.id)).label("rank")
    ranked = select(row.id, rank).where(among(row.order_id, orders), *visible_to(read.principal)).subquery()
    statement = (
        select(row).join(ranked, ranked.c.id == row.id).where(ranked.c.rank <= LARGEST_PAGE).order_by(row.shipped_at, row.id)
    )
    found: dict[UUID, list[ShipmentRow]] = {key: [] for key in orders}
    for shipment in await read.all(statement):
        found[shipment.order_id].append(shipment)
    return found


async def packages_by_shipment(read: Reader, shipments: Sequence[UUID]) -> dict[UUID, list[PackageRow]]:
    """Return the packages of each shipment, in the order of their making."""
    found: dict[UUID, list[PackageRow]] = {key: [] for key in shipments}
    statement = select(PackageRow).where(among(PackageRow.shipment_id, shipments)).order_by(PackageRow.id)
    for package in await read.all(statement):
        found[package.shipment_id].append(package)
    return found


async def pages_of_shipment_lines(read: Reader, shipments: Sequence[UUID], page: PageRequest) -> dict[UUID, Page[ShipmentLine]]:
    """Return a page of the lines of each shipment, in the order of their making. Raises: InvalidCursor."""
    parent = ShipmentLine.shipment_id
    return await keyset_of_each(read, ShipmentLine, parent=parent, keys=shipments, by=LINE_ORDER, page=page)
