"""How fast the program is there, and how much memory it takes."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

import uvloop

from benchmarks.client import Caller, callers, document
from benchmarks.machine import memory_mb
from benchmarks.place import close
from benchmarks.screens import LIST
from benchmarks.stage import PROCESSES, Stage, oms

ROUNDS, CALLERS, ASKED, SETTLED_S = 3, 8, 200, 1.0
"""With so many callers each of two processes gets one, but for once in 128 times."""
HELP = oms("--help")
IMPORT = (sys.executable, "-c", "import oms_api.graphql.schema")
NOTHING = document("{ __typename }")
NAMES = {
    "help_s": "`oms --help`",
    "import_s": "import of `oms_api.graphql.schema`",
    "first_s": "`oms serve --processes 2` to its first answer",
    "all_s": "the same until each process answered",
    "idle_mb": "memory of its processes then, shared pages once",
    "used_mb": "the same after 200 lists of 50 orders",
}


@dataclass(slots=True)
class Starts:
    """What starting came to, several times."""

    figures: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in NAMES})

    def take(self, stage: Stage) -> None:
        """Start what is to be measured once more."""
        for name, command in (("help_s", HELP), ("import_s", IMPORT)):
            start = perf_counter()
            subprocess.run(command, env=stage.environment, cwd=stage.folder, check=True, capture_output=True)
            self.figures[name].append(perf_counter() - start)
        port = free_port()
        start = perf_counter()
        with served(stage, port) as server:
            for name, at in zip(("first_s", "all_s"), uvloop.run(answered(stage, port)), strict=True):
                self.figures[name].append(at - start)
            uvloop.run(asyncio.sleep(SETTLED_S))
            self.figures["idle_mb"].append(memory_mb(server))
            uvloop.run(used(stage, port))
            self.figures["used_mb"].append(memory_mb(server))

    def result(self) -> dict[str, float]:
        """Return the figures."""
        return {name: median(found) for name, found in self.figures.items()}


@contextmanager
def served(stage: Stage, port: int) -> Iterator[int]:
    """Run the server until the block ends, and give the id of its process."""
    command = oms("serve", "--processes", str(PROCESSES), "--port", str(port))
    with (stage.folder / "start.log").open("wb") as log:
        program = subprocess.Popen(command, env=stage.environment, stdout=log, stderr=log, cwd=stage.folder)
    try:
        yield program.pid
    finally:
        program.terminate()
        program.wait(30)


async def answered(stage: Stage, port: int) -> tuple[float, float]:
    """Return when the first and when the last of several callers had an answer."""

    async def one() -> float:
        caller = await patient(stage, port)
        assert (await caller.call(NOTHING)).data
        caller.close()
        return perf_counter()

    ends = await asyncio.gather(*(one() for _ in range(CALLERS)))
    return min(ends), max(ends)


async def patient(stage: Stage, port: int) -> Caller:
    """Return a connection to *port*, as soon as somebody listens there."""
    while True:
        try:
            (caller,) = await callers(f"http://127.0.0.1:{port}", stage.key, 1)
        except ConnectionRefusedError:
            await asyncio.sleep(0.01)
        else:
            return caller


async def used(stage: Stage, port: int) -> None:
    """Ask for lists, over several connections."""
    connections = await callers(f"http://127.0.0.1:{port}", stage.key, CALLERS)
    for number in range(ASKED):
        assert (await connections[number % CALLERS].call(document(LIST, first=50))).data
    close(connections)


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
