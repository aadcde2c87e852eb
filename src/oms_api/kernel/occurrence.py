"""When something happened to a document: never before what it follows."""

from datetime import UTC, datetime

from oms_api.kernel.errors import OccurredTooEarly


def occurred(given: datetime | None, *, not_before: datetime, what: str) -> None:
    """Check a moment that a caller gave against *what* it follows. Raises: OccurredTooEarly."""
    if given is not None and given < not_before:
        raise OccurredTooEarly(given=text_time(given), what=what, earliest=text_time(not_before), field=("occurredAt",))


def text_time(moment: datetime) -> str:
    """Return *moment* as people are told it: in UTC, with a Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
