"""Documents that change stock beside adjustments: moves, feeds, and promises taken back."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self, cast
from uuid import UUID

import strawberry

from oms_api.domain.inventory.adjustments import adjustments_by_id
from oms_api.domain.inventory.documents import (
    moves_by_id,
    pages_of_move_lines,
    pages_of_unpromise_lines,
    unpromises_by_document,
    unpromises_by_id,
)
from oms_api.domain.inventory.feeds import FailedRow, pages_of_failures, syncs_by_adjustment, syncs_by_id
from oms_api.domain.inventory.queries import levels_by_id
from oms_api.domain.inventory.states import Bucket
from oms_api.domain.inventory.tables import InventoryLevel as LevelRow
from oms_api.domain.inventory.tables import InventoryMove as MoveRow
from oms_api.domain.inventory.tables import InventoryMoveLine as MoveLineRow
from oms_api.domain.inventory.tables import InventorySync as SyncRow
from oms_api.domain.inventory.tables import InventoryUnpromise as UnpromiseRow
from oms_api.domain.inventory.tables import InventoryUnpromiseLine as UnpromiseLineRow
from oms_api.domain.orders.queries import orders_by_id
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import output
from oms_api.graphql.errors import UserError, user_errors
from oms_api.graphql.inventory.types import InventoryAdjustment, InventoryLevel
from oms_api.graphql.nodes import Node, fetch_if_permitted, fetches
from oms_api.graphql.permissions import field, guarded
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import AdjustmentId, IdKind, MoveId, SyncId, UnpromiseId, text_id
from oms_api.kernel.paging import PageRequest

if TYPE_CHECKING:
    from oms_api.graphql.orders.types import Order


@output
class InventoryUnpromiseLine:
    """Units of one promise that were taken back: of an order, or of a reservation."""

    row: strawberry.Private[UnpromiseLineRow]
    id: strawberry.ID
    """The line, as its movement names it."""
    quantity: int
    """How many units."""

    @classmethod
    def of(cls, row: UnpromiseLineRow) -> Self:
        """Describe a stored line."""
        return cls(row=row, id=strawberry.ID(text_id(IdKind.UNPROMISE_LINE, row.id)), quantity=row.quantity)

    @field(description="The level that the units were promised from, as it is now.")
    async def inventory_level(self, info: Info) -> InventoryLevel:
        return InventoryLevel.of(cast("LevelRow", await info.context.load(levels_by_id, self.row.level_id)))

    @guarded(Scope.ORDERS_READ, description="The order that lost them, if it is one that the key may see.")
    async def order(self, info: Info) -> Annotated["Order", strawberry.lazy("oms_api.graphql.orders.types")] | None:
        from oms_api.graphql.orders.types import Order  # noqa: PLC0415 - orders name their allocations, and these their stock

        row = None if self.row.order_id is None else await info.context.load(orders_by_id, self.row.order_id)
        return None if row is None else Order.of(row)


@output
class InventoryUnpromise(Node):
    """Promises that were taken back because units are missing: their orders look for other units."""

    row: strawberry.Private[UnpromiseRow]
    actor: str
    """Who found them missing."""
    occurred_at: datetime
    """When it happened, by the business's clock."""
    recorded_at: datetime
    """When it was recorded here."""

    @classmethod
    def of(cls, row: UnpromiseRow) -> Self:
        """Describe a stored act."""
        return cls(
            id=strawberry.ID(text_id(IdKind.UNPROMISE, row.id)),
            row=row,
            actor=row.actor,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
        )

    @field(description="The document that found them missing; null where the key may not see it.")
    async def document(self, info: Info) -> Node | None:
        return await fetch_if_permitted(info, text_id(IdKind(self.row.document_kind), self.row.document_id))

    @field(description="What was taken back, in that order.")
    async def lines(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[InventoryUnpromiseLine]:
        page = PageRequest.of(first, after, last, before)
        return Connection.of(await info.context.load(pages_of_unpromise_lines, self.row.id, page), InventoryUnpromiseLine.of)


@output
class InventoryMoveLine:
    """Units of one level that went from one bucket to another."""

    row: strawberry.Private[MoveLineRow]
    id: strawberry.ID
    """The line, as its movement names it."""
    quantity: int
    """How many units."""
    lot: str | None
    """The code of the lot that they are of, where it was named."""
    source: Bucket = strawberry.field(name="from", description="Where they were.")
    target: Bucket = strawberry.field(name="to", description="Where they went.")

    @classmethod
    def of(cls, row: MoveLineRow) -> Self:
        """Describe a stored line."""
        line_id = strawberry.ID(text_id(IdKind.MOVE_LINE, row.id))
        return cls(row=row, id=line_id, quantity=row.quantity, lot=row.lot, source=row.source, target=row.target)

    @field(description="The level as it is now.")
    async def inventory_level(self, info: Info) -> InventoryLevel:
        return InventoryLevel.of(cast("LevelRow", await info.context.load(levels_by_id, self.row.level_id)))


@output
class InventoryMove(Node):
    """Units that were moved between free, quality control and damaged: by hand, or because they expired."""

    row: strawberry.Private[MoveRow]
    reason: str
    """Why they were moved: the code of an inventory reason."""
    reference: str | None
    """The document it refers to: an inspection report."""
    note: str | None
    """What somebody wanted to add."""
    actor: str
    """Who moved them."""
    occurred_at: datetime
    """When it happened, by the business's clock."""
    recorded_at: datetime
    """When it was recorded here."""

    @classmethod
    def of(cls, row: MoveRow) -> Self:
        """Describe a stored move."""
        return cls(
            id=strawberry.ID(text_id(IdKind.MOVE, row.id)),
            row=row,
            reason=row.reason,
            reference=row.reference,
            note=row.note,
            actor=row.actor,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
        )

    @field(description="What it moved, in the order given.")
    async def lines(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[InventoryMoveLine]:
        page = PageRequest.of(first, after, last, before)
        return Connection.of(await info.context.load(pages_of_move_lines, self.row.id, page), InventoryMoveLine.of)

    @field(description="The promises that were taken back for it, if any.")
    async def unpromise(self, info: Info) -> InventoryUnpromise | None:
        return await unpromise_of(info, self.row.id)


@output
class InventorySyncFailure:
    """A row of a feed of which nothing happened."""

    row: strawberry.Private[FailedRow]
    index: int
    """The row's place in the feed, from 0."""

    @classmethod
    def of(cls, row: FailedRow) -> Self:
        """Describe a row that failed."""
        return cls(row=row, index=row.index)

    @field(description="Why nothing of it happened.")
    def user_errors(self) -> list[UserError]:
        return user_errors(self.row.error)


@output
class InventorySync(Node):
    """A feed of counts as of a moment."""

    row: strawberry.Private[SyncRow]
    source: str
    """Who counted."""
    as_of: datetime
    """The moment of the counts."""
    applied: int
    """How many rows changed a level."""
    unchanged: int
    """How many rows told what was known."""
    failed: int
    """Of how many rows nothing happened."""
    actor: str
    """Who sent it."""
    recorded_at: datetime
    """When it was recorded here."""

    @classmethod
    def of(cls, row: SyncRow) -> Self:
        """Describe a stored feed."""
        return cls(
            id=strawberry.ID(text_id(IdKind.SYNC, row.id)),
            row=row,
            source=row.source,
            as_of=row.as_of,
            applied=row.applied,
            unchanged=row.unchanged,
            failed=row.failed,
            actor=row.actor,
            recorded_at=row.recorded_at,
        )

    @field(
        description="The rows of which nothing happened, in their order. A key limited to locations sees those of a feed whose "
        "locations it sees all."
    )
    async def failures(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[InventorySyncFailure]:
        page = PageRequest.of(first, after, last, before)
        return Connection.of(await info.context.load(pages_of_failures, self.row.id, page), InventorySyncFailure.of)

    @field(description="The correction of all levels that were not what was counted; null where all were.")
    async def inventory_adjustment(self, info: Info) -> InventoryAdjustment | None:
        if self.row.adjustment_id is None:
            return None
        row = await info.context.load(adjustments_by_id, self.row.adjustment_id)
        return InventoryAdjustment.of(row) if row else None

    @field(description="The promises that were taken back for it, if any.")
    async def unpromise(self, info: Info) -> InventoryUnpromise | None:
        return await unpromise_of(info, self.row.id)


async def sync_of(info: Info, adjustment_id: AdjustmentId) -> InventorySync | None:
    """Return the feed whose numbers an adjustment applies, if the caller may see it."""
    row = await info.context.load(syncs_by_adjustment, adjustment_id)
    return InventorySync.of(row) if row else None


async def unpromise_of(info: Info, document_id: UUID) -> InventoryUnpromise | None:
    """Return what a document took back of promises, if it did and the caller may see any of it."""
    row = await info.context.load(unpromises_by_document, document_id)
    return InventoryUnpromise.of(row) if row else None


@fetches(IdKind.MOVE, Scope.INVENTORY_READ)
async def fetch_move(info: Info, move_id: MoveId) -> InventoryMove | None:
    """Return a move, if the caller may see any of it."""
    row = await info.context.load(moves_by_id, move_id)
    return InventoryMove.of(row) if row else None


@fetches(IdKind.SYNC, Scope.INVENTORY_READ)
async def fetch_sync(info: Info, sync_id: SyncId) -> InventorySync | None:
    """Return a feed, if the caller may see any of it."""
    row = await info.context.load(syncs_by_id, sync_id)
    return InventorySync.of(row) if row else None


@fetches(IdKind.UNPROMISE, Scope.INVENTORY_READ)
async def fetch_unpromise(info: Info, unpromise_id: UnpromiseId) -> InventoryUnpromise | None:
    """Return promises taken back, if the caller may see any of them."""
    row = await info.context.load(unpromises_by_id, unpromise_id)
    return InventoryUnpromise.of(row) if row else None
