"""A feed that ends."""

from collections.abc import AsyncGenerator, AsyncIterator

from oms_api.db.outbox import FeedEvent
from oms_api.domain.events.cursors import FeedPlace, cursor_of, place_of
from oms_api.domain.events.live import LiveFeed
from oms_api.domain.events.queries import EVERYTHING, EventFilter
from oms_api.kernel.access import Principal
from tests.factories.asking import SECRETS


class Past(LiveFeed):
    """The feed as far as it has come: it ends with what has happened."""

    async def follow(
        self, principal: Principal, where: EventFilter = EVERYTHING, after: str | None = None
    ) -> AsyncGenerator[tuple[str, FeedEvent]]:
        present = await self._look()
        start = present.position if after is None else place_of(SECRETS, after, present).position
        async for event in self._backlog(principal, where, start, present.position):
            yield cursor_of(SECRETS, FeedPlace(present.epoch, event.position)), event

    async def cursors(self) -> AsyncIterator[str]:
        """Give the cursor of each place."""
        present = await self._look()
        for position in range(present.position + 1):
            yield cursor_of(SECRETS, FeedPlace(present.epoch, position))
