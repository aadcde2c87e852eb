"""Whether the process lives, whether it can serve, and the schema as text."""

from collections.abc import Callable
from functools import cache

import psycopg
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from oms_api.db.connections import Pool
from oms_api.db.migrations import is_current
from oms_api.kernel.errors import Busy, Unavailable

AWAY_S = 1.0
log = structlog.get_logger("oms_api.http")


def routes(pool: Pool, schema: Callable[[], str]) -> list[Route]:
    """Return the routes that need no key; *schema* is printed when somebody asks for it, once."""
    printed = cache(schema)

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        checks = await readiness(pool)
        ready = all(checks.values())
        return JSONResponse({"status": "ready" if ready else "not ready", **checks}, status_code=200 if ready else 503)

    async def schema_text(_request: Request) -> Response:
        return PlainTextResponse(printed(), media_type="application/graphql")

    return [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        Route("/schema.graphql", schema_text, methods=["GET"]),
    ]


async def readiness(pool: Pool) -> dict[str, bool]:
    """Tell whether the database answers, within a second, and has the tables this program needs."""
    try:
        async with pool.lease(away_s=AWAY_S) as driver:
            return {"database": True, "migrations": await is_current(driver)}
    except (Busy, Unavailable, psycopg.Error) as error:
        log.warning("not_ready", error=type(error).__name__)
        return {"database": False, "migrations": False}
