"""What a request carries: who asks, the unit of work, and loaders that live as long as it does."""

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import strawberry
from aiodataloader import DataLoader

from oms_api.db.reads import RoundTrips
from oms_api.db.relations import Relation
from oms_api.db.session import Reader, Tx
from oms_api.db.unit_of_work import Done, Identified, UnitOfWork
from oms_api.domain.events.live import LiveFeed
from oms_api.graphql.loading import Loading
from oms_api.kernel.access import Principal
from oms_api.kernel.secrets import Secrets

Loader = TypeVar("Loader", bound="BatchLoader[Any, Any]")
Key = TypeVar("Key")
Loaded = TypeVar("Loaded")
Command = TypeVar("Command")
Record = TypeVar("Record", bound=Identified)
Value = TypeVar("Value")


class RequestContext:
    """The context of one request, or of one websocket."""

    def __init__(self, principal: Principal, work: UnitOfWork, feed: LiveFeed, secrets: Secrets, request_id: str) -> None:
        self.principal = principal
        self.work = work
        self.feed = feed
        self.secrets = secrets
        self.request_id = request_id
        self.connection_params: dict[str, Any] | None = None
        self.cost = 0
        self._loaders: dict[tuple[type, Any], Any] = {}
        self._loading: dict[tuple[Relation[Any, Any], tuple[Hashable, ...]], Loading[Any, Any]] = {}
        self.trips = RoundTrips(work.engine)
        self.read = Reader(self.trips, principal)

    def load(self, relation: Relation[Key, Loaded], key: Key, *more: Hashable) -> Awaitable[Loaded]:
        """Return what *relation* gives for *key*, to be awaited: all keys of one moment are asked for together."""
        return self.loading(relation, *more).load(key)

    def loading(self, relation: Relation[Key, Loaded], *more: Hashable) -> "Loading[Key, Loaded]":
        """Return this request's loader over *relation*, one for each set of further arguments."""
        loading = self._loading.get((relation, more))
        if loading is None:
            loading = self._loading[relation, more] = Loading(self.read, self.trips, relation, more)
        return loading

    @asynccontextmanager
    async def reads(self) -> AsyncIterator[Reader]:
        """Give the request's reader."""
        yield self.read

    def loader(self, cls: type[Loader], *arguments: Any) -> Loader:
        """Return this request's loader of *cls*, one for each set of hashable *arguments*."""
        key = (cls, arguments)
        found = self._loaders.get(key)
        if found is None:
            found = self._loaders[key] = cls(self, *arguments)
        return found

    def forget_loaded(self) -> None:
        """Drop what was loaded: after a write, and for each event of a subscription."""
        self._loaders.clear()
        self._loading.clear()

    async def once(
        self,
        name: str,
        command: Callable[[Tx, Command], Awaitable[Record]],
        arguments: Command,
        *,
        key: str,
        again: Callable[[Reader, Any], Awaitable[Record]],
    ) -> Done[Record]:
        """Run *command* once under the idempotency *key*; see UnitOfWork.once."""
        done = await self.work.once(self.principal, command, arguments, key=key, name=name, again=again)
        self.forget_loaded()
        return done

    async def execute(self, command: Callable[[Tx, Command], Awaitable[Value]], arguments: Command) -> Value:
        """Run *command* in a transaction of its own."""
        value = await self.work.execute(self.principal, command, arguments)
        self.forget_loaded()
        return value


class BatchLoader(DataLoader[Key, Loaded]):
    """A loader that opens its own reader: loaders run side by side, and a session is for one task."""

    def __init__(self, context: RequestContext) -> None:
        super().__init__()
        self.context = context

    async def batch_load_fn(self, keys: list[Key]) -> list[Loaded]:
        """Load *keys* in one go, in their order."""
        async with self.context.reads() as read:
            return await self.load_batch(read, keys)

    async def load_batch(self, read: Reader, keys: list[Key]) -> list[Loaded]:
        """Return the value of each of *keys*, in their order."""
        raise NotImplementedError


Info = strawberry.Info[RequestContext, None]
