"""Server processes are forked from a supervisor that has imported everything and opened nothing."""

import json
import os
import signal
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.factories.database import Database
from tests.factories.programs import (
    Started,
    answers,
    asked,
    children,
    environment,
    free_port,
    held_by,
    listened,
    of,
    oms,
    refused,
    running,
    runs_a_loop,
    until,
)

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="server processes are forked on Linux only")

PRELOADED = """
import asyncio, gc, json, os, random, secrets, socket, sys, threading
from oms_api.cli.preloading import preload

preload()
from psycopg import BaseConnection
from sqlalchemy import Engine
from oms_api.db.connections import Pool
from oms_api.kernel.ids import new_uuid

gc.unfreeze()
open_things = (asyncio.AbstractEventLoop, asyncio.Future, socket.socket, BaseConnection, Engine, Pool)
kept = sorted({type(one).__name__ for one in gc.get_objects() if issubclass(type(one), open_things)})
print([thread.name for thread in threading.enumerate()], len(os.listdir("/proc/self/task")), kept, flush=True)

new_uuid(), random.random()
for _ in range(3):
    if not os.fork():
        print(json.dumps([str(new_uuid()), random.random(), secrets.token_hex()]), flush=True)
        os._exit(0)
    os.wait()
"""


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_what_is_imported_before_the_fork_has_nothing_open_and_forked_processes_make_ids_of_their_own(home: Path) -> None:
    command = (sys.executable, "-c", PRELOADED)
    told = subprocess.run(command, env=environment(home), capture_output=True, text=True, timeout=90, check=True).stdout
    held, *lines = told.splitlines()
    assert held == "['MainThread'] 1 []"
    made = [json.loads(line) for line in lines]
    assert len(made) == 3
    for each in zip(*made, strict=True):
        assert len(set(each)) == 3
    assert len({uuid[-12:] for uuid, _, _ in made}) == 3, "not the time alone"


def test_the_supervisor_opens_nothing_and_replaces_whoever_is_killed(home: Path, database: Database, started: Started) -> None:
    port, settings = free_port(), of(database)
    address = f"http://127.0.0.1:{port}"
    key = oms(home, "keys", "create", "caller", "--preset", "all", **settings).stdout.strip()
    server = started("serve", "--processes", "2", OMS_PORT=str(port), **settings)
    until(lambda: running(server.pid) == 2)
    assert answers(address, "/readyz")
    first = children(server.pid)
    assert len(list(Path(f"/proc/{server.pid}/task").iterdir())) == 1
    assert not runs_a_loop(server.pid)
    assert held_by(server.pid) == 0
    assert [listened(pid, port) for pid in (server.pid, *first)] == [2, 1, 1]

    for pid in first:  # again and again: what comes second is forked from the same
        os.kill(pid, signal.SIGKILL)
        until(partial(replaced, server.pid, pid))
        assert not [child for child in children(server.pid) if state(child) == "Z"]
    assert set(first).isdisjoint(children(server.pid))
    for _ in range(8):
        assert asked(address, key)["data"] == {"__typename": "Query"}

    os.kill(children(server.pid)[0], signal.SIGTERM)  # one that ends by itself is replaced too
    until(lambda: (home.parent / "output-0").read_text().count("server_process_died") == 3)
    until(lambda: len(children(server.pid)) == 2)
    last = children(server.pid)
    server.send_signal(signal.SIGTERM)
    assert server.wait(60) == 0
    assert not [pid for pid in last if Path(f"/proc/{pid}").exists()]
    output = (home.parent / "output-0").read_text()
    assert "Traceback" not in output
    assert key not in output
    assert not home.exists()


def test_a_request_under_way_is_answered_before_its_process_ends(home: Path, database: Database, started: Started) -> None:
    port, settings = free_port(), of(database)
    key = oms(home, "keys", "create", "patient", "--preset", "all", **settings).stdout.strip()
    server = started("serve", "--processes", "2", OMS_PORT=str(port), **settings)
    until(lambda: running(server.pid) == 2)
    body = b'{"query": "{ __typename }"}'
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head.encode())
        assert b" 100 " in connection.recv(1_000)  # it waits for the body
        server.send_signal(signal.SIGTERM)
        until(lambda: running(server.pid) == 1)  # the other process has ended
        assert refused(port)
        connection.sendall(body)
        answer = connection.recv(10_000)
    assert answer.startswith(b"HTTP/1.1 200")
    assert server.wait(60) == 0


def replaced(supervisor: int, killed: int) -> bool:
    """Tell whether there is another process instead of the one that was killed."""
    now = children(supervisor)
    return len(now) == 2 and killed not in now
