"""Many statements in one packet.

psycopg's own pipeline makes a round trip for BEGIN, waits for the socket before each statement and takes locks around each:
more processor time than an order's statements themselves. So this speaks libpq through `psycopg.pq`, psycopg's documented
low level, and leaves types and errors to psycopg.
"""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import suppress
from secrets import token_hex
from typing import Any, NamedTuple, cast

import psycopg
from psycopg import abc
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName, error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format, PipelineStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait

from oms_api.db import connections
from oms_api.db.connections import PREPARED, PreparedKey, lost
from oms_api.db.records import made_of
from oms_api.db.statements import Query
from oms_api.db.traffic import trip

Parameters = Sequence[object]
Statement = tuple[str, Parameters]
Rows = list[tuple[Any, ...]]

FAILED = {ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE, ExecStatus.NONFATAL_ERROR}
STALE = (InvalidSqlStatementName, FeatureNotSupported)
"""A prepared statement is gone (somebody ran DEALLOCATE ALL), or a column of its result has another type than it had."""
CANCEL_S = 5.0


class Bound(NamedTuple):
    """A statement as libpq takes it."""

    text: str
    values: Sequence[abc.Buffer | None]
    types: tuple[int, ...]
    formats: Sequence[Format]


class QueuedStatement(NamedTuple):
    """A statement in libpq's buffer: what it is kept under, and the name under which it is prepared before, if it is new."""

    key: PreparedKey | None
    preparing: bytes | None


async def send(driver: psycopg.AsyncConnection[Any], statements: Sequence[Statement]) -> list[Rows]:
    """Send *statements* with numbered parameters in one packet and return the rows of each.

    The connection is in autocommit mode, so BEGIN and COMMIT are statements among the others. A statement with parameters is
    prepared once a connection. When one fails, none after it is carried out. Raises: psycopg.Error, of the one that failed.
    """
    adapter = Transformer(driver)
    results, failure = await _carry_out(driver, [_bound(adapter, *statement) for statement in statements])
    if failure is not None:
        raise failure
    return [_rows(adapter, result) for result in results]


async def send_each(driver: psycopg.AsyncConnection[Any], queries: Sequence[Query[Any]]) -> list[list[Any] | Exception]:
    """Send *queries*, which only read and do not depend on each other, in one packet; return the records or the error of each.

    The server skips what follows one that fails, so that is sent once more. Raises: psycopg.OperationalError, when the
    connection is lost.
    """
    adapter = Transformer(driver)
    bound = [_bound_or_error(adapter, query) for query in queries]
    sent = [(one, query) for one, query in zip(bound, queries, strict=True) if isinstance(one, Bound)]
    answers: list[list[Any] | Exception] = []
    anew = False
    while len(answers) < len(sent):
        left = sent[len(answers) :]
        results, failure = await _carry_out(driver, [one for one, _ in left])
        answers += [_records_or_error(adapter, result, query) for result, (_, query) in zip(results, left, strict=False)]
        if failure is None:
            break
        if lost(failure):
            raise failure
        if isinstance(failure, STALE) and not anew:  # it is prepared anew, once
            anew = True
        else:
            answers.append(failure)
    rest = iter(answers)
    return [next(rest) if isinstance(one, Bound) else one for one in bound]


async def send_all(driver: psycopg.AsyncConnection[Any], queries: Sequence[Query[Any]]) -> list[list[Any]]:
    """Send *queries* in one packet and return the records of each. Raises: psycopg.Error, of the first that failed."""
    adapter = Transformer(driver)
    results, failure = await _carry_out(driver, [_bound(adapter, query.text, query.parameters) for query in queries])
    if failure is not None:
        raise failure
    return [_records(adapter, result, query) for result, query in zip(results, queries, strict=True)]


