"""Several reads that see one moment."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy.exc import SQLAlchemyError

from oms_api.db.session import Reader

BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"


@asynccontextmanager
async def one_moment(read: Reader) -> AsyncIterator[None]:
    """Let every statement of the block see what was committed before the first of them."""
    connection = await read.ready()
    await connection.exec_driver_sql(BEGIN)
    try:
        yield
    except BaseException:
        with suppress(SQLAlchemyError):
            await connection.exec_driver_sql("ROLLBACK")
        raise
    await connection.exec_driver_sql("COMMIT")
