"""A client that follows events as server-sent events, and catches up from a place in the feed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import orjson

from benchmarks.client import Answer, Load, UnexpectedAnswerError, callers, document, sent
from benchmarks.place import batches, check_batches, close
from benchmarks.stage import Running, Stage

EVENTS = """
subscription Events($after: Cursor) {
  orderEvents(after: $after) {
    cursor type occurredAt changes { field before after }
    order {
      id number status fulfillmentStatus paymentStatus total { amount currencyCode }
      lines(first: 5) { nodes { id skuCode ordered } }
    }
  }
}
"""
FOLLOWED = 300
"""Events that a round reads."""


@asynccontextmanager
async def following(stage: Stage, server: Running, after: str | None) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """Give the events behind *after*, or those from now on, until the block ends."""
    there, body = urlsplit(server.address), document(EVENTS, after=after)
    reader, writer = await asyncio.open_connection(there.hostname, there.port, limit=2**24)
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: {there.netloc}\r\nauthorization: Bearer {stage.key}\r\n"
        f"content-type: application/json\r\naccept: text/event-stream\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    try:
        yield _events(reader)
    finally:
        writer.close()


async def _events(reader: asyncio.StreamReader) -> AsyncIterator[dict[str, Any]]:
    while line := await reader.readline():
        if line.startswith(b"data: {"):
            told = orjson.loads(line[6:])
            if told.get("errors"):
                raise UnexpectedAnswerError(repr(told))
            yield told["data"]["orderEvents"]


async def place_followed(stage: Stage, server: Running) -> str:
    """Place so many orders that a round has its events, and return the place in the feed before them."""
    orders = batches(stage.shop.purchases("followed"), 1 + FOLLOWED // 100)
    connections = await callers(server.address, stage.key, 1)
    try:
        async with following(stage, server, None) as events:
            await asyncio.sleep(1)  # it follows from now on
            check_batches(await sent(connections, islice(orders, 1)))
            cursor = str((await anext(events))["cursor"])
        check_batches(await sent(connections, orders))
        async with following(stage, server, cursor) as events:
            await _read(events)  # all of them were relayed
    finally:
        close(connections)
    return cursor


async def catch_up(stage: Stage, server: Running, cursor: str) -> Load:
    """Read the events behind *cursor*."""
    async with following(stage, server, cursor) as events:
        start = perf_counter()
        read = await _read(events)
        took = perf_counter() - start
    return Load([Answer(200, b"", took / FOLLOWED) for _ in read], took)


async def _read(events: AsyncIterator[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    async for event in events:
        found.append(event)
        if len(found) == FOLLOWED:
            break
    if not all(event["order"]["lines"]["nodes"] for event in found):
        raise UnexpectedAnswerError(repr(found[0]))
    return found
