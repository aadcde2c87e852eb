"""Goods that expire: brought in lots, and told how many of which lot lie where."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.inventory.commands.adjust import AdjustInventory, Change, adjust_inventory
from oms_api.domain.inventory.commands.move import MoveInventory, UnitsToMove, move_inventory
from oms_api.domain.inventory.lots.commands.update import UpdateLot, update_lot
from oms_api.domain.inventory.lots.given import LotGiven
from oms_api.domain.inventory.lots.tables import LotLevelRow, LotRow
from oms_api.domain.inventory.states import AdjustmentReason, Bucket, MovementKind
from oms_api.domain.inventory.tables import InventoryLevelRow, InventoryMoveRow, StockMovementRow
from oms_api.jobs.sweeping import run_sweep
from oms_api.kernel.ids import FulfillmentOrderId
from oms_api.workflows.sweeps import SWEEPS
from tests.factories.given import SYSTEM, Given
from tests.factories.raw import raw
from tests.factories.trading import Shop, line


def in_days(days: int) -> date:
    """Return the day so many days from today."""
    return datetime.now(UTC).date() + timedelta(days=days)


def lot(code: str, days: int | None = None) -> LotGiven:
    """Return a lot that expires in so many days, or without any one of which nothing is said of that."""
    return LotGiven(code, None if days is None else in_days(days))


@dataclass
class Pantry:
    """A shop whose goods expire."""

    shop: Shop

    async def goods(self, *lots: tuple[int, LotGiven | None], location: int = 0) -> SkuRow:
        """Return a new SKU of which a location holds so many units of each lot; lots that are over expired on the shelf."""
        sku = await Given(self.shop.work).sku()
        past = {given.code: day for _, given in lots if given and (day := given.expires_on) and day < in_days(0)}
        for units, given in lots:
            fresh = lot(given.code, 1) if given and given.code in past else given
            await self.bring(sku, units, fresh, location=location)
        for code, day in past.items():
            await self.spoil(sku, code, (day - in_days(0)).days)
        return sku

    async def bring(
        self, sku: SkuRow, units: int, given: LotGiven | None = None, *, location: int = 0, bucket: Bucket = Bucket.FREE
    ) -> None:
        """Bring units to a location or (negative) take them away."""
        await self.adjust((sku, units, given), location=location, bucket=bucket)

    async def adjust(
        self, *rows: tuple[SkuRow, int, LotGiven | None], location: int = 0, bucket: Bucket = Bucket.FREE, **more: Any
    ) -> None:
        """Bring and take units of several SKUs and lots, to or from one bucket."""
        place = self.shop.locations[location].id
        changes = tuple(Change(SkuRef(id=sku.id), place, units, given, bucket) for sku, units, given in rows)
        command = AdjustInventory(**{"changes": changes, "reason": AdjustmentReason.COUNT_CORRECTION, **more})
        await self.shop.work.execute(self.shop.principal, adjust_inventory, command)

    async def spoil(self, sku: SkuRow, code: str, days: int = -2) -> None:
        """Let the last good day of a lot be over."""
        command = UpdateLot(lot_id=(await self.lot(sku, code)).id, changes={"expires_on": in_days(days)})
        await self.shop.work.execute(SYSTEM, update_lot, command)

    async def expire(self, at: datetime | None = None, *, size: int = 20) -> int:
        """Let what has expired be set aside, now or at a moment, and return how many lots at levels that were."""
        work = self.shop.work if at is None else UnitOfWork(self.shop.work.pool, lambda: at)
        (sweep,) = [sweep for sweep in SWEEPS if sweep.name == "lot_expiry"]
        return await run_sweep(work, replace(sweep, size=size), asyncio.Event())

    async def move(self, *rows: tuple[SkuRow, int, Bucket, Bucket, str | None], location: int = 0) -> InventoryMoveRow:
        """Move units of lots or of none from one bucket to another."""
        place = self.shop.locations[location].id
        moves = tuple(UnitsToMove(SkuRef(id=sku.id), place, n, source, target, code) for sku, n, source, target, code in rows)
        command = MoveInventory(moves=moves, reason=AdjustmentReason.OTHER)
        return await self.shop.work.execute(self.shop.principal, move_inventory, command)

    async def aside(self, sku: SkuRow, location: int = 0) -> dict[str, int]:
        """Return how many units of each lot are known to be set aside at a location."""
        place = self.shop.locations[location].id
        found = select(LotRow.code, LotLevelRow.set_aside).join(LotLevelRow, LotLevelRow.lot_id == LotRow.id)
        chosen = found.where(LotLevelRow.sku_id == sku.id, LotLevelRow.location_id == place, LotLevelRow.set_aside > 0)
        async with self.shop.work.reads(SYSTEM) as read:
            return {row.code: row.set_aside for row in await read.all(raw(chosen))}

    async def held(self, sku: SkuRow, location: int = 0) -> dict[str | None, int]:
        """Return how many units of each lot, and of none, a location holds."""
        place = self.shop.locations[location].id
        async with self.shop.work.reads(SYSTEM) as read:
            level = await read.one(
                raw(select(InventoryLevelRow).where(InventoryLevelRow.sku_id == sku.id, InventoryLevelRow.location_id == place))
            )
            rows = await read.all(
                raw(
                    select(LotRow.code, LotLevelRow.on_hand)
                    .join(LotLevelRow, LotLevelRow.lot_id == LotRow.id)
                    .where(LotLevelRow.level_id == level.id, LotLevelRow.in_stock)
                    .order_by(LotRow.code)
                )
            )
        lots: dict[str | None, int] = {row.code: row.on_hand for row in rows}
        assert level.in_lots == sum(lots.values())
        without = level.on_hand - level.in_lots
        return lots | ({None: without} if without else {})

    async def moved(self, sku: SkuRow, *kinds: MovementKind) -> list[tuple[str | None, int]]:
        """Return the lots and units of movements of some kinds, in the order of recording."""
        rows = await self.movements(sku, *kinds)
        return [(row.lot, row.quantity) for row in rows]

    async def movements(self, sku: SkuRow, *kinds: MovementKind) -> Sequence[StockMovementRow]:
        """Return movements of some kinds, in the order of recording."""
        table = StockMovementRow
        async with self.shop.work.reads(SYSTEM) as read:
            return await read.all(raw(select(table).where(table.sku_id == sku.id, table.kind.in_(kinds)).order_by(table.id)))

    async def lot(self, sku: SkuRow, code: str) -> LotRow:
        """Return a lot as it is now."""
        async with self.shop.work.reads(SYSTEM) as read:
            return await read.one(raw(select(LotRow).where(LotRow.sku_id == sku.id, LotRow.code == code)))

    async def ordered(self, sku: SkuRow, units: int) -> FulfillmentOrderId:
        """Place an order for units of a SKU, and return its first fulfillment order."""
        order = await self.shop.place(line(sku, units))
        (todo, *_) = await self.shop.works(order.id)
        return todo.id

    async def trade(self) -> None:
        """Let lots come, leave to customers and be missed."""
        milk = await self.goods((5, lot("M1", 5)), (4, lot("M2", 9)), (3, None))
        await self.shop.ship(await self.ordered(milk, 7))
        await self.bring(milk, -1, lot("M2"))
        await self.bring(milk, -2)
        await self.goods((2, lot("M0", -1)), (2, lot("M2", 9)))
        await self.expire()
