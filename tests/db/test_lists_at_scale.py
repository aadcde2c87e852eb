"""No list reads a large table through, whatever it is filtered and sorted by: 100,000 orders, plans made for any values."""

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any, cast

import psycopg
import pytest
from psycopg import sql

from benchmarks.bulk import make_orders
from benchmarks.lists import requests
from benchmarks.shop import seed
from oms_api.db.session import Reader
from oms_api.db.statements import Query
from oms_api.db.trigrams import HAS
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.live import LiveFeed
from oms_api.graphql.context import RequestContext
from oms_api.kernel.ids import IdKind, text_id
from tests.factories.asking import SECRETS, schema
from tests.factories.database import Database
from tests.factories.given import SYSTEM
from tests.factories.ports import ports_of
from tests.factories.searches import Request, searches

Plan = Mapping[str, Any]
ORDERS = 100_000
LARGE = {
    "purchase_order",
    "purchase_order_line",
    "returns",
    "return_line",
    "return_receipt",
    "refund",
    "orders",
    "order_party",
    "order_line",
    "order_shipping",
    "fulfillment_order",
    "shipment",
    "package",
}
MOST_ROWS = 10_000
"""What a statement may look at: a tenth of the orders."""
ONE_OF_PAIRS = 53
"""Of 160,000 searches by two filters this part is asked for."""
WALKED = {
    "facets of all orders",
    "facets of a country",
    "facets of nine tenths",
    "facets of a frequent shipping code",
    "facets of a priority",
    "facets of a location",
}
"""What may look at more."""
TIME = "number|placedAt|updatedAt"
DIFFERS = r"'(?!\w*[sS]tatus|kind|reason)\w+': {'(ne|notIn)'"
EXCEPTIONS = {
    rf"orders {{'({TIME})': {{'(gt|lt)e?':.*}} (PLACED_AT|UPDATED_AT|NUMBER|PRIORITY)_": """
        What follows the time in the order of something else that does: of many records, all may stand at the end.""",
    DIFFERS: "No index finds what is not a value, but for statuses.",
    r"inventoryLevels {'skuText': 'article'} INCOMING_": "Levels of all that a text finds are sorted: of 1,000 SKUs here.",
}
"""Searches that may look at more, by their names, and why."""


class Explaining:
    """A way of statements to the database that carries them out to see how, and finds nothing but numbers."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.plans: list[Plan] = []

    async def ask(self, query: Query[Any]) -> list[Any]:
        """Explain *query*, by the plan for any values."""
        if query.text == HAS(name="")[0]:
            return [(True,)]
        self.connection.execute(f"PREPARE asked AS {query.text}".encode())
        given = (
            sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, query.parameters))) if query.parameters else sql.SQL("")
        )
        done = self.connection.execute(
            sql.SQL("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE asked {}").format(given)
        ).fetchall()
        self.plans.append(done[0][0][0]["Plan"])
        gauged = query.text.startswith("SELECT count(*)")
        found = self.connection.execute(sql.SQL("EXECUTE asked {}").format(given)).fetchall() if gauged else []
        self.connection.execute("DEALLOCATE asked")
        return found

    @asynccontextmanager
    async def held(self) -> AsyncIterator["Explaining"]:
        """Give the same way."""
        yield self


@pytest.fixture(scope="module")
def busy_shop(database: Database) -> Iterator[psycopg.Connection[Any]]:
    seed(database.owner_url)
    make_orders(database.admin_url, ORDERS)
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        yield connection


def nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def looked_at(plan: Plan) -> int:
    """Return how many rows the scans of a plan read."""
    scans = [node for node in nodes(plan) if "Relation Name" in node]
    return int(sum((n["Actual Rows"] + n.get("Rows Removed by Filter", 0)) * n["Actual Loops"] for n in scans))


async def test_no_list_reads_a_large_table_through(busy_shop: psycopg.Connection[Any], work: UnitOfWork) -> None:
    (place,) = busy_shop.execute("SELECT id FROM location ORDER BY code LIMIT 1").fetchall()[0]
    here = text_id(IdKind.LOCATION, place)
    found = [found async for found in excessive(busy_shop, work, requests(here, here))]
    assert [(name, through, rows) for name, through, rows in found if through or name not in WALKED] == []


async def test_no_filter_in_any_order_reads_a_large_table_through(busy_shop: psycopg.Connection[Any], work: UnitOfWork) -> None:
    found = [found async for found in excessive(busy_shop, work, searches(busy_shop))]
    assert [one for one in found if not any(re.search(name, one[0]) for name in EXCEPTIONS)] == []


@pytest.mark.soak
async def test_no_pair_of_filters_scans_a_large_table(busy_shop: psycopg.Connection[Any], work: UnitOfWork) -> None:
    asked = islice(searches(busy_shop, pairs=True), None, None, ONE_OF_PAIRS)
    assert [one async for one in excessive(busy_shop, work, asked) if one[1] and not re.search(DIFFERS, one[0])] == []


async def excessive(
    shop: psycopg.Connection[Any], work: UnitOfWork, asked: Iterable[Request]
) -> AsyncIterator[tuple[str, set[str], int]]:
    """Yield each request with a statement that looks at too many rows: the tables it reads through, and their number."""
    for name, document, variables in asked:
        context = RequestContext(SYSTEM, work, ports_of(work), cast("LiveFeed", None), SECRETS, "request-1")
        explaining = Explaining(shop)
        context.read = Reader(explaining, SYSTEM)
        result = await schema().execute(document, variable_values=variables, context_value=context)
        assert not result.errors, (name, result.errors)
        assert explaining.plans, name
        for plan in explaining.plans:
            through = {n["Relation Name"] for n in nodes(plan) if n["Node Type"] == "Seq Scan"} & LARGE
            if through or looked_at(plan) > MOST_ROWS:
                yield name, through, looked_at(plan)
