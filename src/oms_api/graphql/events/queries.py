"""Asking for events page by page."""

from typing import Annotated

from oms_api.domain.events.cursors import FeedPlace, cursor_of
from oms_api.domain.events.pages import page_of_feed
from oms_api.domain.events.queries import EVERYTHING
from oms_api.graphql.connections import First
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, output
from oms_api.graphql.events.filters import Wanted
from oms_api.graphql.events.types import Event
from oms_api.graphql.permissions import query
from oms_api.graphql.scalars import Cursor
from oms_api.kernel.access import Scope
from oms_api.kernel.events import event_types
from oms_api.kernel.paging import PageRequest

After = Annotated[
    Cursor | None, argument("A cursor of the feed: only events after it are listed; by default from the beginning.")
]


@output
class EventPage:
    """Events in the order of the feed, and where to go on."""

    nodes: list[Event]
    """The events that match in the part of the feed that was searched; there may be none."""
    has_next_page: bool
    """Whether the feed goes on after the part that was searched. If so, ask again with `after: endCursor`."""
    end_cursor: Cursor
    """The end of the part that was searched. Keep it, and pass it as the argument `after` of your next call. Subscriptions take
    it too."""


@output
class EventQueries:
    """Asking for events."""

    @query(
        Scope.EVENTS_READ,
        description=(
            "The events that the API key may see, in the sequence of the feed: from its beginning, or after the cursor "
            "given as `after`. A page covers a part of the feed: it may hold fewer events than asked for, or none, although "
            "more pages follow."
        ),
    )
    async def events(self, info: Info, first: First = None, after: After = None, where: Wanted = None) -> EventPage:
        context, size = info.context, PageRequest.of(first, after, None, None).size
        wanted = where.to_filter() if where else EVERYTHING
        page = await page_of_feed(context.read, context.secrets, wanted, size, after)

        def cursor(place: FeedPlace) -> Cursor:
            return Cursor(cursor_of(context.secrets, place))

        nodes = [Event.of(event, cursor(page.place(event))) for event in page.events if event.type in event_types]
        return EventPage(nodes=nodes, has_next_page=page.more, end_cursor=cursor(page.end))
