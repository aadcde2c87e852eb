"""A client that goes away leaves nothing behind that is still read; what it changed is carried to its end."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from time import monotonic
from typing import Any
from uuid import UUID

import httpx
import orjson
import psycopg
import pytest
import strawberry
from psycopg.rows import scalar_row
from sqlalchemy import text
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from oms_api.db.pipeline import send
from oms_api.db.relations import Several, all_for
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from tests.factories.database import Database
from tests.factories.raw import raw
from tests.factories.served import Served, served, settings_for

PATIENCE_S = 1.0
ASLEEP = """
SELECT count(*) FROM pg_stat_activity
WHERE usename = 'oms_app' AND datname = current_database() AND state = 'active' AND query LIKE '%pg_sleep%'
"""
slept: Several[UUID, Any] = all_for("id")(Sql("SELECT id, pg_sleep(20) FROM unnest(:id::uuid[]) AS id"))
Info = strawberry.Info[Any, None]


async def sleep_and_mark(tx: Tx, mark: str) -> str:
    """Take a second over noting *mark*."""
    await tx.fetch(("SELECT pg_sleep(1)", ()))
    await tx.fetch(("INSERT INTO mark VALUES ($1)", (mark,)))
    return mark


@strawberry.type
class Query:
    @strawberry.field
    async def asleep(self, info: Info) -> int:
        return len(await info.context.read.all(raw(text("SELECT pg_sleep(20)"))))

    @strawberry.field
    async def loaded(self, info: Info) -> list[int] | None:
        return [len(await info.context.load(slept, UUID(int=number))) for number in range(3)]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def note(self, info: Info, mark: str) -> str:
        return str(await info.context.execute(sleep_and_mark, mark))


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def woken(self, info: Info) -> AsyncGenerator[int]:
        yield 1
        yield len(await info.context.read.all(raw(text("SELECT pg_sleep(20)"))))


SCHEMA = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)
READING = ["{ asleep }", "{ loaded }", "{ a: asleep b: asleep loaded }"]
Admin = psycopg.AsyncConnection[Any]


@pytest.fixture(scope="module")
async def admin(database: Database) -> AsyncIterator[Admin]:
    connecting = psycopg.AsyncConnection.connect(database.admin_url, autocommit=True, row_factory=scalar_row)
    async with await connecting as connection:
        await connection.execute("CREATE TABLE mark (mark text); GRANT SELECT, INSERT ON mark TO oms_app")
        yield connection


@pytest.fixture(scope="module")
async def server(database: Database, admin: Admin) -> AsyncIterator[Served]:  # noqa: ARG001 - its table is there before
    async with served(settings_for(database, pool_size=3), schema=SCHEMA) as running:
        yield running


@pytest.fixture(scope="module")
async def client(server: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with await server.client() as opened:
        yield opened


async def until(condition: Callable[[], Awaitable[bool]], what: str, within_s: float = 10) -> None:
    """Wait until *condition* holds. Raises: AssertionError, naming *what* does not come."""
    start = monotonic()
    while not await condition():
        assert monotonic() - start < within_s, what
        await asyncio.sleep(0.02)


async def falls_asleep(admin: Admin) -> None:
    """Wait until the server carries something out."""

    async def asleep() -> bool:
        return bool(await (await admin.execute(ASLEEP)).fetchone())

    await until(asleep, "nothing is read")


async def wakes(server: Served, admin: Admin) -> None:
    """Demand that the server soon carries out nothing, and that no connection is missing."""

    async def awake() -> bool:
        return not await (await admin.execute(ASLEEP)).fetchone()

    await until(awake, "the database still works for nobody", PATIENCE_S)
    pool = server.oms.work.pool
    async with asyncio.timeout(5), pool.lease() as one, pool.lease() as two, pool.lease() as three:
        for driver in (one, two, three):
            assert await send(driver, [("SELECT 1", ())]) == [[(1,)]]


async def leave(task: "asyncio.Task[Any]") -> None:
    """Let the client behind *task* hang up."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("query", READING)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_query_ends_when_its_client_leaves(
    server: Served, client: httpx.AsyncClient, admin: Admin, method: str, query: str
) -> None:
    given: dict[str, Any] = {"params": {"query": query}} if method == "GET" else {"json": {"query": query}}
    with capture_logs() as logs:
        asking = asyncio.create_task(client.request(method, "/graphql", **given))
        await falls_asleep(admin)
        await leave(asking)
        await wakes(server, admin)
        await until(lambda: _told(logs), "the log says nothing")
    assert [line["status"] for line in logs if line["event"] == "request"] == [499]


