"""Whether the process lives, whether it can serve, and the schema as text."""

from collections.abc import Callable
from functools import cache

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from oms_api.db.migrations import is_current

log = structlog.get_logger("oms_api.http")


def routes(engine: AsyncEngine, schema: Callable[[], str]) -> list[Route]:
    """Return the routes that need no key; *schema* is printed when somebody asks for it, once."""
    printed = cache(schema)

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        checks = await readiness(engine)
        ready = all(checks.values())
        return JSONResponse({"status": "ready" if ready else "not ready", **checks}, status_code=200 if ready else 503)

    async def schema_text(_request: Request) -> Response:
        return PlainTextResponse(printed(), media_type="application/graphql")

    return [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        Route("/schema.graphql", schema_text, methods=["GET"]),
    ]


async def readiness(engine: AsyncEngine) -> dict[str, bool]:
    """Tell whether the database answers and has the tables this program needs."""
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            return {"database": True, "migrations": await is_current(connection)}
    except (SQLAlchemyError, OSError) as error:
        log.warning("not_ready", error=type(error).__name__)
        return {"database": False, "migrations": False}
