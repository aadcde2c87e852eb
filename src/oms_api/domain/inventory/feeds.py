"""Reads of feeds, within the limits of the principal: by what is known of them, and which of their rows failed.

A limited caller sees a feed that named a location it sees, also where nothing of it differed; its failures are data of levels,
and seen by whoever sees all the feed's locations.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Integer, Select, Uuid, column, literal, select, text
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.keyset import Ordering, keyset, page_of
from oms_api.db.session import Reader
from oms_api.db.sets import among
from oms_api.domain.inventory.tables import InventorySync
from oms_api.kernel.errors import OmsError, type_registry
from oms_api.kernel.paging import Page, PageRequest

NEWEST_FIRST = Ordering("recorded_at_desc", (InventorySync.recorded_at, InventorySync.id), descending=True)
OLDEST_FIRST = Ordering("recorded_at_asc", (InventorySync.recorded_at, InventorySync.id))
BY_INDEX = Ordering("index", (cast("InstrumentedAttribute[int]", column("index", Integer)),))
HEADER = [each for each in InventorySync.__table__.columns if each.name != "failures"]
"""What is read of a feed: its failures may be thousands, and are read by the page."""
FAILED = """
SELECT sync.id, failure.row FROM inventory_sync sync CROSS JOIN LATERAL (
    SELECT value AS row FROM jsonb_array_elements(sync.failures) AS value
    WHERE CAST(:place AS int) IS NULL OR CAST(value ->> 'index' AS int) {beyond} :place
    ORDER BY CAST(value ->> 'index' AS int) {direction} LIMIT :limit
) AS failure
WHERE sync.id = ANY (CAST(:syncs AS uuid[]))
  AND (CAST(:seen AS uuid[]) IS NULL OR sync.location_ids <@ CAST(:seen AS uuid[]))
"""
FAILED_AFTER = text(FAILED.format(beyond=">", direction="ASC"))
FAILED_BEFORE = text(FAILED.format(beyond="<", direction="DESC"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncFilter:
    """Which feeds. `None` means any; *failed* those of which some row failed, or none did."""

    sources: tuple[str, ...] | None = None
    actors: tuple[str, ...] | None = None
    location_ids: tuple[UUID, ...] | None = None
    failed: bool | None = None
    recorded_from: datetime | None = None
    recorded_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A row of a feed of which nothing happened, by its place among the rows, and why."""

    index: int
    error: OmsError


def stored(index: int, error: OmsError) -> dict[str, Any]:
    """Return why a row failed as it is kept with its feed."""
    data = asdict(error)
    return {"index": index, "code": error.code, "field": data.pop("field"), "data": data}


def read_back(failure: Mapping[str, Any]) -> FailedRow:
    """Return what `stored` made."""
    error = type_registry[failure["code"]](**failure["data"], field=tuple(failure["field"]))
    return FailedRow(failure["index"], error)


async def page_of_syncs(
    read: Reader, where: SyncFilter, page: PageRequest, *, by: Ordering = NEWEST_FIRST
) -> Page[InventorySync]:
    """Return one page of the feeds. Raises: InvalidCursor."""
    table = InventorySync
    statement = _feeds(read)
    if where.sources is not None:
        statement = statement.where(among(table.source, where.sources))
    if where.actors is not None:
        statement = statement.where(among(table.actor, where.actors))
    if where.location_ids is not None:
        statement = statement.where(_named(where.location_ids))
    if where.failed is not None:
        statement = statement.where(table.failed > 0 if where.failed else table.failed == 0)
    if where.recorded_from is not None:
        statement = statement.where(table.recorded_at >= where.recorded_from)
    if where.recorded_before is not None:
        statement = statement.where(table.recorded_at < where.recorded_before)
    return await keyset(read, statement, by=by, page=page)


async def syncs_by_id(read: Reader, ids: Iterable[UUID]) -> Mapping[UUID, InventorySync]:
    """Return the feeds among *ids* that exist and can be seen."""
    return {row.id: row for row in await read.all(_feeds(read).where(among(InventorySync.id, ids)))}


async def syncs_by_adjustment(read: Reader, adjustments: Iterable[UUID]) -> Mapping[UUID, InventorySync]:
    """Return the feed that made each of *adjustments*, where one did and it can be seen."""
    found = await read.all(_feeds(read).where(among(InventorySync.adjustment_id, adjustments)))
    return {row.adjustment_id: row for row in found if row.adjustment_id is not None}


async def pages_of_failures(read: Reader, syncs: Sequence[UUID], page: PageRequest) -> Mapping[UUID, Page[FailedRow]]:
    """Return one page of the rows of each feed that failed, in their order; the feeds were seen before.

    Raises: InvalidCursor.
    """
    (place,) = (None,) if page.cursor is None else BY_INDEX.place(page.cursor)
    limits = read.principal.locations
    where = {"place": place, "limit": page.size + 1, "syncs": list(syncs), "seen": None if limits is None else sorted(limits)}
    found: dict[UUID, list[FailedRow]] = {sync: [] for sync in syncs}
    for sync, failure in await read.rows(FAILED_BEFORE if page.backwards else FAILED_AFTER, where):
        found[sync].append(read_back(failure))
    return {sync: page_of(rows, by=BY_INDEX, page=page) for sync, rows in found.items()}


def _feeds(read: Reader) -> Select[InventorySync]:
    statement = cast("Select[InventorySync]", select(*HEADER))
    limits = read.principal.locations
    return statement if limits is None else statement.where(_named(limits))


def _named(locations: Iterable[UUID]) -> ColumnElement[bool]:
    return InventorySync.location_ids.bool_op("&&")(literal(sorted(locations), ARRAY(Uuid)))
