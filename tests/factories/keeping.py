"""Whoever keeps stock: adjusts, moves, sets and syncs it, taking promises back or not, and reads what that did."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from oms_api.db.outbox import StagedEvent
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.inventory.commands.adjust import AdjustInventory, Change, adjust_inventory
from oms_api.domain.inventory.commands.move import MoveInventory, UnitsToMove, move_inventory
from oms_api.domain.inventory.commands.set_levels import Counted, SetInventory, set_inventory
from oms_api.domain.inventory.commands.sync import CountedThen, Synced, SyncInventory, sync_inventory, synced_before
from oms_api.domain.inventory.lots.given import LotGiven
from oms_api.domain.inventory.states import AdjustmentReason, Bucket, OnShortfall
from oms_api.domain.inventory.tables import (
    InventoryAdjustmentRow,
    InventoryDeallocationLineRow,
    InventoryDeallocationRow,
    InventoryMoveRow,
)
from oms_api.domain.orders.tables import OrderLineRow
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import OrderId
from oms_api.workflows.deallocate import COVERS
from oms_api.workflows.source_again import SourceOrder, source_order
from tests.factories.given import SYSTEM, Given
from tests.factories.raw import raw

DEALLOCATE = OnShortfall.DEALLOCATE


@dataclass
class Keeper:
    """Keeps the stock of one location."""

    work: UnitOfWork
    location: LocationRow
    principal: Principal = SYSTEM

    def at(self, clock: Callable[[], datetime]) -> "Keeper":
        """Return the same by another clock."""
        return replace(self, work=UnitOfWork(self.work.pool, clock))

    async def adjust(
        self, sku: SkuRow, delta: int, lot: LotGiven | None = None, *, bucket: Bucket = Bucket.FREE, **more: Any
    ) -> InventoryAdjustmentRow:
        """Find or miss units, of a lot or of none."""
        changes = (Change(SkuRef(id=sku.id), self.location.id, delta, lot, bucket),)
        command = AdjustInventory(**{"changes": changes, "reason": AdjustmentReason.OTHER, "on_shortfall": DEALLOCATE, **more})
        return await self.work.execute(self.principal, partial(adjust_inventory, covers=COVERS), command)

    async def move(
        self,
        sku: SkuRow,
        units: int,
        source: Bucket = Bucket.FREE,
        *,
        to: Bucket = Bucket.DAMAGED,
        lot: str | None = None,
        **more: Any,
    ) -> InventoryMoveRow:
        """Set units aside, or take them from there; of a lot, or of any."""
        moves = (UnitsToMove(SkuRef(id=sku.id), self.location.id, units, source, to, lot),)
        command = MoveInventory(**{"moves": moves, "reason": AdjustmentReason.OTHER, "on_shortfall": DEALLOCATE, **more})
        return await self.work.execute(self.principal, partial(move_inventory, covers=COVERS), command)

    async def set(self, sku: SkuRow, units: int, expected: int | None = None, **more: Any) -> InventoryAdjustmentRow:
        """Say how many units are on hand."""
        sets = (Counted(SkuRef(id=sku.id), self.location.id, units, expected),)
        command = SetInventory(**{"sets": sets, "reason": AdjustmentReason.OTHER, "on_shortfall": DEALLOCATE, **more})
        return await self.work.execute(self.principal, partial(set_inventory, covers=COVERS), command)

    async def sync(self, *counts: tuple[SkuRow, int], as_of: datetime | None = None, **more: Any) -> Synced:
        """Feed how many units were on hand."""
        rows = tuple(CountedThen(SkuRef(id=sku.id), self.location.id, units) for sku, units in counts)
        moment = as_of or datetime.now(UTC)
        command = SyncInventory(**{"as_of": moment, "source": uuid4().hex, "rows": rows, "on_shortfall": DEALLOCATE, **more})
        done = await self.work.once(
            self.principal, partial(sync_inventory, covers=COVERS), command, key=uuid4().hex, name="inventorySync",
            again=partial(synced_before, rows=rows),
        )  # fmt: skip
        return done.value

    async def source(self, order: OrderId, *, backordered: bool = False) -> int:
        """Look for units for an order again, and return how many were found."""
        command = SourceOrder(order_id=order, backordered=backordered)
        return sum(taken.quantity for taken in await self.work.execute(self.principal, source_order, command) or ())

    async def buckets(self, sku: SkuRow) -> tuple[int, int, int, int, int]:
        """Return free, committed, reserved, quality control and damaged units."""
        level = await Given(self.work).level(sku.id, self.location.id)
        return level.free, level.committed, level.reserved, level.quality_control, level.damaged


async def lost(work: UnitOfWork, document: UUID) -> list[tuple[UUID | None, int]]:
    """Return the order and the units of each promise that a document took back, in that order; None for a reservation."""
    line, act = InventoryDeallocationLineRow, InventoryDeallocationRow
    found = select(line).join(act, act.id == line.unpromise_id).where(act.document_id == document).order_by(line.position)
    async with work.reads(SYSTEM) as read:
        return [(row.order_id, row.quantity) for row in await read.all(raw(found))]


async def waiting(work: UnitOfWork, order: OrderId) -> list[tuple[int, int, int]]:
    """Return for each line the units that are unsourced, backordered, and on a fulfillment order."""
    async with work.reads(SYSTEM) as read:
        rows = await read.all(raw(select(OrderLineRow).where(OrderLineRow.order_id == order).order_by(OrderLineRow.position)))
    return [(row.unsourced, row.backordered, row.in_fulfillment) for row in rows]


async def staged(work: UnitOfWork, type_: str, subject: UUID) -> list[StagedEvent]:
    """Return the events of a type about a record that wait for the relay."""
    found = select(StagedEvent).where(StagedEvent.type == type_, StagedEvent.subject_id == subject)
    async with work.reads(SYSTEM) as read:
        return list(await read.all(raw(found.order_by(StagedEvent.stage))))
