"""Connections that hold a server: answers that nobody takes, headers that never end, more than a key may have."""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest
import strawberry
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from oms_api.domain.access.commands.issue_key import IssuedKey
from oms_api.http import connection
from tests.factories.database import Database
from tests.factories.served import Served, served, settings_for

ENDED_S = 10
PROTOCOL = Subprotocol("graphql-transport-ws")
LONG = "x" * 100_000
PING = b"\x89\xfd" + bytes(4 + 125)
"""A ping with as much in it as fits, all of it NUL and masked by NUL."""


@strawberry.type
class Query:
    @strawberry.field
    def much(self) -> str:
        return LONG * 100

    @strawberry.field
    def little(self) -> str:
        return "x"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def loud(self, times: int = 1_000_000) -> AsyncGenerator[str]:
        for _ in range(times):
            yield LONG


@pytest.fixture(scope="module")
async def server(database: Database) -> AsyncIterator[Served]:
    async with served(settings_for(database), schema=strawberry.Schema(query=Query, subscription=Subscription)) as running:
        yield running


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "UNREAD_S", 0.3)
    monkeypatch.setattr(connection, "HEADERS_S", 0.3)


async def opened(server: Served) -> socket.socket:
    """Return a connection whose client takes little into its own memory."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.setblocking(False)  # noqa: FBT003 - it takes no name
    await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", int(server.address.rpartition(":")[2])))
    while not server.server.server_state.connections:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return client


async def asked(server: Served, query: str, accept: str = "application/json") -> socket.socket:
    """Return a connection on which *query* was asked, and nothing was read."""
    body, key = orjson.dumps({"query": query}), (await server.key()).text
    lines = ["POST /graphql HTTP/1.1", "host: oms", f"authorization: Bearer {key}", f"accept: {accept}"]
    lines += ["content-type: application/json", f"content-length: {len(body)}", "", ""]
    client = await opened(server)
    await asyncio.get_running_loop().sock_sendall(client, "\r\n".join(lines).encode() + body)
    return client


async def none_left(server: Served) -> None:
    """Wait until the server holds no connection and works for nobody."""
    state = server.server.server_state
    async with asyncio.timeout(ENDED_S):
        while state.connections or state.tasks:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def taken(client: socket.socket) -> bytes:
    """Return all that comes until the server closes."""
    found = bytearray()
    async with asyncio.timeout(ENDED_S):
        try:
            while part := await asyncio.get_running_loop().sock_recv(client, 1 << 20):
                found += part
        except ConnectionResetError:
            pass
    return bytes(found)


@pytest.mark.parametrize(
    ("query", "accept"), [("subscription { loud }", "text/event-stream"), ("{ much }", "application/json")]
)
async def test_a_client_that_does_not_read_is_closed(server: Served, query: str, accept: str) -> None:
    with await asked(server, query, accept) as client:
        await none_left(server)
        assert (await taken(client)).startswith(b"HTTP/1.1 200")


async def test_a_socket_that_does_not_read_is_closed(server: Served) -> None:
    raw = await opened(server)
    async with connect(server.socket_address, subprotocols=[PROTOCOL], sock=raw, compression=None) as ws:
        await say(ws, type="connection_init", payload=await bearer(server))
        await ws.recv()
        ws.transport.pause_reading()
        for number in range(3):
            await say(ws, id=str(number), type="subscribe", payload={"query": "subscription { loud }"})
        await none_left(server)
        ws.transport.abort()


async def test_a_socket_that_answers_no_ping_is_closed_though_little_is_unread(database: Database) -> None:
    async with served(settings_for(database)) as running:
        running.server.config.ws_ping_interval = running.server.config.ws_ping_timeout = 0.2
        raw = await opened(running)
        async with connect(running.socket_address, subprotocols=[PROTOCOL], sock=raw, compression=None) as ws:
            ws.transport.pause_reading()
            await none_left(running)
            ws.transport.abort()


async def test_a_socket_that_asks_for_answers_to_pings_and_reads_none_is_closed(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "UNREAD_S", 10 * ENDED_S)
    raw = await opened(server)
    async with connect(server.socket_address, subprotocols=[PROTOCOL], sock=raw, compression=None) as ws:
        ws.transport.pause_reading()
        async with asyncio.timeout(ENDED_S):
            while server.server.server_state.connections:
                ws.transport.write(PING * 1_000)
                await asyncio.sleep(0)
        ws.transport.abort()


async def test_a_client_that_reads_slowly_gets_everything(server: Served) -> None:
    with await asked(server, "subscription { loud(times: 40) }", "text/event-stream") as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 200_000)
        found = 0
        while found < len(LONG) * 40:
            found += len(await asyncio.get_running_loop().sock_recv(client, 200_000))
            await asyncio.sleep(0.02)
    await none_left(server)


async def bearer(server: Served) -> dict[str, Any]:
    return {"authorization": f"Bearer {(await server.key()).text}"}


@pytest.mark.parametrize(
    ("begun", "more"),
    [(b"", b""), (b"\r\n", b"\r\n"), (b"GET /hea", b"y"), (b"GET /healthz HTTP/1.1\r\nhost: oms\r\nx-slow: ", b"y")],
)
@pytest.mark.parametrize("before", [b"", b"GET /healthz HTTP/1.1\r\nhost: oms\r\n\r\n"])
async def test_headers_that_never_end_are_closed(
    server: Served, monkeypatch: pytest.MonkeyPatch, before: bytes, begun: bytes, more: bytes
) -> None:
    if before and not begun:  # a connection that rests between requests is kept for longer
        monkeypatch.setattr(server.server.config, "timeout_keep_alive", 0.3)
    loop = asyncio.get_running_loop()
    with await opened(server) as client:
        if before:
            await loop.sock_sendall(client, before)
            await loop.sock_recv(client, 4_096)
        await loop.sock_sendall(client, begun)
        dribbling = asyncio.create_task(_dribble(client, more))
        try:
            await none_left(server)
        finally:
            dribbling.cancel()
            await asyncio.gather(dribbling, return_exceptions=True)


async def _dribble(client: socket.socket, part: bytes) -> None:
    while part:
        await asyncio.get_running_loop().sock_sendall(client, part)
        await asyncio.sleep(0.05)


async def test_headers_without_bounds_are_refused(server: Served) -> None:
    with await opened(server) as client:
        await asyncio.get_running_loop().sock_sendall(client, b"GET /healthz HTTP/1.1\r\n")
        with pytest.raises(OSError, match=r"reset|[Bb]roken pipe"):
            await _dribble(client, b"x-more: " + b"y" * 60_000 + b"\r\n")
        await none_left(server)


async def test_a_connection_that_rests_is_kept(server: Served) -> None:
    async with httpx.AsyncClient(base_url=server.address) as client:
        await client.get("/healthz")
        (held,) = server.server.server_state.connections
        await asyncio.sleep(0.7)
        await client.get("/healthz")
        assert server.server.server_state.connections == {held}


# --- what one key may have


@asynccontextmanager
async def socket_of(server: Served, key: IssuedKey) -> AsyncIterator[ClientConnection]:
    async with connect(server.socket_address, subprotocols=[PROTOCOL]) as ws:
        await say(ws, type="connection_init", payload={"authorization": f"Bearer {key.text}"})
        yield ws


async def say(ws: ClientConnection, **message: Any) -> None:
    await ws.send(orjson.dumps(message).decode())


async def hear(ws: ClientConnection) -> Any:
    async with asyncio.timeout(ENDED_S):
        return orjson.loads(await ws.recv())


async def acknowledged(ws: ClientConnection) -> bool:
    """Tell whether the socket is taken; else it is closed with what says why."""
    try:
        return bool((await hear(ws))["type"] == "connection_ack")
    except ConnectionClosed:
        assert (ws.close_code, (ws.close_reason or "").partition(":")[0]) == (1013, "TOO_MANY_SOCKETS")
        return False


@pytest.fixture(scope="module")
async def narrow(database: Database) -> AsyncIterator[Served]:
    async with served(settings_for(database, most_sockets=2, most_subscriptions=3)) as running:
        yield running


async def test_a_key_has_so_many_sockets_and_no_more(narrow: Served) -> None:
    key, other = await narrow.key(), await narrow.key()
    async with socket_of(narrow, key) as first, socket_of(narrow, key) as second:
        assert [await acknowledged(first), await acknowledged(second)] == [True, True]
        async with socket_of(narrow, key) as third, socket_of(narrow, other) as foreign:
            assert [await acknowledged(third), await acknowledged(foreign)] == [False, True]
    await none_left(narrow)
    async with socket_of(narrow, key) as again:
        assert await acknowledged(again)


async def test_a_key_has_so_many_operations_over_all_its_connections(narrow: Served) -> None:
    key = await narrow.key()
    ticking = {"query": "subscription { ticks(every: 60) }"}
    headers = {"authorization": f"Bearer {key.text}", "accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(headers=headers) as client,
        socket_of(narrow, key) as first,
        socket_of(narrow, key) as second,
        client.stream("POST", f"{narrow.address}/graphql", json=ticking) as stream,
    ):
        assert [await acknowledged(first), await acknowledged(second), stream.status_code] == [True, True, 200]
        for ws in (first, second):
            await say(ws, id="1", type="subscribe", payload=ticking)
            assert (await hear(ws))["type"] == "next"
        await say(first, id="2", type="subscribe", payload=ticking)
        told = await hear(first)
        assert (told["type"], told["id"], told["payload"][0]["extensions"]["code"]) == ("error", "2", "TOO_MANY_OPERATIONS")
        refused = await client.post(f"{narrow.address}/graphql", json=ticking)
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (429, "TOO_MANY_OPERATIONS")
        await say(second, id="1", type="complete")
        await say(second, id="2", type="subscribe", payload={"query": "{ hello }"})
        assert (await hear(second))["payload"]["data"] == {"hello": "hello you"}
