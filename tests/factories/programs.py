"""The program `oms` in processes of its own: started, asked, watched."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from oms_api.cli import dev, feed, keys, main, operate, report
from tests.factories.database import Database

SECRET = "a secret that only these tests know"
IMPORTED = (dev, feed, keys, operate, report)
"""What carries out commands, so that no process that is forked from here imports it."""
Started = Callable[..., "subprocess.Popen[str]"]


def environment(home: Path, **settings: str) -> dict[str, str]:
    """Return an environment without the settings of whoever runs the tests."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("OMS_", "PG"))}
    return {**own, "OMS_HOME": str(home), "NO_COLOR": "1", "COLUMNS": "200", **settings}


def anew(home: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run a command as a shell does: it imports what it needs, and finds out what it forgot to import."""
    command = (sys.executable, "-m", "oms_api", *arguments)
    env = environment(home, **settings)
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False, cwd=home.parent)


def oms(home: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run a command in a process of its own, forked from this one, which has imported everything: in a tenth of the time."""
    if not sys.platform.startswith("linux"):
        return anew(home, *arguments, **settings)
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        pid = os.fork()
        if pid == 0:
            _become(home, arguments, environment(home, **settings), out.fileno(), err.fileno())
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(arguments, code, out.read(), err.read())


def _become(home: Path, arguments: Sequence[str], env: dict[str, str], out: int, err: int) -> NoReturn:
    """Run a command instead of what this process was forked from, without anything of that but its imports."""
    code: object = 1
    signal.alarm(60)
    try:
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        logging.root.handlers.clear()  # they write to what is closed
        os.environ.clear()
        os.environ.update(env)
        os.chdir(home.parent)
        sys.argv[1:] = arguments
        sys.stdout, sys.stderr = (open(number, "w", closefd=False) for number in (1, 2))  # noqa: SIM115 - until it ends
        main()
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:  # noqa: BLE001 - told, and nothing of the tests goes on here
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


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
