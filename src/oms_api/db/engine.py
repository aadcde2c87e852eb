"""Connections to PostgreSQL."""

import orjson
from psycopg.types.json import set_json_dumps, set_json_loads
from sqlalchemy import URL, Connection, Engine, ExceptionContext, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from oms_api.db.traffic import trip

SESSION_SETTINGS = {
    "lock_timeout": "2s",
    "statement_timeout": "5s",
    "idle_in_transaction_session_timeout": "10s",
    "plan_cache_mode": "force_generic_plan",
}


def dump_json(value: object) -> bytes:
    """Return *value* as JSON; ids, times, enums and dataclasses are understood, decimals become strings."""
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)


def driver_url(url: str) -> URL:
    """Return *url* for SQLAlchemy's psycopg dialect, whichever PostgreSQL scheme it names."""
    parsed = make_url(url)
    if not parsed.drivername.startswith(("postgres", "postgresql")):
        raise ValueError(f"OMS_DATABASE_URL must start with postgresql://, not {parsed.drivername}://")
    return parsed.set(drivername="postgresql+psycopg")


def create_engine(url: str, *, pool_size: int = 16, **options: object) -> AsyncEngine:
    """Return an engine whose sessions have the timeouts that the locks rely on (see RELIABILITY)."""
    set_json_dumps(dump_json)
    set_json_loads(orjson.loads)
    engine = create_async_engine(
        driver_url(url),
        pool_size=pool_size,
        isolation_level="AUTOCOMMIT",  # a Tx sends BEGIN and COMMIT itself, among its statements
        max_overflow=0,
        pool_timeout=10,
        pool_use_lifo=True,
        skip_autocommit_rollback=True,  # a Tx undoes by itself what it has not committed
        json_serializer=lambda value: dump_json(value).decode(),
        json_deserializer=orjson.loads,
        **options,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: DBAPIConnection, _record: object) -> None:
        settings = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in SESSION_SETTINGS.items())
        cursor = connection.cursor()
        cursor.execute(f"SELECT {settings}")
        cursor.close()

    tell_trips(engine.sync_engine)
    return engine


def tell_trips(engine: Engine) -> None:
    """Let whoever counts hear of each statement that leaves through *engine*; what leaves past it tells so itself."""

    @event.listens_for(engine, "before_cursor_execute")
    def left(connection: Connection, _cursor: object, text: str, *_: object) -> None:
        connection.info["trip"] = trip([text])

    @event.listens_for(engine, "after_cursor_execute")
    def returned(connection: Connection, *_: object) -> None:
        connection.info.pop("trip").end()

    @event.listens_for(engine, "handle_error")
    def failed(context: ExceptionContext) -> None:
        connection = context.connection
        if connection is not None and (under_way := connection.info.pop("trip", None)) is not None:
            under_way.end()
