"""Calling a count off: stock stays as it is."""

from dataclasses import dataclass
from datetime import datetime

from oms_api.db.records import changed
from oms_api.db.session import Tx
from oms_api.domain.inventory.counts.document import found_count, write_header
from oms_api.domain.inventory.counts.events import StockCountCanceled
from oms_api.domain.inventory.counts.policies import why_not_cancel
from oms_api.domain.inventory.counts.states import StockCountStatus
from oms_api.domain.inventory.counts.tables import StockCountRow
from oms_api.kernel.ids import CountId
from oms_api.kernel.intake import refuse_if
from oms_api.kernel.occurrence import occurred


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelCount:
    """Call a count off."""

    idempotency_key: str
    count_id: CountId
    expected_version: int | None = None
    occurred_at: datetime | None = None


async def cancel_count(tx: Tx, command: CancelCount) -> StockCountRow:
    """Call a count off and return it: CANCELED. Raises: NotFound, VersionConflict, IllegalMove, OccurredTooEarly."""
    at = tx.business_time(command.occurred_at)
    row = await found_count(tx, command.count_id, command.expected_version)
    refuse_if(why_not_cancel(row))
    at = occurred(at, command.occurred_at, not_before=row.created_at, what="the count's creation")
    after = changed(row, status=StockCountStatus.CANCELED, version=row.version + 1, closed_at=at, closed_by=tx.actor)
    write_header(tx, after)
    changes: dict[str, tuple[object, object]] = {"status": (row.status, after.status)}
    tx.emit(StockCountCanceled(subject_id=row.id, location_ids=(row.location_id,), changes=changes, occurred_at=at))
    return after
