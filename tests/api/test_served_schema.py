"""The real schema behind the real door: rights of keys, and what `oms dev` tells a newcomer to paste."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from oms_api.cli.dev import FIRST_ORDER, FIRST_QUERY
from oms_api.cli.dev_server import DEMO_CHANNEL
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, text_id
from oms_api.workflows.seed_demo import Seeded, seed
from tests.factories.database import Database
from tests.factories.served import TESTER, Served, served, settings_for


@pytest.fixture(scope="module")
async def server(database: Database) -> AsyncIterator[Served]:
    async with served(settings_for(database), schema=None) as running:
        yield running


@pytest.fixture(scope="module")
async def shop(server: Served) -> Seeded:
    seeded = await seed(server.oms.work, TESTER)
    assert seeded is not None
    return seeded


@pytest.fixture
def first_order(shop: Seeded) -> str:
    """Give the mutation that `oms dev` prints."""
    return FIRST_ORDER.format(channel_id=text_id(IdKind.CHANNEL, shop.channels[DEMO_CHANNEL]))


async def ask(server: Served, document: str, *scopes: Scope, accept: str = "application/json") -> httpx.Response:
    key = await server.key(scopes=frozenset(scopes or Scope))
    async with httpx.AsyncClient(base_url=server.address, timeout=20) as client:
        headers = {"authorization": f"Bearer {key.text}", "accept": accept}
        return await client.post("/graphql", json={"query": document}, headers=headers)


def missing(answer: httpx.Response) -> str:
    """Return the scope that an answer names as missing, having checked that it holds nothing else."""
    body: dict[str, Any] = answer.json()
    assert not body.get("data")
    (error,) = body["errors"]
    assert error["extensions"]["code"] == "MISSING_SCOPE"
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
    assert error["extensions"]["scope"] in error["message"]
    return str(error["extensions"]["scope"])


async def test_a_query_without_its_scope_is_refused_and_told_which(server: Served) -> None:
    assert missing(await ask(server, "{ orders { nodes { id } } }", Scope.CATALOG_READ)) == "orders:read"


async def test_one_field_without_its_scope_refuses_the_whole_document(server: Served, shop: Seeded) -> None:
    assert shop.customers
    document = "{ skus { nodes { code } } customers { nodes { id email } } }"
    assert missing(await ask(server, document, Scope.CATALOG_READ)) == "customers:read"


async def test_a_mutation_without_its_scope_changes_nothing(server: Served, first_order: str) -> None:
    refused = await ask(server, first_order.replace("my-first-order", "refused"), Scope.ORDERS_READ)
    assert missing(refused) == "orders:write"
    counted = await ask(server, "{ ordersCount { count } inventoryLevels { nodes { committed } } }")
    assert counted.json()["data"]["ordersCount"]["count"] == 0
    assert {level["committed"] for level in counted.json()["data"]["inventoryLevels"]["nodes"]} == {0}


async def test_a_subscription_without_its_scope_is_refused(server: Served) -> None:
    answer = await ask(server, "subscription { orderEvents { type } }", Scope.CATALOG_READ, accept="text/event-stream")
    assert "MISSING_SCOPE" in answer.text


async def test_what_dev_prints_works_as_pasted(server: Served, first_order: str) -> None:
    shown = (await ask(server, FIRST_QUERY)).json()
    assert "errors" not in shown
    assert {channel["code"] for channel in shown["data"]["channels"]["nodes"]} == {"web-uk", "web-eu"}
    placed, again = [(await ask(server, first_order)).json()["data"]["orderPlace"] for _ in range(2)]
    assert placed["userErrors"] == []
    assert placed["order"]["total"] == {"amount": "59.00", "currencyCode": "GBP"}
    assert placed["order"]["fulfillmentStatus"] == "ALLOCATED"
    assert again == placed
    assert len((await ask(server, FIRST_QUERY)).json()["data"]["orders"]["nodes"]) == 1
