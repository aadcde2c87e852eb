"""Many statements in one packet.

psycopg's own pipeline makes a round trip for BEGIN, waits for the socket before each statement and takes locks around each:
more processor time than an order's statements themselves. So this speaks libpq through `psycopg.pq`, psycopg's documented
low level, and leaves types and errors to psycopg.
"""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import suppress
from itertools import count
from typing import Any, NamedTuple, cast
from weakref import WeakKeyDictionary

import psycopg
from psycopg import abc
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import InvalidSqlStatementName, error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait

from oms_api.db.records import record_class
from oms_api.db.statements import Query
from oms_api.db.traffic import trip

Parameters = Sequence[object]
Statement = tuple[str, Parameters]
Rows = list[tuple[Any, ...]]
Key = tuple[str, tuple[int, ...]]

FAILED = {ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE, ExecStatus.NONFATAL_ERROR}
MOST_PREPARED = 1_000
"""Statements prepared on one connection; what comes after them is sent whole each time."""
CANCEL_S = 5.0
_names = count(1)
_prepared: WeakKeyDictionary[psycopg.AsyncConnection[Any], dict[Key, bytes]] = WeakKeyDictionary()


class Queued(NamedTuple):
    """A statement in libpq's buffer: what it is kept under, and the name under which it is prepared before, if it is new."""

    key: Key | None
    preparing: bytes | None


async def send(driver: psycopg.AsyncConnection[Any], statements: Sequence[Statement]) -> list[Rows]:
    """Send *statements* with ``$1`` parameters in one packet and return the rows of each.

    The connection is in autocommit mode, so BEGIN and COMMIT are statements among the others. A statement with parameters is
    prepared once a connection. When one fails, none after it is carried out. Raises: psycopg.Error, of the one that failed.
    """
    adapter = Transformer(driver)
    results, failure = await _carry_out(driver, adapter, statements)
    if failure is not None:
        raise failure
    return [_rows(adapter, result) for result in results]


async def send_each(driver: psycopg.AsyncConnection[Any], queries: Sequence[Query[Any]]) -> list[list[Any] | Exception]:
    """Send *queries*, which only read and do not depend on each other, in one packet; return the records or the error of each.

    The server skips what follows one that fails, so that is sent once more. Raises: psycopg.OperationalError, when the
    connection is lost.
    """
    answers: list[list[Any] | Exception] = []
    anew = False
    while len(answers) < len(queries):
        adapter, left = Transformer(driver), queries[len(answers) :]
        results, failure = await _carry_out(driver, adapter, [(query.text, query.parameters) for query in left])
        answers += [_records(adapter, result, query) for result, query in zip(results, left, strict=False)]
        if isinstance(failure, InvalidSqlStatementName) and not anew:  # known no more: it is prepared anew, once
            anew = True
        elif failure is not None:
            answers.append(failure)
    return answers


async def send_all(driver: psycopg.AsyncConnection[Any], queries: Sequence[Query[Any]]) -> list[list[Any]]:
    """Send *queries* in one packet and return the records of each. Raises: psycopg.Error, of the first that failed."""
    adapter = Transformer(driver)
    results, failure = await _carry_out(driver, adapter, [(query.text, query.parameters) for query in queries])
    if failure is not None:
        raise failure
    return [_records(adapter, result, query) for result, query in zip(results, queries, strict=True)]


async def touch(driver: psycopg.AsyncConnection[Any], query: Query[Any]) -> int:
    """Send *query* and return how many rows it touched. Raises: psycopg.Error."""
    results, failure = await _carry_out(driver, Transformer(driver), [(query.text, query.parameters)])
    if failure is not None:
        raise failure
    return results[0].command_tuples or 0


async def _carry_out(
    driver: psycopg.AsyncConnection[Any], adapter: abc.Transformer, statements: Sequence[Statement]
) -> tuple[list[PGresult], psycopg.Error | None]:
    """Send *statements* and return the results up to the first failure, and that. Raises: psycopg.OperationalError."""
    pgconn, known = driver.pgconn, _prepared.setdefault(driver, {})
    fresh: dict[Key, bytes] = {}
    pgconn.enter_pipeline_mode()
    try:
        queued = [_queue(pgconn, adapter, statement, known, fresh) for statement in statements]
        pgconn.pipeline_sync()
        with trip([text for text, _ in statements]):
            answers = iter(await _exchanged(driver))
    finally:
        if pgconn.status == ConnStatus.OK:
            _leave(pgconn)
    results: list[PGresult] = []
    for key, preparing in queued:
        if preparing is not None:
            if (failure := _failure(next(answers), driver)) is not None:
                return results, failure
            known[cast("Key", key)] = preparing
        result = next(answers)
        if (failure := _failure(result, driver)) is not None:
            return results, failure
        results.append(result)
    return results, None


