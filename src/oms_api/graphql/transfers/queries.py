"""Asking for transfers."""

from enum import Enum

from oms_api.domain.inventory.transfers.queries import NEWEST_FIRST, OLDEST_FIRST
from oms_api.domain.inventory.transfers.tables import TransferLineRow, TransferRow
from oms_api.graphql.catalog.filters import on_skus
from oms_api.graphql.declared.filters import By, Where, key, on
from oms_api.graphql.declared.lists import Listing, found, listed
from oms_api.graphql.declared.searches import either
from oms_api.graphql.declared.through import Through
from oms_api.graphql.described import enum, input_type, one_of, output
from oms_api.graphql.transfers.types import Transfer

LINES = Through(TransferLineRow.transfer_id == TransferRow.id)


@enum
class TransferOrder(Enum):
    """The sort order of a list of transfers."""

    CREATED_AT_DESC = NEWEST_FIRST
    """The newest first."""
    CREATED_AT_ASC = OLDEST_FIRST
    """The oldest first."""


@input_type
class TransferFilterInput(Where):
    """Conditions on transfers; all must be true."""

    location_id = either(TransferRow.origin_id, TransferRow.destination_id)
    """By the origin or the destination."""
    origin_id = on(TransferRow.origin_id)
    """By the location that the goods leave."""
    destination_id = on(TransferRow.destination_id)
    """By the location that the goods go to."""
    status = on(TransferRow.status)
    external_ref = on(TransferRow.external_ref)
    """By the transfer's id in another system."""
    skus = on_skus(TransferLineRow.sku_id, through=LINES)
    """Only transfers with any of these SKUs, at most 250; an unknown SKU matches no transfer."""
    created_at = on(TransferRow.created_at)
    """When they were created."""
    expected_at = on(TransferRow.expected_at)
    """When the goods are expected."""


@one_of
class TransferByInput(By):
    """Identifies a transfer: give exactly one field."""

    id = key(TransferRow.id)
    number = key(TransferRow.number)
    external_ref = key(TransferRow.external_ref)
    """The transfer's id in another system."""


TRANSFERS = Listing(show=Transfer, where=TransferFilterInput, order=TransferOrder, by=TransferByInput)


@output
class TransferQueries:
    """Asking for transfers."""

    transfers = listed(TRANSFERS)
    """A list of transfers, the newest first by default."""
    transfer = found(TRANSFERS, "The id of the record, or another unique key.")
    """One transfer; null where there is none that the API key may see. The API key must see the origin or the destination of
    the transfer."""
