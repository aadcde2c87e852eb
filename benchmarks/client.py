"""A load program that costs little: HTTP/1.1 over kept connections, no more of it than our server needs."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, takewhile
from operator import methodcaller
from time import perf_counter
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import orjson

from benchmarks.machine import served_by

HEADER_END = b"\r\n\r\n"
TRIPS = re.compile(rb'server-timing: db;desc="\d+ statements, (\d+) trips"', re.IGNORECASE)
LENGTH = b"\r\ncontent-length: "
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request came to."""

    status: int
    body: bytes
    seconds: float
    trips: int | None = None
    """Round trips to the database, where the server tells them."""

    @property
    def data(self) -> dict[str, Any]:
        """The data of a GraphQL answer. Raises: UnexpectedAnswerError, when there are errors."""
        told = orjson.loads(self.body)
        if self.status != 200 or told.get("errors"):
            raise UnexpectedAnswerError(f"{self.status}: {self.body[:500]!r}")
        return dict(told["data"])


class UnexpectedAnswerError(Exception):
    """The server answered something else than what is measured."""


class Caller(asyncio.Protocol):
    """One connection: one request at a time."""

    def __init__(self, host: str, path: str, key: str) -> None:
        self.host, self.path = host, path
        self.use(key)
        self.buffer = bytearray()
        self.start = self.end = 0
        self.answered: asyncio.Future[tuple[bytes, bytes]] | None = None
        self.transport: asyncio.WriteTransport | None = None

    def use(self, key: str) -> None:
        """Call with *key* from now on."""
        self.head = (
            f"POST {self.path} HTTP/1.1\r\nhost: {self.host}\r\nauthorization: Bearer {key}\r\n"
            "content-type: application/json\r\naccept: application/json\r\ncontent-length: "
        ).encode()

    @property
    def port(self) -> int:
        """The port from which it calls."""
        assert self.transport is not None
        return int(self.transport.get_extra_info("sockname")[1])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        """Collect an answer; its length stands in its header."""
        self.buffer += data
        if not self.end:
            start = self.buffer.find(HEADER_END)
            if start < 0:
                return
            self.start = start + len(HEADER_END)
            lowered = self.buffer[: self.start].lower()
            at = lowered.index(LENGTH) + len(LENGTH)
            self.end = self.start + int(lowered[at : lowered.find(b"\r\n", at)])
        if len(self.buffer) >= self.end and self.answered is not None:
            head, body = bytes(self.buffer[: self.start]), bytes(self.buffer[self.start : self.end])
            del self.buffer[: self.end]
            self.end = 0
            self.answered.set_result((head, body))

    def connection_lost(self, error: Exception | None) -> None:
        """Tell whoever waits."""
        if self.answered is not None and not self.answered.done():
            self.answered.set_exception(UnexpectedAnswerError(f"the server closed the connection: {error}"))

    async def call(self, body: bytes) -> Answer:
        """Send *body* and return the answer."""
        assert self.transport is not None
        self.answered = asyncio.get_running_loop().create_future()
        start = perf_counter()
        self.transport.write(b"%b%d\r\n\r\n%b" % (self.head, len(body), body))
        head, answered = await self.answered
        took, trips = perf_counter() - start, TRIPS.search(head)
        return Answer(int(head[9:12]), answered, took, int(trips[1]) if trips else None)

    def close(self) -> None:
        """End the connection."""
        if self.transport is not None:
            self.transport.close()


@dataclass(slots=True)
class Load:
    """The answers to a load, and how long all of it took."""

    answers: list[Answer] = field(default_factory=list)
    elapsed_s: float = 0.0

    def latency_ms(self, share: float) -> float:
        """Return the latency that *share* of the requests stayed under, in ms."""
        return percentile([answer.seconds for answer in self.answers], share) * 1_000


async def callers(address: str, key: str, count: int) -> list[Caller]:
    """Open *count* connections to *address*, at /graphql unless it says where, one after the other.

    The server's processes take them as they come.
    """
    there = urlsplit(address)
    opened = []
    for _ in range(count):
        loop = asyncio.get_running_loop()
        _, caller = await loop.create_connection(
            lambda: Caller(there.netloc, there.path or "/graphql", key), str(there.hostname), there.port or 80
        )
        opened.append(caller)
        await asyncio.sleep(0.01)
    return opened


async def spread(address: str, key: str, count: int, *, servers: int, processes: int) -> list[Caller]:
    """Open *count* connections, of which each of the *processes* below *servers* takes its share: the kernel throws dice."""
    port, share = urlsplit(address).port or 80, -(-count // processes)
    kept: list[Caller] = []
    load: Counter[int] = Counter()
    while len(kept) < count:
        (caller,) = await callers(address, key, 1)
        while (process := served_by(servers, port).get(caller.port)) is None:  # noqa: ASYNC110 - the kernel tells nobody
            await asyncio.sleep(0.01)
        if load[process] < share:
            load[process] += 1
            kept.append(caller)
        else:
            caller.close()
    return kept


Ask = Callable[[Caller], Awaitable[Answer]]
"""Something to ask over a connection, in one request or several."""


def during(seconds: float, things: Iterable[T]) -> Iterator[T]:
    """Yield *things* over and over, for so many seconds from the first on."""
    end = perf_counter() + seconds
    yield from takewhile(lambda _: perf_counter() < end, cycle(things))


async def sent(connections: Sequence[Caller], bodies: Iterable[bytes]) -> Load:
    """Send *bodies* over all *connections* at once: each takes the next body as soon as it has its answer."""
    return await asked(connections, (methodcaller("call", body) for body in bodies))


async def asked(connections: Sequence[Caller], asks: Iterable[Ask]) -> Load:
    """Ask all of *asks* over all *connections* at once: each takes the next as soon as it has its answer."""
    load, queue = Load(), iter(asks)

    async def work(caller: Caller) -> None:
        for ask in queue:
            load.answers.append(await ask(caller))

    start = perf_counter()
    await asyncio.gather(*map(work, connections))
    load.elapsed_s = perf_counter() - start
    return load


def document(text: str, **variables: object) -> bytes:
    """Return a request body."""
    return orjson.dumps({"query": text, "variables": variables})


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value that *share* of *values* do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
