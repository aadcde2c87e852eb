"""A TCP proxy in front of PostgreSQL that breaks a connection at a chosen moment of its COMMIT."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum

from sqlalchemy import make_url

COMMIT_SENT = b"COMMIT\0"
COMMIT_DONE = b"C\0\0\0\x0bCOMMIT\0"


class Cut(Enum):
    """When the next connection that commits is broken."""

    NEVER = "never"
    BEFORE_COMMIT_ARRIVES = "COMMIT leaves the client and never reaches the server"
    AFTER_COMMIT_IS_DONE = "the server commits and its answer never reaches the client"


@dataclass
class Proxy:
    """A proxy that listens at *url*; *cut* applies once. While it is *closed*, new connections are dropped."""

    url: str
    target: tuple[str, int]
    cut: Cut = Cut.NEVER
    closed: bool = False
    closes_when_cut: bool = False
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection, both ways, until one side is done or the cut falls."""
        if self.closed:
            writer.close()
            return
        upstream_reader, upstream_writer = await asyncio.open_connection(*self.target)
        ways = {
            asyncio.create_task(self._carry(reader, upstream_writer, Cut.BEFORE_COMMIT_ARRIVES, COMMIT_SENT)),
            asyncio.create_task(self._carry(upstream_reader, writer, Cut.AFTER_COMMIT_IS_DONE, COMMIT_DONE)),
        }
        self.tasks |= ways
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (writer, upstream_writer):
            with suppress(OSError):
                end.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: Cut, sign: bytes) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                if self.cut is cut and sign in data:
                    self.cut, self.closed = Cut.NEVER, self.closes_when_cut
                    return
                writer.write(data)
                await writer.drain()


@asynccontextmanager
async def proxied(url: str) -> AsyncIterator[Proxy]:
    """Give a proxy to the database at *url*."""
    there = make_url(url)
    proxy = Proxy("", (there.host or "127.0.0.1", there.port or 5432))
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    here = there.set(
        host="127.0.0.1", port=server.sockets[0].getsockname()[1], query={"sslmode": "disable", "gssencmode": "disable"}
    )
    proxy.url = here.render_as_string(hide_password=False)
    yield proxy
    server.close()
    for task in proxy.tasks:
        task.cancel()
