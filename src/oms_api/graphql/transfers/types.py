"""Transfers, as clients read them."""

from datetime import datetime
from typing import Self, cast
from uuid import UUID

import strawberry

from oms_api.domain.catalog.tables import Sku as SkuRow
from oms_api.domain.inventory.transfers.errors import DuplicateTransferRef
from oms_api.domain.inventory.transfers.policies import available_actions
from oms_api.domain.inventory.transfers.queries import TransferTotals as Totals
from oms_api.domain.inventory.transfers.queries import (
    pages_of_act_lines,
    pages_of_acts,
    pages_of_transfer_lines,
    totals_by_transfer,
    transfer_lines_by_id,
    transfers_by_id,
)
from oms_api.domain.inventory.transfers.states import (
    TransferActKind,
    TransferDiscrepancy,
    TransferOutcome,
    TransferResolution,
    TransferStatus,
)
from oms_api.domain.inventory.transfers.tables import TransferAct as ActRow
from oms_api.domain.inventory.transfers.tables import TransferActLine as ActLineRow
from oms_api.domain.inventory.transfers.tables import TransferLineRow, TransferRow
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.catalog.loaders import SkuById
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.loaders import LocationById
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import enum, output
from oms_api.graphql.errors import UserError, represents
from oms_api.graphql.nodes import Node, fetches
from oms_api.graphql.permissions import field
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, TransferId, text_id
from oms_api.kernel.paging import PageRequest

for states in (TransferStatus, TransferActKind, TransferOutcome, TransferDiscrepancy, TransferResolution):
    enum(states)


async def location_seen(info: Info, location_id: UUID) -> Location | None:
    """Return a location, if the caller may see it."""
    row = await info.context.loader(LocationById).load(location_id)
    return Location.of(row) if row else None


@output
class TransferLine:
    """Units of one SKU that a transfer moves.

    quantity = calledOff + sent + unsent; sent = arrived + damaged + lost + broughtBack + inTransit.
    """

    row: strawberry.Private[TransferLineRow]
    id: strawberry.ID
    """The id."""
    quantity: int
    """Units that are to go."""
    unsent: int
    """Units that are still to be sent."""
    sent: int
    """Units that left the origin."""
    in_transit: int
    """Units that left and of which nothing more is known."""
    arrived: int
    """Units that came and can be sold."""
    damaged: int
    """Units that came and are not fit for sale."""
    lost: int
    """Units that do not come."""
    brought_back: int
    """Units that are back at the origin."""
    called_off: int
    """Units that were never sent, and will not be."""

    @classmethod
    def of(cls, row: TransferLineRow) -> Self:
        """Describe a stored line."""
        return cls(
            row=row,
            id=strawberry.ID(text_id(IdKind.TRANSFER_LINE, row.id)),
            quantity=row.quantity,
            unsent=row.quantity - row.called_off - row.sent,
            sent=row.sent,
            in_transit=row.in_transit,
            arrived=row.arrived,
            damaged=row.damaged,
            lost=row.lost,
            brought_back=row.brought_back,
            called_off=row.called_off,
        )

    @field(description="The goods.")
    async def sku(self, info: Info) -> Sku:
        return Sku.of(cast("SkuRow", await info.context.loader(SkuById).load(self.row.sku_id)))


@output
class TransferActLine:
    """What became of units of one line in one act."""

    row: strawberry.Private[ActLineRow]
    id: strawberry.ID
    """The id, as the stock movement it caused names it."""
    outcome: TransferOutcome
    """What became of them."""
    quantity: int
    """How many units."""
    reason: TransferDiscrepancy | None
    """Why they are damaged or lost."""
    note: str | None
    """What was remarked."""
    lot: str | None
    """The code of the lot that they are of, where they are of one."""

    @classmethod
    def of(cls, row: ActLineRow) -> Self:
        """Describe a stored line."""
        line_id = strawberry.ID(text_id(IdKind.TRANSFER_ACT_LINE, row.id))
        return cls(
            row=row,
            id=line_id,
            outcome=row.outcome,
            quantity=row.quantity,
            reason=row.reason,
            note=row.note,
            lot=row.lot,
        )

    @field(description="The line of the transfer they belong to.")
    async def line(self, info: Info) -> TransferLine:
        return TransferLine.of(await info.context.load(transfer_lines_by_id, self.row.transfer_line_id))


