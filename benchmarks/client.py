"""A load program that costs little: HTTP/1.1 over kept connections, no more of it than our server needs."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, cast
from urllib.parse import urlsplit

import orjson

HEADER_END = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length: "


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request came to."""

    status: int
    body: bytes
    seconds: float

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

    def __init__(self, host: str, key: str) -> None:
        self.head = (
            f"POST /graphql HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\n"
            "content-type: application/json\r\naccept: application/json\r\ncontent-length: "
        ).encode()
        self.buffer = bytearray()
        self.status = self.start = self.end = 0
        self.answered: asyncio.Future[tuple[int, bytes]] | None = None
        self.transport: asyncio.WriteTransport | None = None

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
            at = self.buffer.find(LENGTH, 0, start) + len(LENGTH)
            self.status, self.start = int(self.buffer[9:12]), start + len(HEADER_END)
            self.end = self.start + int(self.buffer[at : self.buffer.find(b"\r\n", at)])
        if len(self.buffer) >= self.end and self.answered is not None:
            body = bytes(self.buffer[self.start : self.end])
            del self.buffer[: self.end]
            self.end = 0
            self.answered.set_result((self.status, body))

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
        status, answered = await self.answered
        return Answer(status, answered, perf_counter() - start)

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
    """Open *count* connections, one after the other: the server's processes take them as they come."""
    there = urlsplit(address)
    opened = []
    for _ in range(count):
        loop = asyncio.get_running_loop()
        _, caller = await loop.create_connection(lambda: Caller(there.netloc, key), str(there.hostname), there.port or 80)
        opened.append(caller)
        await asyncio.sleep(0.01)
    return opened


async def sent(connections: Sequence[Caller], bodies: Iterable[bytes]) -> Load:
    """Send *bodies* over all *connections* at once: each takes the next body as soon as it has its answer."""
    load, queue = Load(), iter(bodies)

    async def work(caller: Caller) -> None:
        for body in queue:
            load.answers.append(await caller.call(body))

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
