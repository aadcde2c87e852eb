"""`oms dev`: everything in one process, for development."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from textwrap import indent
from urllib.parse import urlsplit

import uvicorn

from oms_api.app import create_app
from oms_api.cli import home
from oms_api.cli.console import read_settings, say
from oms_api.cli.database import located
from oms_api.cli.failing import CommandError
from oms_api.cli.home import DevServer
from oms_api.cli.operate import upgrade
from oms_api.cli.serving import Server, address_of, bind, server_config
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.access.commands.issue_key import IssueKey, issue_key
from oms_api.domain.access.errors import Unauthenticated
from oms_api.domain.access.keyring import Keyring
from oms_api.domain.channels.queries import channels_by_code
from oms_api.kernel.access import Scope, system_principal
from oms_api.kernel.ids import IdKind, text_id
from oms_api.settings import Settings
from oms_api.wiring import open_ports, open_work, secrets_of
from oms_api.workflows.seed_carriers import seed_carriers
from oms_api.workflows.seed_demo import seed

PATIENCE_S = 5
DEVELOPER = system_principal("oms dev")
DEMO_CHANNEL = "web-uk"
FIRST_QUERY = (
    "{ channels { nodes { id code currencyCode } } skus(first: 5) { nodes { code name } } "
    "orders(first: 5) { nodes { number status fulfillmentStatus total { amount currencyCode } } } }"
)
FIRST_ORDER = """mutation {{
  orderPlace(input: {{
    idempotencyKey: "my-first-order"
    contact: {{name: "Ada Lovelace", email: "ada@example.com"}}
    channelId: "{channel_id}"
    lines: [
      {{ listing: "mug-blue", quantity: 2 }}
      {{ listing: "tea-set", quantity: 1 }}
    ]
  }}) {{
    order {{ id number fulfillmentStatus total {{ amount currencyCode }} }}
    userErrors {{ code message field }}
  }}
}}"""


def start(host: str | None, port: int | None) -> None:
    """Serve until a signal comes, or tell where it runs already."""
    settings = read_settings(host=host, port=port).model_copy(update={"graceful_timeout_s": PATIENCE_S})
    if (running := home.running(settings.home)) is not None:
        check_same(running, settings)
        say(f"It runs already (process {running.pid}).")
        introduce(running)
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    listening = bind(settings.host, settings.port)
    try:
        with located(settings, made=True) as settings:
            serve_here(settings, listening)
    except KeyboardInterrupt:
        say("\nStopped. The data are kept.")
    finally:
        listening.close()


def check_same(running: DevServer, settings: Settings) -> None:
    """Raises: CommandError, where *settings* ask for another address or database than those of the server that runs."""
    given = settings.model_fields_set
    there = urlsplit(running.address)
    port = settings.port if "port" in given and settings.port else there.port
    address = address_of(settings.host if "host" in given else str(there.hostname), int(port or 0))
    asked = [address] if address != running.address else []
    if settings.database_url not in {None, running.database_url}:
        asked.append("another database")
    if asked:
        raise CommandError(
            f"{' on '.join(asked)} was not started: {running.address} (process {running.pid}) runs from {settings.home} "
            "already. End that one first, or set OMS_HOME to another folder."
        )


def serve_here(settings: Settings, listening: socket.socket) -> None:
    """Prepare the database and serve until a signal comes."""
    upgrade(settings)
    before = home.remembered(settings.home)
    key, channel_id = asyncio.run(prepare(settings, before.key if before else None))
    server = DevServer(
        address=address_of(settings.host, listening.getsockname()[1]),
        key=key,
        pid=os.getpid(),
        database_url=str(settings.database_url),
        owner_url=str(settings.migration_url),
        channel_id=channel_id,
    )

    def started() -> None:
        home.remember(settings.home, server)
        introduce(server)

    public = settings.model_copy(update={"public_url": settings.public_url or server.address})
    app = create_app(public, with_worker=True, tuned=True)
    try:
        _Server(server_config(app, settings), started).run(sockets=[listening])
    finally:
        home.remember(settings.home, replace(server, pid=None))


async def prepare(settings: Settings, key: str | None) -> tuple[str, str | None]:
    """Seed an empty database; return a key for development and the demo channel's id, if there is one.

    The key is *key* if it still holds, else a new one.
    """
    async with open_work(settings) as work, open_ports(work, settings) as ports:
        if await seed(work, DEVELOPER) is not None:
            await seed_carriers(work, DEVELOPER, ports)
        if key is None or not await holds(work, settings, key):
            key = await new_key(work, settings)
        async with work.reads(DEVELOPER) as read:
            channel = await channels_by_code.of_one(read, DEMO_CHANNEL)
        return key, text_id(IdKind.CHANNEL, channel.id) if channel is not None else None


async def holds(work: UnitOfWork, settings: Settings, key: str) -> bool:
    """Tell whether *key* has every scope in this database."""
    keyring = Keyring(work, secrets_of(settings))
    try:
        return (await keyring.principal(key)).scopes == frozenset(Scope)
    except Unauthenticated:
        return False
    finally:
        await keyring.stop()


async def new_key(work: UnitOfWork, settings: Settings) -> str:
    """Make a development key."""
    command = IssueKey(client="development", name="oms dev", scopes=frozenset(Scope))
    return (await work.execute(DEVELOPER, partial(issue_key, secrets=secrets_of(settings)), command)).text


def introduce(server: DevServer) -> None:
    """Say where the server is and what to do first."""
    say(
        f"""
  GraphiQL        {server.address}/graphql#key={server.key}
  API             {server.address}/graphql
  Key             {server.key}
  First query     {FIRST_QUERY}

  curl {server.address}/graphql -H 'Authorization: Bearer {server.key}' \\
    -H 'Content-Type: application/json' -d '{{"query": "{FIRST_QUERY}"}}'
"""
    )
    if server.channel_id is not None:
        order = indent(FIRST_ORDER.format(channel_id=server.channel_id), "  ")
        say(f"  A first order, to paste into GraphiQL:\n\n{order}\n")


class _Server(Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self.on_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.on_started()
