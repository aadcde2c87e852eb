"""Asking for transfers."""

from enum import Enum
from typing import Annotated

import strawberry

from oms_api.db.session import Reader
from oms_api.domain.inventory.transfers.queries import (
    NEWEST_FIRST,
    OLDEST_FIRST,
    TransferFilter,
    page_of_transfers,
    transfers_by_number,
    transfers_by_reference,
)
from oms_api.domain.inventory.transfers.states import TransferStatus
from oms_api.graphql.catalog.filters import skus_of
from oms_api.graphql.catalog.inputs import SkuByInput
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, enum, input_type, one_of, output
from oms_api.graphql.filters import DateTimeRange, Match, id_at, matched, matched_ids
from oms_api.graphql.permissions import query
from oms_api.graphql.scalars import Int64
from oms_api.graphql.transfers.types import Transfer, fetch_transfer
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind
from oms_api.kernel.paging import PageRequest


@enum
class TransferOrder(Enum):
    """How a list of transfers is ordered."""

    CREATED_AT_DESC = "CREATED_AT_DESC"
    """The newest first."""
    CREATED_AT_ASC = "CREATED_AT_ASC"
    """The oldest first."""


ORDERINGS = {TransferOrder.CREATED_AT_DESC: NEWEST_FIRST, TransferOrder.CREATED_AT_ASC: OLDEST_FIRST}


@input_type
class TransferFilterInput:
    """Which transfers. All that is given must hold."""

    location_id: Match[strawberry.ID] | None = None
    """By the location of either end."""
    origin_id: Match[strawberry.ID] | None = None
    """By the location they leave."""
    destination_id: Match[strawberry.ID] | None = None
    """By the location they go to."""
    status: Match[TransferStatus] | None = None
    """By how far they are."""
    external_ref: Match[str] | None = None
    """By their id in another system."""
    skus: list[SkuByInput] | None = None
    """With any of these SKUs, at most 250; unknown ones are in no transfer."""
    created_at: DateTimeRange | None = None
    """By when they were planned."""
    expected_at: DateTimeRange | None = None
    """By when they should arrive."""

    async def to_filter(self, read: Reader) -> TransferFilter:
        """Return the filter as the domain takes it. Raises: InvalidId, TooManyItems."""
        created, expected = self.created_at or DateTimeRange(), self.expected_at or DateTimeRange()
        sku_ids = await skus_of(read, self.skus)
        return TransferFilter(
            location_ids=matched_ids(IdKind.LOCATION, self.location_id, "where", "locationId"),
            origin_ids=matched_ids(IdKind.LOCATION, self.origin_id, "where", "originId"),
            destination_ids=matched_ids(IdKind.LOCATION, self.destination_id, "where", "destinationId"),
            statuses=matched(self.status, "where", "status"),
            external_refs=matched(self.external_ref, "where", "externalRef"),
            sku_ids=sku_ids,
            created_from=created.from_,
            created_before=created.before,
            expected_from=expected.from_,
            expected_before=expected.before,
        )


@one_of
class TransferByInput:
    """What a transfer is found by: exactly one of these."""

    id: strawberry.ID | None = strawberry.UNSET
    """Its id."""
    number: Int64 | None = strawberry.UNSET
    """Its number."""
    external_ref: str | None = strawberry.UNSET
    """Its id in another system."""


@output
class TransferQueries:
    """Asking for transfers."""

    @query(Scope.INVENTORY_READ, description="A list of transfers, the newest first unless told otherwise.")
    async def transfers(
        self,
        info: Info,
        where: Annotated[TransferFilterInput | None, argument("Which ones; all of them unless told.")] = None,
        order_by: Annotated[TransferOrder, argument("In which order.")] = TransferOrder.CREATED_AT_DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Transfer]:
        page = PageRequest.of(first, after, last, before)
        read = info.context.read
        wanted = await where.to_filter(read) if where else TransferFilter()
        return Connection.of(await page_of_transfers(read, wanted, page, by=ORDERINGS[order_by]), Transfer.of)

    @query(Scope.INVENTORY_READ, description="One transfer, or null where there is none of which the key may see an end.")
    async def transfer(self, info: Info, by: Annotated[TransferByInput, argument("What it is found by.")]) -> Transfer | None:
        if isinstance(by.id, str):
            return await fetch_transfer(info, id_at(IdKind.TRANSFER, by.id, "by", "id"))
        if isinstance(by.external_ref, str):
            row = await info.context.load(transfers_by_reference, by.external_ref)
        else:
            row = await info.context.load(transfers_by_number, by.number or 0)
        return Transfer.of(row) if row else None
