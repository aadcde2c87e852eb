"""Reads of corrections of stock, within the limits of the principal: found by what is known of them, and line by line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset, keyset_of_each
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.inventory.states import AdjustmentKind, CauseKind
from oms_api.domain.inventory.tables import InventoryAdjustment, InventoryAdjustmentLine, InventoryLevel
from oms_api.domain.inventory.touching import Lines, touching
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import IdKind, LocationId, SkuId, text_id
from oms_api.kernel.paging import Page, PageRequest

NEWEST_FIRST = Ordering("occurred_at_desc", (InventoryAdjustment.occurred_at, InventoryAdjustment.id), descending=True)
OLDEST_FIRST = Ordering("occurred_at_asc", (InventoryAdjustment.occurred_at, InventoryAdjustment.id))
BY_POSITION = Ordering("position", (InventoryAdjustmentLine.position,))
LINES = Lines(
    key=InventoryAdjustmentLine.id,
    parent=InventoryAdjustmentLine.adjustment_id,
    level=InventoryAdjustmentLine.level_id,
    cause=CauseKind.ADJUSTMENT_LINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentFilter:
    """Which corrections. `None` means any."""

    references: tuple[str, ...] | None = None
    reasons: tuple[str, ...] | None = None
    actors: tuple[str, ...] | None = None
    kinds: tuple[AdjustmentKind, ...] | None = None
    sku_ids: tuple[SkuId, ...] | None = None
    location_ids: tuple[LocationId, ...] | None = None
    occurred_from: datetime | None = None
    occurred_before: datetime | None = None


async def page_of_adjustments(
    read: Reader, where: AdjustmentFilter, page: PageRequest, *, by: Ordering = NEWEST_FIRST
) -> Page[InventoryAdjustment]:
    """Return one page of the corrections; a limited caller sees those that touch a location it sees. Raises: InvalidCursor."""
    table = InventoryAdjustment
    columns: tuple[tuple[InstrumentedAttribute[Any], Sequence[object] | None], ...] = (
        (table.reference, where.references),
        (table.reason, where.reasons),
        (table.actor, where.actors),
        (table.kind, where.kinds),
    )
    statement = select(table).where(*_touching(read, where))
    statement = statement.where(*(among(column, values) for column, values in columns if values is not None))
    if where.occurred_from is not None:
        statement = statement.where(table.occurred_at >= where.occurred_from)
    if where.occurred_before is not None:
        statement = statement.where(table.occurred_at < where.occurred_before)
    return await keyset(read, statement, by=by, page=page)


async def adjustments_by_id(read: Reader, ids: Iterable[UUID]) -> Mapping[UUID, InventoryAdjustment]:
    """Return the adjustments among *ids* that exist; a limited caller sees those that touch a location it sees."""
    statement = select(InventoryAdjustment).where(among(InventoryAdjustment.id, ids), *_touching(read, AdjustmentFilter()))
    return {adjustment.id: adjustment for adjustment in await read.all(statement)}


async def adjustment_by_id(read: Reader, adjustment_id: UUID) -> InventoryAdjustment:
    """Return the adjustment. Raises: NotFound, also where it touches nothing that can be seen."""
    found = await adjustments_by_id(read, [adjustment_id])
    if adjustment_id not in found:
        raise NotFound(what="inventory adjustment", given=text_id(IdKind.ADJUSTMENT, adjustment_id))
    return found[adjustment_id]


async def pages_of_adjustment_lines(
    read: Reader, adjustments: Sequence[UUID], page: PageRequest
) -> Mapping[UUID, Page[InventoryAdjustmentLine]]:
    """Return one page of each adjustment's lines that can be seen, in the order given."""
    return await keyset_of_each(
        read,
        InventoryAdjustmentLine,
        parent=InventoryAdjustmentLine.adjustment_id,
        keys=adjustments,
        by=BY_POSITION,
        page=page,
        where=[] if read.principal.locations is None else [_seen_line(read)],
    )


def _touching(read: Reader, where: AdjustmentFilter) -> list[ColumnElement[bool]]:
    return touching(read, InventoryAdjustment.id, LINES, where.sku_ids, where.location_ids)


def _seen_line(read: Reader) -> ColumnElement[bool]:
    return InventoryAdjustmentLine.level_id.in_(select(InventoryLevel.id).where(*_visible(read)))


def _visible(read: Reader) -> list[ColumnElement[bool]]:
    return visible_locations(read.principal, InventoryLevel.location_id)
