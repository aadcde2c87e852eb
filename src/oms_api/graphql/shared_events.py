"""An event that many subscriptions want is completed once for all of them that see the same of it.

These are the ones with the same document, operation and variables whose callers have the same rights. What reads nothing tells
the same for ever, so the latest such answers are kept. What reads is shared by those who ask while it is being read, and not
later: records are shown as they are. Errors are shared with nobody.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, cast

import orjson
from graphql import ExecutionResult

MOST_BYTES, BYTES_AN_ANSWERED_BYTE = 8 * 2**20, 4
"""What all kept answers hold together, and what one holds for each byte that is sent of it, measured."""
Complete = Callable[[], Any]
"""Completes an event for one subscription: gives its ExecutionResult, or what is awaited for it."""


class KeptAnswers:
    """The latest answers that read nothing, to whatever document, as many as there is room for."""

    def __init__(self, capacity: int = MOST_BYTES) -> None:
        self.capacity, self.size = capacity, 0
        self.kept: OrderedDict[Hashable, tuple[ExecutionResult, int]] = OrderedDict()

    def find(self, key: Hashable) -> ExecutionResult | None:
        """Return the answer under *key*."""
        known = self.kept.get(key)
        return None if known is None else known[0]

    def keep(self, key: Hashable, answer: ExecutionResult) -> None:
        """Keep *answer*, unless it has no room, and drop the oldest ones that have none beside it."""
        size = BYTES_AN_ANSWERED_BYTE * len(orjson.dumps(answer.data))
        if size > self.capacity:
            return
        self.kept[key] = answer, size
        self.size += size
        while self.size > self.capacity:
            _, (_, dropped) = self.kept.popitem(last=False)
            self.size -= dropped


KEPT = KeptAnswers()


class SharedEvents:
    """The answers to events of one document, by all that they depend on."""

    def __init__(self) -> None:
        self.under_way: dict[Hashable, asyncio.Future[ExecutionResult | None]] = {}
        self.going_on = asyncio.Lock()

    def answer(self, key: Hashable, complete: Complete) -> ExecutionResult | Awaitable[ExecutionResult]:
        """Return the answer under *key*, made by *complete* unless it is there or under way."""
        if (known := KEPT.find((self, key))) is not None:
            return known
        if (shared := self.under_way.get(key)) is not None:
            return self._shared(shared, complete)
        made = complete()
        if not isinstance(made, ExecutionResult):
            return self._share(key, made)
        if not made.errors:
            KEPT.keep((self, key), made)
        return made

    async def _share(self, key: Hashable, awaited: Awaitable[ExecutionResult]) -> ExecutionResult:
        """Return what is *awaited*, and let those who come meanwhile have it too, unless anything goes wrong."""
        future = self.under_way[key] = asyncio.get_running_loop().create_future()
        shared = None
        try:
            made = await awaited
            shared = None if made.errors else made
        finally:
            del self.under_way[key]
            future.set_result(shared)
        return made

    async def _shared(self, future: "asyncio.Future[ExecutionResult | None]", complete: Complete) -> ExecutionResult:
        """Return what another makes; whoever gives up cancels nobody else's waiting.

        All wake at once, and go on one by one, so that requests have turns between them.
        """
        shared = await asyncio.shield(future)
        async with self.going_on:
            await asyncio.sleep(0)
        if shared is not None:
            return shared
        made = complete()
        return cast("ExecutionResult", made if isinstance(made, ExecutionResult) else await made)
