"""Keep one PostgreSQL running exactly as long as the process that started it.

Run as a program (`python -I -S watchdog.py SPEC`), it is the parent of the server. Its standard input is a
pipe whose other end only the owner holds: end of file means the owner stopped or died, however it died, and ends the
server. Being the parent, it never signals a process id that was reused. It needs the standard library alone.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass  # noqa: TID251 - it runs without our packages
from pathlib import Path

LOG_BYTES = 8 << 20
LOG_LOOK_S = 20.0
STOP = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))
"""Fast, then immediate, then kill, each with the seconds it is given."""


@dataclass(frozen=True)
class Spec:
    """What to run, as whom, and where its log goes; *uid* None keeps the user."""

    command: Sequence[str]
    env: Mapping[str, str]
    log: str
    uid: int | None
    gid: int | None
    groups: Sequence[int] | None

    def dumps(self) -> str:
        """Return the one argument of this program."""
        return json.dumps(asdict(self))


def open_log(path: Path) -> int:
    """Open a log for appending, so that truncating it in place is safe; a link is refused."""
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def trim(log: Path) -> None:
    """Move a log of more than LOG_BYTES to `<log>.1`, by copying: the server keeps the file open."""
    if not log.exists() or log.stat().st_size <= LOG_BYTES:
        return
    older = log.with_name(log.name + ".1")
    with contextlib.suppress(OSError):  # a full disk must not keep the log from being cut
        older.unlink(missing_ok=True)
        with log.open("rb") as source, os.fdopen(open_log(older), "wb") as copy:
            shutil.copyfileobj(source, copy)
    os.truncate(log, 0)


def stop(server: "subprocess.Popen[bytes]") -> None:
    """Ask the server to end, ever less politely; the main thread waits for it and exits."""
    for how, patience_s in STOP:
        server.send_signal(how)
        time.sleep(patience_s)


def watch(server: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait for the owner's end, keeping the log small."""
    while not select.select([0], [], [], LOG_LOOK_S)[0]:
        with contextlib.suppress(OSError):
            trim(log)
    stop(server)


def main() -> int:
    """Run the server; print its process id once it exists; return its exit code."""
    spec = Spec(**json.loads(sys.argv[1]))
    log = open_log(Path(spec.log))
    os.dup2(log, 2)
    server = subprocess.Popen(  # noqa: S603  the owner's own command
        spec.command,
        env=spec.env,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        user=spec.uid,
        group=spec.gid,
        extra_groups=spec.groups,
        umask=0o077,
    )
    ending = threading.Thread(target=stop, args=(server,), daemon=True)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: None if ending.is_alive() else ending.start())
    threading.Thread(target=watch, args=(server, Path(spec.log)), daemon=True).start()
    with contextlib.suppress(OSError):  # the owner may be gone already: then the watch ends the server
        os.write(1, f"{server.pid}\n".encode())
    return server.wait()


if __name__ == "__main__":
    sys.exit(abs(main()))