def _queue(
    pgconn: PGconn, adapter: abc.Transformer, statement: Statement, known: dict[Key, bytes], fresh: dict[Key, bytes]
) -> Queued:
    """Put *statement* into libpq's buffer, after its preparation where it is new."""
    text, values = statement
    if not values:
        pgconn.send_query_params(text.encode(), None)
        return Queued(None, None)
    parameters = adapter.dump_sequence(values, [PyFormat.AUTO] * len(values))
    types, formats = tuple(adapter.types or ()), adapter.formats
    key, preparing = (text, types), None
    name = known.get(key) or fresh.get(key)
    if name is None:
        if len(known) + len(fresh) >= MOST_PREPARED:
            pgconn.send_query_params(text.encode(), parameters, types, formats)
            return Queued(None, None)
        name = preparing = fresh[key] = f"oms_{next(_names)}".encode()
        pgconn.send_prepare(name, text.encode(), types)
    pgconn.send_query_prepared(name, parameters, formats)
    return Queued(key, preparing)


async def _exchanged(driver: psycopg.AsyncConnection[Any]) -> list[PGresult]:
    """Send all that is queued and return the answers: `driver.wait` without a timer and an event for each wait.

    Whoever gives up waiting has the server stop, too.
    """
    pgconn, loop = driver.pgconn, asyncio.get_running_loop()
    socket, steps = pgconn.socket, _exchange(pgconn)
    try:
        wanted: Wait = next(steps)
        while True:
            ready: asyncio.Future[Ready] = loop.create_future()
            loop.add_reader(socket, _wake, ready, Ready.R)
            if wanted == Wait.RW:
                loop.add_writer(socket, _wake, ready, Ready.W)
            try:
                found = await ready
            finally:
                loop.remove_reader(socket)
                if wanted == Wait.RW:
                    loop.remove_writer(socket)
            wanted = steps.send(found)
    except StopIteration as done:
        return cast("list[PGresult]", done.value)
    except asyncio.CancelledError:
        with suppress(psycopg.Error):
            await driver.cancel_safe(timeout=CANCEL_S)
        raise


def _wake(waiting: "asyncio.Future[Ready]", ready: Ready) -> None:
    if not waiting.done():
        waiting.set_result(ready)


def _exchange(pgconn: PGconn) -> Generator[Wait, Ready | int, list[PGresult]]:
    """Send all that is queued and return the answer to each command, up to the sync."""
    while pgconn.flush():
        if (yield Wait.RW) & Ready.R:
            pgconn.consume_input()
    answers: list[PGresult] = []
    while True:
        while pgconn.is_busy():
            yield Wait.R
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:  # the end of one command's answers
            if pgconn.status == ConnStatus.BAD:
                raise psycopg.OperationalError("the connection to the database is lost")
            continue
        if result.status == ExecStatus.PIPELINE_SYNC:
            return answers
        answers.append(result)


def _leave(pgconn: PGconn) -> None:
    """Leave pipeline mode, unless somebody gave up waiting: then the connection is of no more use."""
    try:
        pgconn.exit_pipeline_mode()
    except psycopg.OperationalError:
        pgconn.finish()


def _failure(result: PGresult, driver: psycopg.AsyncConnection[Any]) -> psycopg.Error | None:
    if result.status not in FAILED:
        return None
    error = error_from_result(result, encoding=driver.info.encoding)
    if isinstance(error, InvalidSqlStatementName):  # somebody ran DEALLOCATE ALL: whoever runs again prepares anew
        _prepared.pop(driver, None)
    return error


def _rows(adapter: abc.Transformer, result: PGresult) -> Rows:
    if result.status != ExecStatus.TUPLES_OK:
        return []
    adapter.set_pgresult(result)
    return cast("Rows", adapter.load_rows(0, result.ntuples, tuple))


def _records(adapter: abc.Transformer, result: PGresult, query: Query[Any]) -> list[Any]:
    if result.status != ExecStatus.TUPLES_OK:
        return []
    adapter.set_pgresult(result)
    make = query.record or record_class(tuple((result.fname(at) or b"").decode() for at in range(result.nfields)))._make
    return adapter.load_rows(0, result.ntuples, make)
