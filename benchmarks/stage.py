"""Everything that runs while something is measured: PostgreSQL, the server processes, the worker."""

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Protocol

import orjson
import psycopg

from benchmarks.shop import Shop, seed
from oms_api.db.embedded import EmbeddedServer, running

HERE = Path(__file__).parents[1]
PROCESSES = 2
START_S = 180.0
SETTINGS = {"shared_preload_libraries": "pg_stat_statements"}
SHOWN = (
    "server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_level", "shared_buffers", "max_wal_size",
    "checkpoint_timeout", "autovacuum", "wal_compression", "random_page_cost",
)  # fmt: skip
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


class NotDurableError(Exception):
    """PostgreSQL runs with a setting that makes figures worthless."""


@dataclass(frozen=True)
class Stage:
    """PostgreSQL with a migrated, seeded database, and what is needed to start the programs of *tree* on it."""

    postgres: EmbeddedServer
    tree: Path
    folder: Path
    environment: Mapping[str, str]
    shop: Shop

    @property
    def admin_url(self) -> str:
        """The superuser on the measured database."""
        return self.postgres.admin_url.rpartition("/")[0] + "/oms"

    @property
    def postmaster(self) -> int:
        """The process id of PostgreSQL."""
        return postmaster(self.postgres)

    @cached_property
    def key(self) -> str:
        """An API key with all scopes."""
        command = (*oms("keys", "create", "benchmarks", "--preset", "all", "--json"),)
        made = subprocess.run(command, env=self.environment, check=True, capture_output=True)
        return str(orjson.loads(made.stdout)["key"])

    def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Carry out a statement as superuser."""
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            done = connection.execute(statement.encode(), parameters or None)
            return done.fetchall() if done.description else []

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Let PostgreSQL count statements during the block, those of connections that are open already too."""
        self.count("top")
        try:
            yield
        finally:
            self.count("none")

    def count(self, which: str) -> None:
        """Let PostgreSQL count *which* statements from now on: it costs some time, so none unless it is asked for."""
        self.rows(f"ALTER SYSTEM SET pg_stat_statements.track = '{which}'")
        self.rows("SELECT pg_reload_conf(), pg_sleep(0.2)")

    def settings(self) -> dict[str, str]:
        """Return what PostgreSQL runs with. Raises: NotDurableError."""
        shown = {name: str(self.rows(f"SHOW {name}")[0][0]) for name in SHOWN}
        for name in DURABLE:
            if shown[name] != "on":
                raise NotDurableError(f"{name} is {shown[name]}")
        return shown


@contextmanager
def staged(tree: Path = HERE) -> Iterator[Stage]:
    """Start PostgreSQL in a folder that is removed at the end, migrate it as *tree* has it, and seed."""
    folder = Path(tempfile.mkdtemp(prefix="oms-bench-"))
    folder.chmod(0o711)
    try:
        with running(folder / "server", settings=SETTINGS) as postgres:
            around = environment(postgres, tree, folder)
            subprocess.run(oms("migrate"), env=around, cwd=folder, check=True, capture_output=True)
            stage = Stage(postgres, tree, folder, around, seed(postgres.owner_url))
            stage.rows("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
            stage.count("none")
            yield stage
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def environment(postgres: EmbeddedServer, tree: Path, folder: Path) -> dict[str, str]:
    """Return the environment of the programs of *tree*: as in production, with a log line for each request."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("OMS_")}
    return given | {
        "OMS_DATABASE_URL": postgres.app_url,
        "OMS_DATABASE_OWNER_URL": postgres.owner_url,
        "OMS_SECRET_KEYS": secrets.token_hex(32),
        "OMS_HOME": str(folder / "home"),
        "OMS_LOG_FORMAT": "json",
        "PYTHONPATH": f"{tree / 'src'}{os.pathsep}{HERE}",
    }


def postmaster(postgres: EmbeddedServer) -> int:
    """Return the process id of PostgreSQL."""
    return int((postgres.data / "postmaster.pid").read_text().split("\n", 1)[0])


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, file=sys.stderr, flush=True)


def oms(*arguments: str) -> tuple[str, ...]:
    """Return a command of ours."""
    return (sys.executable, "-m", "oms_api", *arguments)


class Place(Protocol):
    """Where a program runs, and with which variables of the environment."""

    @property
    def folder(self) -> Path:
        """The folder for its log."""

    @property
    def environment(self) -> Mapping[str, str]:
        """All its variables."""


@dataclass(frozen=True, slots=True)
class Running:
    """The server's address and the processes to meter."""

    address: str
    processes: Mapping[str, int]


@contextmanager
def serving(stage: Stage, *, processes: int = PROCESSES, worker: bool = True) -> Iterator[Running]:
    """Run the server and, in a process of its own, the worker with the relay, until the block ends."""
    with ExitStack() as stack:
        metered = {"PostgreSQL": stage.postmaster}
        if worker:
            metered["worker"], _ = stack.enter_context(program(stage, "worker", oms("worker"), r"oms works"))
        command = oms("serve", "--processes", str(processes), "--port", "0")
        server, said = stack.enter_context(program(stage, "serve", command, r"serves (http://[^/]+)/graphql"))
        yield Running(said, {"servers": server, **metered})


@contextmanager
def working(stage: Stage, *reactions: str) -> Iterator[int]:
    """Run a worker with no more than these reactions, until the block ends, and give the id of its process."""
    command = (sys.executable, "-m", "benchmarks.worker", *reactions)
    with program(stage, "worker", command, r"(the worker works)") as (pid, _):
        yield pid


@contextmanager
def program(place: Place, name: str, command: tuple[str, ...], pattern: str) -> Iterator[tuple[int, str]]:
    """Run *command* until the block ends; *pattern* is of what it says once it is up."""
    log = place.folder / f"{name}.log"
    with log.open("wb") as output:
        program = subprocess.Popen(command, env=place.environment, stdout=output, stderr=output, cwd=place.folder)
    try:
        yield program.pid, _said(program, log, pattern)
    finally:
        program.send_signal(signal.SIGTERM)
        program.wait(30)


def _said(program: "subprocess.Popen[bytes]", log: Path, pattern: str) -> str:
    deadline = monotonic() + START_S
    while monotonic() < deadline and program.poll() is None:
        if found := re.search(pattern, log.read_text()):
            return found[found.re.groups]
        sleep(0.05)
    raise RuntimeError(f"it did not start: {log.read_text()[-2_000:]}")
