"""Of the rows that a document shows, no more is read than it needs."""

import pytest
from graphql import OperationDefinitionNode, parse

from oms_api.db import relations
from oms_api.db.relations import Names
from oms_api.domain.orders.queries import pages_of_lines
from oms_api.domain.orders.tables import OrderLineRow
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.customers.types import Customer
from oms_api.graphql.limits import Walk
from oms_api.graphql.needed import NeededColumns
from oms_api.graphql.orders.types import Order, OrderLine
from oms_api.kernel.access import Sight, system_principal
from oms_api.kernel.paging import PageRequest
from tests.factories.asking import schema

SIGHT = Sight.of(system_principal("tests"))


def needed(text: str) -> NeededColumns:
    document = parse(text)
    walk = Walk(schema()._schema, document)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            walk.operation(definition)
    return walk.needed


def test_fields_links_and_what_is_given_along_say_what_is_read() -> None:
    found = needed("{ orders { nodes { number total { amount } lines { nodes { unitPrice { amount } sku { code } } } } } }")
    assert found.of(Order) == frozenset({"number", "total_minor", "currency", "id"})
    assert found.of(OrderLine) == frozenset({"unit_price", "sku_id"})
    assert (found.of(Sku), found.of(Customer)) == (frozenset({"code"}), frozenset())


def test_all_parts_of_a_document_count_also_behind_interfaces() -> None:
    text = """
    query A { ...N orders { nodes { ...F note @skip(if: true) } } } query B { orders { nodes { ... on Order { status } } } }
    fragment F on Order { number } fragment N on Query { node(id: "order_1") { id } }
    """
    assert needed(text).of(Order) == frozenset({"number", "note", "status", "id"})


@pytest.mark.parametrize("field", ["availableActions { action }", "discounts { label }", "shippingTaxes { title }"])
def test_what_a_function_looks_at_is_read_whole(field: str) -> None:
    assert needed(f"{{ orders {{ nodes {{ number {field} }} }} }}").of(Order) is None


def statement(names: Names) -> str:
    return pages_of_lines.narrowed(names).query(["k"], SIGHT, PageRequest()).text.partition("FROM")[0]


def test_a_relation_reads_what_is_named_and_what_it_sorts_by() -> None:
    assert statement(frozenset({"name", "currency"})).count("each.") == len({"id", "order_id", "position", "name"})
    assert statement(frozenset(OrderLineRow.__table__.columns.keys())).count("each.") == len(OrderLineRow.__table__.columns)


def test_only_so_many_selections_are_kept_and_the_next_ones_read_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relations, "MOST_NARROWED", len(pages_of_lines.narrowed.made) + 1)
    assert pages_of_lines.narrowed(frozenset({"shipped", "lost"})) is not pages_of_lines
    assert pages_of_lines.narrowed(frozenset({"shipped", "lost", "tax_minor"})) is pages_of_lines
    assert pages_of_lines.narrowed(frozenset({"shipped", "lost"})) is not pages_of_lines
