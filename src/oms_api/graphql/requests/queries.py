"""Asking for requests to suppliers, and for their events."""

from collections.abc import AsyncGenerator
from enum import Enum
from typing import Annotated

from oms_api.domain.events.cursors import FeedPlace, cursor_of
from oms_api.domain.events.pages import page_of_feed
from oms_api.domain.events.queries import EventFilter
from oms_api.domain.fulfillment.requests import events
from oms_api.domain.fulfillment.requests.queries import NEWEST_FIRST, OLDEST_FIRST
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.orders.tables import OrderRow
from oms_api.graphql.connections import First
from oms_api.graphql.context import Info
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, found, listed
from oms_api.graphql.declared.through import Through
from oms_api.graphql.described import argument, enum, input_type, one_of, output
from oms_api.graphql.events.subscriptions import followed
from oms_api.graphql.permissions import query, subscription
from oms_api.graphql.requests.events import FulfillmentRequestEvent
from oms_api.graphql.requests.types import FulfillmentRequest
from oms_api.graphql.scalars import Cursor
from oms_api.kernel.access import Scope
from oms_api.kernel.events import types_of
from oms_api.kernel.paging import PageRequest

OF_REQUESTS = EventFilter(types=types_of(events))
ORDERS = Through(OrderRow.id == FulfillmentRequestRow.order_id)
After = Annotated[
    Cursor | None, argument("A cursor of the feed: only events after it are listed; by default from the beginning.")
]
Behind = Annotated[
    Cursor | None,
    argument("A cursor of the feed: the stream begins with the events after it. By default the stream has only new events."),
]


@enum
class FulfillmentRequestOrder(Enum):
    """The sort order of a list of requests."""

    CREATED_AT_ASC = OLDEST_FIRST
    """The oldest first."""
    CREATED_AT_DESC = NEWEST_FIRST
    """The newest first."""


@input_type
class FulfillmentRequestFilterInput(Where):
    """Conditions on requests; all must be true."""

    status = on(FulfillmentRequestRow.status)
    location_id = on(FulfillmentRequestRow.location_id)
    supplier_id = on(FulfillmentRequestRow.supplier_id)
    channel_id = on(FulfillmentRequestRow.channel_id)
    """By the channel of the order."""
    order_id = on(FulfillmentRequestRow.order_id)
    order_number = on(OrderRow.number, through=ORDERS)
    """By the number of the order."""
    answer_by = on(FulfillmentRequestRow.answer_by)
    """By the latest time for the supplier's answer."""
    created_at = on(FulfillmentRequestRow.created_at)
    """When the work came to the location."""


@one_of
class FulfillmentRequestByInput(By):
    """Identifies a request."""

    id = key(FulfillmentRequestRow.id)
    fulfillment_order_id = key(FulfillmentRequestRow.fulfillment_order_id)


REQUESTS = Listing(
    show=FulfillmentRequest, where=FulfillmentRequestFilterInput, order=FulfillmentRequestOrder, by=FulfillmentRequestByInput
)


@output
class FulfillmentRequestEventPage:
    """A page of events of requests, sorted as in the feed, with the cursor to continue from."""

    nodes: list[FulfillmentRequestEvent]
    """The events in the part of the feed that was searched; there may be none."""
    has_next_page: bool
    """Whether the feed goes on after the part that was searched. If so, ask again with `after: endCursor`."""
    end_cursor: Cursor
    """The end of the part that was searched. Keep it, and pass it as the argument `after` of your next call. The subscription
    takes it too."""


@output
class FulfillmentRequestQueries:
    """Asking for requests to suppliers."""

    fulfillment_requests = listed(REQUESTS)
    """A list of requests to suppliers, the oldest first by default."""
    fulfillment_request = found(REQUESTS, "The id of the record, or another unique key.")
    """One request; null where there is none that the API key may see."""

    @query(
        Scope.REQUESTS_READ,
        description=(
            "The events of the requests that the API key may see, in the sequence of the feed: from its beginning, or after "
            "the cursor given as `after`. A page covers a part of the feed: it may hold fewer events than asked for, or "
            "none, although more pages follow."
        ),
    )
    async def request_events(self, info: Info, first: First = None, after: After = None) -> FulfillmentRequestEventPage:
        context, size = info.context, PageRequest.of(first, after, None, None).size
        page = await page_of_feed(context.read, context.secrets, OF_REQUESTS, size, after)

        def cursor(place: FeedPlace) -> Cursor:
            return Cursor(cursor_of(context.secrets, place))

        nodes = [FulfillmentRequestEvent.of(event, cursor(page.place(event))) for event in page.events]
        return FulfillmentRequestEventPage(nodes=nodes, has_next_page=page.more, end_cursor=cursor(page.end))


@output
class FulfillmentRequestSubscriptions:
    """Watching requests to suppliers."""

    @subscription(Scope.REQUESTS_READ, description="Every event of the requests that the API key may see.")
    async def request_events(self, info: Info, after: Behind = None) -> AsyncGenerator[FulfillmentRequestEvent, None]:
        async for cursor, row in followed(info, OF_REQUESTS, after):
            yield FulfillmentRequestEvent.of(row, cursor)
