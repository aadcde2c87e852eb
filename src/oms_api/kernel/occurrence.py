"""When something happened to a document: never before what it follows."""

from datetime import UTC, datetime

from oms_api.kernel.errors import OccurredTooEarly


def occurred(given: datetime | None, *, not_before: datetime, what: str) -> None:
    """Check a moment that a caller gave against *what* it follows. Raises: OccurredTooEarly."""
    if given is not None and given < not_before:
        raise OccurredTooEarly(given=_text(given), what=what, earliest=_text(not_before), field=("occurredAt",))


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
