"""One loader for every declared relation: keys are gathered and kept by aiodataloader, and travel with the request's reads."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Hashable
from typing import Any, TypeVar

from aiodataloader import DataLoader
from aiodataloader import Loader as Waiting

from oms_api.db.reads import RoundTrips, settle
from oms_api.db.relations import Relation
from oms_api.db.session import Reader
from oms_api.db.statements import Query

Key = TypeVar("Key")
Loaded = TypeVar("Loaded")


class Loading(DataLoader[Key, Loaded]):
    """What one relation gives in a request, each key asked for once.

    aiodataloader would dispatch each loader's keys by a task of its own; here they wait for the packet that leaves next.
    """

    def __init__(self, read: Reader, trips: RoundTrips, relation: Relation[Key, Loaded], more: tuple[Hashable, ...]) -> None:
        super().__init__()
        self.read, self.trips, self.relation, self.more = read, trips, relation, more
        self.waiting: defaultdict[Key, list[asyncio.Future[Loaded]]] = defaultdict(list)

    def load(self, key: Key) -> Awaitable[Loaded]:  # type: ignore[override]
        """Return what belongs to *key*, to be awaited.

        Each caller waits for a future of their own, so whoever gives up cancels nobody else's waiting; `asyncio.shield` would
        do the same at ten times the cost.
        """
        kept = super().load(key)
        if kept.done():
            return kept
        mine: asyncio.Future[Loaded] = self.loop.create_future()
        self.waiting[key].append(mine)
        return mine

    def settle(self, key: Key, answer: object) -> None:
        """Give *answer*, which may be an exception, to all who wait for *key*."""
        for future in self.waiting.pop(key, ()):
            settle(future, answer)

    def do_resolve_reject(self, key: Key, future: "asyncio.Future[Loaded]") -> None:
        """Let *key* go with the packet that leaves next."""
        self._queue.append(Waiting(key, future))
        if len(self._queue) == 1:
            self.trips.join(_Batch(self))
        else:
            self.trips.stir()

    async def batch_load_fn(self, keys: list[Key]) -> list[Loaded]:
        """Load *keys* at once, in their order."""
        found = await self.relation(self.read, keys, *self.more)
        return [found[key] if key in found else self.relation.missing() for key in keys]


class _Batch:
    """The keys of a loader that go in one statement."""

    def __init__(self, loading: Loading[Any, Any]) -> None:
        self.loading = loading
        self.waiting: list[Waiting] = []

    def query(self) -> Query[Any]:
        """Return the statement for all keys so far; whoever asks from now on is in the next batch."""
        loading = self.loading
        self.waiting, loading._queue = loading._queue, []  # noqa: SLF001 - as aiodataloader's own dispatch does
        return loading.relation.query([each.key for each in self.waiting], loading.read.sight, *loading.more)

    def tell(self, answer: list[Any] | BaseException) -> None:
        """Give each key its own; an error is not kept."""
        loading, relation = self.loading, self.loading.relation
        if isinstance(answer, BaseException):
            for each in self.waiting:
                loading.clear(each.key)
                loading.settle(each.key, answer)
            return
        found = relation.sort([each.key for each in self.waiting], answer, *loading.more)
        for each in self.waiting:
            value = found[each.key] if each.key in found else relation.missing()
            each.future.set_result(value)
            loading.settle(each.key, value)
