"""Operators of filters: what a field may be."""

from datetime import datetime
from typing import Any, Generic, TypeVar

import strawberry

from oms_api.graphql.described import input_type
from oms_api.kernel.errors import OmsError, TooManyItems
from oms_api.kernel.ids import ID_TYPES, IdKind, parse_id

Value = TypeVar("Value")
MOST_VALUES = 250
TYPES = {kind: of for of, kind in ID_TYPES.items()}


@strawberry.input(description="Which values a field may have. With both operators, both must hold.")
class Match(Generic[Value]):
    """Which values a field may have."""

    eq: Value | None = strawberry.field(default=None, description="Exactly this value.")
    in_: list[Value] | None = strawberry.field(default=None, name="in", description="One of these values, at most 250.")

    def values(self, *path: str) -> tuple[Value, ...] | None:
        """Return the values allowed, or None where all are. Raises: TooManyItems."""
        if self.in_ is not None and len(self.in_) > MOST_VALUES:
            raise TooManyItems(limit=MOST_VALUES, given=len(self.in_), field=(*path, "in"))
        if self.eq is None:
            return None if self.in_ is None else tuple(self.in_)
        return (self.eq,) if self.in_ is None or self.eq in self.in_ else ()


@input_type
class DateTimeRange:
    """A span of time."""

    from_: datetime | None = strawberry.field(default=None, name="from", description="From this moment on.")
    before: datetime | None = None
    """Before this moment."""


def matched(match: Match[Any] | None, *path: str) -> tuple[Any, ...] | None:
    """Return the values that *match* allows, or None where all are."""
    return None if match is None else match.values(*path)


def matched_ids(kind: IdKind, match: Match[strawberry.ID] | None, *path: str) -> tuple[Any, ...] | None:
    """Return the ids that *match* allows. Raises: InvalidId."""
    values = matched(match, *path)
    return None if values is None else tuple(id_at(kind, value, *path) for value in values)


def id_at(kind: IdKind, text: str, *path: str | int) -> Any:
    """Return the id behind *text*. Raises: InvalidId, naming *path*."""
    try:
        return parse_id(TYPES[kind], text)
    except OmsError as error:
        raise error.at(*path) from None
