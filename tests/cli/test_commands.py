"""The program `oms` as a person and a script meet it: in processes of its own."""

import asyncio
import http.client
import http.server
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import psycopg
import pytest

from oms_api.cli import report
from oms_api.cli.failing import CommandError
from oms_api.cli.home import DevServer, remember
from oms_api.kernel.ids import IdKind, new_uuid, text_id
from oms_api.settings import Settings
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.programs import (
    SECRET,
    Started,
    alive,
    anew,
    answers,
    asked,
    children,
    environment,
    free_port,
    held_by,
    of,
    oms,
    running,
    until,
)

COMMANDS = (
    "dev",
    "serve",
    "worker",
    "migrate",
    "schema",
    "states",
    "seed",
    "doctor",
    "keys",
    "keys create",
    "keys list",
    "keys revoke",
    "feed",
    "feed new-epoch",
)
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def one_line(ended: "subprocess.CompletedProcess[str]") -> str:
    """Return the one line on standard error of a command that failed."""
    assert (ended.returncode, ended.stdout) == (1, ""), ended
    (line,) = ended.stderr.splitlines()
    assert line.startswith("oms: ")
    return line


# --- what goes wrong is told in one line


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(home: Path, command: str) -> None:
    ended = oms(home, *command.split(), "--help")
    assert ended.returncode == 0
    assert "Usage: oms" in ended.stdout
    assert not home.exists()


def test_the_help_names_every_setting_and_what_it_is_for(home: Path) -> None:
    told = " ".join(oms(home, "--help").stdout.split())
    named = {f"OMS_{name.upper()}": str(field.description) for name, field in Settings.model_fields.items()}
    assert {name: purpose for name, purpose in named.items() if f"{name} {purpose}" not in told} == {}


def test_the_version_is_told(home: Path) -> None:
    assert oms(home, "--version").stdout == f"oms {version('oms_api')}\n"


def test_help_imports_nothing_that_commands_work_with(home: Path) -> None:
    asked = "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from oms_api.__main__ import main; main()"
    command = (sys.executable, "-c", asked, "--help")
    told = subprocess.run(command, env=environment(home), capture_output=True, text=True, timeout=60, check=True).stdout
    modules = told.splitlines()[-1].split()
    assert "Usage: oms" in told
    assert "oms_api.cli.commands" in modules
    assert not {"sqlalchemy", "graphql", "strawberry", "psycopg", "uvicorn"}.intersection(modules)
    assert not [name for name in modules if name.startswith(("oms_api.graphql", "oms_api.domain", "oms_api.db"))]


