"""Levels, the stock ledger and adjustments, as clients read them."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry

from oms_api.db.relations import Relation
from oms_api.domain.fulfillment.backorders.open_units import backordered_by_level
from oms_api.domain.inventory.adjustments import adjustments_by_id, pages_of_adjustment_lines
from oms_api.domain.inventory.feeds import syncs_by_adjustment
from oms_api.domain.inventory.lots.queries import expired_by_level
from oms_api.domain.inventory.queries import levels_by_id, pages_of_levels, pages_of_movements
from oms_api.domain.inventory.reasons import reasons_by_id
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.states import Account, AdjustmentKind, Bucket, CauseKind, MovementKind, ReasonDirection
from oms_api.domain.inventory.stock_documents import BEHIND, deallocations_by_document
from oms_api.domain.inventory.tables import (
    InventoryAdjustmentLineRow,
    InventoryAdjustmentRow,
    InventoryLevelRow,
    InventoryReasonRow,
    StockMovementRow,
)
from oms_api.domain.inventory.transfers.coming import in_transit_by_level
from oms_api.domain.picking.queries import bins
from oms_api.domain.purchasing.incoming import incoming_units
from oms_api.graphql.catalog.types import Sku
from oms_api.graphql.channels.types import Location
from oms_api.graphql.connections import After, Before, Connection, First, Last
from oms_api.graphql.context import Info
from oms_api.graphql.declared.filters import Where, on
from oms_api.graphql.declared.links import connection, leads_to, loaded, pages
from oms_api.graphql.declared.records import Record, column, entity, made
from oms_api.graphql.described import argument, enum, input_type, output
from oms_api.graphql.inventory.stock_documents import InventoryDeallocation, InventorySync
from oms_api.graphql.lots.types import LotLevel, Then, lots_of_level
from oms_api.graphql.nodes import Node, fetch_if_permitted
from oms_api.graphql.permissions import field
from oms_api.graphql.scalars import Int64
from oms_api.kernel.access import Scope
from oms_api.kernel.ids import AdjustmentId, AdjustmentLineId, IdKind, InventoryReasonId, LevelId, SkuId, text_id
from oms_api.kernel.paging import PageRequest

enum(Account, name="StockAccount")
enum(MovementKind, name="StockMovementKind")
enum(Bucket, name="InventoryBucket")
enum(CauseKind, name="StockMovementCauseKind")
enum(AdjustmentKind, name="InventoryAdjustmentKind")
enum(ReasonDirection, name="InventoryReasonDirection")


@input_type
class StockMovementFilterInput(Where):
    """Conditions on movements of a level; all must be true."""

    kind = on(StockMovementRow.kind)
    """By kind of movement."""
    occurred_at = on(StockMovementRow.occurred_at)
    """When the units moved, not when the movement was recorded."""


@output
class StockMovementCause:
    """The document line that caused a movement."""

    line_id: strawberry.Private[UUID]
    kind: CauseKind
    """The kind of document line."""

    @field(description="The line.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(text_id(IdKind(self.kind.value), self.line_id))

    @field(description="The document that contains the line behind the movement; null where the API key may not see it.")
    async def document(self, info: Info) -> Node | None:
        kind, documents = BEHIND[self.kind]
        found = await info.context.load(documents, self.line_id)
        return None if found is None else await fetch_if_permitted(info, text_id(kind, found))


@output
class StockMovement(Record[StockMovementRow]):
    """A number of units of one inventory level that moved from one account to another.

    Movements never change; a correction is a further movement.
    """

    sequence: Int64 = made(lambda number: Int64(number or 0), StockMovementRow.sequence)
    """The number of the movement within its level: 1, 2, 3, without gaps."""
    kind: MovementKind
    """The kind of movement."""
    quantity: int
    """Units, always positive."""
    from_: Account = column(StockMovementRow.source)
    """The account that the units left."""
    to: Account = column(StockMovementRow.target)
    """The account that the units entered."""
    lot: str | None
    """The code of the lot; null where lots are not tracked."""
    cause: StockMovementCause = made(
        lambda kind, line_id: StockMovementCause(kind=kind, line_id=line_id),
        StockMovementRow.cause_kind,
        StockMovementRow.cause_id,
    )
    """The line of the document that caused the movement."""
    reason: str | None
    """The code of the reason that was given; null for none."""
    actor: str
    """The person or program behind it."""
    occurred_at: datetime
    """When it happened; it may have been recorded later."""
    recorded_at: datetime
    """When it was recorded in this system."""


def _bin(placed: Any) -> str | None:
    return None if placed is None else cast("str", placed.bin)


def given_expired(level: "InventoryLevel", info: Info, show: Callable[[int], int]) -> int:
    """Return what *show* makes of how many units promised to nobody have expired and are not set aside yet.

    Few levels have lots; only one that has is asked for, and its answer awaited.
    """
    if level.as_of is not None or not level.row.in_lots:
        return show(0)

    async def asked() -> int:
        return show(await info.context.load(expired_by_level, level.row.id))

    return cast("int", asked())


def expired_now(self: "InventoryLevel", info: Info) -> int:
    """Return how many units that are promised to nobody have expired and are not set aside yet."""
    return given_expired(self, info, lambda expired: expired)


def available_now(self: "InventoryLevel", info: Info) -> int:
    """Return how many units can be promised."""
    return given_expired(self, info, lambda expired: max(self.row.free - expired - self.row.safety_stock_target, 0))


def safety_stock_now(self: "InventoryLevel", info: Info) -> int:
    """Return how many of the units that can be sold are kept back."""
    return given_expired(self, info, lambda expired: min(self.row.free - expired, self.row.safety_stock_target))


@entity(levels_by_id, Scope.INVENTORY_READ)
class InventoryLevel(Then, Node, Record[InventoryLevelRow]):
    """The stock of one SKU at one location, in units.

    At every moment, onHand = available + safetyStock + committed + reserved + damaged + qualityControl + expired.
    """

    id: LevelId
    on_hand: Int64
    """Units that are physically there."""
    available: int = strawberry.field(resolver=available_now)
    """Units that can be promised. Units of a reservation past its deadline are counted here within seconds. Even before that,
    orders and changes that take units away can use them."""
    committed: int
    """Units promised to order lines."""
    reserved: int
    """Units held for checkouts, until a deadline."""
    damaged: int
    """Units not fit for sale."""
    quality_control: int
    """Units waiting to be inspected."""
    safety_stock: int = strawberry.field(resolver=safety_stock_now)
    """Units withheld from channels that do not sell safety stock."""
    expired: int = strawberry.field(resolver=expired_now)
    """Units of expired lots that are promised to nobody; within seconds they are set aside in quality control. 0 for a level
    read at a past moment."""
    safety_stock_target: int
    """Units to withhold as safety stock. If fewer units are free, only the free units are withheld."""

    sku: Sku = leads_to(InventoryLevelRow.sku_id)
    """The goods."""
    location: Location = leads_to(InventoryLevelRow.location_id)
    """The location of the goods."""
    bin: str | None = loaded(bins, _bin, key=(InventoryLevelRow.sku_id, InventoryLevelRow.location_id))
    """The bin where the goods lie now, see `binsSet`; null where none is known."""

    @field(
        description=(
            "Whether a later report contradicts the numbers of a level that was read at a past moment: fewer units had "
            "been there than were promised and set aside. The numbers are then estimates: the missing units are taken from "
            "free, reserved, committed, quality control and damaged units, in that order, and no number is below 0. Always "
            "false for the present level."
        )
    )
    def contradicted(self) -> bool:
        return self.is_contradicted

    async def now(self, info: Info, units: Relation[LevelKey, int]) -> Int64 | None:
        """Return a sum of open documents, which is known of the present only."""
        if self.as_of is not None:
            return None
        return Int64(await info.context.load(units, (self.row.sku_id, self.row.location_id)))

    @field(
        description=(
            "Units on their way here: open units of purchase orders and transfers to this location. Null for a level read "
            "at a past moment: only present supply is known."
        )
    )
    async def incoming(self, info: Info) -> Int64 | None:
        return await self.now(info, incoming_units)

    @field(
        description=(
            "Units that transfers have sent to this location and that have not arrived yet: a part of `incoming`. Null "
            "for a level read at a past moment."
        )
    )
    async def in_transit(self, info: Info) -> Int64 | None:
        return await self.now(info, in_transit_by_level)

    @field(
        description=(
            "Backordered units that are to be sent from this location. Units without known supply are counted at the first "
            "location of their channel. Null for a level read at a past moment."
        )
    )
    async def backordered(self, info: Info) -> Int64 | None:
        return await self.now(info, backordered_by_level)

    @field(
        description=(
            "The lots with units on hand, the earliest expiry first. The other units on hand belong to no lot. For a level "
            "read at a past moment, these are the lots at that moment, computed from the ledger."
        )
    )
    async def lots(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[LotLevel]:
        return await lots_of_level(info, self.row.id, PageRequest.of(first, after, last, before), self.as_of)

    @field(
        description=(
            "The ledger of the level, the newest movement first: it explains every unit. For a level read at a past "
            "moment, the movements up to then."
        )
    )
    async def movements(
        self,
        info: Info,
        where: Annotated[
            StockMovementFilterInput | None, argument("Conditions on movements; by default, all movements are included.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[StockMovement]:
        page, wanted = PageRequest.of(first, after, last, before), where and where.checked("where")
        found = await info.context.load(pages_of_movements, self.row.id, page, wanted, self.as_of)
        return connection(found, StockMovement)


@output
class InventoryAdjustmentLine(Record[InventoryAdjustmentLineRow]):
    """The change at one level: rows that named the same level, bucket and lot are one line."""

    id: AdjustmentLineId
    """The id of the line. The `cause` of its stock movement has this id."""
    delta: int
    """The change in units: negative for fewer."""
    counted: int | None
    """The reported units on hand; null where a difference was reported."""
    was: Int64 | None
    """The units on hand that the reported number replaced. For an inventory sync, these are the units on hand at the moment of
    the sync, its `asOf`. Null where a difference was reported, not a number."""
    lot: str | None
    """The code of the lot; null where none was named."""
    bucket: Bucket | None = made(
        lambda bucket, counted: bucket if counted is None else None,
        InventoryAdjustmentLineRow.bucket,
        InventoryAdjustmentLineRow.counted,
    )
    """The bucket that gained or lost the units; null where the number of all units on hand was reported, because that number
    covers all buckets."""
    inventory_level: InventoryLevel = leads_to(InventoryAdjustmentLineRow.level_id)
    """The level as it is now."""


@entity(adjustments_by_id, Scope.INVENTORY_READ)
class InventoryAdjustment(Node, Record[InventoryAdjustmentRow]):
    """A correction of stock."""

    id: AdjustmentId
    kind: AdjustmentKind
    """The way in which the correction was reported."""
    reason: str
    """The reason for the correction: the code of an inventory reason."""
    reference: str | None
    """The document it refers to: a count sheet, a delivery note."""
    note: str | None
    """A remark of the author."""
    actor: str
    """Who made it."""
    occurred_at: datetime
    """When it happened; it may have been recorded later."""
    recorded_at: datetime
    """When it was recorded in this system."""
    lines: Connection[InventoryAdjustmentLine] = pages(pages_of_adjustment_lines, InventoryAdjustmentLine)
    """The changes by level, in the order given."""
    inventory_sync: InventorySync | None = leads_to(InventoryAdjustmentRow.id, syncs_by_adjustment, InventorySync)
    """The inventory sync that the correction applies; null for corrections of other kinds, and where the API key may not see
    it."""
    deallocation: InventoryDeallocation | None = leads_to(
        InventoryAdjustmentRow.id, deallocations_by_document, InventoryDeallocation
    )
    """The promises taken back because of it; null for none. For an inventory sync, see `deallocation` of the
    `inventorySync`."""


@entity(reasons_by_id, Scope.INVENTORY_READ)
class InventoryReason(Node, Record[InventoryReasonRow]):
    """A reason for stock corrections and moves by hand."""

    id: InventoryReasonId
    code: str
    """Its code: unique, case-sensitive, never changed."""
    title: str
    """The name shown to people."""
    direction: ReasonDirection
    """The changes that it explains: units found, units missing, or both."""
    active: bool
    """Whether it can be used."""


async def levels_of_sku(info: Info, sku_id: SkuId, page: PageRequest) -> Connection[InventoryLevel]:
    """Return a page of a SKU's levels."""
    return connection(await info.context.load(pages_of_levels, sku_id, page), InventoryLevel)
