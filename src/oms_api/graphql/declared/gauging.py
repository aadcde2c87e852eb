"""Whether what is asked holds of few rows: they are counted first, where a value may be rare or frequent."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from oms_api.db.session import Reader
from oms_api.db.statements import statement
from oms_api.kernel.dataclass import dataclass

FEW = 1_000
"""Rows that are looked up before a list is walked in its order."""


@dataclass(frozen=True)
class Rare:
    """What is *asked*, where few rows meet it: they are looked up."""

    asked: Any


@dataclass(frozen=True)
class Frequent:
    """What is *asked*, where many rows meet it: the list is walked in its order until enough do."""

    asked: Any


@dataclass(frozen=True)
class Part:
    """What is *asked*, where it names the part of a list that is read whole."""

    asked: Any


def plain(asked: Any) -> Any:
    """Return what is *asked*, however many rows meet it."""
    return asked.asked if isinstance(asked, Rare | Frequent | Part) else asked


class Gauge:
    """Counts the *rows* that meet what is asked, as far as they are few."""

    def __init__(self, rows: Callable[[Any], Any]) -> None:
        @statement
        def count(asked: Any) -> Any:
            return select(func.count()).select_from(rows(asked).limit(FEW + 1).subquery())

        self.count = count

    async def of(self, read: Reader, asked: Any, *, walked: bool) -> Any:
        """Return what is *asked* as Rare where few rows meet it, else as Frequent if the list is *walked* in an order."""
        found = await read.value(self.count(asked)) or 0
        if found <= FEW:
            return Rare(asked)
        return Frequent(asked) if walked else asked
