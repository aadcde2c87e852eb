"""What runs in production: serve, worker, migrate."""

import asyncio
import os
import signal
from typing import Annotated

import typer

from oms_api.cli.console import CommandError, JsonOption, emit_json, read_settings, run, say
from oms_api.cli.database import check_migrated, check_reachable, located
from oms_api.cli.serving import address_of, bind_each
from oms_api.cli.supervisor import Supervisor, serve_on
from oms_api.db import migrations
from oms_api.settings import Settings
from oms_api.wiring import open_work, secrets_of


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on. [OMS_HOST, 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="The port to listen on. [OMS_PORT, 8000]")] = None,
    processes: Annotated[int | None, typer.Option(min=1, max=64, help="Server processes. [OMS_PROCESSES, 1]")] = None,
) -> None:
    """Serve the API. Run `oms migrate` before, and `oms worker` beside it.

    \b
    OMS_DATABASE_URL      postgresql://user:password@host/database (without it: the embedded database)
    OMS_SECRET_KEYS       secrets of 32 characters or more, by commas; the first signs, all verify
    OMS_ALLOWED_ORIGINS   origins whose pages may call the API, by commas
    OMS_POOL_SIZE         connections to the database for each process [16]
    OMS_LOG_FORMAT        console or json
    """  # noqa: D301 - the \b is typer's, it keeps the lines
    settings = read_settings(host=host, port=port, processes=processes)
    listening = bind_each(settings.host, settings.port, settings.processes)
    with located(settings) as settings:
        secrets_of(settings)
        check_migrated(settings)
        export(settings)
        address = address_of(settings.host, listening[0])
        typer.echo(f"oms serves {address}/graphql with {settings.processes} process(es); Ctrl-C ends it", err=True)
        if settings.processes == 1:
            serve_on(listening[0])
        else:
            Supervisor(listening, grace_s=settings.graceful_timeout_s).run()


def worker() -> None:
    """Run background work: the relay that orders events into the feed, reactions, jobs, housekeeping.

    One is enough; several share the work. It needs the database past any pooler (OMS_DATABASE_DIRECT_URL).
    """
    with located(read_settings()) as settings:
        check_migrated(settings)
        run(_work(settings))


def migrate(*, as_json: JsonOption = False) -> None:
    """Bring the database to the tables of this version. It can be run again, and by several at once.

    OMS_DATABASE_OWNER_URL names the role that owns the tables; without it OMS_DATABASE_DIRECT_URL or OMS_DATABASE_URL.
    """
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
    return migrations.upgrade(url)


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
    typer.echo("oms works; Ctrl-C ends it", err=True)
    async with open_work(settings) as work:
        await jobs_worker.run(
            str(settings.direct_url),
            work,
            stop,
            grace_s=settings.graceful_timeout_s,
            plans_kept_days=settings.plans_kept_days,
        )
    if not stop.is_set():
        raise CommandError("the worker ended by itself; see its log")
