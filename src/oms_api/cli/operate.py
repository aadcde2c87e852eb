"""What runs in production: serve, worker, migrate."""

import asyncio
import os
import signal

from oms_api.cli.console import emit_json, note, read_settings, say
from oms_api.cli.database import check_migrated, check_reachable, check_searched, located
from oms_api.cli.failing import CommandError
from oms_api.cli.serving import address_of, bind_each
from oms_api.cli.supervisor import Supervisor, serve_on
from oms_api.db import migrations
from oms_api.settings import Settings
from oms_api.wiring import open_ports, open_work, secrets_of


def serve(host: str | None, port: int | None, processes: int | None) -> None:
    """Serve the API until a signal comes. Raises: CommandError."""
    settings = read_settings(host=host, port=port, processes=processes)
    listening = bind_each(settings.host, settings.port, settings.processes)
    with located(settings) as settings:
        secrets_of(settings)
        check_migrated(settings)
        check_searched(str(settings.direct_url))
        export(settings)
        address = address_of(settings.host, listening[0].getsockname()[1])
        note(f"oms serves {address}/graphql with {settings.processes} process(es); Ctrl-C ends it")
        if settings.processes == 1:
            serve_on(listening[0])
        else:
            Supervisor(listening, grace_s=settings.graceful_timeout_s).run()


def work() -> None:
    """Do the background work until a signal comes."""
    with located(read_settings()) as settings:
        check_migrated(settings)
        check_searched(str(settings.direct_url))
        asyncio.run(_work(settings))


def migrate(*, as_json: bool) -> None:
    """Migrate the database and tell what was applied."""
    with located(read_settings()) as settings:
        applied = upgrade(settings)
    if as_json:
        emit_json({"applied": applied, "revision": migrations.head()})
    else:
        say(f"{len(applied)} migration(s) applied; the database is at {migrations.head()}.")


def upgrade(settings: Settings) -> list[str]:
    """Migrate as the owner of the tables. Raises: CommandError."""
    url = str(settings.migration_url)
    if url != settings.database_url:
        check_reachable(url)
    applied = migrations.upgrade(url)
    check_searched(url)
    return applied


def export(settings: Settings) -> None:
    """Put what was found out into the environment, from which each server process reads it."""
    os.environ["OMS_DATABASE_URL"] = str(settings.database_url)
    os.environ["OMS_DATABASE_DIRECT_URL"] = str(settings.direct_url)
    os.environ["OMS_SECRET_KEYS"] = ",".join(key.get_secret_value() for key in settings.secret_keys)
    os.environ["OMS_HOME"] = str(settings.home.resolve())


async def _work(settings: Settings) -> None:
    from oms_api.jobs import worker as jobs_worker  # noqa: PLC0415 - no other command should wait for it

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    note("oms works; Ctrl-C ends it")
    async with open_work(settings) as work, open_ports(work, settings) as ports:
        await jobs_worker.run(
            str(settings.direct_url),
            work,
            ports,
            stop,
            grace_s=settings.graceful_timeout_s,
            plans_kept_days=settings.plans_kept_days,
            intakes_kept_days=settings.intakes_kept_days,
        )
    if not stop.is_set():
        raise CommandError("the worker ended by itself; see its log")
