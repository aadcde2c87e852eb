"""Where the data lie: in the folder, or elsewhere when the server's user cannot come there."""

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from pathlib import Path

from oms_api.db.embedded.account import ServerAccount, owner_of, system_account
from oms_api.db.embedded.errors import EmbeddedPostgresError
from oms_api.db.embedded.folder import make_folder, write_private

ELSEWHERE = Path("/var/tmp")  # noqa: S108  survives a reboot; folders there are checked before they are used


def settle(folder: Path) -> tuple[Path, ServerAccount]:
    """Return the home of the data and the user of the server, making the home if need be.

    Root's server runs as the owner of the data if there are any, so that a user's clone stays that user's; else as a
    system user, in the folder if that user can come there, else under ELSEWHERE.
    """
    near, pointer = folder / "postgres", folder / "postgres.elsewhere"
    if os.geteuid() != 0:
        if pointer.exists() and not near.exists():
            message = f"root made the data of {folder}, see {pointer}: run as root, or delete that file to start anew"
            raise EmbeddedPostgresError(message)
        make_folder(near, 0o711)
        return near, ServerAccount(name=pwd.getpwuid(os.geteuid()).pw_name)
    home = elsewhere_of(folder, pointer)
    if home is None and (near / "cluster").exists():
        home = near
    if home is not None and (home / "cluster").exists():
        user = owner_of(home / "cluster" / "data")
        if not user.enters(home / "cluster" / "data"):
            message = f"{home} is closed to the user {user.name}, to whom the database belongs: open its parent folders"
            raise EmbeddedPostgresError(message)
        return home, user
    user = system_account()
    if home is None and _roomy(near, user):
        home = near
    return home or elsewhere(folder, pointer), user


def _roomy(near: Path, user: ServerAccount) -> bool:
    """Tell, by trying, whether *user* can have a folder in *near*; leave no trace if not."""
    made = not near.exists()
    make_folder(near, 0o711)
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
    write_private(note, str(folder))
    return True


def elsewhere_of(folder: Path, pointer: Path) -> Path | None:
    """Return the home that the pointer names, if it is safe and this folder's."""
    if not pointer.exists():
        return None
    home = Path(pointer.read_text().strip())
    return home if home.parent == ELSEWHERE and _ours(home) and _claim(home, folder) else None


def elsewhere(folder: Path, pointer: Path) -> Path:
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
    write_private(pointer, f"{home}\n")
    return home
