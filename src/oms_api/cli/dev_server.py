"""The development server: its database is prepared, its key is made, and the API and the worker run in this process."""

import asyncio
import os
import socket
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import uvicorn

from oms_api.app import create_app
from oms_api.cli import home
from oms_api.cli.dev import introduce
from oms_api.cli.home import DevServer
from oms_api.cli.operate import upgrade
from oms_api.cli.serving import Server, address_of, server_config
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

DEVELOPER = system_principal("oms dev")
DEMO_CHANNEL = "web-uk"


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


class _Server(Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self.on_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.on_started()
