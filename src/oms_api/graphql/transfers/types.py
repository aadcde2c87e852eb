"""Transfers, as clients read them."""

from datetime import datetime
from typing import Any, Self

import strawberry

from oms_api.domain.events.timeline import DOCUMENT_EVENTS
from oms_api.domain.inventory.transfers.errors import DuplicateTransferRef
from oms_api.domain.inventory.transfers.queries import (
    TransferSums,
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
from oms_api.domain.inventory.transfers.tables import TransferActLineRow, TransferActRow, TransferRow
from oms_api.domain.inventory.transfers.tables import TransferLineRow as LineRow
from oms_api.domain.inventory.transfers.verbs import LIFE, TransferFacts
from oms_api.graphql.actions import AvailableAction
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import Connection
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import leads_to, loaded, pages
from oms_api.graphql.declared.records import Record, entity, made
from oms_api.graphql.described import enum, output
from oms_api.graphql.errors import UserError, represents
from oms_api.graphql.nodes import Node
from oms_api.graphql.permissions import field
from oms_api.graphql.scalars import Int64
from oms_api.graphql.timeline.types import TimelineEntry, timeline
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import LocationId, TransferActId, TransferActLineId, TransferId, TransferLineId

for states in (TransferStatus, TransferActKind, TransferOutcome, TransferDiscrepancy, TransferResolution):
    enum(states)


def unsent(quantity: int, called_off: int, sent: int) -> int:
    """Return how many units are still to be sent."""
    return quantity - called_off - sent


@output
class TransferLine(Record[LineRow]):
    """Units of one SKU that a transfer moves.

    quantity = calledOff + sent + unsent; sent = arrived + damaged + lost + broughtBack + inTransit.
    """

    id: TransferLineId
    """The id."""
    quantity: int
    """Units to move."""
    unsent: int = made(unsent, LineRow.quantity, LineRow.called_off, LineRow.sent)
    """Units still to be sent."""
    sent: int
    """Units that left the origin."""
    in_transit: int
    """Units sent and not yet accounted for."""
    arrived: int
    """Units that came and can be sold."""
    damaged: int
    """Units that came and are not fit for sale."""
    lost: int
    """Units lost."""
    brought_back: int
    """Units that are back at the origin."""
    called_off: int
    """Units that were never sent and are no longer to be sent."""
    sku: Sku = leads_to(LineRow.sku_id)
    """The goods."""


@output
class TransferActLine(Record[TransferActLineRow]):
    """The outcome of one step of a transfer, such as a receipt, for units of one line."""

    id: TransferActLineId
    """The id of the line. The stock movement that the line caused refers to this id."""
    outcome: TransferOutcome
    """The treatment of the units."""
    quantity: int
    """Units."""
    reason: TransferDiscrepancy | None
    """The reason why the units are damaged or lost; null where they are not."""
    note: str | None
    """The remark."""
    lot: str | None
    """The code of the lot; null where the units belong to no lot."""
    line: TransferLine = leads_to(TransferActLineRow.transfer_line_id, transfer_lines_by_id, TransferLine)
    """The line of the transfer."""


@output
class TransferAct(Record[TransferActRow]):
    """A step recorded on a transfer at its origin or its destination: a shipment, a receipt or a cancellation."""

    id: TransferActId
    """The id."""
    kind: TransferActKind
    """The kind of step."""
    location_id: LocationId
    """The id of the location where units were shipped, received or canceled."""
    resolution: TransferResolution | None
    """For a cancellation, the treatment of units in transit; null otherwise."""
    reference: str | None
    """The document behind the step: a delivery note, a tracking number."""
    note: str | None
    """The remark."""
    actor: str
    """The person or program behind it."""
    occurred_at: datetime
    """When it happened; it may have been recorded later."""
    recorded_at: datetime
    """When it was recorded in this system."""
    location: Location | None = leads_to(TransferActRow.location_id)
    """The location where units were shipped, received or canceled; null where the API key may not see it."""
    lines: Connection[TransferActLine] = pages(pages_of_act_lines, TransferActLine)
    """The units and their outcomes."""


@output
class TransferTotals:
    """The units of all lines of a transfer, by outcome."""

    quantity: Int64
    """Units to move."""
    unsent: Int64
    """Units still to be sent."""
    sent: Int64
    """Units that left the origin."""
    in_transit: Int64
    """Units sent and not yet accounted for."""
    arrived: Int64
    """Units that came and can be sold."""
    damaged: Int64
    """Units that came and are not fit for sale."""
    lost: Int64
    """Units lost."""
    brought_back: Int64
    """Units that are back at the origin."""
    called_off: Int64
    """Units that were never sent and are no longer to be sent."""

    @classmethod
    def of(cls, totals: TransferSums) -> Self:
        """Describe the sums over a transfer's lines."""
        sums: dict[str, Any] = {name: getattr(totals, name) for name in cls.__annotations__}
        return cls(**sums)


@entity(transfers_by_id, Scope.INVENTORY_READ)
class Transfer(Node, Record[TransferRow]):
    """Goods that go from one location to another.

    An API key that may see either location sees the whole transfer. It can act on the transfer only at the locations that it
    may see.
    """

    id: TransferId
    number: Int64
    """Its number: unique, with gaps."""
    external_ref: str | None
    """The transfer's id in another system, unique."""
    status: TransferStatus
    """The status."""
    origin_id: LocationId
    """The id of the location that the goods leave."""
    destination_id: LocationId
    """The id of the location that the goods go to."""
    expected_at: datetime | None
    """When the goods should arrive; null where it is not known."""
    note: str | None
    """A remark for the people who handle it."""
    version: int
    """Increases with every change of the transfer, and with every step recorded on it."""
    actor: str
    """The person or program that made the transfer. Each step in `acts` has its own `actor`."""
    created_at: datetime
    """When it was created; it may have been recorded later."""
    shipped_at: datetime | None
    """When the first units left; null until then."""
    closed_at: datetime | None
    """When the transfer was received or canceled; null before that."""
    recorded_at: datetime
    """When it was recorded in this system."""
    origin: Location | None = leads_to(TransferRow.origin_id)
    """The location that the goods leave; null where the API key may not see it."""
    destination: Location | None = leads_to(TransferRow.destination_id)
    """The location that the goods go to; null where the API key may not see it."""
    totals: TransferTotals = loaded(totals_by_transfer, TransferTotals.of)
    """The units of all lines of the transfer, by outcome."""
    lines: Connection[TransferLine] = pages(pages_of_transfer_lines, TransferLine)
    """The units to move, in the order given."""
    acts: Connection[TransferAct] = pages(pages_of_acts, TransferAct)
    """The steps recorded on the transfer, oldest first: shipments, receipts, a cancellation."""
    timeline: Connection[TimelineEntry] = timeline(DOCUMENT_EVENTS)
    """All that happened to it."""

    @field(description="The actions on it, and whether each is allowed now.")
    async def available_actions(self, info: Info) -> list[AvailableAction]:
        totals = await info.context.load(totals_by_transfer, self.row.id)
        facts = TransferFacts(self.row, totals.unsent, totals.in_transit, info.context.principal)
        return AvailableAction.of(LIFE.actions(self.row.status, facts))


@represents(DuplicateTransferRef, lambda error: {"transfer_id": error.transfer_id})
@output
class DuplicateTransferRefError(UserError):
    """Another transfer has this external reference."""

    transfer_id: strawberry.Private[TransferId | None]

    @field(description="The transfer that has the reference; null where the API key may not see it.")
    async def transfer(self, info: Info) -> Transfer | None:
        return None if self.transfer_id is None else await Transfer.fetch(info, self.transfer_id)
