"""A round through a warehouse: batches that are picked."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import select

from oms_api.db.session import Tx
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.picking.commands.set_bins import BinGiven, SetBins, set_bins
from oms_api.domain.picking.queries import batch_by_id
from oms_api.domain.picking.tables import PickBatchLineRow, PickBatchRow
from oms_api.kernel.ids import FulfillmentOrderId, PickBatchId, PickBatchLineId
from oms_api.workflows.pick_batches import (
    CancelBatch,
    ConfirmBatch,
    CreateBatch,
    PickToConfirm,
    cancel_batch,
    confirm_batch,
    create_batch,
)
from tests.factories.given import SYSTEM
from tests.factories.raw import raw
from tests.factories.trading import Shop

Found = tuple[PickBatchLineId, int] | tuple[PickBatchLineId, int, str]
"""A line, how many units were found, and why the others were not."""


@dataclass
class Round:
    """Whoever picks at the first location of a shop."""

    shop: Shop

    async def lies(self, *bins: tuple[SkuRow, str | None]) -> None:
        """Say in which bins goods lie."""
        given = tuple(BinGiven(sku=SkuRef(id=sku.id), bin=bin_) for sku, bin_ in bins)
        place = self.shop.locations[0].id
        command = SetBins(idempotency_key=uuid4().hex, location_id=place, bins=given)
        await self.shop.work.execute(SYSTEM, set_bins, command)

    async def begin(self, *works: FulfillmentOrderId) -> tuple[PickBatchRow, Sequence[PickBatchLineRow]]:
        """Make a batch of fulfillment orders, and return it with its lines."""

        async def choose(_tx: Tx) -> Sequence[FulfillmentOrderId]:
            return works

        async def create(tx: Tx, command: CreateBatch) -> PickBatchRow:
            return await create_batch(tx, command, choose)

        command = CreateBatch(idempotency_key=uuid4().hex, location_id=self.shop.locations[0].id)
        batch = await self.shop.work.execute(SYSTEM, create, command)
        return batch, await self.lines(batch.id)

    async def confirm(self, batch: PickBatchId, *found: Found) -> PickBatchRow:
        """Confirm lines."""
        lines = tuple(
            PickToConfirm(line_id=key, picked=units, short_reason_code=why[0] if why else None) for key, units, *why in found
        )
        command = ConfirmBatch(idempotency_key=uuid4().hex, pick_batch_id=batch, lines=lines)
        key, name = command.idempotency_key, "pickBatchConfirm"
        return (await self.shop.work.once(SYSTEM, confirm_batch, command, key=key, name=name, again=batch_by_id)).value

    async def cancel(self, batch: PickBatchId) -> PickBatchRow:
        """Give the rest of a batch up."""
        command = CancelBatch(idempotency_key=uuid4().hex, pick_batch_id=batch)
        key, name = command.idempotency_key, "pickBatchCancel"
        return (await self.shop.work.once(SYSTEM, cancel_batch, command, key=key, name=name, again=batch_by_id)).value

    async def lines(self, batch: PickBatchId) -> Sequence[PickBatchLineRow]:
        """Return the lines of a batch as they are now, in the order of the round."""
        found = select(PickBatchLineRow).where(PickBatchLineRow.batch_id == batch).order_by(PickBatchLineRow.position)
        async with self.shop.work.reads(SYSTEM) as read:
            return await read.all(raw(found))
