"""Reads that are asked for at the same moment go to the database together.

Each request has its `RoundTrips`. What is asked of it is held back until a whole turn of the event loop adds nothing, and then
sent in one packet on one connection, each statement prepared. Whoever asks alone waits for two empty turns, microseconds, and
for nobody. An error reaches who asked and no one else; a statement that may take long goes on a connection of its own, and a
request has few of these at a time.
"""

import asyncio
from collections.abc import AsyncIterator, Hashable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any, Protocol, TypeVar

import psycopg
import structlog

from oms_api.db.connections import Driver, Pool, lost, refusal
from oms_api.db.pipeline import send_all, send_each
from oms_api.db.statements import Query, only_reads

log = structlog.get_logger("oms_api.db")
Row = TypeVar("Row")
AT_ONCE = nullcontext()
LOSSES = 2
"""How often a read may lose its connection; one that ends its server is not sent for ever."""


MOST_LONG = 2
"""On how many connections at a time a request reads what may take long; what is more waits for its turn."""


class Asking(Protocol):
    """Somebody who waits for a statement."""

    def query(self) -> Query[Any]:
        """Return the statement, once it is time to send it."""

    def settle(self, answer: list[Any] | BaseException) -> None:
        """Hand over its records, or what went wrong."""


class _One:
    """One statement and who waits for it."""

    def __init__(self, query: Query[Any], future: "asyncio.Future[list[Any]]") -> None:
        self.statement, self.future = query, future

    def query(self) -> Query[Any]:
        return self.statement

    def settle(self, answer: list[Any] | BaseException) -> None:
        settle(self.future, answer)


Packet = Sequence[tuple[Asking, Query[Any]]]


class RoundTrips:
    """The reads of one request, sent together."""

    def __init__(self, pool: Pool, holder: Hashable = None) -> None:
        self.pool = pool
        self.holder = holder
        self.turns = asyncio.Semaphore(MOST_LONG)
        self.asking: list[Asking] = []
        self.stirs = 0
        self.running: dict[asyncio.Task[None], Packet] = {}
        self.stopped = False

    async def ask(self, query: Query[Row]) -> list[Row]:
        """Return the records of *query*. Raises: Busy, Unavailable, psycopg.Error."""
        future: asyncio.Future[list[Row]] = asyncio.get_running_loop().create_future()
        self.join(_One(query, future))
        return await future

    @asynccontextmanager
    async def held(self) -> AsyncIterator["OneConnection"]:
        """Hold one connection until the end of the block. Raises: Busy, Unavailable."""
        async with self._turn(), self.pool.lease() as driver:
            yield OneConnection(driver)

    def join(self, asking: Asking) -> None:
        """Let *asking* go with the next packet."""
        if not self.asking:
            loop = asyncio.get_running_loop()
            loop.call_soon(self._look, loop, self.stirs)
        self.asking.append(asking)
        self.stirs += 1

    def stir(self) -> None:
        """Hold the next packet back for another turn: somebody adds keys to a statement that waits."""
        self.stirs += 1

    def stop(self) -> None:
        """Stop what is being read, and read nothing any more; whoever still waits is canceled."""
        self.stopped = True
        for task, packet in self.running.items():
            task.cancel()
            _cancel(packet)

    def _look(self, loop: asyncio.AbstractEventLoop, seen: int) -> None:
        if self.stirs > seen:  # others may still be on their way
            loop.call_soon(self._look, loop, self.stirs)
            return
        asking, self.asking = self.asking, []
        together: list[tuple[Asking, Query[Any]]] = []
        for one in asking:
            try:
                query = _reading(one.query())
            except Exception as error:  # noqa: BLE001 - such as a damaged cursor: it is that one's alone
                _settle(one, error)
                continue
            if query.alone:
                self._start(loop, [(one, query)], self._turn())
            else:
                together.append((one, query))
        if together:
            self._start(loop, together, AT_ONCE)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait for a turn to read what may take long, in the request and in the share of its holder. Raises: Busy."""
        async with self.turns, self.pool.share(self.holder):
            yield

    def _start(self, loop: asyncio.AbstractEventLoop, packet: Packet, turn: AbstractAsyncContextManager[None]) -> None:
        if self.stopped:
            _cancel(packet)
            return
        task = loop.create_task(self._carry_out(packet, turn))
        self.running[task] = packet
        task.add_done_callback(self.running.pop)

    async def _carry_out(self, packet: Packet, turn: AbstractAsyncContextManager[None]) -> None:
        answers: Sequence[list[Any] | Exception]
        try:
            async with turn:
                answers = await read_each(self.pool, [query for _, query in packet])
        except Exception as error:  # noqa: BLE001 - told to all who asked
            answers = [error] * len(packet)
        for (one, _), answer in zip(packet, answers, strict=True):
            _settle(one, refusal(answer) if isinstance(answer, Exception) else answer)


class OneConnection:
    """Sends each statement by itself, on the connection that it holds."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    async def ask(self, query: Query[Row]) -> list[Row]:
        """Return the records of *query*. Raises: Busy, Unavailable, psycopg.Error."""
        try:
            (found,) = await send_all(self.driver, [query])
        except psycopg.Error as error:
            raise refusal(error) from error
        return found

    @asynccontextmanager
    async def held(self) -> AsyncIterator["OneConnection"]:
        """Give this one: it holds its connection already."""
        yield self


async def read_each(pool: Pool, queries: Sequence[Query[Any]]) -> Sequence[list[Any] | Exception]:
    """Return the records or the error of each of *queries*.

    They only read, so they are asked again where the connection is lost on the way: a server that goes away takes one
    connection after the other. Raises: Busy, Unavailable, psycopg.OperationalError.
    """
    for _ in range(LOSSES):
        try:
            async with pool.lease() as driver:
                return await send_each(driver, queries)
        except psycopg.OperationalError as error:
            if not lost(error):
                raise
            log.warning("reading_again", error=str(error))
            await pool.forget()
    async with pool.lease() as driver:
        return await send_each(driver, queries)


def _reading(query: Query[Row]) -> Query[Row]:
    """Return *query*. Raises: TypeError, when it could change anything: that takes a transaction."""
    if not only_reads(query.text):
        raise TypeError(f"a reader only reads, and this does more: {query.text}")
    return query


def _settle(asking: Asking, answer: list[Any] | BaseException) -> None:
    """Hand *answer* over; what goes wrong in that is told to who asked, so that nobody else is left waiting."""
    try:
        asking.settle(answer)
    except Exception as error:  # noqa: BLE001
        asking.settle(error)


def _cancel(packet: Packet) -> None:
    for one, _ in packet:
        _settle(one, asyncio.CancelledError())


def settle(future: "asyncio.Future[Any]", answer: object) -> None:
    """Give *answer*, which may be an exception, to who waits for *future*, unless they gave up."""
    if future.done():
        return
    if isinstance(answer, asyncio.CancelledError):
        future.cancel()
    elif isinstance(answer, Exception):
        future.set_exception(answer)
        future.exception()  # a loader keeps a future for whoever asks later: nobody may
    else:
        future.set_result(answer)
