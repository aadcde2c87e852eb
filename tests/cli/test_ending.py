"""A server that is told to end: who reached it is answered, who comes later is refused, nobody is dropped without a word."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable

import pytest
import uvloop
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from oms_api.cli.serving import Server, bind, server_config
from oms_api.settings import Settings
from tests.factories.database import Database
from tests.factories.programs import Started, children, free_port, listened, of, refused, running, until

ALIVE = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
CALLERS = 20


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def told(caller: socket.socket) -> bytes:
    """Return the first line of all that is answered until the end."""
    with caller:
        answer = b""
        while more := caller.recv(10_000):
            answer += more
    return answer.partition(b"\r\n")[0]


def called(port: int) -> list[socket.socket]:
    """Return callers who have sent a request; nobody needs to have accepted them."""
    callers = [connected(port) for _ in range(CALLERS)]
    for caller in callers:
        caller.sendall(ALIVE)
    return callers


def test_who_waits_when_a_server_ends_is_answered() -> None:
    app = Starlette(routes=[Route("/healthz", lambda _: Response())])

    async def ended() -> list[socket.socket]:
        listening = bind("127.0.0.1", 0)
        server = Server(server_config(app, Settings()))
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        await server.startup([listening])
        callers = called(listening.getsockname()[1])  # the loop has no turn in which it could accept them
        await server.shutdown([listening])
        return callers

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        callers = runner.run(ended())
    assert [told(caller) for caller in callers] == [b"HTTP/1.1 200 OK"] * CALLERS


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it reads /proc")
@pytest.mark.parametrize("met", [running, lambda supervisor: len(children(supervisor))], ids=["as they serve", "as they start"])
def test_a_supervisor_holds_nobody_back_for_processes_that_have_ended(
    met: Callable[[int], int], database: Database, started: Started
) -> None:
    port = free_port()
    server = started("serve", "--processes", "2", OMS_PORT=str(port), **of(database))
    until(lambda: met(server.pid) == 2)
    serving = children(server.pid)
    for pid in serving:
        os.kill(pid, signal.SIGSTOP)
    callers = called(port)
    server.send_signal(signal.SIGTERM)
    until(lambda: not listened(server.pid, port), within_s=10)
    for pid in serving:
        os.kill(pid, signal.SIGCONT)
    assert [told(caller) for caller in callers] == [b"HTTP/1.1 200 OK"] * CALLERS
    assert server.wait(60) == 0
    assert refused(port)
