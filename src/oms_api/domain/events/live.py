"""Following the feed: backlog first, then live, with no seam between them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from math import inf
from types import TracebackType
from typing import Self

import psycopg
import structlog

from oms_api.db.direct import direct_connection
from oms_api.db.outbox import FeedEvent
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.events.cursors import FeedPlace, cursor_of, place_of
from oms_api.domain.events.errors import CursorExpired, ReaderTooSlow
from oms_api.domain.events.followers import Follower, Followers
from oms_api.domain.events.pages import reach
from oms_api.domain.events.queries import EVERYTHING, EventFilter, events_after, head
from oms_api.domain.events.turns import Turns
from oms_api.kernel.access import Principal, system_principal
from oms_api.kernel.secrets import Secrets

CHANNEL = "oms_feed"
POLL_S = 1.0
PAGE = 500
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0

log = structlog.get_logger()


class LiveFeed:
    """The feed of this process: reads each new event once, and hands it to everybody who follows.

    *url* is the database past any pooler. *capacity* is how many events wait for one reader; a reader beyond it falls back to
    the backlog, and is closed when that happens more than *patience* times without its catching up. The readers of one key
    get *most_per_s* events a second together.
    """

    def __init__(
        self,
        url: str,
        work: UnitOfWork,
        secrets: Secrets,
        *,
        capacity: int = 1_000,
        patience: int = 10,
        most_per_s: float = inf,
    ) -> None:
        self._url = url
        self._work = work
        self._secrets = secrets
        self._capacity = capacity
        self._patience = patience
        self._followers = Followers()
        self._turns = Turns(most_per_s)
        self._head: FeedPlace | None = None  # how far events were handed out
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Begin to listen. The database may still be out of reach; following needs it."""
        self._tasks = [
            asyncio.create_task(self._listen(), name="feed-listen"),
            asyncio.create_task(self._pump(), name="feed-pump"),
        ]

    async def stop(self) -> None:
        """Stop listening, and let every reader come to an end."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._followers.end()
        self._turns.end()

    async def now(self) -> str:
        """Return the cursor of the present: take it, read a state, then follow after it, and nothing is missed."""
        return cursor_of(self._secrets, await self._look())

    async def follow(
        self, principal: Principal, where: EventFilter = EVERYTHING, after: str | None = None
    ) -> AsyncGenerator[tuple[str, FeedEvent]]:
        """Yield the events after the cursor *after* (without it, from now on), each with its own cursor, for ever.

        In order of position, each once. It ends when the feed is stopped. Close it (`contextlib.aclosing`) when done.
        Raises: InvalidCursor, CursorExpired, ReaderTooSlow.
        """
        present = await self._look()
        epoch, position = present.epoch, present.position
        if after is not None:
            position = place_of(self._secrets, after, present).position
        falls = 0
        while falls <= self._patience:
            if not self._tasks:
                return
            follower = self._register(principal, where)
            try:
                async with aclosing(self._backlog(principal, where, position, follower.since)) as backlog:
                    async for event in backlog:
                        position = event.position
                        await self._turns.take(principal)
                        yield cursor_of(self._secrets, FeedPlace(epoch, position)), event
                while (live := await follower.next()) is not None:
                    if live.position > position:
                        position = live.position
                        await self._turns.take(principal)
                        yield cursor_of(self._secrets, FeedPlace(epoch, position)), live
                    falls = falls if follower.waiting or follower.ended else 0
            finally:
                self._followers.remove(follower)
            if self._head is None or self._head.epoch != epoch:
                raise CursorExpired(given=cursor_of(self._secrets, FeedPlace(epoch, position)))
            falls += 1
        raise ReaderTooSlow(cursor=cursor_of(self._secrets, FeedPlace(epoch, position)))

    def _register(self, principal: Principal, where: EventFilter) -> Follower:
        """Let a new follower have everything beyond the place up to which events were handed out."""
        assert self._head is not None  # noqa: S101 - whoever follows has looked
        follower = Follower(principal, where, since=self._head.position, capacity=self._capacity)
        self._followers.add(follower)
        return follower

    async def _backlog(self, principal: Principal, where: EventFilter, start: int, end: int) -> AsyncGenerator[FeedEvent]:
        """Yield the events between two positions, holding no connection while the reader is busy with them."""
        while start < end:
            through = reach(start, end, where)
            async with self._work.reads(principal) as read:
                page = await events_after(read, start, where, PAGE, through=through)
            for event in page:
                yield event
            start = page[-1].position if len(page) == PAGE else through

    async def _look(self) -> FeedPlace:
        """Return the head of the feed; with nobody following, live events begin there."""
        async with self._work.reads(READER) as read:
            present = await head(read)
        self._begin(present)
        if not self._followers and self._head is not None and self._head.position < present.position:
            self._head = present
        return present

    def _begin(self, present: FeedPlace) -> None:
        """Start handing out at *present*, at first and when the feed was begun anew, which ends all who follow."""
        if self._head is None or self._head.epoch != present.epoch:
            self._head = present
            self._followers.end()

    async def _pump(self) -> None:
        """Hand out new events, whenever there is news and every second."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._news.wait()
            self._news.clear()
            if self._followers:
                try:
                    await self._catch_up()
                except Exception as error:  # noqa: BLE001 - readers wait for this task: it must not end
                    log.warning("feed_read_failed", error=str(error))

    async def _catch_up(self) -> None:
        async with self._work.reads(READER) as read:
            present = await head(read)
            self._begin(present)
            while self._head is not None and self._head.position < present.position:
                for event in await events_after(read, self._head.position, EVERYTHING, PAGE, through=present.position):
                    if event.position > self._head.position:  # the head may have moved on during the read
                        self._head = FeedPlace(present.epoch, event.position)
                        self._followers.deliver(event)

    async def _listen(self) -> None:
        """Turn notifications into news, over a connection that is opened again whenever it is lost."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                async with direct_connection(self._url, name="oms-feed", settings={}) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._news.set()
                    pause = FIRST_PAUSE_S
                    async for _ in connection.notifies():
                        self._news.set()
            except (psycopg.Error, OSError) as error:
                log.warning("feed_listen_lost", error=str(error), again_in_s=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)


READER = system_principal("feed")
