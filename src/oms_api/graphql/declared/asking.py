"""What can be asked of the records of a list, and how few of many are found."""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement

from oms_api.db.keyset import Ordering
from oms_api.db.session import Reader
from oms_api.db.sets import among_found
from oms_api.graphql.declared.agreement import Column
from oms_api.graphql.declared.gauging import Frequent, Gauge, Rare, plain
from oms_api.graphql.declared.through import Through
from oms_api.kernel.access import Scope, Sight
from oms_api.kernel.dataclass import dataclass


class Filter:
    """What a list can be filtered by."""

    through: Through | None = None
    only: ColumnElement[bool] | None = None
    default: Any = None
    scope: Scope | None = None
    gauged: bool = False

    def operators(self) -> Any:
        """Return the type of what a client writes."""
        raise NotImplementedError

    def conditions(self, asked: Any, _sight: Sight) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions that are *asked*, of what can be seen."""
        raise NotImplementedError

    def selective(self, _asked: Any) -> bool:
        """Tell whether what is *asked* holds of few records of many, and an index finds them."""
        return False

    def checked(self, asked: Any) -> Any:
        """Return *asked* with ids instead of their texts. Raises: InvalidId, TooManyItems, with the path from here."""
        return asked

    def looks(self, _asked: Any) -> bool:
        """Tell whether it has to be `known` what is *asked*."""
        return self.scope is not None

    def equal(self, _asked: Any) -> Any:
        """Return the column of the list that has one value, if no more is asked."""
        return None

    async def known(self, read: Reader, asked: Any) -> Any:
        """Return *asked* with the ids of what it names otherwise. Raises: MissingScope, SearchUnavailable."""
        if self.scope is not None:
            read.principal.demand(self.scope)
        return asked

    def gauges(self, _asked: Any, _order: Ordering | None) -> bool:
        """Tell whether it is counted of how many rows holds what is *asked* of a list in this *order*, or of its number."""
        return self.gauged

    async def gauged_by(self, read: Reader, asked: Any, order: Ordering | None) -> Any:
        """Return what is *asked* as rare or frequent, if the list is read in an *order*."""
        return await self.gauge.of(read, asked, walked=order is not None)

    @cached_property
    def gauge(self) -> Gauge:
        """What tells whether few rows meet what is asked."""
        return Gauge(self.rows)

    def rows(self, asked: Any) -> Any:
        """Return what selects the rows that meet what is *asked*, by an index."""
        raise NotImplementedError


@dataclass(frozen=True)
class Asks(Filter):
    """A filter of one plain value."""

    type: Any
    condition: Callable[[Any], ColumnElement[bool]]
    through: Through | None = None
    default: Any = None
    scope: Scope | None = None
    found: "Found | None" = None

    def operators(self) -> Any:
        """Return the type of the value."""
        return self.type

    def conditions(self, asked: Any, _sight: Sight) -> Iterator[ColumnElement[bool]]:
        """Yield the condition of the value."""
        if isinstance(asked, Rare) and self.found:
            yield among_found(self.found.key, self.found.rows(asked.asked))
        elif isinstance(asked, Frequent) and self.found and self.found.walked:
            yield self.found.walked(asked.asked)
        else:
            yield self.condition(plain(asked))

    def gauges(self, asked: Any, _order: Ordering | None) -> bool:
        """Tell whether an index finds the rows, and something is *asked* for."""
        return self.found is not None and asked is not False

    def rows(self, asked: Any) -> Any:
        """Return what selects the rows."""
        return self.found.rows(asked) if self.found else super().rows(asked)


@dataclass(frozen=True)
class Found:
    """How few records are looked up by a plain value: their column *key* is among the *rows* that an index finds.

    Where many are, the list is walked in its order under the condition *walked*, if it is another.
    """

    key: Column
    rows: Callable[[Any], Any]
    walked: Callable[[Any], ColumnElement[bool]] | None = None


def asks(
    type: Any,
    condition: Callable[[Any], ColumnElement[bool]],
    *,
    through: Through | None = None,
    default: Any = None,
    scope: Scope | None = None,
    found: Found | None = None,
) -> Any:
    """Declare a filter of one plain value of *type*, which *condition* may not look at unless it is a Boolean.

    Unless a client says otherwise, null for any, the value is *default*. Records that may be few are *found* before a list
    is walked. Who asks needs *scope*, beside that of the list.
    """
    return Asks(type, condition, through, default, scope, found)
