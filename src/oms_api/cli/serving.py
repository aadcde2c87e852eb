"""Sockets and uvicorn."""

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette

from oms_api.cli.failing import CommandError
from oms_api.http.connection import HttpConnection, SocketConnection
from oms_api.settings import Settings

LARGEST_MESSAGE = 1 << 20
BACKLOG = 1024
READ_S, LOOK_S = 5.0, 0.02
"""How long, when the server ends, whoever sent nothing yet has to send a request, and how often that is looked at."""


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that holds the address from now on. Raises: CommandError, in one line, when it is taken."""
    with _reported(host, port):
        listening = _bound(host, port)
        listening.listen(BACKLOG)
        return listening


def bind_each(host: str, port: int, count: int) -> list[socket.socket]:
    """Return *count* sockets on one address, among which the kernel spreads connections. Raises: CommandError.

    Only Linux spreads them; elsewhere they are one socket.
    """
    first = bind(host, port)  # alone, without SO_REUSEPORT: an address that another server shares is taken too
    if count == 1 or not sys.platform.startswith("linux"):
        return [first] * count
    with first:
        port = first.getsockname()[1]
    with _reported(host, port):
        sockets = [_bound(host, port, shared=True) for _ in range(count)]
        for listening in sockets:
            listening.listen(BACKLOG)
        return sockets


def _bound(host: str, port: int, *, shared: bool = False) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


@contextmanager
def _reported(host: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = error.strerror or str(error)
        raise CommandError(f"cannot listen on {host}:{port}: {what}; set OMS_PORT (or OMS_HOST) to another") from None


def address_of(host: str, port: int) -> str:
    """Return the address for a browser on this machine."""
    shown = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104 - compared, not bound
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


class Server(uvicorn.Server):
    """A server that, when it ends, answers everybody who reached it; whoever comes later is refused.

    By itself uvicorn would drop, without a word, whoever waits in a socket or has not been read yet.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and from now on end by SIGTERM: a supervisor's process that it met before would have answered nobody."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let requests finish, those of the last to come too."""
        last = list(_waiting(sockets or ()))
        for server in self.servers:
            server.close()
        for connection in last:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)
        with suppress(TimeoutError):
            async with asyncio.timeout(READ_S):
                while self._unread() and not self.force_exit:  # noqa: ASYNC110 - uvicorn tells nobody
                    await asyncio.sleep(LOOK_S)
        await super().shutdown(sockets)

    def _unread(self) -> bool:
        """Tell whether anybody was taken in who sent no request yet."""
        return any(getattr(connection, "cycle", self) is None for connection in self.server_state.connections)

    def _protocol(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        protocol: asyncio.Protocol = make(self.config, self.server_state, self.lifespan.state)
        return protocol


def _waiting(sockets: Sequence[socket.socket]) -> Iterator[socket.socket]:
    """Take everybody who waits in *sockets*, which do not block."""
    for listening in sockets:
        with suppress(OSError):
            while True:
                yield listening.accept()[0]


def server_config(app: Starlette, settings: Settings) -> uvicorn.Config:
    """Return how uvicorn runs *app*."""
    given: dict[str, Any] = {
        "loop": "uvloop",
        "http": HttpConnection,
        "ws": SocketConnection,
        "ws_max_size": LARGEST_MESSAGE,
        "log_config": None,
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "backlog": BACKLOG,
        "timeout_keep_alive": 65,
        "timeout_graceful_shutdown": settings.graceful_timeout_s,
        "lifespan": "on",
    }
    return uvicorn.Config(app, **given)
