"""Whom the server runs as: PostgreSQL refuses root."""

import contextlib
import os
import pwd
import subprocess
from collections.abc import Mapping
from pathlib import Path

from oms_api.db.embedded.errors import EmbeddedPostgresError
from oms_api.kernel.dataclass import dataclass

SYSTEM_USERS = ("postgres", "nobody", "daemon")


@dataclass(frozen=True)
class ServerAccount:
    """Whom the server runs as; *uid* None: as whoever runs this process."""

    name: str
    uid: int | None = None
    gid: int | None = None
    groups: tuple[int, ...] | None = None

    def run(self, *command: str | Path, env: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        """Run *command* as this user, away from the terminal's signals. Raises: OSError, if it may not be executed."""
        return subprocess.run(  # noqa: S603  built from our own binaries
            command,
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=environment() if env is None else env,
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


def environment() -> dict[str, str]:
    """Return an environment without PGDATA, PGPORT and the like; LC_ALL keeps macOS from starting threads."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _account(entry: pwd.struct_passwd) -> ServerAccount:
    groups = tuple(os.getgrouplist(entry.pw_name, entry.pw_gid))
    return ServerAccount(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, groups=groups)


def system_account() -> ServerAccount:
    """Return the first unprivileged system user there is; PostgreSQL refuses root and users without a name."""
    for name in SYSTEM_USERS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            if entry.pw_uid != 0:
                return _account(entry)
    names = ", ".join(SYSTEM_USERS)
    message = f"PostgreSQL refuses to run as root and none of the users {names} exists: run oms as an ordinary user"
    raise EmbeddedPostgresError(message)


def owner_of(data: Path) -> ServerAccount:
    """Return the account that *data* belong to. Raises: EmbeddedPostgresError, if the server cannot run as that."""
    uid = data.stat().st_uid
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        entry = None
    if uid == 0 or entry is None:
        message = f"{data} belongs to user {uid}, as whom PostgreSQL cannot run: chown it back, or delete {data.parent}"
        raise EmbeddedPostgresError(message)
    return _account(entry)
