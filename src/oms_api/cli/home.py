"""What a development server leaves in `.oms/`: where it is, its key, and the secret it signs with. All for the owner only."""

import json
import os
import secrets
import tempfile
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from oms_api.cli.failing import CommandError
from oms_api.db.embedded.processes import alive
from oms_api.kernel.dataclass import dataclass

FILE, SECRET = "dev.json", "secret"
HEALTH_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DevServer:
    """A development server. Without *pid* it is not running, but its key holds when it starts again."""

    address: str
    key: str
    pid: int | None
    database_url: str
    owner_url: str
    channel_id: str | None = None
    """The demo shop's channel, if the database holds the demo shop."""

    @property
    def running(self) -> bool:
        """Whether it answers."""
        if self.pid is None or not alive(self.pid):
            return False
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=HEALTH_TIMEOUT_S) as answer:  # noqa: S310 - our own file
                return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's OK
        except (OSError, urllib.error.URLError, ValueError):
            return False


def remembered(home: Path) -> DevServer | None:
    """Return what the last development server wrote, or None."""
    try:
        return DevServer(**json.loads((home / FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def running(home: Path) -> DevServer | None:
    """Return the development server that is running, or None."""
    found = remembered(home)
    return found if found is not None and found.running else None


def remember(home: Path, server: DevServer) -> None:
    """Write down where *server* is. Raises: CommandError."""
    _write(home / FILE, json.dumps(asdict(server), indent=2) + "\n")


def development_secret(home: Path) -> str:
    """Return the secret of the installation in *home*, made when there is none. Raises: CommandError."""
    path = home / SECRET
    with suppress(FileNotFoundError, PermissionError):
        if found := path.read_text().strip():
            return found
    made = secrets.token_hex(32)
    _write(path, made + "\n")
    return made


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by the owner only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
        try:
            with os.fdopen(number, "w") as file:
                file.write(text)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from error