@pytest.mark.parametrize("command", ["dev", "serve"])
def test_a_taken_port_is_one_line_and_nothing_was_started(home: Path, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"127.0.0.1:{port}" in one_line(oms(home, command, OMS_PORT=port))
    assert not home.exists()


@pytest.mark.parametrize("command", ["dev", "serve", "worker", "migrate", "keys list", "doctor", "seed"])
def test_an_unreachable_database_is_one_line_and_nothing_was_started(home: Path, command: str) -> None:
    settings = {"OMS_DATABASE_URL": NOWHERE, "OMS_PORT": str(free_port()), "OMS_SECRET_KEYS": SECRET}
    assert "127.0.0.1:1/nothing" in one_line(oms(home, *command.split(), **settings))
    assert not (home / "postgres").exists()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"OMS_DATABASE_URL": "mysql://root@localhost/x"}, "OMS_DATABASE_URL"),
        ({"OMS_DATABASE_URL": "nonsense"}, "OMS_DATABASE_URL"),
        ({"OMS_PORT": "99999"}, "OMS_PORT"),
        ({"OMS_SECRET_KEYS": "short"}, "OMS_SECRET_KEYS"),
        ({"OMS_LOG_FORMAT": "xml"}, "OMS_LOG_FORMAT"),
        ({"OMS_LOG_LEVEL": "LOUD"}, "OMS_LOG_LEVEL"),
        ({"OMS_HOST": "no.such.host.invalid"}, "OMS_HOST"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(home: Path, settings: dict[str, str], named: str) -> None:
    line = one_line(oms(home, "dev", **settings))
    assert named in line
    assert "short" not in line


@pytest.mark.parametrize("command", ["serve", "keys create shop --preset all"])
def test_nothing_is_signed_without_a_secret(home: Path, database: Database, command: str) -> None:
    settings = {"OMS_DATABASE_URL": database.app_url, "OMS_PORT": str(free_port())}
    assert "OMS_SECRET_KEYS" in one_line(oms(home, *command.split(), **settings))
    assert not home.exists()


def test_tables_of_another_version_are_one_line(home: Path, fresh_database: Database) -> None:
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute("UPDATE alembic_version SET version_num = '0000'")
    for command in ("serve", "worker", "doctor", "keys list"):
        line = one_line(oms(home, *command.split(), OMS_PORT=str(free_port()), **of(fresh_database)))
        assert "oms migrate" in line


def test_a_broken_data_folder_is_one_line(home: Path) -> None:
    home.mkdir(mode=0o711)
    (home / "postgres").mkdir(mode=0o711)
    (home / "postgres" / "cluster").mkdir()
    (home / "postgres" / "cluster" / "data").mkdir()
    shutil.chown(home / "postgres" / "cluster" / "data", *(("nobody",) if os.geteuid() == 0 else (os.geteuid(),)))
    assert str(home) in one_line(oms(home, "dev", OMS_PORT=str(free_port())))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"OMS_PORT": "1"}, "http://127.0.0.1:1 was not started"),
        ({"OMS_HOST": "127.0.0.2"}, "http://127.0.0.2:"),
        ({"OMS_DATABASE_URL": NOWHERE}, "another database was not started"),
    ],
)
def test_dev_beside_a_running_one_says_why_another_was_not_started(home: Path, settings: dict[str, str], told: str) -> None:
    with running_server() as address:
        server = DevServer(address=address, key="oms_key", pid=os.getpid(), database_url="postgresql:///here", owner_url="")
        remember(home, server)
        same = oms(home, "dev", OMS_PORT=address.rpartition(":")[2], OMS_DATABASE_URL=server.database_url)
        line = one_line(oms(home, "dev", **settings))
    assert f"It runs already (process {os.getpid()})" in same.stdout
    assert told in line
    assert address in line
    assert "OMS_HOME" in line


@contextmanager
def running_server() -> Iterator[str]:
    """Serve what answers every request well."""

    class Well(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Well) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


# --- keys, migrations, schema


def test_keys_are_made_listed_and_revoked(home: Path, database: Database) -> None:
    settings = of(database)
    created = anew(home, "keys", "create", "shop", "-s", "orders:read", "--expires-days", "30", "--json", **settings)
    made = json.loads(created.stdout)
    assert made["key"].startswith(f"oms_{made['prefix']}_")
    assert made["scopes"] == ["orders:read"]
    listed = json.loads(anew(home, "keys", "list", "--json", **settings).stdout)
    assert [(one["client"], one["state"], one["lastUsedAt"]) for one in listed if one["id"] == made["id"]] == [
        ("shop", "active", None)
    ]
    assert made["key"] not in oms(home, "keys", "list", **settings).stdout
    revoked = json.loads(anew(home, "keys", "revoke", made["key"], "--json", **settings).stdout)
    assert (revoked["prefix"], revoked["id"]) == (made["prefix"], made["id"])
    (one,) = [one for one in json.loads(oms(home, "keys", "list", "--json", **settings).stdout) if one["id"] == made["id"]]
    assert one["state"] == "revoked"


