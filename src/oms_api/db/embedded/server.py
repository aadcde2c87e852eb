"""Starting the server under its watchdog, and stopping it."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from oms_api.db.embedded import watchdog
from oms_api.db.embedded.account import ServerAccount, environment
from oms_api.db.embedded.errors import EmbeddedPostgresError
from oms_api.db.embedded.folder import as_parent, write_private
from oms_api.db.embedded.processes import MARK, STOP_S, TICK_S, end_orphan
from oms_api.db.embedded.programs import verdict
from oms_api.db.embedded.roles import EmbeddedServer, furnished

START_S, RETRY_S = 120.0, 15.0
LAST_BYTES = 1 << 20
READY_LINE = 7
"""Of postmaster.pid, counted from 0: it says "ready" once connections are taken."""
PASSING = r"could not bind|could not create any TCP/IP sockets|pre-existing shared memory block"
"""Reasons that pass: the port was just taken, or the last processes of a killed server are still ending."""

SETTINGS: Mapping[str, str] = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "autovacuum_naptime": "10s",  # plans made while tables were empty are made anew once they are counted
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
}


@contextmanager
def served(
    home: Path, user: ServerAccount, binary_folder: Path, settings: Mapping[str, str], lock: int
) -> Iterator[EmbeddedServer]:
    """Run the server under its watchdog; roles and database are there when the block begins."""
    data = home / "cluster" / "data"
    settings = {"wal_compression": _compression(binary_folder, user), **settings}
    deadline, retries_end = time.monotonic() + START_S, time.monotonic() + RETRY_S
    while True:
        reused_pid, port = end_orphan(data), _port(home)
        server = _Server(_command(binary_folder, data, port, settings), user, home / "log", lock, reused_pid)
        try:
            failure = server.failure(data, deadline)
            if failure is None:
                yield furnished(data, binary_folder, port)
                return
        finally:
            server.stop(data)
        if time.monotonic() > retries_end or not re.search(PASSING, failure):
            message = f"PostgreSQL does not start on {data}: {failure} (log: {home / 'log'})"
            raise EmbeddedPostgresError(message)
        time.sleep(TICK_S)


class _Server:
    """One attempt to run the server: its watchdog, and the place in the log where its own words begin."""

    def __init__(self, command: Sequence[str], user: ServerAccount, log: Path, lock: int, reused_pid: int | None) -> None:
        watchdog.trim(log)
        os.close(watchdog.open_log(log))
        as_parent(log)
        self._log, self._log_start = log, log.stat().st_size
        spec = watchdog.Spec(
            command=command,
            env=environment() | ({"PG_GRANDPARENT_PID": str(reused_pid)} if reused_pid else {}),
            log=str(log),
            uid=user.uid,
            gid=user.gid,
            groups=user.groups,
        )
        self._watchdog = subprocess.Popen(  # noqa: S603  our own program
            (sys.executable, "-I", "-S", watchdog.__file__, spec.dumps()),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(lock,),
            cwd="/",
            start_new_session=True,
        )

    def failure(self, data: Path, deadline: float) -> str | None:
        """Wait until the server takes connections; return None, or why it ended instead."""
        assert self._watchdog.stdout is not None  # noqa: S101  it is a pipe
        with self._watchdog.stdout as said:
            pid = said.readline().strip().decode()
        while self._watchdog.poll() is None:
            with contextlib.suppress(FileNotFoundError):
                status = (data / "postmaster.pid").read_text().splitlines()
                if len(status) > READY_LINE and status[0] == pid and status[READY_LINE].strip() == "ready":
                    return None
            if time.monotonic() > deadline:
                return f"it was not ready after {START_S:.0f} s"
            time.sleep(TICK_S)
        if shutil.disk_usage(data).free < LAST_BYTES:
            return "no disk space is left"
        with self._log.open(errors="replace") as log:
            log.seek(self._log_start)
            return verdict(log.read())

    def stop(self, data: Path) -> None:
        """Close the pipe, which ends the server; wait until it is down."""
        if self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._watchdog.wait(STOP_S)
        end_orphan(data)  # there is one only if somebody killed the watchdog


def _command(binary_folder: Path, data: Path, port: int, settings: Mapping[str, str]) -> list[str]:
    fixed = (MARK, "listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories=", "log_destination=stderr")
    options = (*(f"{name}={value}" for name, value in settings.items()), *fixed, "logging_collector=off")
    return [str(binary_folder / "postgres"), "-D", str(data), *(part for option in options for part in ("-c", option))]


def _port(home: Path) -> int:
    """Return the port of the last run if it is free, else a free one."""
    remembered = home / "port"
    try:
        before = int(remembered.read_text())
    except (OSError, ValueError):
        before = 0
    for port in (before, 0) if 0 < before < 1 << 16 else (0,):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as PostgreSQL does
            probe.bind(("127.0.0.1", port))
            chosen = int(probe.getsockname()[1])
            if chosen != before:
                write_private(remembered, str(chosen))
            return chosen
    message = "no port of 127.0.0.1 is free"
    raise EmbeddedPostgresError(message)


def _compression(binary_folder: Path, user: ServerAccount) -> str:
    """Return the fastest WAL compression this build has."""
    built = user.run(binary_folder / "pg_config", "--configure").stdout
    return "lz4" if "--with-lz4" in built else "pglz"
