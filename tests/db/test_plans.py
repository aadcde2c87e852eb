"""Each list that is declared is read by indexes, in each of its orders: the plans are those of tables of some size."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import product
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import ARRAY, Boolean, Computed, Date, DateTime, Enum, Float, Integer, LargeBinary, Numeric, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute

import oms_api.graphql.schema  # noqa: F401 - so that every list is declared
from oms_api.db.keyset import Ordering
from oms_api.db.statements import Query
from oms_api.domain.tables import METADATA
from oms_api.graphql.attributes.values import AttributeCondition, OnAttributes
from oms_api.graphql.declared.asking import Filter
from oms_api.graphql.declared.filters import On
from oms_api.graphql.declared.gauging import Rare
from oms_api.graphql.declared.lists import Listing
from oms_api.graphql.declared.operators import of_text, operators
from oms_api.graphql.declared.searches import Contained
from oms_api.graphql.declared.through import Sought
from oms_api.graphql.inventory.queries import LEVELS, InventoryLevelFilterInput
from oms_api.graphql.orders.search import OrderText, SearchText
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Sight
from tests.factories.database import Database

Plan = Mapping[str, Any]
ROWS = 5_000
PAGE = 51
FORWARDS: tuple[bool, tuple[()]] = (False, ())
ALL = Sight(None, None, None, None)
SOME: dict[type, object] = {
    UUID: UUID(int=5),
    str: "SOME",
    int: 5,
    Decimal: Decimal(5),
    datetime: datetime(2026, 1, 1, tzinfo=UTC),
    date: date(2026, 1, 1),
}
"""A place in an order. No plan depends on it: they are made for any values."""
FILLED: Sequence[tuple[type, str]] = (
    (Uuid, "gen_random_uuid()"),
    (LargeBinary, "decode('00', 'hex')"),
    (Text, "'N' || n"),
    (Boolean, "n % 2 = 0"),
    (Numeric, "n % 10"),
    (Float, "n % 10"),
    (Integer, "n"),
    (DateTime, f"now() - n * 769 % {ROWS} * interval '1 minute'"),
    (Date, "current_date - n"),
    (ARRAY, "'{}'"),
    (JSONB, "'{}'"),
)
"""What is put into the n-th row of a table, by the type of the column."""
CHECKS = "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass"


def listings() -> dict[str, Listing]:
    """Return every list that is declared, by its name."""
    modules = [module for name, module in sys.modules.items() if name.startswith("oms_api.graphql.")]
    return {name: value for module in modules for name, value in vars(module).items() if isinstance(value, Listing)}


def orders(listing: Listing) -> list[Ordering]:
    return [listing.order] if isinstance(listing.order, Ordering) else [member.value for member in listing.order]


def some(kind: Any) -> object:
    """Return a value of *kind*."""
    return next(iter(kind)) if issubclass(kind, StrEnum) else SOME[kind]


def pages(listing: Listing, where: Any = None, only: Any = None) -> Iterator[tuple[str, Query[Any]]]:
    """Yield the first page and one behind a cursor, forwards and backwards, in each order, or *only* those that begin so."""
    for order in orders(listing):
        if only is not None and order.columns[0] is not only:
            continue
        if listing.within is not None and order in listing.within.orders:
            continue  # of a part that an index finds, which is sorted
        place = tuple([some(column.type.python_type) for column in order.columns])
        for backwards in (False, True):
            for at in ((), place):
                told = " ".join([order.name, "backwards" if backwards else "forwards", "from a cursor" if at else "first"])
                yield told, listing.page(where, ALL, order, PAGE, backwards, at)


def parts(listing: Listing) -> Iterator[tuple[str, Query[Any]]]:
    """Yield what is asked of a part of the levels only: a page in each of those orders, by each of those filters."""
    if listing is not LEVELS or listing.within is None:
        return
    given: Sequence[dict[str, Any]] = ({"location_id": operators(UUID)(eq_=UUID(int=5))}, {"skus": [UUID(int=5)]})
    for order, part, name in product(listing.within.orders, given, listing.within.filters):
        where = InventoryLevelFilterInput(**part, **{name: operators(Int64)(gt_=0)})
        yield " ".join([order.name, name, *part]), listing.page(where, ALL, order, PAGE, *FORWARDS)


def searches(listing: Listing) -> Iterator[tuple[str, bool, Query[Any]]]:
    """Yield what looks for text, with the index that is to find it, and whether what is found has to be sorted.

    It has not in the order of that text; in another one of the same rows it is for the planner to say which of two indexes
    finds the first of them sooner, unless they are sought first.
    """
    filters = {} if listing.where is None else listing.where.filters
    for name, each in filters.items():
        assert listing.where is not None
        for asked, index, sought in searched(each):
            where = listing.where(**{name: asked})
            looks = [query for _, query in pages(listing, where, None if sought else getattr(each, "column", None))]
            assert looks, f"nothing is ordered by {name}"
            yield from ((index, sought, query) for query in looks)


def searched(each: Filter) -> Iterator[tuple[Any, str, bool]]:
    """Yield what looks for text by a filter, with the index that finds it, and whether it is sought before anything else."""
    if isinstance(each, OrderText):
        yield SearchText("SOME", "some", 5, people=True), "ix_order_party_", True
    if isinstance(each, OnAttributes):
        key, day = UUID(int=5), date(2026, 1, 1)
        for part, asked in (
            ("text", AttributeCondition(key, eq_text="SOME")),
            ("number", AttributeCondition(key, gte_number=Decimal(5))),
            ("day", AttributeCondition(key, lte_day=day)),
            ("boolean", AttributeCondition(key, eq_boolean=True)),
            ("boolean", AttributeCondition(key, eq_boolean=False)),
            ("day", AttributeCondition(key, has_day=True)),
        ):
            yield [asked], f"ix_attribute_value_definition_id_{part}", True
    if isinstance(each, Contained):
        yield each.checked("SOME"), f"ix_{each.name.table.name}_contains", True
    if isinstance(each, On) and each.searched:
        asks = operators(of_text(folded=each.folded, contained=each.contained))
        index = "ix_order_party_" if not isinstance(each.column, InstrumentedAttribute) else ""
        index = index or f"ix_{each.column.table.name}_{each.column.key}_{'folded' if each.folded else 'begins'}"
        texts = [each.checked(asks(startsWith_="SOME")), each.checked(asks(eq_="SOME"))]
        texts = [Rare(one) for one in texts] if each.gauged else texts
        yield texts[0], index, each.sought or each.gauged or each.through is not None
        if each.sought or each.gauged or isinstance(each.through, Sought):
            yield texts[1], index, True
        if each.contained:
            yield each.checked(asks(contains_="SOME")), each.index, True


Explain = Callable[[str], Plan]
NAMES = sorted(listings())


@pytest.fixture(scope="module")
def explain(database: Database) -> Iterator[Explain]:
    """Give what explains a statement, after the tables of all lists were filled."""
    with psycopg.connect(database.admin_url, autocommit=True) as connection:

        def explained(text: str) -> Plan:
            (row,) = connection.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {text}".encode()).fetchall()
            plan: Plan = row[0][0]["Plan"]
            return plan

        every = [query for listing in listings().values() for look in (pages, searches, parts) for *_, query in look(listing)]
        read = {node["Relation Name"] for query in every for node in nodes(explained(query.text)) if "Relation Name" in node}
        for name in sorted(read):
            connection.execute(f"ALTER TABLE {name} DISABLE TRIGGER ALL".encode())  # no row needs those that it refers to
            for (check,) in connection.execute(CHECKS, (name,)).fetchall():
                connection.execute(f"ALTER TABLE {name} DROP CONSTRAINT {check}".encode())
            connection.execute(filled(METADATA.tables[name]).encode())
            connection.execute(f"ANALYZE {name}".encode())
        yield explained


def filled(table: Table) -> str:
    """Return the statement that puts rows into *table*."""
    values = {column.name: value(column.type) for column in table.columns if not isinstance(column.server_default, Computed)}
    columns, given = ", ".join(values), ", ".join(values.values())
    system = "OVERRIDING SYSTEM VALUE"
    return f"INSERT INTO {table.name} ({columns}) {system} SELECT {given} FROM generate_series(1, {ROWS}) AS n"


def value(type_: Any) -> str:
    if isinstance(type_, Enum):
        return f"(ARRAY{list(type_.enums)})[1 + n % {len(type_.enums)}]"
    return next(text for kind, text in FILLED if isinstance(type_, kind))


def nodes(plan: Plan) -> Iterator[Plan]:
    """Yield the steps of a plan."""
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def steps(plan: Plan, key: str) -> list[str]:
    return [node[key] for node in nodes(plan) if key in node]


def test_every_area_declares_lists() -> None:
    assert len(NAMES) >= 12


@pytest.mark.parametrize("name", NAMES)
def test_a_list_is_read_in_the_order_of_an_index(explain: Explain, name: str) -> None:
    """What is merged of several indexes may be sorted among equals, incrementally: never all that there is."""
    for told, query in pages(listings()[name]):
        taken = steps(explain(query.text), "Node Type")
        assert not {"Sort", "Seq Scan", "Bitmap Heap Scan"}.intersection(taken), (told, taken, query.text)


@pytest.mark.parametrize("name", NAMES)
def test_text_is_found_by_an_index(explain: Explain, name: str) -> None:
    for index, sought, query in searches(listings()[name]):
        plan = explain(query.text)
        assert any(name.startswith(index) for name in steps(plan, "Index Name")), (plan, query.text)
        taken = steps(plan, "Node Type")
        assert "Seq Scan" not in taken, (plan, query.text)
        assert sought or "Sort" not in taken, (plan, query.text)


FEW_OPEN = """
UPDATE purchase_order_line SET quantity = position, accepted = position - (position % 50 = 0)::int,
                               rejected = 0, replaced = 0, called_off = 0;
UPDATE transfer_line SET quantity = sent, arrived = sent - (sent % 50 = 0)::int, damaged = 0, lost = 0, brought_back = 0,
                         called_off = 0;
ANALYZE purchase_order_line, transfer_line
"""


def test_a_part_of_the_levels_is_read_by_indexes_in_each_of_its_orders(explain: Explain, database: Database) -> None:
    """What comes to it, too: of the documents that bring goods those that are open, and not all there ever were."""
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute(FEW_OPEN)
    for told, query in parts(LEVELS):
        plan = explain(query.text)
        assert "Seq Scan" not in steps(plan, "Node Type"), (told, plan)
