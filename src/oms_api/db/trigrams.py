"""Indexes that find text by any part of it, in a PostgreSQL that has the extension pg_trgm: elsewhere they are missing.

They are no part of any migration, for they may come later: each `oms migrate` makes what is missing.
"""

from collections.abc import Iterator

import structlog
from sqlalchemy import Connection, Engine, Index, MetaData, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateIndex

from oms_api.db.columns import TRIGRAMS
from oms_api.db.direct import driver_url
from oms_api.db.session import Reader
from oms_api.db.sql import Sql
from oms_api.db.statements import Query

log = structlog.get_logger()
PATIENCE = "SET lock_timeout = '5s'; SET statement_timeout = 0"
EXTENSION = "CREATE EXTENSION IF NOT EXISTS pg_trgm"
VALID = "SELECT relname FROM pg_index JOIN pg_class ON oid = indexrelid WHERE indisvalid AND relkind = 'i'"
HAS = Sql("SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass(:name) AND indisvalid)")


def trigram_indexes(metadata: MetaData) -> Iterator[Index]:
    """Yield the indexes of all tables that find text by any part of it."""
    for table in metadata.sorted_tables:
        yield from (index for index in table.indexes if TRIGRAMS in index.dialect_options["postgresql"]["ops"].values())


def make_trigram_indexes(engine: Engine, metadata: MetaData) -> None:
    """Make those that are missing, while others go on writing, or log why that cannot be done.

    *engine* is that of the owner of the tables.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        missing = _missing(connection, metadata)
        if not missing:
            return
        connection.execute(text(PATIENCE))
        try:
            connection.execute(text(EXTENSION))
            for index in missing:
                connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {index.name}"))  # of an interrupted attempt
                connection.execute(text(str(CreateIndex(index).compile(engine)).replace("INDEX", "INDEX CONCURRENTLY", 1)))
        except DBAPIError as error:
            log.warning("text cannot be searched by parts of it", reason=str(error.orig).partition("\n")[0])


def lacks_trigram_indexes(url: str, metadata: MetaData) -> bool:
    """Tell whether the database of *url* lacks any of them. Raises: sqlalchemy.exc.DBAPIError."""
    with create_engine(driver_url(url), poolclass=NullPool).connect() as connection:
        return bool(_missing(connection, metadata))


async def has_trigram_index(read: Reader, name: str) -> bool:
    """Tell whether the index is there and whole."""
    return bool(await read.value(Query(*HAS(name=name))))


def _missing(connection: Connection, metadata: MetaData) -> list[Index]:
    there = set(connection.scalars(text(VALID)))
    return [index for index in trigram_indexes(metadata) if index.name not in there]
