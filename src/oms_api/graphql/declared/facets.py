"""How many records of a list have each value of its statuses: what stands beside a search box."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, literal_column, select, true, type_coerce, union_all
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import InstrumentedAttribute

from oms_api.db.statements import statement
from oms_api.graphql.context import Info
from oms_api.graphql.declared.agreement import Disagreement, argument_of, of_column, root
from oms_api.graphql.declared.filters import Where
from oms_api.graphql.declared.lists import A_SURVEY, HIGHEST_COUNT, Listing, asked_in_turn, asked_of, which_of
from oms_api.graphql.declared.methods import as_method
from oms_api.graphql.declared.records import Record
from oms_api.graphql.described import argument, output
from oms_api.graphql.permissions import query
from oms_api.kernel.access import Sight
from oms_api.kernel.errors import Busy, InvalidValue

COUNTED_BY_DEFAULT = 1_000


@output
class ValueCount:
    """A value, and the number of records that have it."""

    value: str
    """The value, as filters name it."""
    count: int
    """The number, counted up to the limit."""
    at_least: bool
    """True where more records may have the value: the limit was reached, or counting took too long."""


class Facets:
    """The statuses of a list, each counted by its own index as far as the limit, under all conditions of a filter.

    What a filter matches is looked up once, and all are counted of that, unless it is more than is counted at most.
    """

    def __init__(self, listing: Listing, columns: Sequence[InstrumentedAttribute[Any]]) -> None:
        self.columns = columns
        self.values = {column.key: [member.value for member in root(of_column(column)[0])] for column in columns}
        row = argument_of(listing.show, Record)

        @statement(alone=True)
        def counts(where: Where | None, sight: Sight, limit: int) -> Any:
            wanted = [*listing.visible(sight), *asked_of(where, sight)]
            each = [(column, column, row, wanted) for column in columns]
            if where is None:
                return union_all(*(self._counted(*one, limit) for one in each))
            some = select(*columns).where(*wanted).limit(HIGHEST_COUNT + 1).cte("some")
            many = select(func.count()).select_from(some).scalar_subquery() > HIGHEST_COUNT
            of_all = [self._counted(*one, limit).where(many) for one in each]
            of_some = [
                select(literal(column.key), cast(some.c[column.key], Text), func.count())
                .where(~many)
                .group_by(some.c[column.key])
                for column in columns
            ]
            return union_all(*of_all, *of_some)

        self.counts = counts

    def _counted(
        self, column: InstrumentedAttribute[Any], held: Any, source: Any, wanted: list[ColumnElement[bool]], limit: int
    ) -> Select[Any]:
        texts: Any = array([literal_column(f"'{value}'") for value in self.values[column.key]])
        each = func.unnest(texts).table_valued("value", name=f"each_{column.key}").render_derived()
        same = held == type_coerce(each.c.value, column.type)
        found: Any = select(literal_column("1")).select_from(source).where(*wanted, same).limit(limit).correlate(each)
        number = select(func.count().label("number")).select_from(found.subquery()).lateral(f"counted_{column.key}")
        named = literal(column.key).label("facet")
        return select(named, each.c.value, number.c.number).select_from(each.join(number, true()))

    def shown(self, found: Sequence[Any] | None, limit: int) -> Iterator[tuple[str, list[ValueCount]]]:
        """Yield the counts of each facet, in the order of its values; where none were *found* there may be some."""
        numbers = {(facet, value): number for facet, value, number in found or ()}
        for name, values in self.values.items():
            given = [(value, numbers.get((name, value), 0)) for value in values]
            yield name, [ValueCount(value=v, count=min(n, limit), at_least=found is None or n > limit) for v, n in given]


def faceted(listing: Listing, show: Any, *columns: InstrumentedAttribute[Any]) -> Any:
    """Declare the field that counts a list by the values of *columns*, and answers with *show*, which has a field for each."""
    if {column.key for column in columns} != set(show.__annotations__):
        raise Disagreement(f"{show.__qualname__} shows other facets than those that are counted")
    facets = Facets(listing, columns)

    async def resolve(_self: Any, info: Info, limit: int, where: Any = None) -> Any:
        if not 0 < limit <= HIGHEST_COUNT:
            raise InvalidValue(problem=f"limit is between 1 and {HIGHEST_COUNT:,}.", field=("limit",))
        read = info.context.read
        asked = await asked_in_turn(listing, info, where)
        try:
            found = await read.all(facets.counts(asked, read.sight, limit + 1))
        except Busy:  # a number that takes too long is no reason to lose the list beside it
            found = None
        return show(**dict(facets.shown(found, limit)))

    limited = Annotated[int, argument("The limit of each count; 10,000 at most.")], COUNTED_BY_DEFAULT
    declare = query(listing.scope, description="", price=A_SURVEY)
    return declare(as_method(resolve, {"where": which_of(listing), "limit": limited}, show))
