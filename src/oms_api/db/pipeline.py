"""Many statements in one packet: psycopg's pipeline without its round trip for BEGIN and its wait after each statement."""

from collections.abc import Generator, Sequence
from typing import Any

import psycopg
from psycopg.abc import Params, Query
from psycopg.adapt import Transformer
from psycopg.errors import PipelineAborted

Parameters = Sequence[object]
Statement = tuple[str, Parameters]


class QueuedCursor(psycopg.AsyncRawCursor[tuple[Any, ...]]):
    """A cursor whose statement waits until the pipeline around it ends.

    psycopg talks to the server after each `execute` in a pipeline; here all statements go out together, which saves both
    sides most of their system calls. `_execute_gen` is psycopg's own seam between queueing and talking.
    """

    def _execute_gen(
        self, query: Query, params: Params | None = None, *, prepare: bool | None = None, binary: bool | None = None
    ) -> Generator[Any, Any, None]:
        self._reset()
        self._tx = Transformer(self)
        yield from self._maybe_prepare_gen(self._convert_query(query, params), prepare=prepare, binary=binary)


async def send(driver: psycopg.AsyncConnection[Any], statements: Sequence[Statement]) -> list[list[tuple[Any, ...]]]:
    """Send *statements* with ``$1`` parameters in one packet and return the rows of each.

    The connection is in autocommit mode, so BEGIN and COMMIT are statements among the others. When one fails, none after it
    is carried out. Raises: psycopg.Error.
    """
    cursors = []
    try:
        async with driver.pipeline():
            for text, values in statements:
                cursor = QueuedCursor(driver)
                cursors.append(cursor)
                await cursor.execute(text, values, prepare=bool(values))
    except PipelineAborted as error:
        raise cause_of(error) from None
    return [await cursor.fetchall() if cursor.description else [] for cursor in cursors]


def cause_of(aborted: PipelineAborted) -> BaseException:
    """Return the error that ended a pipeline: psycopg may raise that of a later statement, which only says "aborted"."""
    error: BaseException | None = aborted
    while isinstance(error, PipelineAborted):
        error = error.__context__
    return error or aborted
