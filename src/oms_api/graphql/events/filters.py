"""Conditions on events, for subscriptions and queries."""

from collections.abc import Sequence
from typing import Annotated, Any, get_args

from oms_api.db.outbox import FeedEvent
from oms_api.domain.events.queries import EventFilter
from oms_api.graphql.declared.agreement import of_column
from oms_api.graphql.declared.filters import On, Where, on
from oms_api.graphql.described import argument, input_type
from oms_api.graphql.events.kinds import EventType
from oms_api.kernel.dataclass import dataclass


@dataclass(frozen=True)
class OnType(On):
    """A filter on what happened."""

    def value_type(self) -> Any:
        """Return the enum of all that can happen."""
        return EventType


@dataclass(frozen=True)
class OnEach(On):
    """A filter on a column that holds several ids: one of them at least must be what is asked, or none of them."""

    def value_type(self) -> Any:
        """Return the type of one of them."""
        return get_args(of_column(self.column)[0])[0]


@input_type
class EventFilterInput(Where):
    """Conditions on events; all must be true."""

    type = OnType(FeedEvent.type)
    """By type."""
    order_id = on(FeedEvent.order_id)
    """By the order that the event belongs to."""
    channel_id = on(FeedEvent.channel_id)
    """By the channel that the event belongs to."""
    sku_id = on(FeedEvent.sku_id)
    """By SKU: events of the SKU itself, its levels, lots, listings, alerts and backorders. Events with many SKUs, such as
    events of orders and stock documents, do not match."""
    location_id = OnEach(FeedEvent.location_ids)
    """By location: one of the event's locations must match."""

    def to_filter(self) -> EventFilter:
        """Return the filter as the domain takes it. Raises: InvalidId, InvalidValue, TooManyItems."""
        return _filter(self.checked("where"))


FIELDS = {
    "type": ("types", None),
    "order_id": ("order_ids", "has_order"),
    "channel_id": ("channel_ids", "has_channel"),
    "sku_id": ("sku_ids", "has_sku"),
    "location_id": ("location_ids", "has_locations"),
}
"""What the domain calls the values that a fact must have one of, and whether it has any."""


def _filter(where: EventFilterInput) -> EventFilter:
    """Return what is asked as sets, which are looked into for each fact that happens."""
    given: dict[str, Any] = {}
    none = [_filter(each) for each in where.not_]
    for name, (values, there) in FIELDS.items():
        asked = getattr(where, name)
        if asked is None:
            continue
        if wanted := _sets(asked.eq_, asked.in_):
            given[values] = frozenset.intersection(*wanted)
        for unwanted in _sets(asked.ne_, asked.notIn_):
            but: dict[str, Any] = {values: unwanted}
            none.append(EventFilter(**but))
        if asked.isNull_ is not None and there is not None:
            given[there] = not asked.isNull_
        elif asked.isNull_:  # everything is of a type
            none.append(EventFilter())
    every, some = (tuple(map(_filter, inner)) for inner in (where.and_, where.or_))
    return EventFilter(**given, every=every, some=some, none=tuple(none))


def _sets(one: Any, several: Sequence[Any] | None) -> list[frozenset[Any]]:
    """Return the values that each of two operators was given."""
    given = [*([] if one is None else [[one]]), *([] if several is None else [several])]
    return [frozenset(each.value if isinstance(each, EventType) else each for each in values) for values in given]


Wanted = Annotated[EventFilterInput | None, argument("Conditions on events; all match by default.")]
