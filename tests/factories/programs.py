"""The program `oms` in processes of its own: started, asked, watched."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.factories.database import Database

SECRET = "a secret that only these tests know"
Started = Callable[..., "subprocess.Popen[str]"]


def environment(home: Path, **settings: str) -> dict[str, str]:
    """Return an environment without the settings of whoever runs the tests."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("OMS_", "PG"))}
    return {**own, "OMS_HOME": str(home), "NO_COLOR": "1", "COLUMNS": "200", **settings}


def oms(home: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    command = (sys.executable, "-m", "oms_api", *arguments)
    env = environment(home, **settings)
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False, cwd=home.parent)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], object], within_s: float = 60) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def answers(address: str, path: str = "/healthz") -> bool:
    try:
        with urllib.request.urlopen(address + path, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def asked(address: str, key: str, within_s: float = 30) -> Any:
    body = json.dumps({"query": "{ __typename }"}).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{address}/graphql", body, headers), timeout=within_s) as answer:
        return json.load(answer)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def of(database: Database) -> dict[str, str]:
    urls = {"OMS_DATABASE_URL": database.app_url, "OMS_DATABASE_OWNER_URL": database.owner_url}
    return {**urls, "OMS_SECRET_KEYS": SECRET}


def opened(pid: int) -> list[str]:
    """Return what the files of a process are: none, when it has ended."""
    found: list[str] = []
    with suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                found.append(link.readlink().name)
    return found


def runs_a_loop(pid: int) -> bool:
    """Tell whether a process runs an event loop."""
    return "anon_inode:[eventpoll]" in opened(pid)


def held_by(pid: int) -> int:
    """Return how many established TCP connections a process holds."""
    own = opened(pid)
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[3] == "01" and f"socket:[{row[9]}]" in own for row in rows)


def listened(pid: int, port: int) -> int:
    """Return on how many sockets of *port* a process can listen."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    waiting = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")}
    return len(waiting.intersection(opened(pid)))


def refused(port: int) -> bool:
    """Tell whether nobody listens."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=60).close()
    except ConnectionRefusedError:
        return True
    return False


def children(pid: int) -> list[int]:
    """Return the server processes of a supervisor."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def running(supervisor: int) -> int:
    """Return how many processes of a supervisor run a loop: not those that start, and not those that have ended."""
    return sum(map(runs_a_loop, children(supervisor)))
