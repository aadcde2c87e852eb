"""Asking for drafts of orders."""

from enum import Enum

from oms_api.domain.orders.drafts.queries import LAST_CHANGED_FIRST, NEWEST_FIRST
from oms_api.domain.orders.drafts.tables import OrderDraftRow
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, found, listed
from oms_api.graphql.described import enum, input_type, one_of, output
from oms_api.graphql.drafts.types import OrderDraft


@enum
class OrderDraftOrder(Enum):
    """The sort order of a list of drafts."""

    CREATED_AT_DESC = NEWEST_FIRST
    """The newest first."""
    UPDATED_AT_DESC = LAST_CHANGED_FIRST
    """The most recently changed come first."""


@input_type
class OrderDraftFilterInput(Where):
    """Conditions on drafts; all must be true."""

    channel_id = on(OrderDraftRow.channel_id)
    status = on(OrderDraftRow.status)
    created_at = on(OrderDraftRow.created_at)
    """When they were created."""
    updated_at = on(OrderDraftRow.updated_at)
    """When they were last changed."""


@one_of
class OrderDraftByInput(By):
    """Identifies a draft: give exactly one field."""

    id = key(OrderDraftRow.id)
    order_id = key(OrderDraftRow.order_id)
    """The order that the draft became."""


DRAFTS = Listing(show=OrderDraft, where=OrderDraftFilterInput, order=OrderDraftOrder, by=OrderDraftByInput)


@output
class OrderDraftQueries:
    """Asking for drafts of orders."""

    order_drafts = listed(DRAFTS)
    """A list of drafts, the newest first by default."""
    order_draft = found(DRAFTS, "The id of the draft, or the id of the order that it became.")
    """One draft; null where there is none that the API key may see."""
