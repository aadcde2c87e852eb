"""A PostgreSQL of one's own that goes away and comes back, at the same address and with its data."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from oms_api.db import migrations
from oms_api.db.embedded import running
from tests.factories.database import FAST, Database


class Mortal:
    """A server with one migrated database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.alive = ExitStack()
        self.database: Database

    async def stop(self) -> None:
        """Let it go away, and all its connections with it."""
        await asyncio.to_thread(self.alive.close)

    async def start(self) -> None:
        """Let it come back."""
        await asyncio.to_thread(self._start)

    async def restart(self) -> None:
        """Let it go away and come back."""
        await self.stop()
        await self.start()

    def _start(self) -> None:
        server = self.alive.enter_context(running(self.folder, settings=FAST))
        self.database = Database("oms", server.app_url, server.owner_url, server.admin_url)


@asynccontextmanager
async def mortal() -> AsyncIterator[Mortal]:
    """Give a server that runs."""
    folder = await asyncio.to_thread(_folder)
    server = Mortal(folder / "server")
    try:
        await server.start()
        await asyncio.to_thread(migrations.upgrade, server.database.owner_url)
        yield server
    finally:
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    made = Path(tempfile.mkdtemp(prefix="oms-test-"))
    made.chmod(0o711)
    return made
