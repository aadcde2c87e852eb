"""The feed page by page, for those who ask from time to time instead of following it."""

from collections.abc import Sequence

from oms_api.db.outbox import FeedEvent
from oms_api.db.session import Reader
from oms_api.domain.events.cursors import FeedPlace, place_of
from oms_api.domain.events.queries import EventFilter, events_after, head
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.secrets import Secrets

STRIDE = 20_000
"""How many positions one statement with a filter may walk over."""


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Events in the order of the feed, the place up to which it was searched for them, and whether it goes on behind that."""

    events: Sequence[FeedEvent]
    end: FeedPlace
    more: bool

    def place(self, event: FeedEvent) -> FeedPlace:
        """Return the place of one of its events."""
        return FeedPlace(self.end.epoch, event.position)


def reach(position: int, end: int, where: EventFilter) -> int:
    """Return how far one statement may search behind *position*: to *end* where it finds by order, else a stride."""
    return end if where.order_ids is not None else min(position + STRIDE, end)


async def page_of_feed(read: Reader, secrets: Secrets, where: EventFilter, first: int, after: str | None) -> FeedPage:
    """Return the *first* events behind the cursor *after*, or from the beginning, that match and the principal may see.

    A page searches a stride of the feed at most: it may hold fewer events, and says where to go on. Raises: InvalidCursor,
    CursorExpired.
    """
    last = await head(read)  # before the events: none between the two is passed over
    start = 0 if after is None else place_of(secrets, after, last).position
    through = reach(start, last.position, where)
    events = await events_after(read, start, where, first, through=through) if first and start < through else []
    if not first:
        through = start
    elif len(events) == first:
        through = events[-1].position
    return FeedPage(events, FeedPlace(last.epoch, through), through < last.position)
