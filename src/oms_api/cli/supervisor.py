"""Several server processes behind one address.

Each process has a listening socket of its own (SO_REUSEPORT), so that the kernel spreads connections over them: on one shared
socket, whoever wakes first takes nearly all that are kept alive. The supervisor holds the sockets too: while a process that
died is being replaced, its connections wait instead of being refused.

On Linux the supervisor imports everything once, and the processes are forked from it: they start at once and share its memory.
It opens nothing of what a process opens, so that nothing is shared by mistake. Elsewhere each process is started anew: what
macOS has beneath (Kerberos in libpq, look-ups of names) may end a process that was forked without exec.
"""

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

import structlog
from starlette.applications import Starlette
from uvicorn.config import STARTUP_FAILURE

from oms_api.cli.console import read_settings
from oms_api.cli.failing import CommandError, reported_in_one_line
from oms_api.cli.serving import Server, server_config

BREATH_S, TICK_S, MARGIN_S = 1.0, 0.5, 5.0
if sys.platform.startswith("linux"):
    CONTEXT = multiprocessing.get_context("fork")
else:
    CONTEXT = multiprocessing.get_context("spawn")
FORKED = CONTEXT.get_start_method() == "fork"
log = structlog.get_logger()


class Supervisor:
    """Keeps one process alive for each socket until it is told to end."""

    def __init__(self, sockets: Sequence[socket.socket], *, grace_s: float) -> None:
        """Serve on *sockets*; at the end give requests *grace_s* seconds to finish."""
        self._sockets, self._grace_s = sockets, grace_s
        self._ending = False
        self._lifeline_end, self._lifeline = CONTEXT.Pipe(duplex=False)

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT. Raises: CommandError, when a process cannot start."""
        with self._signals():
            if FORKED:
                _preload()
            processes = [self._started(listening) for listening in self._sockets]
            try:
                while not self._ending:
                    wait([process.sentinel for process in processes], TICK_S)
                    for index, process in enumerate(processes):
                        if process.exitcode is not None and not self._ending:
                            processes[index] = self._replaced(process, self._sockets[index])
            finally:
                self._end(processes)

    def _started(self, listening: socket.socket) -> BaseProcess:
        others = [*(one for one in self._sockets if one is not listening), self._lifeline] if FORKED else []
        process = CONTEXT.Process(target=_serve_under, args=(self._lifeline_end, listening, others), name="oms serve")
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited: Ctrl-C reaches it through us
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # inherited: SIGTERM waits until the process serves
        process.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        signal.signal(signal.SIGINT, before)
        return process

    def _replaced(self, dead: BaseProcess, listening: socket.socket) -> BaseProcess:
        if dead.exitcode == STARTUP_FAILURE:
            raise CommandError("a server process could not start; see the log above")
        log.error("server_process_died", pid=dead.pid, exit_code=dead.exitcode)
        time.sleep(BREATH_S)
        return self._started(listening)

    def _end(self, processes: Sequence[BaseProcess]) -> None:
        for listening in self._sockets:
            listening.close()  # or else connections would go on to wait in them, for nobody
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + self._grace_s + MARGIN_S
        for process in processes:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.exitcode is None:
                process.kill()
                process.join()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def end(*_: object) -> None:
            self._ending = True

        before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _serve_under(lifeline: Connection, listening: socket.socket, others: Sequence[socket.socket | Connection]) -> None:
    """Serve until a signal comes or the other end of *lifeline* is gone, however it went; *others* belong to others."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in others:
        other.close()
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    serve_on(listening)


def serve_on(listening: socket.socket) -> None:
    """Serve on *listening* until a signal comes."""
    with reported_in_one_line():
        from_environment = _preload()
        server = Server(server_config(from_environment(), read_settings()))
        server.run(sockets=[listening])
        if not server.started:
            sys.exit(STARTUP_FAILURE)


def _preload() -> Callable[[], Starlette]:
    """Import and build all that a process serves with; return what makes the application."""
    from oms_api.cli.preloading import preload  # noqa: PLC0415 - two seconds, after all that can be refused was refused

    return preload()


def _end_with(lifeline: Connection) -> None:
    wait([lifeline])  # nothing is ever sent: it is ready when the supervisor has died
    os.kill(os.getpid(), signal.SIGTERM)
