"""The data: made whole or not at all, and looked at before they are served."""

import json
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from oms_api.db.embedded.account import ServerAccount
from oms_api.db.embedded.errors import EmbeddedPostgresError
from oms_api.db.embedded.folder import write_private
from oms_api.db.embedded.programs import MAJOR, verdict
from oms_api.db.embedded.roles import ADMIN, APP, OWNER

FIRST_START_BYTES = 256 << 20


def sweep(home: Path) -> None:
    """Remove what killed starts left; the initdb of one may still be at work, so every start looks again."""
    for left_over in home.glob("new-*"):
        shutil.rmtree(left_over, ignore_errors=True)


def create(home: Path, user: ServerAccount, binary_folder: Path) -> None:
    """Make the cluster under another name, then rename it: a start that was killed leaves nothing that looks whole."""
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
        write_private(password, passwords[ADMIN])
        user.give(password)
        _initdb(data, password, user, binary_folder)
        password.unlink()
        write_private(new / "passwords.json", json.dumps(passwords))
        new.rename(home / "cluster")
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    synced = os.open(home, os.O_RDONLY)
    os.fsync(synced)
    os.close(synced)


def _initdb(data: Path, password: Path, user: ServerAccount, binary_folder: Path) -> None:
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
    message = f"initdb could not make the database in {data.parent.parent}: {verdict(output)}"
    raise EmbeddedPostgresError(message)


def check(data: Path, user: ServerAccount) -> None:
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
