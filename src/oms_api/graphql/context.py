"""What a request carries: who asks, the unit of work, and loaders that live as long as it does."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import TYPE_CHECKING, Any, TypeVar

import strawberry
from sqlalchemy.exc import NoResultFound

from oms_api.db.reads import RoundTrips
from oms_api.db.relations import Names, Relation
from oms_api.db.session import Reader, Tx
from oms_api.db.unit_of_work import Done, Identified, UnitOfWork
from oms_api.domain.events.live import LiveFeed
from oms_api.domain.ports import Ports
from oms_api.graphql.loading import Loading
from oms_api.kernel.access import Principal
from oms_api.kernel.completions import Completions
from oms_api.kernel.errors import NotFound, ReplayHidden
from oms_api.kernel.secrets import Secrets

if TYPE_CHECKING:
    from graphql import GraphQLError
    from graphql.execution.values import VariableValues

    from oms_api.graphql.plans import Plans

Key = TypeVar("Key")
Loaded = TypeVar("Loaded")
Command = TypeVar("Command")
Record = TypeVar("Record", bound=Identified)
Value = TypeVar("Value")
Answer = TypeVar("Answer")


class RequestContext:
    """The context of one request, or of one websocket."""

    def __init__(
        self,
        principal: Principal,
        work: UnitOfWork,
        ports: Ports,
        feed: LiveFeed,
        secrets: Secrets,
        request_id: str,
        public_url: str = "",
    ) -> None:
        self.principal = principal
        self.work = work
        self.ports = ports
        self.feed = feed
        self.secrets = secrets
        self.request_id = request_id
        self.public_url = public_url
        self.connection_params: dict[str, Any] | None = None
        self.cost = 0
        self.plans: Plans | None = None
        self.much = False
        """Whether so much was given that others have turns while it is read."""
        self.variables: VariableValues | list[GraphQLError] | None = None
        """Variables that are coerced already, or what is wrong with them."""
        self.one_by_one = asyncio.Lock()
        self.completed = Completions()
        self._loading: dict[tuple[Relation[Any, Any], tuple[Hashable, ...]], Loading[Any, Any]] = {}
        self.trips = RoundTrips(work.pool, principal.holder)
        self.read = Reader(self.trips, principal)

    def needed(self, show: type) -> Names | None:
        """Return the columns that the document reads of rows shown as *show*, None where it may read any."""
        return None if self.plans is None or self.plans.needed is None else self.plans.needed.of(show)

    async def among_others(self, step: Callable[[], Value]) -> Value:
        """Return what *step* makes of what was given, in a thread where that is much."""
        return await asyncio.to_thread(step) if self.much else step()

    async def turn(self) -> None:
        """Let others have a turn before what takes long; all of a request that wait for theirs go on one by one."""
        async with self.one_by_one:
            await asyncio.sleep(0)

    def load(self, relation: Relation[Key, Loaded], key: Key, *more: Hashable) -> Awaitable[Loaded]:
        """Return what *relation* gives for *key*, to be awaited: all keys of one moment are asked for together."""
        return self.loading(relation, *more).load(key)

    def loading(self, relation: Relation[Key, Loaded], *more: Hashable) -> Loading[Key, Loaded]:
        """Return this request's loader over *relation*, one for each set of further arguments."""
        loading = self._loading.get((relation, more))
        if loading is None:
            loading = self._loading[relation, more] = Loading(self.read, self.trips, relation, more)
        return loading

    def forget_loaded(self) -> None:
        """Drop what was loaded: after a write, and for each event of a subscription."""
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
        """Run *command* once under the idempotency *key*; see UnitOfWork.once. Raises: ReplayHidden."""

        async def replayed(read: Reader, key: Any) -> Record:
            return await seen(again(read, key))

        done = await self.work.once(self.principal, command, arguments, key=key, name=name, again=replayed)
        self.forget_loaded()
        return done

    async def execute(self, command: Callable[[Tx, Command], Awaitable[Value]], arguments: Command) -> Value:
        """Run *command* in a transaction of its own."""
        value = await self.work.execute(self.principal, command, arguments)
        self.forget_loaded()
        return value


async def seen(replayed: Awaitable[Answer | None]) -> Answer:
    """Return what a replay answers with. Raises: ReplayHidden, where the caller may not see it."""
    try:
        found = await replayed
    except (NotFound, NoResultFound, KeyError):
        found = None
    if found is None:
        raise ReplayHidden(field=("idempotencyKey",))
    return found


Info = strawberry.Info[RequestContext, None]
