"""Subscriptions: one event to many that are equal, many sockets beside another client, and streams that nobody reads.

`python -m benchmarks.watching` measures one server process with its worker; `--tree FOLDER` that of another checkout.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import orjson
import uvloop
from websockets.asyncio.client import ClientConnection, connect

from benchmarks import machine
from benchmarks.client import Caller, callers, document
from benchmarks.leaving import PROTOCOL
from benchmarks.place import close, singles
from benchmarks.stage import HERE, Running, Stage, serving, staged

A_SOCKET, SOCKETS, UNREAD, ORDERS, QUIET_S = 100, 40, 50, 10, 1.0
PLAIN = "subscription { orderEvents { cursor type occurredAt changes { field before after } } }"
READING = "subscription { orderEvents { cursor type order { id status total { amount } lines { nodes { name } } } } }"
LARGE = "subscription { orderEvents { " + " ".join(f"a{n}: changes {{ field before after }}" for n in range(150)) + " } }"
SMALL = "{ channels(first: 1) { nodes { id } } }"
ROOM = {"OMS_MOST_SOCKETS": "1000", "OMS_MOST_SUBSCRIPTIONS": "100000", "OMS_MOST_EVENTS_PER_S": "10000000"}

LISTENING: WeakKeyDictionary[ClientConnection, asyncio.Task[None]] = WeakKeyDictionary()


async def subscribed(address: str, key: str, text: str, count: int, heard: Callable[[], None]) -> ClientConnection:
    """Open a socket with *count* equal subscriptions and call *heard* for each event."""
    there = f"{address.replace('http', 'ws', 1)}/graphql"
    socket = await connect(there, subprotocols=[PROTOCOL], compression=None, proxy=None, open_timeout=60, ping_interval=None)
    await socket.send(orjson.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {key}"}}).decode())
    await socket.recv()
    for number in range(count):
        payload = {"id": str(number), "type": "subscribe", "payload": {"query": text}}
        await socket.send(orjson.dumps(payload).decode())

    async def listen() -> None:
        async for message in socket:
            if '"type":"next"' in str(message):
                heard()

    LISTENING[socket] = asyncio.create_task(listen())
    return socket


@asynccontextmanager
async def watching(address: str, key: str, text: str, count: int) -> AsyncIterator[Callable[[int], Awaitable[None]]]:
    """Keep *count* equal subscriptions for the time of the block; give what waits until so many events were heard."""
    told = 0

    def heard() -> None:
        nonlocal told
        told += 1

    async def until(events: int) -> None:
        async with asyncio.timeout(120):
            while told < events * count:  # noqa: ASYNC110 - a turn for each event would be measured too
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)

    full, rest = divmod(count, A_SOCKET)
    async with AsyncExitStack() as stack:
        for each in [A_SOCKET] * full + [rest] * bool(rest):
            socket = await subscribed(address, key, text, each, heard)
            stack.push_async_callback(socket.close)
        await asyncio.sleep(QUIET_S + count / 500)  # the last of them follow the feed
        yield until


async def one_event_to(count: int, text: str, stage: Stage, server: Running, caller: Caller, bodies: Iterator[bytes]) -> float:
    """Return the processor time of the server for one event and one of *count* subscriptions, in ms, without placing."""
    async with watching(server.address, stage.key, text, count) as until:
        start = stage.rows("SELECT position FROM feed_head")[0][0]
        with machine.metered({"server": server.processes["servers"]}) as usage:
            for _ in range(ORDERS):
                placed = await caller.call(next(bodies))
                assert placed.data["orderPlace"]["order"]
            await asyncio.sleep(2 * QUIET_S)  # the worker has placed all events in the feed
            behind = "SELECT count(*) FROM feed WHERE position > %s AND order_id IS NOT NULL"
            events = int(stage.rows(behind, start)[0][0])
            await until(events)
    return usage.seconds["server"] * 1_000 / events


async def beside(count: int, stage: Stage, server: Running, bodies: Iterator[bytes]) -> tuple[float, float]:
    """Return how long another client's requests take, half of them and the longest, in ms, while orders are placed."""
    waits: list[float] = []
    ended = False

    async def ask() -> None:
        while not ended:
            waits.append((await other.call(document(SMALL))).seconds)

    async with watching(server.address, stage.key, READING, count):
        caller, other = await callers(server.address, stage.key, 2)
        asking = asyncio.create_task(ask())
        for _ in range(ORDERS):
            await caller.call(next(bodies))
        await asyncio.sleep(5)
        ended = True
        await asking
        close([caller, other])
    waits.sort()
    return waits[len(waits) // 2] * 1_000, waits[-1] * 1_000


async def unread(stage: Stage, server: Running, bodies: Iterator[bytes]) -> tuple[float, float, float]:
    """Return the memory of the server in MB: before, at most while event streams are not read, and after 40 s of that."""
    there = urlsplit(server.address)
    body = document(LARGE)
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: {there.netloc}\r\nauthorization: Bearer {stage.key}\r\n"
        f"content-type: application/json\r\naccept: text/event-stream\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    before, writers = machine.memory_mb(server.processes["servers"]), []
    for _ in range(UNREAD):
        reader, writer = await asyncio.open_connection(there.hostname, there.port, limit=1)
        reader._transport.pause_reading()  # type: ignore[attr-defined]  # noqa: SLF001 - nobody reads it
        writer.write(head.encode() + body)
        writers.append(writer)
    await asyncio.sleep(QUIET_S)
    (caller,) = await callers(server.address, stage.key, 1)
    for _ in range(20 * ORDERS):
        await caller.call(next(bodies))
    close([caller])
    most, end = 0.0, time.monotonic() + 40
    while time.monotonic() < end:
        most = max(most, machine.memory_mb(server.processes["servers"]))
        await asyncio.sleep(1)
    for writer in writers:
        writer.transport.abort()
    return before, most, machine.memory_mb(server.processes["servers"])


async def measured(stage: Stage, server: Running, parts: Sequence[str]) -> None:
    """Print what was measured."""
    (caller,) = await callers(server.address, stage.key, 1)
    bodies = singles(stage.shop.purchases("watched"), 100_000)
    for name, text in (("plain", PLAIN), ("reading", READING)) if "events" in parts else ():
        await one_event_to(1, text, stage, server, caller, bodies)
        without = await one_event_to(0, text, stage, server, caller, bodies)
        for count in (1, 100, 1_000):
            took = await one_event_to(count, text, stage, server, caller, bodies) - without
            print(f"one event, {name}, to {count} equal subscriptions: {took:.2f} ms, {took / count:.3f} ms each", flush=True)
    if "sockets" in parts:
        for count in (0, SOCKETS * A_SOCKET):
            half, longest = await beside(count, stage, server, bodies)
            print(f"another client beside {count} subscriptions waits {half:.1f} ms, {longest:.0f} ms at most", flush=True)
    if "unread" in parts:
        before, most, after = await unread(stage, server, bodies)
        print(
            f"{UNREAD} event streams that are not read: {before:.0f} MB, {most:.0f} MB at most, {after:.0f} MB after",
            flush=True,
        )
    close([caller])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.watching", description=__doc__)
    parser.add_argument("parts", nargs="*", help="events, sockets, unread [all]")
    parser.add_argument("--tree", type=Path, default=HERE, help="the checkout whose program is measured")
    given = parser.parse_args()
    with staged(given.tree) as prepared:
        roomy = replace(prepared, environment={**prepared.environment, **ROOM})
        with serving(roomy, processes=1) as running:
            uvloop.run(measured(roomy, running, given.parts or ("events", "sockets", "unread")))
    print(machine.description())
