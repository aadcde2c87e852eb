"""Reads of feeds, within the limits of the principal: by what is known of them, and which of their rows failed.

A limited caller sees a feed that named a location it sees, also where nothing of it differed; its failures are data of levels,
and seen by whoever sees all the feed's locations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, cast

from sqlalchemy import ColumnElement, Integer, Uuid, column, select
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, page_of
from oms_api.db.relations import Found, Keys, Relation, one_for
from oms_api.db.sets import among, array, array_of
from oms_api.db.sql import Sql
from oms_api.db.statements import Query
from oms_api.domain.inventory.tables import InventorySyncRow
from oms_api.kernel.access import Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import OmsError, type_registry
from oms_api.kernel.ids import SyncId
from oms_api.kernel.paging import Page, PageRequest

NEWEST_FIRST = Ordering("recorded_at_desc", (InventorySyncRow.recorded_at, InventorySyncRow.id), descending=True)
OLDEST_FIRST = Ordering("recorded_at_asc", (InventorySyncRow.recorded_at, InventorySyncRow.id))
BY_INDEX = Ordering("index", (cast("InstrumentedAttribute[int]", column("index", Integer)),))
HEADER = [each for each in InventorySyncRow.__table__.columns if each.name != "failures"]
"""What is read of a feed: its failures may be thousands, and are read by the page."""
FAILED = """
SELECT sync.id, failure.row FROM inventory_sync sync CROSS JOIN LATERAL (
    SELECT value AS row FROM jsonb_array_elements(sync.failures) AS value
    WHERE :place::int IS NULL OR (value ->> 'index')::int {beyond} :place
    ORDER BY (value ->> 'index')::int {direction} LIMIT :limit
) AS failure
WHERE sync.id = ANY (:syncs::uuid[]) AND (:seen::uuid[] IS NULL OR sync.location_ids <@ :seen::uuid[])
"""
FAILED_AFTER = Sql(FAILED.format(beyond=">", direction="ASC"))
FAILED_BEFORE = Sql(FAILED.format(beyond="<", direction="DESC"))


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A row of a feed of which nothing happened, by its place among the rows, and why."""

    index: int
    error: OmsError


def stored(index: int, error: OmsError) -> dict[str, Any]:
    """Return why a row failed as it is kept with its feed: NUL, which no text of the database may hold, as it is shown."""
    data = asdict(error)
    field = data.pop("field")
    shown = {name: each.replace("\0", "\\0") if isinstance(each, str) else each for name, each in data.items()}
    return {"index": index, "code": error.code, "field": field, "data": shown}


def read_back(failure: Mapping[str, Any]) -> FailedRow:
    """Return what `stored` made."""
    error = type_registry[failure["code"]](**failure["data"], field=tuple(failure["field"]))
    return FailedRow(failure["index"], error)


def visible_to(sight: Sight) -> list[ColumnElement[bool]]:
    """Return as conditions on a feed that it named a location that is seen."""
    seen = sight.locations
    return [] if seen is None else [InventorySyncRow.location_ids.bool_op("&&")(array_of(Uuid(), seen))]


@one_for("id")
def syncs_by_id(ids: Keys, sight: Sight) -> Found:
    """The feeds that can be seen."""
    return select(*HEADER).where(among(InventorySyncRow.id, ids), *visible_to(sight))


@one_for("adjustment_id")
def syncs_by_adjustment(adjustments: Keys, sight: Sight) -> Found:
    """The feed that made each adjustment, where one did and it can be seen."""
    return select(*HEADER).where(among(InventorySyncRow.adjustment_id, adjustments), *visible_to(sight))


def _failures(syncs: Sequence[SyncId], sight: Sight, page: PageRequest) -> Query[Any]:
    (place,) = BY_INDEX.at(page) or (None,)
    seen = None if sight.locations is None else array(sight.locations)
    failed = FAILED_BEFORE if page.backwards else FAILED_AFTER
    return Query(*failed(place=place, limit=page.size + 1, syncs=array(syncs), seen=seen))


def _pages(syncs: Sequence[SyncId], records: Sequence[Any], page: PageRequest) -> dict[SyncId, Page[FailedRow]]:
    found: dict[SyncId, list[FailedRow]] = {sync: [] for sync in syncs}
    for record in records:
        found[record.id].append(read_back(record.row))
    return {sync: page_of(rows, by=BY_INDEX, page=page) for sync, rows in found.items()}


pages_of_failures = Relation(_failures, _pages, partial(page_of, (), by=BY_INDEX, page=PageRequest()))
"""The rows of each feed that failed, in their order; the feeds were seen before."""
