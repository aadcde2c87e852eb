"""Rows that belong to those of a list, by which it is filtered."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal_column, select

from oms_api.db.relations import Conditions, everything
from oms_api.db.sets import among_found
from oms_api.graphql.declared.agreement import Column
from oms_api.kernel.access import Sight

Asked = Mapping[str, Sequence[ColumnElement[bool]]]
"""What is asked of such rows, by the names of the filters."""


class Through:
    """Rows that belong to those of the list by *link*; filters through the same ones speak of one and the same row.

    *seen* gives what must hold of such a row for it to be seen.
    """

    def __init__(self, link: ColumnElement[bool], *, seen: Conditions = everything) -> None:
        self.link, self.seen = link, seen

    def holds(self, asked: Asked, sight: Sight, *, selective: bool, walked: bool) -> ColumnElement[bool]:
        """Return the condition that there is a row of which all holds that is *asked*; *selective*: of few rows it does.

        Where the list is *walked* in its order, each record is asked for by itself: OFFSET keeps the planner from a join.
        """
        met = [self.link, *chain.from_iterable(asked.values()), *self.seen(sight)]
        row: Select[Any] = select(literal_column("1")).where(*met)
        return (row.offset(literal_column("0")) if walked else row).exists()


class Sought(Through):
    """Rows that name the *key* of those of the list in their column *name*, *joined* with others.

    Where something selective is asked they are looked up before anything else, by their own indexes.
    """

    def __init__(self, key: Column, name: Column, *joined: ColumnElement[bool], seen: Conditions = everything) -> None:
        super().__init__(and_(name == key, *joined), seen=seen)
        self.key, self.name, self.joined = key, name, joined

    def holds(self, asked: Asked, sight: Sight, *, selective: bool, walked: bool) -> ColumnElement[bool]:
        """Return the condition that there is a row of which all holds that is *asked*; *selective*: of few rows it does."""
        if not selective:
            return super().holds(asked, sight, selective=False, walked=walked)
        met = [*self.joined, *chain.from_iterable(asked.values()), *self.seen(sight)]
        return among_found(self.key, select(self.name).where(*met))
