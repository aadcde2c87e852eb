"""Several reads that see one moment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psycopg

from oms_api.db.session import Reader
from oms_api.db.statements import Query
from oms_api.kernel.errors import Busy, Unavailable

BEGIN, COMMIT, ROLLBACK = (
    Query[None](text, ()) for text in ("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", "COMMIT", "ROLLBACK")
)


@asynccontextmanager
async def one_snapshot(read: Reader) -> AsyncIterator[Reader]:
    """Give a reader that sees, in every statement, what was committed before the first of them."""
    async with read.held() as held:
        await held.ask(BEGIN)
        try:
            yield held
        except BaseException:
            with suppress(psycopg.Error, Busy, Unavailable):
                await held.ask(ROLLBACK)
            raise
        await held.ask(COMMIT)