@output
class TransferAct:
    """Something that was done with a transfer at one of its ends."""

    row: strawberry.Private[ActRow]
    id: strawberry.ID
    """The id."""
    kind: TransferActKind
    """What was done."""
    location_id: strawberry.ID
    """The id of the location where it was done."""
    resolution: TransferResolution | None
    """Of a cancellation, what became of units on the way."""
    reference: str | None
    """The document behind it: a delivery note, a tracking number."""
    note: str | None
    """What was remarked."""
    actor: str
    """Who did it."""
    occurred_at: datetime
    """When it happened, by the business's clock."""
    recorded_at: datetime
    """When it was recorded here."""

    @classmethod
    def of(cls, row: ActRow) -> Self:
        """Describe a stored act."""
        return cls(
            row=row,
            id=strawberry.ID(text_id(IdKind.TRANSFER_ACT, row.id)),
            kind=row.kind,
            location_id=strawberry.ID(text_id(IdKind.LOCATION, row.location_id)),
            resolution=row.resolution,
            reference=row.reference,
            note=row.note,
            actor=row.actor,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
        )

    @field(description="The location where it was done; null where the key may not see it.")
    async def location(self, info: Info) -> Location | None:
        return await location_seen(info, self.row.location_id)

    @field(description="What became of which units.")
    async def lines(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[TransferActLine]:
        found = await info.context.load(pages_of_act_lines, self.row.id, PageRequest.of(first, after, last, before))
        return Connection.of(found, TransferActLine.of)


@output
class TransferTotals:
    """The units of all lines of a transfer, by what became of them."""

    quantity: Int64
    """Units that are to go."""
    unsent: Int64
    """Units that are still to be sent."""
    sent: Int64
    """Units that left the origin."""
    in_transit: Int64
    """Units that left and of which nothing more is known."""
    arrived: Int64
    """Units that came and can be sold."""
    damaged: Int64
    """Units that came and are not fit for sale."""
    lost: Int64
    """Units that do not come."""
    brought_back: Int64
    """Units that are back at the origin."""
    called_off: Int64
    """Units that were never sent, and will not be."""

    @classmethod
    def of(cls, totals: Totals) -> Self:
        """Describe the sums over a transfer's lines."""
        return cls(
            quantity=Int64(totals.quantity),
            unsent=Int64(totals.unsent),
            sent=Int64(totals.sent),
            in_transit=Int64(totals.in_transit),
            arrived=Int64(totals.arrived),
            damaged=Int64(totals.damaged),
            lost=Int64(totals.lost),
            brought_back=Int64(totals.brought_back),
            called_off=Int64(totals.called_off),
        )


@output
class Transfer(Node):
    """Goods that go from one location to another. Whoever may see either end sees all of it, and acts at the ends it sees."""

    row: strawberry.Private[TransferRow]
    number: Int64
    """Its number: unique, with gaps."""
    external_ref: str | None
    """Its id in another system, unique."""
    status: TransferStatus
    """How far it is."""
    origin_id: strawberry.ID
    """The id of the location it leaves."""
    destination_id: strawberry.ID
    """The id of the location it goes to."""
    expected_at: datetime | None
    """When it should arrive; null where nobody knows."""
    note: str | None
    """A remark for whoever handles it."""
    version: int
    """Moves with every change of it and everything done with it."""
    actor: str
    """Who planned it; each of its acts names who did that."""
    created_at: datetime
    """When it was planned, by the business's clock."""
    shipped_at: datetime | None
    """When the first units left."""
    closed_at: datetime | None
    """When it was over: all received, or canceled."""
    recorded_at: datetime
    """When it was recorded here."""

    @classmethod
    def of(cls, row: TransferRow) -> Self:
        """Describe a stored transfer."""
        return cls(
            id=strawberry.ID(text_id(IdKind.TRANSFER, row.id)),
            row=row,
            number=Int64(row.number),
            external_ref=row.external_ref,
            status=row.status,
            origin_id=strawberry.ID(text_id(IdKind.LOCATION, row.origin_id)),
            destination_id=strawberry.ID(text_id(IdKind.LOCATION, row.destination_id)),
            expected_at=row.expected_at,
            note=row.note,
            version=row.version,
            actor=row.actor,
            created_at=row.created_at,
            shipped_at=row.shipped_at,
            closed_at=row.closed_at,
            recorded_at=row.recorded_at,
        )

    @field(description="The location it leaves; null where the key may not see it.")
    async def origin(self, info: Info) -> Location | None:
        return await location_seen(info, self.row.origin_id)

    @field(description="The location it goes to; null where the key may not see it.")
    async def destination(self, info: Info) -> Location | None:
        return await location_seen(info, self.row.destination_id)

    @field(description="The units of all its lines, by what became of them.")
    async def totals(self, info: Info) -> TransferTotals:
        return TransferTotals.of(await info.context.load(totals_by_transfer, self.row.id))

    @field(description="What goes, in the order given.")
    async def lines(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[TransferLine]:
        found = await info.context.load(pages_of_transfer_lines, self.row.id, PageRequest.of(first, after, last, before))
        return Connection.of(found, TransferLine.of)

    @field(description="What was done with it, oldest first: shipments, receipts, a cancellation.")
    async def acts(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[TransferAct]:
        found = await info.context.load(pages_of_acts, self.row.id, PageRequest.of(first, after, last, before))
        return Connection.of(found, TransferAct.of)

    @field(description="What can be done with it now, and what stands in the way.")
    async def available_actions(self, info: Info) -> list[AvailableAction]:
        totals = await info.context.load(totals_by_transfer, self.row.id)
        left, moving, sees = totals.unsent, totals.in_transit, info.context.principal
        return AvailableAction.of(available_actions(self.row, unsent=left, in_transit=moving, principal=sees))


@fetches(IdKind.TRANSFER, Scope.INVENTORY_READ)
async def fetch_transfer(info: Info, key: TransferId) -> Transfer | None:
    """Return a transfer, if the caller may see an end of it."""
    row = await info.context.load(transfers_by_id, key)
    return Transfer.of(row) if row else None


@represents(DuplicateTransferRef, lambda error: {"transfer_id": error.transfer_id})
@output
class DuplicateTransferRefError(UserError):
    """There is a transfer with this external reference."""

    transfer_id: strawberry.Private[TransferId | None]

    @field(description="The transfer that has it; null where the key may not see it.")
    async def transfer(self, info: Info) -> Transfer | None:
        return None if self.transfer_id is None else await fetch_transfer(info, self.transfer_id)
