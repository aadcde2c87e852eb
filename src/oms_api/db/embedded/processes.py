"""Processes: who lives, and the server that a killed owner left behind."""

import contextlib
import os
import shutil
import signal
import time
from pathlib import Path

from oms_api.db.embedded.account import ServerAccount
from oms_api.db.embedded.errors import EmbeddedPostgresError

MARK = "cluster_name=oms-embedded"
STOP_S, TICK_S = 40.0, 0.01


def alive(pid: int) -> bool:
    """Tell whether there is a process *pid*, whosever it is."""
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
    shown = ServerAccount(name="").run("/bin/sh", "-c", 'ps -ww -o command= -p "$1"', "sh", str(pid))
    return shown.stdout.strip()


def _postmaster(data: Path) -> int | None:
    """Return the process id that postmaster.pid names, if that process lives."""
    try:
        pid = abs(int((data / "postmaster.pid").read_text().split("\n", 1)[0]))
    except (FileNotFoundError, ValueError):
        return None
    return pid if pid and alive(pid) else None


def end_orphan(data: Path) -> int | None:
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
    while alive(pid) and str(data) in _command_line(pid):
        if time.monotonic() > deadline:
            message = f"the PostgreSQL (process {pid}) left on {data} by a killed oms does not stop: kill it"
            raise EmbeddedPostgresError(message)
        time.sleep(TICK_S)
    return None
