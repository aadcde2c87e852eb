"""Importing many tracking events as a job: each has its result, and a wrong one stops no other."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from oms_api.db.columns import Json
from oms_api.db.session import Tx
from oms_api.domain.carriers.queries import account_by_id
from oms_api.domain.carriers.states import ScanOutcome
from oms_api.domain.carriers.tables import TrackingImportItemRow, TrackingImportRow
from oms_api.domain.events.jobs import create_job
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.kernel.checks import check_length
from oms_api.kernel.csv_text import check_cells, rows_of
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError
from oms_api.kernel.ids import CarrierAccountId, IdKind, TrackingImportId, TrackingImportItemId, text_id
from oms_api.kernel.naming import LONGEST_TEXT
from oms_api.workflows.tracking.rows import COLUMNS, NEEDED, scan_in

JOB = "tracking_import"
MOST_EVENTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenEvent:
    """A tracking event as a client gives it among many."""

    tracking_number: str
    status: TrackingStatus
    occurred_at: datetime
    carrier: str | None = None
    code: str | None = None
    scan_ref: str | None = None
    message: str | None = None
    place: str | None = None

    def row(self) -> Mapping[str, object]:
        """Return it as a row of a file."""
        given = {
            "trackingNumber": self.tracking_number,
            "status": self.status.value,
            "occurredAt": self.occurred_at.isoformat(),
            "carrier": self.carrier,
            "code": self.code,
            "id": self.scan_ref,
            "message": self.message,
            "place": self.place,
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTracking:
    """Tracking events to take: as a CSV text, or one by one. An account tells of its own labels first."""

    csv: str | None = None
    events: tuple[GivenEvent, ...] | None = None
    account_id: CarrierAccountId | None = None


async def import_tracking(tx: Tx, command: ImportTracking) -> TrackingImportRow:
    """Keep the given events, refuse those that cannot be read, and let the worker do the rest.

    Raises: LimitedKey, NotFound; InvalidValue, TooManyItems, for a file or a list of another form.
    """
    tx.principal.check_unlimited("channels", "locations")
    if command.account_id is not None:
        await account_by_id(tx, command.account_id)
    rows = _rows(command)
    key = tx.new_id(TrackingImportId)
    job = await create_job(tx, JOB, {"import": text_id(IdKind.TRACKING_IMPORT, key)})
    row = {
        "id": key,
        "job_id": job.id,
        "client_id": tx.principal.client_id,
        "account_id": command.account_id,
        "events": len(rows),
        "actor": tx.actor,
        "created_at": tx.now,
    }
    made = await tx.made(TrackingImportRow, row)
    await tx.insert(TrackingImportItemRow, [_item(tx, key, at, row) for at, row in enumerate(rows)])
    return made


def _rows(command: ImportTracking) -> Sequence[Mapping[str, object]]:
    if (command.csv is None) == (command.events is None):
        raise InvalidValue(problem="Give events, or the text of a CSV file.", field=("events",))
    if command.csv is None:
        given = command.events or ()
        check_length(given, "events", MOST_EVENTS)
        return [each.row() for each in given]
    rows = rows_of(command.csv, COLUMNS, NEEDED, MOST_EVENTS)
    check_length(rows, "csv", MOST_EVENTS)
    return rows


def _item(tx: Tx, key: TrackingImportId, at: int, row: Mapping[str, object]) -> dict[str, object]:
    error = None
    try:
        check_cells(row)
        scan_in(row, tx.now)
    except OmsError as wrong:
        error = error_shown(wrong)
    return {
        "id": tx.new_id(TrackingImportItemId),
        "import_id": key,
        "position": at,
        "tracking_number": _kept(row.get("trackingNumber") or ""),
        "told": {name: _kept(value) for name, value in row.items()},
        "outcome": ScanOutcome.WAITING if error is None else ScanOutcome.REFUSED,
        "error": error,
    }


def _kept(value: object) -> str:
    """Return a text as it is kept: of what is refused for its length, its beginning."""
    return str(value).replace("\0", "")[:LONGEST_TEXT]


def error_shown(error: OmsError) -> Json:
    """Return the first of what is wrong with an event, as it is kept."""
    first = error.causes[0]
    return {"code": first.code, "message": first.message, "field": list(first.field)}
