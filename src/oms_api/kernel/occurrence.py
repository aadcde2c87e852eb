"""When something happened to a document, never before what it follows, and when something is planned."""

from datetime import UTC, date, datetime

from oms_api.kernel.errors import InvalidValue, OccurredTooEarly

PLANNED_YEARS = range(2000, 2101)


def occurred(at: datetime, given: datetime | None, *, not_before: datetime, what: str) -> datetime:
    """Return when something happened that follows *what*: *at*, or when that was, where nobody gave a moment and it was later.

    A transaction's moment is that of its beginning, and one that began later may have had the lock before it. Raises:
    OccurredTooEarly, where *given* is before what it follows.
    """
    if given is not None and given < not_before:
        raise OccurredTooEarly(given=text_time(given), what=what, earliest=text_time(not_before), field=("occurredAt",))
    return max(at, not_before)


def check_planned(given: date | datetime | None, *path: str) -> None:
    """Check a day or a moment that somebody expects something for. Raises: InvalidValue, for one of another age."""
    if given is not None and given.year not in PLANNED_YEARS:
        problem = f"{path[-1]} lies in the years {PLANNED_YEARS[0]} to {PLANNED_YEARS[-1]}."
        raise InvalidValue(problem=problem, field=path)


def text_time(moment: datetime) -> str:
    """Return *moment* as people are told it: in UTC, with a Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
