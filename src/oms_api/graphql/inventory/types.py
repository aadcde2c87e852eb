"""Stock, as clients read it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self, cast

import strawberry

from oms_api.db.relations import Relation
from oms_api.domain.catalog.tables import Sku as SkuRow
from oms_api.domain.channels.tables import Location as LocationRow
from oms_api.domain.fulfillment.backorders.beside import backordered_by_level
from oms_api.domain.inventory.adjustments import adjustments_by_id, pages_of_adjustment_lines
from oms_api.domain.inventory.documents import BEHIND
from oms_api.domain.inventory.queries import MovementFilter, levels_by_id, pages_of_levels, pages_of_movements
from oms_api.domain.inventory.reasons import reasons_by_id
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.states import Account, AdjustmentKind, Bucket, CauseKind, MovementKind, ReasonDirection
from oms_api.domain.inventory.tables import InventoryAdjustment as AdjustmentRow
from oms_api.domain.inventory.tables import InventoryAdjustmentLine as AdjustmentLineRow
from oms_api.domain.inventory.tables import InventoryLevel as LevelRow
from oms_api.domain.inventory.tables import InventoryReason as ReasonRow
from oms_api.domain.inventory.tables import StockMovement as MovementRow
from oms_api.domain.inventory.transfers.coming import in_transit_by_level
from oms_api.domain.purchasing.incoming import incoming_units
from oms_api.graphql.catalog.loaders import SkuById
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.loaders import LocationById
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.filters import DateTimeRange, Match, matched
from oms_api.graphql.lots.types import LotLevel, lots_of_level
from oms_api.graphql.nodes import Node, fetch_if_permitted, fetches
from oms_api.graphql.permissions import field
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import AdjustmentId, IdKind, InventoryReasonId, LevelId, SkuId, text_id
from oms_api.kernel.paging import PageRequest

if TYPE_CHECKING:
    from oms_api.graphql.inventory.documents import InventorySync, InventoryUnpromise

enum(Account, name="StockAccount")
enum(MovementKind, name="StockMovementKind")
enum(Bucket, name="InventoryBucket")
enum(CauseKind, name="StockMovementCauseKind")
enum(AdjustmentKind, name="InventoryAdjustmentKind")
enum(ReasonDirection, name="InventoryReasonDirection")


@input_type
class StockMovementFilterInput:
    """Which movements of a level. All that is given must hold."""

    kind: Match[MovementKind] | None = None
    """By why units moved."""
    occurred_at: DateTimeRange | None = None
    """By when they moved, by the business's clock."""

    def to_filter(self) -> MovementFilter:
        """Return the filter as the domain takes it. Raises: TooManyItems."""
        occurred = self.occurred_at or DateTimeRange()
        kinds = matched(self.kind, "where", "kind")
        kinds_once = None if kinds is None else frozenset(kinds)
        return MovementFilter(kinds=kinds_once, occurred_from=occurred.from_, occurred_before=occurred.before)


@output
class StockMovementCause:
    """The line of the document that moved units."""

    row: strawberry.Private[MovementRow]
    kind: CauseKind
    """What kind of document line it is."""
    id: strawberry.ID
    """The line."""

    @field(description="The document that the line belongs to; null where the key may not see it.")
    async def document(self, info: Info) -> Node | None:
        kind, documents = BEHIND[self.row.cause_kind]
        found = await info.context.load(documents, self.row.cause_id)
        return None if found is None else await fetch_if_permitted(info, text_id(kind, found))


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
            cause=StockMovementCause(row=row, kind=row.cause_kind, id=cause_id),
            reason=row.reason,
            actor=row.actor,
            occurred_at=row.occurred_at,
            recorded_at=row.recorded_at,
        )


