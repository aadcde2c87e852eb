"""What an order tells of its history."""

from oms_api.domain.events.timeline import ORDER_EVENTS
from oms_api.domain.orders.tables import OrderRow
from oms_api.graphql.connections import Connection
from oms_api.graphql.declared.records import Record
from oms_api.graphql.described import output
from oms_api.graphql.timeline.types import TimelineEntry, timeline


@output
class TimelineOfOrder(Record[OrderRow]):
    """The field of an order that tells its history; `Order` inherits it."""

    timeline: Connection[TimelineEntry] = timeline(ORDER_EVENTS)
    """All that happened to the order, its shipments, returns and payments, as far as the API key may see it. An entry appears
    some milliseconds after it was recorded."""
