"""Who of those that follow the feed goes on next: the keys by turns, none too fast, and requests in between."""

import asyncio
from collections import deque
from collections.abc import Hashable
from math import inf

from oms_api.kernel.access import Principal

BURST_S = 1.0
LONGEST_NAP_S = 0.01


class Turns:
    """Lets one event after the other go to its subscription, and the event loop do everything else between two of them.

    Keys take turns, whatever each of them follows; a key gets *most_per_s* events a second, and those of one second at once.
    What is beyond waits.
    """

    def __init__(self, most_per_s: float = inf) -> None:
        self.every_s = 1 / most_per_s
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}
        self._due: dict[Hashable, float] = {}  # up to when the events that a key had are paid for
        self._giving: asyncio.Task[None] | None = None

    async def take(self, principal: Principal) -> None:
        """Wait for a turn of the key behind *principal*."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(principal.holder, deque()).append(turn)
        if self._giving is None:
            self._giving = asyncio.create_task(self._give(), name="feed-turns")
        await turn

    def end(self) -> None:
        """Let everybody who waits go on."""
        if self._giving is not None:
            self._giving.cancel()
            self._giving = None
        for turns in self._waiting.values():
            for turn in turns:
                if not turn.done():
                    turn.set_result(None)
        self._waiting.clear()

    async def _give(self) -> None:
        while self._waiting:
            now = asyncio.get_running_loop().time()
            given = next((key for key in self._waiting if self._due.get(key, 0) <= now + BURST_S), None)
            if given is None:
                await asyncio.sleep(LONGEST_NAP_S)
                continue
            turns = self._waiting.pop(given)
            turn = turns.popleft()
            if turns:
                self._waiting[given] = turns  # behind the others
            if not turn.done():
                self._due[given] = max(self._due.get(given, 0), now) + self.every_s
                turn.set_result(None)
                await asyncio.sleep(0)
        now = asyncio.get_running_loop().time()
        self._due = {key: due for key, due in self._due.items() if due > now}
        self._giving = None
