"""The folder that holds everything of one server, and the lock on it."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oms_api.db.embedded.errors import EmbeddedPostgresError
from oms_api.db.embedded.processes import TICK_S, alive

LOCK_S = 40.0


def make_folder(path: Path, root_mode: int) -> None:
    """Make a folder that other users may at most pass through; one that exists keeps its mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
        if os.geteuid() == 0:
            path.chmod(root_mode)
            as_parent(path)


def as_parent(path: Path) -> None:
    """As root, give a file we made to the owner of its folder, who may want to start the server next."""
    if os.geteuid() == 0:
        parent = path.parent.stat()
        if parent.st_uid != 0:
            os.chown(path, parent.st_uid, parent.st_gid, follow_symlinks=False)


def write_private(path: Path, text: str) -> None:
    """Write a private file; a link is refused."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    as_parent(path)


@contextmanager
def locked(folder: Path) -> Iterator[int]:
    """Hold the folder against other processes; the watchdog inherits the lock and holds it to the server's end."""
    path = folder / "postgres.lock"
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        as_parent(path)
        deadline = time.monotonic() + LOCK_S
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                written = os.pread(lock, 32, 0)
                holder = int(written) if written.isdigit() else 0
                if (holder and alive(holder)) or time.monotonic() > deadline:
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
