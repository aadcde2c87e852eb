"""Whether what is asked holds of few rows: they are counted first, where a value may be rare or frequent."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, func, literal_column, select

from oms_api.db.session import Reader
from oms_api.db.statements import FIELDS, statement

FEW = 1_000
"""Rows that are looked up before a list is walked in its order."""


class Rare:
    """What is asked, where few rows meet it."""


@cache
def _rare(asked: Any) -> Any:
    return type(asked.__name__, (asked, Rare), {})


class Gauge:
    """Counts the rows of a *table* that meet what is asked, as *conditions* say it, as far as they are few."""

    def __init__(self, table: Any, conditions: Callable[[Any], Sequence[ColumnElement[bool]]]) -> None:
        @statement
        def count(asked: Any) -> Any:
            some: Any = select(literal_column("1")).select_from(table).where(*conditions(asked)).limit(FEW + 1)
            return select(func.count()).select_from(some.subquery())

        self.count = count

    async def of(self, read: Reader, asked: Any) -> Any:
        """Return what is *asked*, as Rare where few rows meet it."""
        kind, few = cast("Any", type(asked)), cast("int", await read.value(cast("Any", self.count(asked))))
        return _rare(kind)(**{name: getattr(asked, name) for name in FIELDS[kind]}) if few <= FEW else asked
