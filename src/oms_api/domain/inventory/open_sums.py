"""What stands beside a level: units of open documents, summed."""

from typing import Any

from oms_api.db.relations import Relation, one_for
from oms_api.db.sql import Sql
from oms_api.domain.inventory.sourcing import LevelKey


def open_units_by_level(units: str, rows: str) -> Relation[LevelKey, int]:
    """Relate levels, which were seen before, to the sum of *units* of *rows*, which have `sku_id` and `location_id`."""
    summed = Sql(f"""
        SELECT want.sku_id, want.location_id, found.units::bigint AS units
        FROM unnest(:sku_id::uuid[], :location_id::uuid[]) AS want (sku_id, location_id) CROSS JOIN LATERAL (
            SELECT sum({units}) AS units FROM ({rows}) AS beside
            WHERE beside.sku_id = want.sku_id AND beside.location_id = want.location_id OFFSET 0
        ) AS found WHERE found.units > 0
    """)  # noqa: S608 - our own names
    found: Relation[LevelKey, Any] = one_for("sku_id", "location_id")(summed)
    return found.turned(lambda record: record.units if record else 0)
