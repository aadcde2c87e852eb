"""Reads of corrections of stock, within the limits of the principal: found by what is known of them, and line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset
from oms_api.db.relations import Relation, by, pages_of
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.inventory.states import AdjustmentKind, CauseKind
from oms_api.domain.inventory.tables import InventoryAdjustment, InventoryAdjustmentLine
from oms_api.domain.inventory.touching import Lines, lines_seen, touching
from oms_api.kernel.access import Sight
from oms_api.kernel.errors import NotFound
from oms_api.kernel.ids import AdjustmentId, IdKind, LocationId, SkuId, text_id
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


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return as conditions on a correction that it touches a location that is seen."""
    return touching(sight, InventoryAdjustment.id, LINES)


adjustments_by_id: Relation[AdjustmentId, InventoryAdjustment | None] = by(InventoryAdjustment.id, visible=visible_to)
pages_of_adjustment_lines = pages_of(
    InventoryAdjustmentLine.adjustment_id, order=BY_POSITION, visible=lines_seen(InventoryAdjustmentLine.level_id)
)


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
    statement = select(table).where(*touching(read.sight, table.id, LINES, where.sku_ids, where.location_ids))
    statement = statement.where(*(among(column, values) for column, values in columns if values is not None))
    if where.occurred_from is not None:
        statement = statement.where(table.occurred_at >= where.occurred_from)
    if where.occurred_before is not None:
        statement = statement.where(table.occurred_at < where.occurred_before)
    return await keyset(read, statement, by=by, page=page)


async def adjustment_by_id(read: Reader, adjustment_id: AdjustmentId) -> InventoryAdjustment:
    """Return the adjustment. Raises: NotFound, also where it touches nothing that can be seen."""
    found = await adjustments_by_id.of_one(read, adjustment_id)
    if found is None:
        raise NotFound(what="inventory adjustment", given=text_id(IdKind.ADJUSTMENT, adjustment_id))
    return found
