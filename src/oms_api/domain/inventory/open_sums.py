"""What stands beside a level: units of open documents, summed."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, TextClause, Uuid, bindparam, text

from oms_api.db.session import Reader
from oms_api.domain.inventory.sourcing import LevelKey


def summing(units: str, rows: str) -> TextClause:
    """Return the statement behind `sum_by_level`: *rows* have `sku_id`, `location_id` and the column *units*."""
    return text(f"""
        SELECT want.sku_id, want.location_id, found.units
        FROM unnest(:skus, :locations) AS want (sku_id, location_id) CROSS JOIN LATERAL (
            SELECT sum({units}) AS units FROM ({rows}) AS beside
            WHERE beside.sku_id = want.sku_id AND beside.location_id = want.location_id OFFSET 0
        ) AS found WHERE found.units > 0
    """).bindparams(bindparam("skus", type_=ARRAY(Uuid)), bindparam("locations", type_=ARRAY(Uuid)))  # noqa: S608 - our own


async def sum_by_level(read: Reader, statement: TextClause, levels: Sequence[LevelKey]) -> Mapping[LevelKey, int]:
    """Return the units beside each of *levels* that has any; the levels were seen before."""
    where: dict[str, list[UUID]] = {"skus": [sku for sku, _ in levels], "locations": [location for _, location in levels]}
    return {(sku, location): int(units) for sku, location, units in await read.rows(statement, where)}
