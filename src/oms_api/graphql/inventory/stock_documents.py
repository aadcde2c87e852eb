"""Documents that change stock beside adjustments: moves, feeds, and promises taken back."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from oms_api.domain.inventory.feeds import FailedRow, pages_of_failures, syncs_by_id
from oms_api.domain.inventory.states import Bucket
from oms_api.domain.inventory.stock_documents import (
    deallocations_by_document,
    deallocations_by_id,
    moves_by_id,
    pages_of_deallocation_lines,
    pages_of_move_lines,
)
from oms_api.domain.inventory.tables import (
    InventoryDeallocationLineRow,
    InventoryDeallocationRow,
    InventoryMoveLineRow,
    InventoryMoveRow,
    InventorySyncRow,
)
from oms_api.graphql.connections import Connection
from oms_api.graphql.context import Info
from oms_api.graphql.declared.links import answered, leads_to, pages
from oms_api.graphql.declared.records import Record, column, entity
from oms_api.graphql.described import output
from oms_api.graphql.errors import UserError, user_errors
from oms_api.graphql.nodes import Node, fetch_if_permitted
from oms_api.graphql.permissions import field
from oms_api.kernel.access import Scope
from oms_api.kernel.errors import OmsError
from oms_api.kernel.ids import DeallocationId, DeallocationLineId, IdKind, MoveId, MoveLineId, SyncId, text_id

if TYPE_CHECKING:
    from oms_api.graphql.inventory.types import InventoryAdjustment, InventoryLevel
    from oms_api.graphql.orders.types import Order

OrderType = Annotated["Order", strawberry.lazy("oms_api.graphql.orders.types")]
InventoryLevelType = Annotated["InventoryLevel", strawberry.lazy("oms_api.graphql.inventory.types")]
InventoryAdjustmentType = Annotated["InventoryAdjustment", strawberry.lazy("oms_api.graphql.inventory.types")]


@output
class InventoryDeallocationLine(Record[InventoryDeallocationLineRow]):
    """Units of one promise that was taken back. The promise was made to an order or for a reservation."""

    id: DeallocationLineId
    """The id of the line. The `cause` of its stock movement has this id."""
    quantity: int
    """Units."""
    inventory_level: InventoryLevelType = leads_to(InventoryDeallocationLineRow.level_id)
    """The level that the units were promised from, as it is now."""
    order: OrderType | None = leads_to(InventoryDeallocationLineRow.order_id, scope=Scope.ORDERS_READ)
    """The order that lost the units; null for a reservation, and where the API key may not see it."""


async def document_of(info: Info, row: InventoryDeallocationRow) -> Node | None:
    """Return the document that promises were taken back for, if the caller may see it."""
    return await fetch_if_permitted(info, text_id(IdKind(row.document_kind), row.document_id))


@entity(deallocations_by_id, Scope.INVENTORY_READ)
class InventoryDeallocation(Node, Record[InventoryDeallocationRow]):
    """Promises that were taken back because units are missing: their orders are sourced again."""

    id: DeallocationId
    actor: str
    """The author of the change that showed units to be missing."""
    occurred_at: datetime
    """When it happened; it may have been recorded later."""
    recorded_at: datetime
    """When it was recorded in this system."""
    document: Node | None = answered(document_of)
    """The document that showed units to be missing, such as a count or an adjustment; null where the API key may not see it."""
    lines: Connection[InventoryDeallocationLine] = pages(pages_of_deallocation_lines, InventoryDeallocationLine)
    """The reservations and allocations that were taken back, those taken back first come first."""


@output
class InventoryMoveLine(Record[InventoryMoveLineRow]):
    """Units of one level that moved from one bucket to another."""

    id: MoveLineId
    """The id of the line. The `cause` of its stock movement has this id."""
    quantity: int
    """Units."""
    lot: str | None
    """The code of the lot; null where none was named."""
    from_: Bucket = column(InventoryMoveLineRow.source)
    """The origin bucket."""
    to: Bucket = column(InventoryMoveLineRow.target)
    """The destination bucket."""
    inventory_level: InventoryLevelType = leads_to(InventoryMoveLineRow.level_id)
    """The level as it is now."""


@entity(moves_by_id, Scope.INVENTORY_READ)
class InventoryMove(Node, Record[InventoryMoveRow]):
    """A move of units between the buckets FREE, QUALITY_CONTROL and DAMAGED: by hand, or because their lot expired."""

    id: MoveId
    reason: str
    """The reason for the move: the code of an inventory reason."""
    reference: str | None
    """The document it refers to: an inspection report."""
    note: str | None
    """A remark of the author."""
    actor: str
    """The person or program that moved the units."""
    occurred_at: datetime
    """When it happened; it may have been recorded later."""
    recorded_at: datetime
    """When it was recorded in this system."""
    lines: Connection[InventoryMoveLine] = pages(pages_of_move_lines, InventoryMoveLine)
    """The moved units by level, in the order given."""
    deallocation: InventoryDeallocation | None = leads_to(InventoryMoveRow.id, deallocations_by_document, InventoryDeallocation)
    """The promises taken back because of it; null for none."""


@output
class InventorySyncFailure:
    """A refused row of an inventory sync."""

    error: strawberry.Private[OmsError]
    index: int
    """The row's index in the request, from 0."""

    @classmethod
    def of_all(cls, rows: Sequence[FailedRow]) -> list[Self]:
        """Show rows that failed."""
        return [cls(error=row.error, index=row.index) for row in rows]

    @field(description="Why the row was refused.")
    def user_errors(self) -> list[UserError]:
        return user_errors(self.error)


@entity(syncs_by_id, Scope.INVENTORY_READ)
class InventorySync(Node, Record[InventorySyncRow]):
    """Stock counts sent by another system, all for one moment."""

    id: SyncId
    source: str
    """The system or person that counted."""
    as_of: datetime
    """The moment of the counts."""
    applied: int
    """The number of rows that changed a level."""
    unchanged: int
    """The number of rows that matched the known stock."""
    failed: int
    """The number of rows that were refused."""
    actor: str
    """The author."""
    recorded_at: datetime
    """When it was recorded in this system."""
    failures: Connection[InventorySyncFailure] = pages(pages_of_failures, InventorySyncFailure)
    """The refused rows, in the sequence in which they were sent. An API key that is limited to certain locations sees the
    refused rows only if it sees all locations of the inventory sync."""
    inventory_adjustment: InventoryAdjustmentType | None = leads_to(InventorySyncRow.adjustment_id)
    """The correction of all levels that differed from the counts; null where none did."""
    deallocation: InventoryDeallocation | None = leads_to(InventorySyncRow.id, deallocations_by_document, InventoryDeallocation)
    """The promises taken back because of it; null for none."""


async def deallocation_of(info: Info, document_id: UUID) -> InventoryDeallocation | None:
    """Return what a document took back of promises, if it did and the caller may see any of it."""
    row = await info.context.load(deallocations_by_document, document_id)
    return InventoryDeallocation.of(row) if row else None
