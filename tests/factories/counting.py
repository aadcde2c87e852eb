"""Counts of what is there, through the domain's own commands."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from oms_api.db.unit_of_work import Done, UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.inventory.counts.commands.cancel import CancelCount, cancel_count
from oms_api.domain.inventory.counts.commands.create import CreateCount, create_count
from oms_api.domain.inventory.counts.commands.post import PostCount, post_count
from oms_api.domain.inventory.counts.commands.submit import CountedUnits, SubmitCount, submit_count
from oms_api.domain.inventory.counts.queries import counts_by_id
from oms_api.domain.inventory.counts.tables import StockCountLineRow, StockCountRow
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import CountId
from oms_api.workflows.deallocate import COVERS
from tests.factories.given import SYSTEM, Given
from tests.factories.raw import raw


@dataclass
class Shelf:
    """A location, and how it is counted."""

    work: UnitOfWork
    location: LocationRow
    principal: Principal = SYSTEM

    @classmethod
    async def build(cls, work: UnitOfWork) -> "Shelf":
        """Make a location."""
        return cls(work, await Given(work).location())

    async def goods(self, *on_hand: int) -> list[SkuRow]:
        """Make SKUs of which so many units each are here."""
        given = Given(self.work)
        skus = [await given.sku() for _ in on_hand]
        for sku, units in zip(skus, on_hand, strict=True):
            if units:
                await given.adjust(sku.id, self.location.id, units)
        return skus

    async def once(self, command: Any, arguments: Any, name: str) -> Done[StockCountRow]:
        """Carry out a command once under its key."""
        key = arguments.idempotency_key
        return await self.work.once(self.principal, command, arguments, key=key, name=name, again=counts_by_id.known)

    async def open(self, *skus: SkuRow, **more: Any) -> StockCountRow:
        """Open a count of *skus*, or without them of all that is here."""
        named = tuple(SkuRef(code=sku.code) for sku in skus) or None
        command = CreateCount(**{"idempotency_key": uuid4().hex, "location_id": self.location.id, "skus": named, **more})
        return (await self.once(create_count, command, "stockCountCreate")).value

    async def submit(self, count: CountId, *lines: tuple[Any, ...], **more: Any) -> StockCountRow:
        """Tell what was counted: a SKU, how many, and perhaps when."""
        told = tuple(CountedUnits(sku=SkuRef(id=sku.id), quantity=n, counted_at=at[0] if at else None) for sku, n, *at in lines)
        command = SubmitCount(**{"idempotency_key": uuid4().hex, "count_id": count, "lines": told, **more})
        return (await self.once(submit_count, command, "stockCountSubmit")).value

    async def post(self, count: CountId, **more: Any) -> Done[StockCountRow]:
        """Correct stock by a count."""
        command = PostCount(**{"idempotency_key": uuid4().hex, "count_id": count, **more})
        return await self.once(partial(post_count, covers=COVERS), command, "stockCountPost")

    async def cancel(self, count: CountId, **more: Any) -> StockCountRow:
        """Call a count off."""
        command = CancelCount(**{"idempotency_key": uuid4().hex, "count_id": count, **more})
        return (await self.once(cancel_count, command, "stockCountCancel")).value

    async def counted(self, *lines: tuple[Any, ...], **more: Any) -> StockCountRow:
        """Open a count of the SKUs of *lines* and count them all."""
        count = await self.open(*(line[0] for line in lines), **more)
        return await self.submit(count.id, *lines, complete=True)

    async def lines(self, count: CountId) -> Sequence[StockCountLineRow]:
        """Return the lines of a count as they are now."""
        table = StockCountLineRow
        async with self.work.reads(SYSTEM) as read:
            return await read.all(raw(select(table).where(table.count_id == count).order_by(table.position)))

    async def on_hand(self, sku: SkuRow) -> tuple[int, int, int]:
        """Return what is on hand, free and committed."""
        level = await Given(self.work).level(sku.id, self.location.id)
        return (0, 0, 0) if level is None else (level.on_hand, level.free, level.committed)


async def count_about(work: UnitOfWork) -> None:
    """Let counts be opened, counted in part, posted with all that can differ, and canceled."""
    shelf = await Shelf.build(work)
    more, fewer, same, skipped = await shelf.goods(5, 5, 5, 5)
    await shelf.submit((await shelf.open()).id, (more, 1))
    await shelf.cancel((await shelf.counted((more, 9))).id)
    count = await shelf.open(more, fewer, same, skipped)
    await shelf.submit(count.id, (more, 7), (fewer, 3), (same, 5), complete=True, leave_uncounted=True)
    await shelf.post(count.id)
    await shelf.open(more)
