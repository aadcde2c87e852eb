"""Each request gets an id, one log line, and never a traceback for an answer. Plain ASGI: it runs on every request."""

import re
from collections.abc import Sequence
from dataclasses import field
from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oms_api.db.traffic import Traffic, counted
from oms_api.http.refusals import JSON, HttpRefusal, internal
from oms_api.kernel.completions import Completions
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import new_uuid

SANE = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
QUIET = {"/healthz", "/readyz"}
KEY = "oms_api.exchange"
LONGEST_NAME = 200
"""How many characters of an operation's name the log tells."""
log = structlog.get_logger("oms_api.http")


@dataclass(slots=True)
class Exchange:
    """What the log says of one request; those who handle it fill it in, and leave out of the path what is secret."""

    request_id: str
    path: str
    client: str | None = None
    operation: str | None = None
    status: int | None = None
    traffic: Traffic = field(default_factory=Traffic)
    completed: Completions = field(default_factory=Completions)


def exchange_of(scope: Scope) -> Exchange:
    """Return the exchange that *scope* is part of."""
    found = scope[KEY]
    assert isinstance(found, Exchange)  # noqa: S101 - ExchangeMiddleware is in front of every route
    return found


def header(scope: Scope, name: bytes) -> bytes | None:
    """Return the first header *name* (in lower case), or None."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None


class ExchangeMiddleware:
    """Names, times and logs each request, and masks what nobody caught."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        given = header(scope, b"x-request-id")
        exchange = scope[KEY] = Exchange(given.decode() if given and SANE.fullmatch(given) else new_uuid().hex, scope["path"])
        marked = (b"x-request-id", exchange.request_id.encode())
        start = perf_counter()

        async def send_marked(message: Message) -> None:
            kind = message["type"]
            if kind == "http.response.start":
                exchange.status = message["status"]
                timing = server_timing(exchange, perf_counter() - start)
                message["headers"] = [*message.get("headers", ()), marked, (b"server-timing", timing)]
            elif kind == "websocket.accept":
                exchange.status = 101
                message["headers"] = [*message.get("headers", ()), marked]
            await send(message)

        try:
            with counted(exchange.traffic):
                await self.app(scope, receive, send_marked)
        except Exception:
            log.exception("request_failed", request_id=exchange.request_id, path=exchange.path)
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1011})
            elif exchange.status is None:
                await refuse(internal(), exchange.request_id, send_marked)
        finally:
            quiet = scope["path"] in QUIET and exchange.status == 200  # noqa: PLR2004 - HTTP's OK
            (log.debug if quiet else log.info)(
                "request",
                method=scope.get("method", "WEBSOCKET"),
                path=exchange.path,
                status=exchange.status,
                ms=round((perf_counter() - start) * 1000, 2),
                statements=exchange.traffic.statements,
                trips=exchange.traffic.trips,
                db_ms=round(exchange.traffic.waited_s * 1000, 2),
                by_level=exchange.completed.by_level,
                anew=exchange.completed.anew,
                by_core=exchange.completed.by_core,
                request_id=exchange.request_id,
                client=exchange.client,
                operation=exchange.operation and exchange.operation[:LONGEST_NAME],
            )


def server_timing(exchange: Exchange, seconds: float) -> bytes:
    """Return the header: what the request needed until its answer began, how that was completed, and the time in all."""
    db = f'db;desc="{exchange.traffic}";dur={exchange.traffic.waited_s * 1000:.1f}'
    return f'{db}, completed;desc="{exchange.completed}", total;dur={seconds * 1000:.1f}'.encode()


async def refuse(refusal: HttpRefusal, request_id: str, send: Send) -> None:
    """Answer with *refusal*."""
    await respond(send, refusal.status, JSON, refusal.body(request_id), refusal.headers)


async def respond(send: Send, status: int, media_type: bytes, body: bytes, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
    """Send a whole response."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", media_type),
                (b"content-length", str(len(body)).encode()),
                (b"cache-control", b"no-store"),
                (b"x-content-type-options", b"nosniff"),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