def _bound(adapter: abc.Transformer, text: str, values: Parameters) -> Bound:
    """Return a statement as libpq takes it. Raises: psycopg.Error, for a value that the driver cannot write."""
    if not values:
        return Bound(text, (), (), ())
    written = adapter.dump_sequence(values, [PyFormat.AUTO] * len(values))
    return Bound(text, written, tuple(adapter.types or ()), adapter.formats or ())


def _bound_or_error(adapter: abc.Transformer, query: Query[Any]) -> Bound | Exception:
    try:
        return _bound(adapter, query.text, query.parameters)
    except Exception as error:  # noqa: BLE001 - such as a NUL in a text: told to who asked
        return error


async def _carry_out(
    driver: psycopg.AsyncConnection[Any], statements: Sequence[Bound]
) -> tuple[list[PGresult], psycopg.Error | None]:
    """Send *statements* and return the results up to the first failure, and that.

    Raises: psycopg.OperationalError; RuntimeError, where the answer to others is still awaited: both would wait for ever.
    """
    pgconn, known = driver.pgconn, PREPARED.setdefault(driver, {})
    if pgconn.status == ConnStatus.OK and pgconn.pipeline_status != PipelineStatus.OFF:
        raise RuntimeError("a connection carries out one packet after another")
    fresh: dict[PreparedKey, bytes] = {}
    pgconn.enter_pipeline_mode()
    try:
        queued = [_queue(pgconn, statement, known, fresh) for statement in statements]
        pgconn.pipeline_sync()
        with trip([statement.text for statement in statements]):
            answers = iter(await _exchanged(driver))
    finally:
        if pgconn.status == ConnStatus.OK:
            _leave(pgconn)
    results: list[PGresult] = []
    for key, preparing in queued:
        if preparing is not None:
            if (failure := _failure(next(answers), driver)) is not None:
                return results, failure
            known[cast("PreparedKey", key)] = preparing
        result = next(answers)
        if (failure := _failure(result, driver)) is not None:
            return results, failure
        results.append(result)
    return results, None


def _queue(
    pgconn: PGconn, statement: Bound, known: dict[PreparedKey, bytes], fresh: dict[PreparedKey, bytes]
) -> QueuedStatement:
    """Put *statement* into libpq's buffer, after its preparation where it is new."""
    text, values, types, formats = statement
    if not values:
        pgconn.send_query_params(text.encode(), None)
        return QueuedStatement(None, None)
    key, preparing = (text, types), None
    name = known.get(key) or fresh.get(key)
    if name is None:
        if len(known) + len(fresh) >= connections.MOST_PREPARED:
            pgconn.send_query_params(text.encode(), values, types, formats)
            return QueuedStatement(None, None)
        name = preparing = fresh[key] = f"oms_{token_hex(8)}".encode()  # behind a pooler others may prepare here, too
        pgconn.send_prepare(name, text.encode(), types)
    pgconn.send_query_prepared(name, values, formats)
    return QueuedStatement(key, preparing)


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
    if isinstance(error, STALE):  # whoever runs again prepares anew
        PREPARED.pop(driver, None)
    return error


def _rows(adapter: abc.Transformer, result: PGresult) -> Rows:
    if result.status != ExecStatus.TUPLES_OK:
        return []
    adapter.set_pgresult(result)
    return cast("Rows", adapter.load_rows(0, result.ntuples, tuple))


def _records_or_error(adapter: abc.Transformer, result: PGresult, query: Query[Any]) -> list[Any] | Exception:
    try:
        return _records(adapter, result, query)
    except Exception as error:  # noqa: BLE001 - such as a date that Python has not: told to who asked
        return error


def _records(adapter: abc.Transformer, result: PGresult, query: Query[Any]) -> list[Any]:
    if result.status != ExecStatus.TUPLES_OK:
        return []
    adapter.set_pgresult(result)
    make = query.record or made_of(tuple((result.fname(at) or b"").decode() for at in range(result.nfields)))
    return adapter.load_rows(0, result.ntuples, make)
