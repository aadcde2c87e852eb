"""Stock, as clients read it."""

from datetime import datetime
from typing import Self, cast
from uuid import UUID

import strawberry

from oms_api.domain.catalog.tables import Sku as SkuRow
from oms_api.domain.channels.tables import Location as LocationRow
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.domain.inventory.tables import InventoryAdjustment as AdjustmentRow
from oms_api.domain.inventory.tables import InventoryAdjustmentLine as AdjustmentLineRow
from oms_api.domain.inventory.tables import InventoryLevel as LevelRow
from oms_api.domain.inventory.tables import StockMovement as MovementRow
from oms_api.graphql.catalog.loaders import SkuById
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.loaders import LocationById
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import enum, output
from oms_api.graphql.inventory.loaders import AdjustmentById, LevelById, LevelsBySku, LinesByAdjustment, MovementsByLevel
from oms_api.graphql.nodes import Node, fetches
from oms_api.graphql.permissions import field
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import IdKind, text_id
from oms_api.kernel.paging import PageRequest

enum(Account, name="StockAccount")
enum(MovementKind, name="StockMovementKind")
enum(CauseKind, name="StockMovementCauseKind")


@output
class StockMovementCause:
    """The line of the document that moved units."""

    kind: CauseKind
    """What kind of document line it is."""
    id: strawberry.ID
    """The line."""


@output
class StockMovement:
    """Units of a level that moved between two accounts. Movements are never changed; a correction is a further one."""

    sequence: Int64
    """Its number within the level: 1, 2, 3, without gaps."""
    kind: MovementKind
    """Why they moved."""
    quantity: int
    """How many units, always positive."""
    source: Account = strawberry.field(name="from", description="Where they were.")
    target: Account = strawberry.field(name="to", description="Where they are since.")
    lot: str | None
    """The lot, where lots are told apart."""
    cause: StockMovementCause
    """The document line behind it."""
    reason: str | None
    """What was given as the reason."""
    actor: str
    """Who did it."""
    occurred_at: datetime
    """When it happened, by the business's clock."""
    recorded_at: datetime
    """When it was recorded here."""

    @classmethod
    def of(cls, row: MovementRow) -> Self:
        """Describe a movement of a level."""
        cause_id = strawberry.ID(text_id(IdKind(row.cause_kind.value), row.cause_id))
        return cls(
            sequence=Int64(row.sequence or 0),
            kind=row.kind,
            quantity=row.quantity,
            source=row.source,
            target=row.target,
            lot=row.lot,
            cause=StockMovementCause(kind=row.cause_kind, id=cause_id),
            reason=row.reason,
            actor=row.actor,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
        )


@output
class InventoryLevel(Node):
    """How much of one SKU one location holds.

    onHand = available + safetyStock + committed + reserved + damaged + qualityControl, always.
    """

    row: strawberry.Private[LevelRow]
    on_hand: Int64
    """Units that are there."""
    available: int
    """Units that can be promised."""
    committed: int
    """Units promised to order lines."""
    reserved: int
    """Units held for checkouts, until a deadline."""
    damaged: int
    """Units not fit for sale."""
    quality_control: int
    """Units waiting to be inspected."""
    safety_stock: int
    """Units kept back from most channels."""

    @classmethod
    def of(cls, row: LevelRow) -> Self:
        """Describe a stored level."""
        return cls(
            id=strawberry.ID(text_id(IdKind.LEVEL, row.id)),
            row=row,
            on_hand=Int64(row.on_hand),
            available=row.available,
            committed=row.committed,
            reserved=row.reserved,
            damaged=row.damaged,
            quality_control=row.quality_control,
            safety_stock=row.safety_stock,
        )

    @field(description="The goods.")
    async def sku(self, info: Info) -> Sku:
        return Sku.of(cast("SkuRow", await info.context.loader(SkuById).load(self.row.sku_id)))

    @field(description="Where they lie.")
    async def location(self, info: Info) -> Location:
        return Location.of(cast("LocationRow", await info.context.loader(LocationById).load(self.row.location_id)))

    @field(description="Its ledger, the newest movement first: it explains every unit.")
    async def movements(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[StockMovement]:
        loader = info.context.loader(MovementsByLevel, PageRequest.of(first, after, last, before))
        return Connection.of(await loader.load(self.row.id), StockMovement.of)


@output
class InventoryAdjustmentLine:
    """What an adjustment changed at one level; rows that named the same level are one line."""

    row: strawberry.Private[AdjustmentLineRow]
    id: strawberry.ID
    """The line, as its movement names it."""
    delta: int
    """Units more, or (negative) less."""

    @classmethod
    def of(cls, row: AdjustmentLineRow) -> Self:
        """Describe a stored line."""
        return cls(row=row, id=strawberry.ID(text_id(IdKind.ADJUSTMENT_LINE, row.id)), delta=row.delta)

    @field(description="The level as it is now.")
    async def inventory_level(self, info: Info) -> InventoryLevel:
        return InventoryLevel.of(cast("LevelRow", await info.context.loader(LevelById).load(self.row.level_id)))


@output
class InventoryAdjustment(Node):
    """A correction of stock numbers."""

    row: strawberry.Private[AdjustmentRow]
    reason: str
    """Why it was made: the code of an inventory reason."""
    reference: str | None
    """The document it refers to: a count sheet, a delivery note."""
    note: str | None
    """What somebody wanted to add."""
    actor: str
    """Who made it."""
    occurred_at: datetime
    """When it happened, by the business's clock."""
    recorded_at: datetime
    """When it was recorded here."""

    @classmethod
    def of(cls, row: AdjustmentRow) -> Self:
        """Describe a stored adjustment."""
        return cls(
            id=strawberry.ID(text_id(IdKind.ADJUSTMENT, row.id)),
            row=row,
            reason=row.reason,
            reference=row.reference,
            note=row.note,
            actor=row.actor,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
        )

    @field(description="What it changed, in the order given.")
    async def lines(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[InventoryAdjustmentLine]:
        loader = info.context.loader(LinesByAdjustment, PageRequest.of(first, after, last, before))
        return Connection.of(await loader.load(self.row.id), InventoryAdjustmentLine.of)


async def levels_of_sku(info: Info, sku_id: UUID, page: PageRequest) -> Connection[InventoryLevel]:
    """Return a page of a SKU's levels."""
    return Connection.of(await info.context.loader(LevelsBySku, page).load(sku_id), InventoryLevel.of)


@fetches(IdKind.LEVEL, Scope.INVENTORY_READ)
async def fetch_level(info: Info, level_id: UUID) -> InventoryLevel | None:
    """Return a level, if the caller may see it."""
    row = await info.context.loader(LevelById).load(level_id)
    return InventoryLevel.of(row) if row else None


@fetches(IdKind.ADJUSTMENT, Scope.INVENTORY_READ)
async def fetch_adjustment(info: Info, adjustment_id: UUID) -> InventoryAdjustment | None:
    """Return an adjustment, if the caller may see any of it."""
    row = await info.context.loader(AdjustmentById).load(adjustment_id)
    return InventoryAdjustment.of(row) if row else None