async def _told(logs: Any) -> bool:
    return any(line["event"] == "request" for line in logs)


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_a_mutation_that_has_begun_is_carried_out_though_its_client_leaves(
    server: Served, client: httpx.AsyncClient, admin: Admin, accept: str
) -> None:
    body = {"query": "mutation Note($mark: String!) { note(mark: $mark) }", "variables": {"mark": accept}}
    asking = asyncio.create_task(client.post("/graphql", json=body, headers={"accept": accept}))
    await falls_asleep(admin)
    await leave(asking)

    async def marked() -> bool:
        found = await (await admin.execute("SELECT count(*) FROM mark WHERE mark = %s", (accept,))).fetchone()
        return bool(found)

    await until(marked, "it was not carried out")
    await wakes(server, admin)


@pytest.mark.parametrize("query", [*READING, "subscription { woken }"])
async def test_an_event_stream_ends_when_its_client_leaves(
    server: Served, client: httpx.AsyncClient, admin: Admin, query: str
) -> None:
    headers = {"accept": "text/event-stream"}
    asking = asyncio.create_task(client.post("/graphql", json={"query": query}, headers=headers))
    await falls_asleep(admin)
    await leave(asking)
    await wakes(server, admin)


async def opened(server: Served) -> ClientConnection:
    ws = await connect(server.socket_address, subprotocols=[Subprotocol("graphql-transport-ws")])
    await say(ws, type="connection_init", payload={"authorization": f"Bearer {(await server.key()).text}"})
    assert orjson.loads(await ws.recv())["type"] == "connection_ack"
    return ws


async def say(ws: ClientConnection, **message: Any) -> None:
    await ws.send(orjson.dumps(message).decode())


@pytest.mark.parametrize("query", [*READING, "subscription { woken }"])
async def test_an_operation_that_its_client_completes_ends(server: Served, admin: Admin, query: str) -> None:
    ws = await opened(server)
    await say(ws, id="1", type="subscribe", payload={"query": query})
    await falls_asleep(admin)
    await say(ws, id="1", type="complete")
    await wakes(server, admin)
    await say(ws, type="ping")
    while orjson.loads(await ws.recv())["type"] != "pong":
        pass
    await ws.close()


@pytest.mark.parametrize("politely", [True, False])
@pytest.mark.parametrize("query", [*READING, "subscription { woken }"])
async def test_operations_end_with_their_socket(server: Served, admin: Admin, query: str, *, politely: bool) -> None:
    ws = await opened(server)
    for number in range(3):
        await say(ws, id=str(number), type="subscribe", payload={"query": query})
    await falls_asleep(admin)
    if politely:
        await ws.close()
    else:
        ws.transport.abort()
    await wakes(server, admin)


async def test_a_query_that_takes_too_long_ends(database: Database, admin: Admin) -> None:
    async with (
        served(settings_for(database, pool_size=3), schema=SCHEMA, deadline_s=0.4) as server,
        await server.client() as client,
    ):
        for query in READING:
            answer = await client.post("/graphql", json={"query": query})
            assert answer.status_code == 504
            await wakes(server, admin)


async def test_a_client_that_stays_is_answered_however_long_it_takes(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": 'mutation { a: note(mark: "a") b: note(mark: "b") }'})
    assert answer.json()["data"] == {"a": "a", "b": "b"}
    again = await client.post("/graphql", json={"query": "{ __typename }"})
    assert again.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("clients", [60, pytest.param(5_000, marks=pytest.mark.soak)])
async def test_clients_that_leave_at_any_moment_leave_the_pool_whole(
    server: Served, client: httpx.AsyncClient, admin: Admin, clients: int
) -> None:
    room = asyncio.Semaphore(50)

    async def one(number: int) -> None:
        query = "{ __typename }" if number % 3 else "{ a: asleep b: asleep loaded }"
        async with room:
            asking = asyncio.create_task(client.post("/graphql", json={"query": query}))
            await asyncio.sleep(number % 60 * 0.004)
            await leave(asking)

    await asyncio.gather(*(one(number) for number in range(clients)))
    await wakes(server, admin)
