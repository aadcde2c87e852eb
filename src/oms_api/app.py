"""The HTTP application."""

import asyncio
import gc
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from types import FrameType

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from oms_api import logging
from oms_api.graphql.errors import formatted
from oms_api.http import files, graphiql, health, requests, tracking, webhooks
from oms_api.http.exchange import ExchangeMiddleware, exchange_of
from oms_api.http.graphql import DEADLINE_S, GraphQLEndpoint
from oms_api.http.origins import OriginsMiddleware
from oms_api.http.refusals import JSON, HttpRefusal
from oms_api.http.shares import Shares
from oms_api.settings import Settings
from oms_api.wiring import Oms, build

GC_THRESHOLDS = (50_000, 20, 50)
DAY_S = 86_400
log = structlog.get_logger()


def create_app(settings: Settings, *, with_worker: bool = False, tuned: bool = False) -> Starlette:
    """Return the application on the database and with the secrets of *settings*. Raises: NotConfiguredError."""
    return assemble(build(settings), with_worker=with_worker, tuned=tuned)


def assemble(oms: Oms, *, with_worker: bool = False, tuned: bool = False, deadline_s: float = DEADLINE_S) -> Starlette:
    """Return the application; it opens its connections at start-up and closes them at shutdown.

    *tuned*: once started, take what is there out of garbage collection; for a process that does nothing else.
    """
    settings, closing = oms.settings, asyncio.Event()
    endpoint = GraphQLEndpoint(
        oms.schema,
        oms.keyring,
        oms.context,
        formatted,
        closing=closing,
        shares=Shares(
            most_sockets=settings.most_sockets,
            most_operations=settings.most_subscriptions,
            most_visits=settings.most_visits,
        ),
        allowed_origins=settings.allowed_origins,
        deadline_s=deadline_s,
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await oms.start()
        background = [asyncio.create_task(work_meanwhile(oms, closing), name="worker")] if with_worker else []
        if tuned:
            gc.collect()
            gc.freeze()
            gc.set_threshold(*GC_THRESHOLDS)
        with noticing_shutdown(closing):
            yield
        closing.set()
        await asyncio.gather(*background, return_exceptions=True)
        await oms.stop()

    app = Starlette(
        routes=[
            *graphiql.routes(),
            Route(graphiql.PATH, endpoint),
            WebSocketRoute(graphiql.PATH, endpoint),
            *files.routes(oms.work, oms.ports.files, oms.secrets),
            *tracking.routes(endpoint),
            *webhooks.routes(oms.work, oms.ports),
            *requests.routes(oms.work, oms.keyring),
            *health.routes(oms.work.pool, oms.schema.as_str),
        ],
        middleware=[Middleware(ExchangeMiddleware), cross_origin(settings)],
        exception_handlers={HTTPException: refused_as_json},
        lifespan=lifespan,
    )
    app.state.oms = oms
    return app


def from_environment() -> Starlette:
    """Return the application as the environment has it; each process of `oms serve` calls this."""
    settings = Settings()
    logging.configure(log_format=settings.log_format, level=settings.log_level)
    return create_app(settings, tuned=True)


def cross_origin(settings: Settings) -> Middleware:
    """Return what lets pages of the origins in *settings* call the API, and tells others why not. No cookies are involved."""
    return Middleware(
        OriginsMiddleware,
        allow_origins=list(settings.allowed_origins),
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "X-Request-Id"],
        expose_headers=["X-Request-Id", "Server-Timing"],
        max_age=DAY_S,
    )


async def refused_as_json(request: Request, error: Exception) -> Response:
    """Answer what starlette refuses (unknown paths, methods) in the shape of all other errors."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    code = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}.get(error.status_code, "BAD_REQUEST")
    refusal = HttpRefusal(error.status_code, code, error.detail)
    body = refusal.body(exchange_of(request.scope).request_id)
    return Response(body, error.status_code, dict(error.headers or {}), media_type=JSON.decode())


async def work_meanwhile(oms: Oms, stop: asyncio.Event) -> None:
    """Run the worker in the API's process."""
    from oms_api.jobs import worker  # noqa: PLC0415 - a server that only serves does without

    try:
        await worker.run(
            str(oms.settings.direct_url),
            oms.work,
            oms.ports,
            stop,
            grace_s=oms.settings.graceful_timeout_s,
            plans_kept_days=oms.settings.plans_kept_days,
            intakes_kept_days=oms.settings.intakes_kept_days,
        )
    except Exception:
        log.exception("worker_failed")


@contextmanager
def noticing_shutdown(closing: asyncio.Event) -> Iterator[None]:
    """Set *closing* as soon as the server is asked to end: it waits for open streams before it tells the application."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    servers: dict[int, Callable[[int, FrameType | None], object]] = {}

    def note(number: int, frame: FrameType | None) -> None:
        with suppress(RuntimeError):  # the loop may be closed already
            loop.call_soon_threadsafe(closing.set)
        servers[number](number, frame)

    for number in (signal.SIGINT, signal.SIGTERM):
        handler = signal.getsignal(number)
        if callable(handler):
            servers[number] = handler
            signal.signal(number, note)
    try:
        yield
    finally:
        for caught, server in servers.items():
            signal.signal(caught, server)
