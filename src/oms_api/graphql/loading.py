"""One loader for every declared relation: keys are gathered and kept by aiodataloader, and travel with the request's reads."""

import asyncio
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

    def load(self, key: Key) -> Awaitable[Loaded]:  # type: ignore[override]
        """Return what belongs to *key*, to be awaited. Whoever gives up waiting cancels nobody else's waiting."""
        future = super().load(key)
        return future if future.done() else asyncio.shield(future)

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

    def tell(self, answer: list[Any] | Exception) -> None:
        """Give each key its own; an error is not kept."""
        relation = self.loading.relation
        if isinstance(answer, Exception):
            for each in self.waiting:
                self.loading.clear(each.key)
                settle(each.future, answer)
            return
        found = relation.sort([each.key for each in self.waiting], answer, *self.loading.more)
        for each in self.waiting:
            settle(each.future, found[each.key] if each.key in found else relation.missing())
