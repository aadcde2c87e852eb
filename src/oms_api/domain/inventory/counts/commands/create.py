"""Asking for a count: of certain SKUs, or of all that a location holds."""

from collections.abc import Sequence
from datetime import datetime

from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.catalog.references import SkuRef, skus_by_reference
from oms_api.domain.inventory.counts.errors import NothingToCount
from oms_api.domain.inventory.counts.events import StockCountCreated
from oms_api.domain.inventory.counts.policies import MOST_NAMED, MOST_WHOLE
from oms_api.domain.inventory.counts.states import StockCountStatus
from oms_api.domain.inventory.counts.tables import StockCountLineRow, StockCountRow
from oms_api.domain.inventory.errors import NotStocked
from oms_api.kernel.checks import check_length
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import LineTwice, NotFound, OmsError, Refused, TooManyItems
from oms_api.kernel.ids import CountId, CountLineId, IdKind, LocationId, SkuId, text_id
from oms_api.kernel.naming import check_note, check_reference

NUMBER = Sql("SELECT nextval('stock_count_number'), EXISTS (SELECT FROM location WHERE id = :location::uuid)")
HELD_HERE = Sql("""
SELECT level.sku_id FROM inventory_level level JOIN sku ON sku.id = level.sku_id WHERE level.location_id = :location::uuid
ORDER BY sku.code LIMIT :most
""")
SHEETS, LINES = inserts(StockCountRow), inserts(StockCountLineRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCount:
    """Count *skus* at a location, or without them all that it holds; *blind* keeps what is expected from who counts."""

    idempotency_key: str
    location_id: LocationId
    skus: tuple[SkuRef, ...] | None = None
    blind: bool = False
    reference: str | None = None
    note: str | None = None
    occurred_at: datetime | None = None


async def create_count(tx: Tx, command: CreateCount) -> StockCountRow:
    """Open a count and return it.

    Raises: MissingScope, InvalidValue, NotFound, TooManyItems, NothingToCount; Refused with all that is wrong with the SKUs.
    """
    at = tx.business_time(command.occurred_at)
    check_reference(command.reference, "reference")
    check_note(command.note, "note")
    ((number, known),) = await tx.fetch(NUMBER(location=command.location_id))
    if not known or not tx.principal.sees_location(command.location_id):
        raise NotFound(what="location", given=text_id(IdKind.LOCATION, command.location_id), field=("locationId",))
    named = command.skus is not None
    skus = await named_skus(tx, command.skus) if command.skus is not None else await skus_held(tx, command.location_id)
    row = tx.put(
        SHEETS,
        id=tx.new_id(CountId),
        number=number,
        location_id=command.location_id,
        status=StockCountStatus.OPEN,
        whole=not named,
        blind=command.blind,
        reference=command.reference,
        note=command.note,
        version=1,
        actor=tx.actor,
        created_at=at,
        recorded_at=tx.now,
    )
    tx.write(
        LINES,
        [
            {"id": tx.new_id(CountLineId), "count_id": row.id, "position": position, "sku_id": sku}
            for position, sku in enumerate(skus, 1)
        ],
    )
    changes: dict[str, tuple[object, object]] = {"status": (None, row.status)}
    tx.emit(StockCountCreated(subject_id=row.id, location_ids=(row.location_id,), changes=changes, occurred_at=at))
    return row


async def skus_held(tx: Tx, location_id: LocationId) -> Sequence[SkuId]:
    """Return every SKU that the location has a level of, by code. Raises: NothingToCount, TooManyItems."""
    found = [sku_id for (sku_id,) in await tx.fetch(HELD_HERE(location=location_id, most=MOST_WHOLE + 1))]
    if not found:
        raise NothingToCount(field=("skus",))
    if len(found) > MOST_WHOLE:
        raise TooManyItems(limit=MOST_WHOLE, given=len(found), field=("skus",))
    return found


async def named_skus(tx: Tx, given: Sequence[SkuRef]) -> Sequence[SkuId]:
    """Return the SKUs that are named. Raises: InvalidValue, TooManyItems, Refused."""
    check_length(given, "skus", MOST_NAMED, "leave them out to count all that is there")
    found = await skus_by_reference(tx, given)
    chosen: dict[SkuId, None] = {}
    errors: list[OmsError] = []
    for index, reference in enumerate(given):
        sku = found.get(reference)
        if sku is None:
            errors.append(reference.unknown("skus", index))
        elif not sku.kind.stocked:
            errors.append(NotStocked(sku=sku.code, kind=sku.kind).at("skus", index))
        elif sku.id in chosen:
            errors.append(LineTwice().at("skus", index))
        else:
            chosen[sku.id] = None
    if errors:
        raise Refused(errors=errors)
    return list(chosen)
