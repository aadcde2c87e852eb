"""Asking for pick batches."""

from enum import Enum

from oms_api.domain.picking.queries import NEWEST_FIRST, OLDEST_FIRST
from oms_api.domain.picking.tables import PickBatchRow
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, found, listed
from oms_api.graphql.described import enum, input_type, one_of, output
from oms_api.graphql.picking.types import PickBatch


@enum
class PickBatchOrder(Enum):
    """The sort order of a list of pick batches."""

    CREATED_AT_DESC = NEWEST_FIRST
    """The newest first."""
    CREATED_AT_ASC = OLDEST_FIRST
    """The oldest first."""


@input_type
class PickBatchFilterInput(Where):
    """Conditions on pick batches; all must be true."""

    status = on(PickBatchRow.status)
    location_id = on(PickBatchRow.location_id)
    created_at = on(PickBatchRow.created_at)
    """When they were created."""


@one_of
class PickBatchByInput(By):
    """Identifies a pick batch: give exactly one field."""

    id = key(PickBatchRow.id)
    number = key(PickBatchRow.number)


PICK_BATCHES = Listing(show=PickBatch, where=PickBatchFilterInput, order=PickBatchOrder, by=PickBatchByInput)


@output
class PickingQueries:
    """Asking for pick batches."""

    pick_batches = listed(PICK_BATCHES)
    """A list of pick batches, the newest first by default."""
    pick_batch = found(PICK_BATCHES, "The id or the number of the batch.")
    """One pick batch; null where there is none that the API key may see."""