def test_a_key_is_limited_to_channels_locations_and_suppliers(home: Path, database: Database) -> None:
    settings = of(database)
    limits = {kind: text_id(kind, new_uuid()) for kind in (IdKind.CHANNEL, IdKind.LOCATION, IdKind.SUPPLIER)}
    given = [word for kind, limit in limits.items() for word in (f"--{kind.value}", limit)]
    prefix = json.loads(oms(home, "keys", "create", "shop", "--preset", "read", *given, "--json", **settings).stdout)["prefix"]
    listed = json.loads(oms(home, "keys", "list", "--json", **settings).stdout)
    (one,) = [one for one in listed if one["prefix"] == prefix]
    assert {kind: one[f"{kind.value}Ids"] for kind in limits} == {kind: [limit] for kind, limit in limits.items()}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("create", "shop"), "--scope"),
        (("create", " ", "--preset", "all"), "INVALID_VALUE"),
        (("create", "shop", "--preset", "read", "--channel", "location_01h2xcejqtf2nbrexx3vqjhp41"), "INVALID_ID"),
        (("create", "shop", "--preset", "read", "--supplier", "supplier_01h2xcejqtf2nbrexx3vqjhp41"), "BEYOND_SUPPLIER"),
        (("revoke", "nosuchky"), "NOT_FOUND"),
    ],
)
def test_a_key_that_cannot_be_is_one_line(home: Path, database: Database, arguments: tuple[str, ...], told: str) -> None:
    assert told in one_line(oms(home, "keys", *arguments, **of(database)))


def test_a_new_epoch_makes_every_cursor_given_before_useless(home: Path, database: Database) -> None:
    with psycopg.connect(database.app_url, autocommit=True) as reader:
        before = reader.execute("SELECT epoch, position FROM feed_head").fetchone()
        told = json.loads(anew(home, "feed", "new-epoch", "--json", **of(database)).stdout)
        after = reader.execute("SELECT epoch, position FROM feed_head").fetchone()
    assert before is not None
    assert after is not None
    assert str(after[0]) == told["epoch"] != str(before[0])
    assert after[1] == before[1]
    assert "every cursor given before is refused" in oms(home, "feed", "new-epoch", **of(database)).stdout


def test_the_demo_shop_is_seeded_once_and_the_doctor_tells_what_is_broken(home: Path, fresh_database: Database) -> None:
    settings = of(fresh_database)
    assert [json.loads(seed(home, "seed", "--json", **settings).stdout)["seeded"] for seed in (anew, oms)] == [True, False]
    asyncio.run(relay_all(fresh_database.app_url))  # or on a slow machine events wait for too long
    well = anew(home, "doctor", **settings)
    assert (well.returncode, well.stderr) == (0, "")
    assert "All is well" in well.stdout
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute("UPDATE feed_head SET position = position + 5")
    ill = oms(home, "doctor", "--json", **settings)
    assert ill.returncode == 1
    told = json.loads(ill.stdout)
    assert not told["healthy"]
    assert [finding["name"] for finding in told["findings"] if not finding["ok"]] == [
        "the feed has no gaps and ends at its head"
    ]


def test_migrating_again_does_nothing(home: Path, database: Database) -> None:
    told = json.loads(anew(home, "migrate", "--json", **of(database)).stdout)
    assert told["applied"] == []
    assert told["revision"]


def test_what_is_made_of_the_code_is_written_and_compared(home: Path) -> None:
    path = str(home.parent / "made")
    assert "oms states" in one_line(oms(home, "states", path, "--check"))
    assert anew(home, "states", path).returncode == 0
    assert oms(home, "states", path, "--check").returncode == 0
    with Path(path).open("a") as file:
        file.write("\n")
    assert "oms states" in one_line(oms(home, "states", path, "--check"))
    assert not home.exists()


def test_the_schema_is_written_and_compared_like_that(home: Path) -> None:
    path = home.parent / "made"
    with pytest.raises(CommandError, match="oms schema"):
        report.schema(path, check=True)
    assert oms(home, "schema", str(path)).returncode == 0
    report.schema(path, check=True)


# --- servers


