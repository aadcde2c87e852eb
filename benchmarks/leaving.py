"""Clients that go away before they have their answer: over HTTP, WebSocket and event stream."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from urllib.parse import urlsplit

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

PROTOCOL = Subprotocol("graphql-transport-ws")
Leave = Callable[[str, str, bytes, float, Random], Awaitable[bool]]
"""Sends a body to an address with a key, goes away after so many seconds, and tells whether the answer was there before."""


async def leave_http(address: str, key: str, body: bytes, after_s: float, random: Random) -> bool:
    """Leave a request over HTTP."""
    return await _leave_stream(address, key, body, after_s, random, accept="application/json")


async def leave_event_stream(address: str, key: str, body: bytes, after_s: float, random: Random) -> bool:
    """Leave an event stream."""
    return await _leave_stream(address, key, body, after_s, random, accept="text/event-stream")


async def leave_socket(address: str, key: str, body: bytes, after_s: float, random: Random) -> bool:
    """Leave a WebSocket: take back the operation, close in order, or vanish."""
    there = f"{address.replace('http', 'ws', 1)}/graphql"
    socket = await connect(there, subprotocols=[PROTOCOL], compression=None, proxy=None, open_timeout=60)
    try:
        await _say(socket, {"type": "connection_init", "payload": {"authorization": f"Bearer {key}"}})
        await socket.recv()
        await _say(socket, {"id": "1", "type": "subscribe", "payload": orjson.loads(body)})
        answered = False
        with suppress(TimeoutError):
            async with asyncio.timeout(after_s):
                await socket.recv()
                answered = True
                await socket.recv()
        if random.random() < 1 / 3:
            with suppress(WebSocketException):
                await _say(socket, {"id": "1", "type": "complete"})
    except WebSocketException:
        return False
    else:
        return answered
    finally:
        if random.random() < 0.5:
            socket.transport.abort()
        await socket.close()


async def _leave_stream(address: str, key: str, body: bytes, after_s: float, random: Random, *, accept: str) -> bool:
    there = urlsplit(address)
    reader, writer = await asyncio.open_connection(there.hostname, there.port)
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: {there.netloc}\r\nauthorization: Bearer {key}\r\n"
        f"content-type: application/json\r\naccept: {accept}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answered = False
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(after_s):
            while part := await reader.read(1 << 16):
                answered = answered or b'"data"' in part
    if random.random() < 0.5:
        writer.transport.abort()
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return answered


async def _say(socket: ClientConnection, message: object) -> None:
    await socket.send(orjson.dumps(message).decode())


WAYS: dict[str, Leave] = {"HTTP": leave_http, "WebSocket": leave_socket, "event stream": leave_event_stream}
