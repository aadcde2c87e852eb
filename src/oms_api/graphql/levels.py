"""What a root field gave, completed level by level.

What can be told at once is told by the compiled functions of `plans`. Fields that have to be asked for are asked for all
records of a level together: a declared link has one future for all of its keys, other resolvers that have to be awaited are
gathered. Each field goes on when its own answer is there; no field waits for another one.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from graphql.execution import Executor

from oms_api.graphql.declared.links import Link
from oms_api.graphql.internals import arguments_of, info_for
from oms_api.graphql.plans import Complete, Entry, Later, Unusual, WaitingRecords


class Run:
    """The completion of one root field."""

    def __init__(self, executor: Executor[Any]) -> None:
        self.executor = executor
        self.waiting = WaitingRecords(executor)
        self.open = 0
        self.ended: asyncio.Future[None] | None = None
        self.tasks: list[asyncio.Future[Any]] = []

    def begin(self, complete: Complete, value: Any) -> Any:
        """Return the answer for *value*: all of it when `ended` is None, else once that is done.

        Raises: whatever cannot be told so at once.
        """
        answer = complete(value, self.waiting)
        self._proceed()
        return answer

    def stop(self) -> None:
        """Stop what nobody waits for any more: whatever is told from now on leads to nothing."""
        if self.ended is not None:
            self.ended.cancel()
        for task in self.tasks:
            task.cancel()

    def _proceed(self) -> None:
        """Ask for what waits, until nothing more can be told at once."""
        while self.waiting:
            waiting = list(self.waiting.items())
            self.waiting.clear()
            for later, entries in waiting:
                self._ask(later, entries)

    def _ask(self, later: Later, entries: list[Entry]) -> None:
        if later.link is None:
            self._call(later, entries)
        else:
            self._follow(later, later.link, entries)

    def _follow(self, later: Later, link: Link, entries: list[Entry]) -> None:
        loading, key_of, show = later.loading(self.executor), later.key_of or link.key_of, link.show
        keys = [key_of(record) for record, _ in entries]
        batches, answered = loading.ask([key for key in keys if key is not None])

        def put(_: object) -> None:
            found = loading.found(batches, keys)
            values = [
                None if key is None else show(entry[0], each) for entry, key, each in zip(entries, keys, found, strict=True)
            ]
            self._put(later, entries, values)

        if answered is None:
            put(None)
        else:
            self._await(answered, put)

    def _call(self, later: Later, entries: list[Entry]) -> None:
        """Call the resolver for each record, side by side where it has to be awaited."""
        executor = self.executor
        arguments = arguments_of(executor, later.field, later.details)
        info = info_for(executor, later.field, later.details, later.parent, later.name)
        resolve = later.field.resolve or executor.field_resolver
        values: list[Any] = []
        awaited: list[int] = []
        try:
            for record, _ in entries:
                values.append(resolve(record, info, **arguments))
                if executor.is_awaitable(values[-1]):
                    awaited.append(len(values) - 1)
        finally:  # a coroutine that was made is run, or is canceled, whatever comes after it
            for at in awaited:
                values[at] = asyncio.ensure_future(values[at])
                self.tasks.append(values[at])
        if not awaited:
            self._put(later, entries, values)
            return

        def put(answers: Sequence[Any]) -> None:
            for at, answer in zip(awaited, answers, strict=True):
                values[at] = answer
            self._put(later, entries, values)

        self._await(asyncio.gather(*[values[at] for at in awaited]), put)

    def _put(self, later: Later, entries: list[Entry], values: Iterable[Any]) -> None:
        """Complete *values* in the places that were left for them."""
        name, complete, waiting = later.name, later.completer(self.executor), self.waiting
        for (_, answer), value in zip(entries, values, strict=True):
            answer[name] = complete(value, waiting)

    def _await(self, future: "asyncio.Future[Any]", then: Callable[[Any], None]) -> None:
        """Go on with *then* when *future* is done."""
        if self.ended is None:
            self.ended = asyncio.get_running_loop().create_future()
        self.open += 1
        future.add_done_callback(partial(self._go_on, self.ended, then))

    def _go_on(self, ended: "asyncio.Future[None]", then: Callable[[Any], None], future: "asyncio.Future[Any]") -> None:
        self.open -= 1
        if ended.done():
            future.cancelled() or future.exception()  # it was seen
            return
        try:
            then(future.result())
            self._proceed()
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - graphql-core meets it again and says where
            unusual = Unusual()
            unusual.__cause__ = error
            ended.set_exception(unusual)
        else:
            if not self.open:
                ended.set_result(None)
