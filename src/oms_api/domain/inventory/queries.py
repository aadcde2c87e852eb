"""Reads of levels and their ledger, within the limits of the principal."""

from datetime import datetime
from typing import Any, Protocol, cast

from sqlalchemy import ColumnElement, Select, func, select

from oms_api.db.keyset import Ordering
from oms_api.db.relations import Keys, One, by, one_for, pages_of
from oms_api.db.session import Reader
from oms_api.db.sets import array_of
from oms_api.domain.channels.queries import visible_locations
from oms_api.domain.inventory.tables import InventoryLevelRow, StockMovementRow
from oms_api.kernel.access import Sight
from oms_api.kernel.ids import LevelId, LocationId, SkuId

BY_ID = Ordering("id", (InventoryLevelRow.id,))
LEAST_AVAILABLE_FIRST = Ordering("available_asc", (InventoryLevelRow.available, InventoryLevelRow.id))
MOST_AVAILABLE_FIRST = Ordering("available_desc", (InventoryLevelRow.available, InventoryLevelRow.id), descending=True)
LEAST_ON_HAND_FIRST = Ordering("on_hand_asc", (InventoryLevelRow.on_hand, InventoryLevelRow.id))
MOST_ON_HAND_FIRST = Ordering("on_hand_desc", (InventoryLevelRow.on_hand, InventoryLevelRow.id), descending=True)
BY_STOCK = (LEAST_AVAILABLE_FIRST, MOST_AVAILABLE_FIRST, LEAST_ON_HAND_FIRST, MOST_ON_HAND_FIRST)
NEWEST_FIRST = Ordering("newest", (StockMovementRow.sequence,), descending=True)


class Conditional(Protocol):
    """What is asked of the records of a list."""

    def condition(self, sight: Sight) -> ColumnElement[bool]:
        """Return it as a condition."""


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return the limit of locations as conditions on a level."""
    return visible_locations(sight, InventoryLevelRow.location_id)


def booked(sight: Sight, where: Conditional | None, as_of: datetime | None) -> list[ColumnElement[bool]]:
    """Return as conditions on a movement what is asked of it, and that it happened until *as_of*; its level was seen before."""
    asked = [] if where is None else [where.condition(sight)]
    return asked if as_of is None else [*asked, StockMovementRow.occurred_at <= as_of]


levels_by_id: One[LevelId, InventoryLevelRow] = by(InventoryLevelRow.id, visible=visible_to)
pages_of_levels = pages_of(InventoryLevelRow.sku_id, order=BY_ID, visible=visible_to)
pages_of_movements = pages_of(StockMovementRow.level_id, order=NEWEST_FIRST, visible=booked)
"""The ledger of levels, which were seen before, the newest movement first: what is asked of it, up to a moment."""


@one_for("sku_id", "location_id")
def levels_at(skus: Keys, locations: Keys, sight: Sight) -> Select[Any]:
    """The levels of SKUs at locations that can be seen."""
    level = InventoryLevelRow
    given = func.unnest(array_of(level.sku_id.type, skus), array_of(level.location_id.type, locations))
    want = given.table_valued("sku_id", "location_id", name="want").render_derived()
    both = (level.sku_id == want.c.sku_id) & (level.location_id == want.c.location_id)
    return select(level).join(want, both).where(*visible_to(sight))


async def level_of(read: Reader, sku_id: SkuId, location_id: LocationId) -> InventoryLevelRow | None:
    """Return the level of a SKU at a location, if there is one that can be seen."""
    return cast("InventoryLevelRow | None", await levels_at.of_one(read, (sku_id, location_id)))
