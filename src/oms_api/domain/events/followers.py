"""Those who follow the feed in this process, each with a bounded queue."""

import asyncio
from collections import deque
from uuid import UUID

from oms_api.db.outbox import FeedEvent
from oms_api.domain.events.queries import EventFilter, visible
from oms_api.kernel.access import Principal


class Follower:
    """A reader's queue of live events beyond the position `since`. It ends when it overflows or the feed closes."""

    def __init__(self, principal: Principal, where: EventFilter, *, since: int, capacity: int) -> None:
        self.principal = principal
        self.where = where
        self.since = since
        self.capacity = capacity
        self.waiting: deque[FeedEvent] = deque()
        self.ended = False
        self._wake = asyncio.Event()

    def offer(self, event: FeedEvent) -> bool:
        """Queue *event* if it is for this reader; tell False when there is no room, which ends the queue."""
        if not visible(event, self.principal, self.where):
            return True
        if len(self.waiting) >= self.capacity:
            self.end()
            return False
        self.waiting.append(event)
        self._wake.set()
        return True

    def end(self) -> None:
        """Let the reader take what is queued, and then nothing more."""
        self.ended = True
        self._wake.set()

    async def next(self) -> FeedEvent | None:
        """Return the next event, waiting for it; None at the end."""
        while not self.waiting:
            if self.ended:
                return None
            self._wake.clear()
            await self._wake.wait()
        return self.waiting.popleft()


class Followers:
    """All followers. Those of single orders or SKUs are found by these, so that an event costs only those it concerns."""

    def __init__(self) -> None:
        self._of_all: set[Follower] = set()
        self._of_one: dict[UUID, set[Follower]] = {}

    def __bool__(self) -> bool:
        return bool(self._of_all or self._of_one)

    def add(self, follower: Follower) -> None:
        """Let *follower* have every event from now on."""
        ids = _followed(follower.where)
        if ids is None:
            self._of_all.add(follower)
        for one in ids or ():
            self._of_one.setdefault(one, set()).add(follower)

    def remove(self, follower: Follower) -> None:
        """Forget *follower*."""
        self._of_all.discard(follower)
        for one in _followed(follower.where) or ():
            others = self._of_one.get(one, set())
            others.discard(follower)
            if not others:
                self._of_one.pop(one, None)

    def deliver(self, event: FeedEvent) -> None:
        """Offer *event* to everybody it may concern; who has no room is forgotten."""
        concerned = list(self._of_all)
        for one in (event.order_id, event.sku_id):
            if one is not None:
                concerned += self._of_one.get(one, ())
        for follower in concerned:
            if not follower.offer(event):
                self.remove(follower)

    def end(self) -> None:
        """End and forget everybody."""
        for follower in self._of_all.union(*self._of_one.values()):
            follower.end()
        self._of_all.clear()
        self._of_one.clear()


def _followed(where: EventFilter) -> frozenset[UUID] | None:
    """Return the orders, or else the SKUs, of which every event that *where* lets through is one; None where it names none."""
    return where.sku_ids if where.order_ids is None else where.order_ids
