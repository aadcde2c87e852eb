"""One loader for every declared relation: keys are gathered and kept by aiodataloader, and travel with the request's reads."""

import asyncio
from collections.abc import Awaitable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

from aiodataloader import DataLoader

from oms_api.db.reads import RoundTrips, settle
from oms_api.db.relations import Relation
from oms_api.db.session import Reader
from oms_api.db.statements import Query

Key = TypeVar("Key")
Loaded = TypeVar("Loaded")
NOTHING = object()


class Loading(Generic[Key, Loaded]):
    """What one relation gives in a request, each key asked for once.

    Whoever completes a level asks for all keys with `ask`, and reads each from its batch. Resolvers ask for one with `load`.
    """

    def __init__(self, read: Reader, trips: RoundTrips, relation: Relation[Key, Loaded], more: tuple[Hashable, ...]) -> None:
        self.read, self.trips, self.relation, self.more = read, trips, relation, more
        self.sort = relation.sort_by_number or relation.sort
        self.loop = asyncio.get_running_loop()
        self.asked: dict[Key, KeyBatch[Key, Loaded]] = {}
        self.next: KeyBatch[Key, Loaded] | None = None
        self.one_by_one: OneByOne[Key, Loaded] | None = None

    def ask(self, keys: Iterable[Key]) -> "tuple[list[KeyBatch[Key, Loaded]], asyncio.Future[Any] | None]":
        """Ask for *keys* at once.

        Return the batches that tell them, and what is done when all of these can, or None where they can now.
        """
        wanted, batches = dict.fromkeys(keys), []
        fresh = dict.fromkeys(key for key in wanted if self._is_fresh(key)) if self.asked else wanted
        if len(fresh) < len(wanted):
            batches = list({id(batch): batch for batch in map(self.asked.__getitem__, wanted.keys() - fresh.keys())}.values())
        if fresh:
            batches.append(self._ask_for(fresh))
        pending = [batch.answered() for batch in batches if batch.answer is None]
        return batches, asyncio.gather(*pending) if len(pending) > 1 else pending[0] if pending else None

    def found(self, batches: "Sequence[KeyBatch[Key, Loaded]]", keys: Sequence[Any]) -> list[Loaded]:
        """Return what *batches* tell of each of *keys*. Raises: whatever a statement ended with."""
        known: Mapping[Key, Any] = (
            batches[0].result() if len(batches) == 1 else {k: v for b in batches for k, v in b.result().items()}
        )
        missing = self.relation.missing
        found = [known.get(key, NOTHING) for key in keys]
        return [missing() if each is NOTHING else each for each in found]

    def load(self, key: Key) -> Awaitable[Loaded]:
        """Return what belongs to *key*, to be awaited."""
        if self.one_by_one is None:
            self.one_by_one = OneByOne(self)
        return self.one_by_one.load(self.key_of(key))

    def key_of(self, id_: Any) -> Any:
        """Return what *id_* is known by here: its number, where the relation sorts by numbers."""
        return id_ if self.relation.sort_by_number is None else id_.int

    def _is_fresh(self, key: Key) -> bool:
        """Tell whether nobody asked for *key*, or what they asked with failed."""
        batch = self.asked.get(key)
        return batch is None or isinstance(batch.answer, BaseException)

    def batch_of(self, key: Key) -> "KeyBatch[Key, Loaded]":
        """Return the batch that *key* goes or went with."""
        return self._ask_for({key: None}) if self._is_fresh(key) else self.asked[key]

    def _ask_for(self, fresh: dict[Key, None]) -> "KeyBatch[Key, Loaded]":
        """Return the next batch, with the keys *fresh* in it."""
        if self.next is None:
            self.next = KeyBatch(self)
            self.trips.join(self.next)
        else:
            self.trips.stir()
        self.next.keys += fresh
        self.asked.update(dict.fromkeys(fresh, self.next))
        return self.next


class OneByOne(DataLoader[Key, Loaded]):
    """Keys of a loader that are asked for one by one, and kept by aiodataloader.

    That would dispatch keys by a task of its own; here they wait for the packet that leaves next.
    """

    def __init__(self, loading: Loading[Key, Loaded]) -> None:
        super().__init__(loop=loading.loop)
        self.loading = loading

    def load(self, key: Key) -> Awaitable[Loaded]:  # type: ignore[override]
        """Return what belongs to *key*, to be awaited.

        Each caller waits for a future of their own, so whoever gives up cancels nobody else's waiting; `asyncio.shield` would
        do the same at ten times the cost.
        """
        kept = super().load(key)
        if kept.done():
            return kept
        mine: asyncio.Future[Loaded] = self.loop.create_future()
        self.loading.asked[key].one_each.append((key, mine))
        return mine

    def do_resolve_reject(self, key: Key, future: "asyncio.Future[Loaded]") -> None:
        """Ask for *key*, and give *future* what belongs to it."""
        batch = self.loading.batch_of(key)
        if batch.answer is None:
            batch.one_each.append((key, future))
        else:
            self.resolve(key, future)

    def resolve(self, key: Key, future: "asyncio.Future[Loaded]") -> None:
        """Give *future* what belongs to *key*, which was told; an error is not kept."""
        try:
            settle(future, self.loading.asked[key].found(key))
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - told to who waits
            self.clear(key)
            settle(future, error)

    async def batch_load_fn(self, keys: list[Key]) -> list[Loaded]:
        """Load *keys* in their order; nobody dispatches them, so that nobody asks."""
        return list(await asyncio.gather(*map(self.load, keys)))


class KeyBatch(Generic[Key, Loaded]):
    """The keys of a loader that go in one statement, and what was answered."""

    def __init__(self, loading: Loading[Key, Loaded]) -> None:
        self.loading = loading
        self.keys: list[Key] = []
        self.answer: Mapping[Key, Loaded] | BaseException | None = None
        self.all_at_once: list[asyncio.Future[None]] = []
        self.one_each: list[tuple[Key, asyncio.Future[Loaded]]] = []

    def answered(self) -> "asyncio.Future[None]":
        """Return what is done when the answer is there: one for each who waits, for it is canceled with who waits."""
        self.all_at_once.append(self.loading.loop.create_future())
        return self.all_at_once[-1]

    def result(self) -> Mapping[Key, Loaded]:
        """Return what belongs to the keys. Raises: whatever the statement ended with."""
        if isinstance(self.answer, BaseException):
            raise self.answer
        return cast("Mapping[Key, Loaded]", self.answer)

    def found(self, key: Key) -> Loaded:
        """Return what belongs to *key*, which was told. Raises: whatever the statement ended with."""
        found = self.result().get(key, NOTHING)
        return self.loading.relation.missing() if found is NOTHING else cast("Loaded", found)

    def query(self) -> Query[Any]:
        """Return the statement for all keys so far; whoever asks from now on is in the next batch."""
        loading = self.loading
        loading.next = None
        return loading.relation.query(self.keys, loading.read.sight, *loading.more)

    def settle(self, answer: list[Any] | BaseException) -> None:
        """Take the answer and wake who waits."""
        if isinstance(answer, BaseException):
            self.answer = answer
        else:
            self.answer = self.loading.sort(self.keys, answer, *self.loading.more)
        for waiting in self.all_at_once:
            settle(waiting, None)
        if (one_by_one := self.loading.one_by_one) is not None:
            for key, future in self.one_each:
                one_by_one.resolve(key, future)
