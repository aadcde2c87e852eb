"""Many statements in one packet.

psycopg's own pipeline makes a round trip for BEGIN, waits for the socket before each statement and takes locks around each:
more processor time than an order's statements themselves. So this speaks libpq through `psycopg.pq`, psycopg's documented
low level, and leaves waiting, types and errors to psycopg.
"""

from collections.abc import Generator, Sequence
from itertools import count
from typing import Any, cast
from weakref import WeakKeyDictionary

import psycopg
from psycopg import abc
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import InvalidSqlStatementName, error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait

from oms_api.db.traffic import trip

Parameters = Sequence[object]
Statement = tuple[str, Parameters]
Rows = list[tuple[Any, ...]]
Prepared = dict[tuple[str, tuple[int, ...]], bytes]

FAILED = {ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE, ExecStatus.NONFATAL_ERROR}
_names = count(1)
_prepared: WeakKeyDictionary[psycopg.AsyncConnection[Any], Prepared] = WeakKeyDictionary()


async def send(driver: psycopg.AsyncConnection[Any], statements: Sequence[Statement]) -> list[Rows]:
    """Send *statements* with ``$1`` parameters in one packet and return the rows of each.

    The connection is in autocommit mode, so BEGIN and COMMIT are statements among the others. A statement with parameters is
    prepared once a connection. When one fails, none after it is carried out. Raises: psycopg.Error, of the one that failed.
    """
    pgconn, known = driver.pgconn, _prepared.setdefault(driver, {})
    adapter, fresh = Transformer(driver), Prepared()
    pgconn.enter_pipeline_mode()
    try:
        preparing = [_queue(pgconn, adapter, statement, known, fresh) for statement in statements]
        pgconn.pipeline_sync()
        with trip([text for text, _ in statements]):
            answers = iter(await driver.wait(_exchange(pgconn)))
    finally:
        if pgconn.status == ConnStatus.OK:
            _leave(pgconn)
    found = []
    for prepares in preparing:
        if prepares:
            _check(next(answers), driver)
        found.append(_check(next(answers), driver))
    known.update(fresh)
    return [_rows(adapter, result) for result in found]


def _queue(pgconn: PGconn, adapter: abc.Transformer, statement: Statement, known: Prepared, fresh: Prepared) -> bool:
    """Put *statement* into libpq's buffer, after its preparation where it is new; tell whether it is."""
    text, values = statement
    if not values:
        pgconn.send_query_params(text.encode(), None)
        return False
    parameters = adapter.dump_sequence(values, [PyFormat.AUTO] * len(values))
    types, formats = tuple(adapter.types or ()), adapter.formats
    name = known.get((text, types)) or fresh.get((text, types))
    new = name is None
    if name is None:
        name = fresh[text, types] = f"oms_{next(_names)}".encode()
        pgconn.send_prepare(name, text.encode(), types)
    pgconn.send_query_prepared(name, parameters, formats)
    return new


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


def _check(result: PGresult, driver: psycopg.AsyncConnection[Any]) -> PGresult:
    if result.status in FAILED:
        error = error_from_result(result, encoding=driver.info.encoding)
        if isinstance(error, InvalidSqlStatementName):  # somebody ran DEALLOCATE ALL: whoever runs again prepares anew
            _prepared.pop(driver, None)
        raise error
    return result


def _rows(adapter: abc.Transformer, result: PGresult) -> Rows:
    if result.status != ExecStatus.TUPLES_OK:
        return []
    adapter.set_pgresult(result)
    return cast("Rows", adapter.load_rows(0, result.ntuples, tuple))