def test_serve_answers_and_ends_when_told(home: Path, database: Database, started: Started) -> None:
    settings = of(database)
    key = oms(home, "keys", "create", "caller", "--preset", "all", **settings).stdout.strip()
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    server = started("serve", OMS_PORT=str(port), **settings)
    until(lambda: answers(address, "/readyz"))
    assert asked(address, key) == asked(address, key)
    assert asked(address, key)["data"] == {"__typename": "Query"}
    server.send_signal(signal.SIGTERM)
    server.wait(60)
    assert not answers(address)
    output = (home.parent / "output-0").read_text()
    assert "Traceback" not in output
    assert key not in output
    assert not home.exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux spreads connections over sockets")
def test_connections_are_spread_and_no_process_outlives_its_supervisor(database: Database, started: Started) -> None:
    port = free_port()
    server = started("serve", "--processes", "2", OMS_PORT=str(port), **of(database))
    until(lambda: running(server.pid) == 2)
    connections = []
    for _ in range(64):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/healthz")
        assert connection.getresponse().read()
        connections.append(connection)
    before = children(server.pid)
    assert min(held_by(pid) for pid in before) >= 12, "64 clients, half of them on each, more or less"
    for connection in connections:
        connection.close()

    server.kill()
    server.wait()
    until(lambda: not any(map(alive, before)))


def test_the_worker_ends_when_told(home: Path, database: Database, started: Started) -> None:
    worker = started("worker", **of(database))
    until(lambda: "oms works" in (home.parent / "output-0").read_text())
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    assert "Traceback" not in (home.parent / "output-0").read_text()


def test_dev_on_a_database_of_ones_own_starts_no_other(home: Path, fresh_database: Database, started: Started) -> None:
    port = free_port()
    settings = {name: value for name, value in of(fresh_database).items() if name != "OMS_SECRET_KEYS"}
    server = started("dev", OMS_PORT=str(port), **settings)
    until(lambda: "First query" in (home.parent / "output-0").read_text())
    noted = json.loads((home / "dev.json").read_text())
    assert noted["database_url"] == fresh_database.app_url
    assert not (home / "postgres").exists()
    assert oms(home, "keys", "create", "shop", "--preset", "read", **settings).returncode == 0  # signs with the same secret
    server.send_signal(signal.SIGINT)
    assert server.wait(60) == 0


def test_dev_tells_its_key_keeps_it_and_survives_being_killed(home: Path, started: Started) -> None:
    port = free_port()
    server = started("dev", OMS_PORT=str(port))
    until(lambda: "First query" in (home.parent / "output-0").read_text(), within_s=90)
    for name in ("dev.json", "secret"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
    noted = json.loads((home / "dev.json").read_text())
    assert (noted["address"], noted["pid"]) == (f"http://127.0.0.1:{port}", server.pid)
    assert asked(noted["address"], noted["key"])["data"] == {"__typename": "Query"}

    second = oms(home, "dev", OMS_PORT=str(port))
    assert second.returncode == 0
    assert f"{noted['address']}/graphql#key={noted['key']}" in second.stdout
    listed = json.loads(oms(home, "keys", "list", "--json").stdout)  # finds the running server's database
    assert [one["name"] for one in listed] == ["oms dev"]

    postmaster = int(next(home.rglob("postmaster.pid")).read_text().split()[0])
    server.kill()
    server.wait()
    until(lambda: not alive(postmaster))

    again = started("dev", OMS_PORT=str(port))
    until(lambda: "First query" in (home.parent / "output-1").read_text(), within_s=90)
    assert json.loads((home / "dev.json").read_text())["key"] == noted["key"]
    assert asked(noted["address"], noted["key"])["data"] == {"__typename": "Query"}
    again.send_signal(signal.SIGINT)
    assert again.wait(60) == 0
    assert "Traceback" not in (home.parent / "output-1").read_text()
    assert json.loads((home / "dev.json").read_text())["pid"] is None

    assert oms(home, "keys", "list").returncode == 0  # with no server running it starts the database for itself
    assert not list(home.rglob("postmaster.pid"))
