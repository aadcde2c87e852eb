"""The events of requests, for suppliers."""

from datetime import datetime

from oms_api.db.outbox import FeedEvent
from oms_api.domain.fulfillment.requests.queries import requests_by_id
from oms_api.graphql.declared.links import leads_to
from oms_api.graphql.declared.records import Record, made
from oms_api.graphql.described import output
from oms_api.graphql.events.kinds import EventType, FieldChange, field_changes
from oms_api.graphql.requests.types import FulfillmentRequest
from oms_api.graphql.scalars import Cursor
from oms_api.kernel.ids import EventId


@output
class FulfillmentRequestEvent(Record[FeedEvent], along="cursor"):
    """Something that happened to a request, with its place in the feed."""

    cursor: Cursor = made(Cursor, "cursor")
    """Its place in the feed of events. Give it as `after` to get the events after this one."""
    id: EventId
    """Its id, the same for every reader."""
    type: EventType = made(EventType, FeedEvent.type)
    """The type of the event."""
    changes: list[FieldChange] = made(field_changes, FeedEvent.changes)
    """The changed fields, each with its value before and after."""
    occurred_at: datetime
    """When it happened; it may have been recorded later."""
    recorded_at: datetime
    """When it was recorded in this system."""
    fulfillment_request: FulfillmentRequest | None = leads_to(FeedEvent.subject_id, requests_by_id, FulfillmentRequest)
    """The request as it is now."""
