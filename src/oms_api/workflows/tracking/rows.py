"""Scans as rows of texts, as webhooks and files hold them: each is read by itself, so that one that is wrong stops no other."""

from collections.abc import Mapping
from datetime import datetime

from oms_api.domain.parcels.port import Scan
from oms_api.domain.parcels.states import TrackingStatus
from oms_api.domain.shipping.tracking import LONGEST_TEXT, is_number
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused, wrong_in
from oms_api.workflows.tracking.report import wrong_with

NEEDED = ("trackingNumber", "status", "occurredAt")
COLUMNS = (*NEEDED, "carrier", "code", "id", "message", "place")
"""What a row says; `id` is the carrier's own id of the scan, `code` its own code."""


@dataclass(frozen=True, slots=True, eq=False)
class ReportedScan:
    """A scan with the tracking number of its parcel; *carrier* says whose number that is, where it matters."""

    tracking_number: str
    scan: Scan
    carrier: str | None = None


def scan_in(row: object, now: datetime) -> ReportedScan:
    """Return the scan in a row, as of *now*. Raises: InvalidValue; Refused, with all that is wrong with it."""
    if not isinstance(row, Mapping):
        raise InvalidValue(problem=f"An event is an object with {', '.join(NEEDED)}.")
    errors = [error for name in COLUMNS for error in wrong_in(lambda name=name: _text(row, name))]  # type: ignore[misc]
    errors += [] if errors else wrong_in(lambda: _moment(row), lambda: _status(row), lambda: _number(row))
    if errors:
        raise Refused(errors=errors)
    scan = Scan(
        status=_status(row),
        occurred_at=_moment(row),
        code=_text(row, "code") or "",
        scan_ref=_text(row, "id"),
        message=_text(row, "message"),
        place=_text(row, "place"),
    )
    if wrong := [_named(error) for error in wrong_with(scan, now)]:
        raise Refused(errors=wrong)
    return ReportedScan(_number(row), scan, _text(row, "carrier"))


def _text(row: Mapping[str, object], name: str) -> str | None:
    """Return a text of a row, None where it is empty or missing. Raises: InvalidValue, for what is no text, or is needed."""
    given = row.get(name)
    if given is not None and not isinstance(given, str):
        raise InvalidValue(problem=f"{name} is a text.", field=(name,))
    text = (given or "").strip() or None
    if text is None and name in NEEDED:
        raise InvalidValue(problem=f"{name} is missing.", field=(name,))
    return text


def _number(row: Mapping[str, object]) -> str:
    number = _text(row, "trackingNumber") or ""
    if not is_number(number):
        problem = f"trackingNumber has 1 to {LONGEST_TEXT} characters that can be printed."
        raise InvalidValue(problem=problem, field=("trackingNumber",))
    return number


def _status(row: Mapping[str, object]) -> TrackingStatus:
    try:
        return TrackingStatus(_text(row, "status") or "")
    except ValueError:
        problem = f"status is one of {', '.join(TrackingStatus)}."
        raise InvalidValue(problem=problem, field=("status",)) from None


def _moment(row: Mapping[str, object]) -> datetime:
    problem = 'occurredAt is a moment with its offset from UTC, as "2026-05-04T09:30:00Z" or "2026-05-04T11:30:00+02:00".'
    try:
        moment = datetime.fromisoformat(_text(row, "occurredAt") or "")
    except ValueError:
        raise InvalidValue(problem=problem, field=("occurredAt",)) from None
    if moment.utcoffset() is None:
        raise InvalidValue(problem=problem, field=("occurredAt",))
    return moment


def _named(error: OmsError) -> OmsError:
    """Return an error of a scan with the name that rows have for the field."""
    error.field = tuple("id" if name == "scanRef" else name for name in error.field)
    return error
