"""Sockets and uvicorn."""

import socket
from typing import Any

import uvicorn
from starlette.applications import Starlette

from oms_api.cli.console import CommandError
from oms_api.settings import Settings

LARGEST_MESSAGE = 1 << 20


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that holds the address from now on. Raises: CommandError, in one line, when it is taken."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        taken = socket.socket(family, kind, protocol)
        try:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(address)
            taken.listen(1024)
        except OSError:
            taken.close()
            raise
    except OSError as error:
        what = error.strerror or str(error)
        raise CommandError(f"cannot listen on {host}:{port}: {what}; set OMS_PORT (or OMS_HOST) to another") from None
    taken.set_inheritable(True)
    return taken


def address_of(host: str, listening: socket.socket) -> str:
    """Return the address for a browser on this machine."""
    port = listening.getsockname()[1]
    shown = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104 - compared, not bound
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def server_config(app: Starlette | str, settings: Settings, **options: object) -> uvicorn.Config:
    """Return how uvicorn runs *app*."""
    given: dict[str, Any] = {
        "loop": "uvloop",
        "http": "httptools",
        "ws": "websockets-sansio",
        "ws_max_size": LARGEST_MESSAGE,
        "log_config": None,
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "backlog": 1024,
        "timeout_keep_alive": 65,
        "timeout_graceful_shutdown": settings.graceful_timeout_s,
        "lifespan": "on",
        **options,
    }
    return uvicorn.Config(app, **given)
