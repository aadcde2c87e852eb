"""How many records of a list have each value of its statuses: what stands beside a search box."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import InstrumentedAttribute, aliased

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

    What a filter matches is looked up once and counted by kinds, records with the same statuses: of the few kinds there are,
    each facet is summed. Where it is more than *most*, values that reach the limit among those are settled; few
    records have the others, so their own index finds them.
    """

    def __init__(self, listing: Listing, columns: Sequence[InstrumentedAttribute[Any]], *, most: int = HIGHEST_COUNT) -> None:
        self.values = {column.key: [member.value for member in root(of_column(column)[0])] for column in columns}
        self.row = argument_of(listing.show, Record)

        @statement(alone=True)
        def counts(where: Where | None, sight: Sight, limit: int) -> Any:
            wanted = [*listing.visible(sight), *asked_of(where, sight)]
            if where is None:
                return union_all(*(self._counted(each, self._all(each, wanted), limit) for each in columns))
            some = select(*columns).where(*wanted).limit(most + 1).subquery("some")
            kinds = select(*some.c, func.count().label("number")).group_by(*some.c).cte("kinds")
            number = func.coalesce(cast(func.sum(kinds.c.number), BigInteger), 0)
            many = select(number).scalar_subquery() > most
            of_all, of_some = [], []
            for each in columns:
                seen = select(number).where(kinds.c[each.key] == self._value(each)).scalar_subquery()
                of_all.append(self._counted(each, self._few(each, wanted).where(seen < limit), limit).where(many))
                named = select(literal(each.key), cast(kinds.c[each.key], Text), number).group_by(kinds.c[each.key])
                of_some.append(named.having(or_(~many, number >= limit)))
            return union_all(*of_all, *of_some)

        self.counts = counts

    def _each(self, column: InstrumentedAttribute[Any]) -> Any:
        """Return the values of *column*, as rows."""
        texts: Any = array([literal_column(f"'{value}'") for value in self.values[column.key]])
        return func.unnest(texts).table_valued("value").render_derived(name=f"each_{column.key}")

    def _value(self, column: InstrumentedAttribute[Any]) -> Any:
        """Return the value of *column* that is counted."""
        return type_coerce(literal_column(f"each_{column.key}.value"), column.type)

    def _all(self, column: InstrumentedAttribute[Any], wanted: Sequence[ColumnElement[bool]]) -> Select[Any]:
        """Return the records with that value: one for each."""
        return select(literal_column("1")).select_from(self.row).where(*wanted, column == self._value(column))

    def _few(self, column: InstrumentedAttribute[Any], wanted: Sequence[ColumnElement[bool]]) -> Select[Any]:
        """Return the same, found by the index of *column* and no other: OFFSET 0 keeps the planner from one of the filter."""
        row: Any = aliased(self.row)
        (key,) = self.row.__table__.primary_key
        with_it = select(getattr(row, key.name).label("key")).where(getattr(row, column.key) == self._value(column))
        keys = with_it.offset(literal_column("0")).subquery(f"with_{column.key}")
        met: Any = select(literal_column("1").label("one")).select_from(self.row).where(key == keys.c.key, *wanted)
        found = met.offset(literal_column("0")).lateral(f"met_{column.key}")
        return select(found.c.one).select_from(keys.join(found, true()))

    def _counted(self, column: InstrumentedAttribute[Any], found: Select[Any], limit: int) -> Select[Any]:
        """Return how many are *found* with each value of *column*, as far as *limit*."""
        number = (
            select(func.count().label("number")).select_from(found.limit(limit).subquery()).lateral(f"counted_{column.key}")
        )
        each = self._each(column)
        return select(literal(column.key).label("facet"), each.c.value, number.c.number).select_from(each.join(number, true()))

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

    limited = Annotated[int, argument("Each value is counted up to this number; 10,000 at most.")], COUNTED_BY_DEFAULT
    declare = query(listing.scope, description="", price=A_SURVEY)
    return declare(as_method(resolve, {"where": which_of(listing), "limit": limited}, show))
