"""Filters of what may stand in any of several columns, such as the text of a search box."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true

from oms_api.db.session import Reader
from oms_api.db.sets import among_found
from oms_api.db.trigrams import has_trigram_index
from oms_api.graphql.declared.agreement import Column
from oms_api.graphql.declared.asking import Filter
from oms_api.graphql.declared.filters import On
from oms_api.graphql.declared.operators import contains, pattern_of
from oms_api.kernel.access import Sight
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import SearchUnavailable


@dataclass(frozen=True)
class Contained(Filter):
    """Records whose *key* is the *name* of a row that contains the text in one of its *columns*."""

    key: Column
    name: Column
    columns: Sequence[Column]

    def operators(self) -> Any:
        """Return the type of the text."""
        return str

    def conditions(self, asked: Any, _sight: Sight) -> Iterator[ColumnElement[bool]]:
        """Yield the condition that a column matches the pattern *asked*."""
        yield among_found(self.key, select(self.name).where(or_(*(contains(column, asked) for column in self.columns))))

    def selective(self, _asked: Any) -> bool:
        """Tell that few records contain a text."""
        return True

    def checked(self, asked: str) -> str:
        """Return the pattern of the text. Raises: SearchTooShort, SearchTooLong."""
        return pattern_of(asked)

    def looks(self, _asked: Any) -> bool:
        """Tell that not every database can search."""
        return True

    async def known(self, read: Reader, asked: str) -> str:
        """Return *asked*. Raises: SearchUnavailable."""
        if not await has_trigram_index(read, f"ix_{self.name.table.name}_contains"):
            raise SearchUnavailable
        return asked


def text_in(*columns: Column, key: Column, name: Column) -> Any:
    """Declare a filter of a text that one of *columns* contains, all in one index of `db.columns.contained`.

    *key* is the column of the list that holds the *name* of their row.
    """
    return Contained(key, name, columns)


@dataclass(frozen=True)
class Either(On):
    """A filter of several columns, one of which must be all that is asked."""

    others: tuple[Column, ...] = ()

    def conditions(self, asked: Any, sight: Sight) -> Iterator[ColumnElement[bool]]:
        """Yield the condition that one of the columns is what is asked."""
        yield or_(*(and_(true(), *On(column).conditions(asked, sight)) for column in (self.column, *self.others)))


def either(column: Column, *others: Column) -> Any:
    """Declare a filter on columns of the same type, one of which must be all that is asked, by its operators."""
    return Either(column, others=others)
