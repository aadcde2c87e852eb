"""A client that goes away: uvicorn tells of it only whoever listens, and ends nothing by itself."""

import asyncio
from collections.abc import Callable
from types import TracebackType

from starlette.types import Receive

LISTENED_AFTER_S = 0.05


async def gone(receive: Receive) -> None:
    """Wait until the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


class Watching:
    """Calls *end* when the client leaves during the block. An answer that is there at once costs no task beside it."""

    __slots__ = ("end", "listening", "receive", "timer")

    def __init__(self, receive: Receive, end: Callable[[], None]) -> None:
        self.receive, self.end = receive, end
        self.listening: asyncio.Task[None] | None = None

    def __enter__(self) -> None:
        """Begin the block."""
        self.timer = asyncio.get_running_loop().call_later(LISTENED_AFTER_S, self._listen)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        """End the block."""
        self.timer.cancel()
        if self.listening is not None:
            self.listening.cancel()

    def _listen(self) -> None:
        self.listening = asyncio.create_task(self._end_when_gone())

    async def _end_when_gone(self) -> None:
        await gone(self.receive)
        self.end()
