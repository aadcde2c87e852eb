"""Asking for pickups."""

from enum import Enum

from oms_api.domain.pickups.queries import MOST_URGENT, NEWEST_FIRST, OLDEST_FIRST
from oms_api.domain.pickups.tables import PickupRow
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, found, listed
from oms_api.graphql.described import enum, input_type, one_of, output
from oms_api.graphql.pickups.types import Pickup


@enum
class PickupOrder(Enum):
    """The sort order of a list of pickups."""

    COLLECT_BY_ASC = MOST_URGENT
    """By the last day of the pickups, the earliest first."""
    READY_AT_DESC = NEWEST_FIRST
    """The goods that became ready most recently come first."""
    READY_AT_ASC = OLDEST_FIRST
    """The goods that have been ready longest come first."""


@input_type
class PickupFilterInput(Where):
    """Conditions on pickups; all must be true."""

    status = on(PickupRow.status)
    location_id = on(PickupRow.location_id)
    """By the location where the goods wait."""
    channel_id = on(PickupRow.channel_id)
    """By the channel of the order."""
    order_id = on(PickupRow.order_id)
    fulfillment_order_id = on(PickupRow.fulfillment_order_id)
    collect_by = on(PickupRow.collect_by)
    """By the last day on which the goods wait."""
    ready_at = on(PickupRow.ready_at)
    """When the goods were ready."""


@one_of
class PickupByInput(By):
    """Identifies a pickup."""

    id = key(PickupRow.id)


PICKUPS = Listing(show=Pickup, where=PickupFilterInput, order=PickupOrder, by=PickupByInput)


@output
class PickupQueries:
    """Asking for pickups."""

    pickups = listed(PICKUPS)
    """A list of pickups. By default they are sorted by their last day, the earliest first."""
    pickup = found(PICKUPS, "The id of the record, or another unique key.")
    """One pickup; null where there is none that the API key may see."""
