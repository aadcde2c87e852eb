"""A PgBouncer in transaction mode before a database of the tests, where the program is found."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import make_url

from tests.factories.database import Database

PROGRAM = "OMS_TEST_PGBOUNCER"
SERVERS = 2
MOST_PREPARED = 20
OLDEST = (1, 21)
CONFIGURED = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listening}
unix_socket_dir =
auth_type = plain
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {servers}
max_client_conn = 200
max_prepared_statements = {prepared}
"""


def program() -> str:
    """Return the path of PgBouncer; where there is none that keeps prepared statements, the test is skipped."""
    found = os.environ.get(PROGRAM) or shutil.which("pgbouncer")
    if found is None:
        pytest.skip(f"there is no pgbouncer (install it, or name it in {PROGRAM})")
    told = re.search(r"(\d+)\.(\d+)", subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout)
    assert told
    if (int(told[1]), int(told[2])) < OLDEST:
        pytest.skip(f"{found} is version {told[0]}, and prepared statements need 1.21 (another can be named in {PROGRAM})")
    return found


@contextmanager
def pooled(database: Database) -> Iterator[str]:
    """Give the URL of *database* through a PgBouncer with two connections to the server."""
    bouncer, there = program(), make_url(database.app_url)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="oms-pgbouncer-"))
    folder.chmod(0o755)
    (folder / "users").write_text(f'"{there.username}" "{there.password}"\n')
    configured = CONFIGURED.format(
        host=there.host, port=there.port, listening=port, folder=folder, servers=SERVERS, prepared=MOST_PREPARED
    )
    (folder / "ini").write_text(configured)
    who = {"user": "nobody"} if os.geteuid() == 0 else {}
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen([bouncer, str(folder / "ini")], stdout=log, stderr=log, **who)  # type: ignore[call-overload]
    try:
        _listens(port, running, folder / "log")
        yield there.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)
    finally:
        running.terminate()
        running.wait(10)
        shutil.rmtree(folder)


def _listens(port: int, running: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until PgBouncer takes connections. Raises: AssertionError, with its log, when it ended instead."""
    deadline = monotonic() + 10
    while True:
        assert running.poll() is None, log.read_text()
        assert monotonic() < deadline, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            sleep(0.02)
        else:
            return