@output
class InventoryLevel(Node):
    """How much of one SKU one location holds.

    onHand = available + safetyStock + committed + reserved + damaged + qualityControl, always, also of an earlier moment.
    """

    row: strawberry.Private[LevelRow]
    as_of: strawberry.Private[datetime | None]
    on_hand: Int64
    """Units that are there."""
    available: int
    """Units that can be promised. Those whose reservation is past its deadline are among them once that was noticed, some
    seconds later; an order or whoever takes units away notices at once."""
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
    safety_stock_target: int
    """How many units are to be kept back, as far as there are that many."""
    contradicted: bool
    """Of an earlier moment: whether it became known later that fewer units were there than had been promised or set aside by
    then. The numbers are then what can have been true: what is lacking is taken from free, reserved, committed, quality control
    and damaged units, in that order, and nothing is below 0. Never true of the level as it is."""

    @classmethod
    def of(cls, row: LevelRow, as_of: datetime | None = None, *, contradicted: bool = False) -> Self:
        """Describe a level as it is, or as it was at a moment."""
        return cls(
            id=strawberry.ID(text_id(IdKind.LEVEL, row.id)),
            row=row,
            as_of=as_of,
            on_hand=Int64(row.on_hand),
            available=row.available,
            committed=row.committed,
            reserved=row.reserved,
            damaged=row.damaged,
            quality_control=row.quality_control,
            safety_stock=row.safety_stock,
            safety_stock_target=row.safety_stock_target,
            contradicted=contradicted,
        )

    async def now(self, info: Info, beside: Relation[LevelKey, int]) -> Int64 | None:
        """Return a sum of open documents, which is known of the present only."""
        if self.as_of is not None:
            return None
        return Int64(await info.context.load(beside, (self.row.sku_id, self.row.location_id)))

    @field(description="The goods.")
    async def sku(self, info: Info) -> Sku:
        return Sku.of(cast("SkuRow", await info.context.loader(SkuById).load(self.row.sku_id)))

    @field(description="Where they lie.")
    async def location(self, info: Info) -> Location:
        return Location.of(cast("LocationRow", await info.context.loader(LocationById).load(self.row.location_id)))

    @field(
        description="Units on their way here: what is open of purchase orders and transfers to this location. Null of an "
        "earlier moment: only what is open now is known."
    )
    async def incoming(self, info: Info) -> Int64 | None:
        return await self.now(info, incoming_units)

    @field(
        description="Units of transfers to this location that have left and not arrived: a part of `incoming`. Null of an "
        "earlier moment, as that is."
    )
    async def in_transit(self, info: Info) -> Int64 | None:
        return await self.now(info, in_transit_by_level)

    @field(
        description="Units that order lines wait for and whose goods are expected here; while nobody knows what comes, that is "
        "the first location of their channel. Null of an earlier moment, as `incoming` is."
    )
    async def backordered(self, info: Info) -> Int64 | None:
        return await self.now(info, backordered_by_level)

    @field(
        description="The lots of which units are there, those that expire first before others; units on hand beyond them are "
        "of no lot. Of an earlier moment, as they were then by the ledger."
    )
    async def lots(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[LotLevel]:
        return await lots_of_level(info, self.row.id, PageRequest.of(first, after, last, before), self.as_of)

    @field(description="Its ledger, the newest movement first: it explains every unit. Of an earlier moment, up to that.")
    async def movements(
        self,
        info: Info,
        where: Annotated[StockMovementFilterInput | None, argument("Which movements; all of them unless told.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[StockMovement]:
        page, wanted = PageRequest.of(first, after, last, before), (where or StockMovementFilterInput()).to_filter()
        found = await info.context.load(pages_of_movements, self.row.id, page, wanted, self.as_of)
        return Connection.of(found, StockMovement.of)


@output
class InventoryAdjustmentLine:
    """What an adjustment changed at one level; rows that named the same level, bucket and lot are one line."""

    row: strawberry.Private[AdjustmentLineRow]
    id: strawberry.ID
    """The line, as its movement names it."""
    delta: int
    """Units more, or (negative) less."""
    counted: int | None
    """The units on hand that were told, where a number was told."""
    was: Int64 | None
    """The units on hand that this replaced; of a feed those at its moment."""
    lot: str | None
    """The code of the lot that was named, if one was."""
    bucket: Bucket | None
    """Where the units were found or missed; null where a number was told, which is of all buckets."""

    @classmethod
    def of(cls, row: AdjustmentLineRow) -> Self:
        """Describe a stored line."""
        return cls(
            row=row,
            id=strawberry.ID(text_id(IdKind.ADJUSTMENT_LINE, row.id)),
            delta=row.delta,
            counted=row.counted,
            was=None if row.was is None else Int64(row.was),
            lot=row.lot,
            bucket=row.bucket if row.counted is None else None,
        )

    @field(description="The level as it is now.")
    async def inventory_level(self, info: Info) -> InventoryLevel:
        return InventoryLevel.of(cast("LevelRow", await info.context.load(levels_by_id, self.row.level_id)))


@output
class InventoryAdjustment(Node):
    """A correction of stock numbers."""

    row: strawberry.Private[AdjustmentRow]
    kind: AdjustmentKind
    """How it was told."""
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
            kind=row.kind,
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
        page = PageRequest.of(first, after, last, before)
        return Connection.of(await info.context.load(pages_of_adjustment_lines, self.row.id, page), InventoryAdjustmentLine.of)

    @field(description="The feed whose numbers it applies; null for other kinds, and where the key may not see it.")
    async def inventory_sync(
        self, info: Info
    ) -> Annotated["InventorySync", strawberry.lazy("oms_api.graphql.inventory.documents")] | None:
        from oms_api.graphql.inventory.documents import sync_of  # noqa: PLC0415 - each names the other

        return await sync_of(info, self.row.id) if self.row.kind is AdjustmentKind.SYNC else None

    @field(description="The promises that were taken back for it, if any; those of a feed stand at the feed.")
    async def unpromise(
        self, info: Info
    ) -> Annotated["InventoryUnpromise", strawberry.lazy("oms_api.graphql.inventory.documents")] | None:
        from oms_api.graphql.inventory.documents import unpromise_of  # noqa: PLC0415 - each names the other

        return await unpromise_of(info, self.row.id)


@output
class InventoryReason(Node):
    """Why stock numbers are corrected or units are moved by hand."""

    code: str
    """Its code: unique, case-sensitive, never changed."""
    title: str
    """What people read."""
    direction: ReasonDirection
    """Which corrections it can explain."""
    active: bool
    """Whether it may be given."""

    @classmethod
    def of(cls, row: ReasonRow) -> Self:
        """Describe a stored reason."""
        return cls(
            id=strawberry.ID(text_id(IdKind.INVENTORY_REASON, row.id)),
            code=row.code,
            title=row.title,
            direction=row.direction,
            active=row.active,
        )


async def levels_of_sku(info: Info, sku_id: SkuId, page: PageRequest) -> Connection[InventoryLevel]:
    """Return a page of a SKU's levels."""
    return Connection.of(await info.context.load(pages_of_levels, sku_id, page), InventoryLevel.of)


@fetches(IdKind.LEVEL, Scope.INVENTORY_READ)
async def fetch_level(info: Info, level_id: LevelId) -> InventoryLevel | None:
    """Return a level, if the caller may see it."""
    row = await info.context.load(levels_by_id, level_id)
    return InventoryLevel.of(row) if row else None


@fetches(IdKind.ADJUSTMENT, Scope.INVENTORY_READ)
async def fetch_adjustment(info: Info, adjustment_id: AdjustmentId) -> InventoryAdjustment | None:
    """Return an adjustment, if the caller may see any of it."""
    row = await info.context.load(adjustments_by_id, adjustment_id)
    return InventoryAdjustment.of(row) if row else None


@fetches(IdKind.INVENTORY_REASON, Scope.INVENTORY_READ)
async def fetch_reason(info: Info, reason_id: InventoryReasonId) -> InventoryReason | None:
    """Return a reason."""
    row = await info.context.load(reasons_by_id, reason_id)
    return InventoryReason.of(row) if row else None
