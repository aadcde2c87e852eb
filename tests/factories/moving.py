"""Goods that go between two locations, and the numbers that tell of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import select

from oms_api.db.unit_of_work import Done, UnitOfWork
from oms_api.domain.catalog.references import SkuRef
from oms_api.domain.catalog.tables import SkuRow
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.inventory.states import OnShortfall
from oms_api.domain.inventory.tables import StockMovementRow
from oms_api.domain.inventory.transfers.commands.cancel import CancelTransfer, cancel_transfer
from oms_api.domain.inventory.transfers.commands.create import CreateTransfer, create_transfer
from oms_api.domain.inventory.transfers.commands.receive import ReceiveTransfer, receive_transfer
from oms_api.domain.inventory.transfers.commands.ship import ShipTransfer, ship_transfer
from oms_api.domain.inventory.transfers.commands.update import (
    MarkReady,
    TransferChanges,
    UpdateTransfer,
    mark_ready,
    update_transfer,
)
from oms_api.domain.inventory.transfers.policies import LineToSend, TransferLineToReceive
from oms_api.domain.inventory.transfers.queries import transfers_by_id
from oms_api.domain.inventory.transfers.states import TransferDiscrepancy, TransferResolution
from oms_api.domain.inventory.transfers.tables import TransferLineRow, TransferRow
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import TransferId
from oms_api.workflows.deallocate import COVERS
from tests.factories.given import SYSTEM, Given
from tests.factories.raw import raw

Units = tuple[int, int, int, int]
"""Free, committed, quality control and damaged."""


@dataclass
class Road:
    """Two locations, and what can go from the first to the second."""

    work: UnitOfWork
    origin: LocationRow
    destination: LocationRow
    principal: Principal = SYSTEM

    @classmethod
    async def build(cls, work: UnitOfWork) -> "Road":
        """Make two locations."""
        given = Given(work)
        return cls(work, await given.location(), await given.location())

    def back(self) -> "Road":
        """Return the way back."""
        return Road(self.work, self.destination, self.origin, self.principal)

    async def goods(self, *on_hand: int) -> list[SkuRow]:
        """Make SKUs of which the origin has so many units each."""
        given = Given(self.work)
        skus = [await given.sku() for _ in on_hand]
        for sku, units in zip(skus, on_hand, strict=True):
            if units:
                await given.adjust(sku.id, self.origin.id, units)
        return skus

    async def once(self, command: Any, arguments: Any, name: str) -> Done[TransferRow]:
        """Carry out a command once under its key."""
        key = arguments.idempotency_key
        return await self.work.once(self.principal, command, arguments, key=key, name=name, again=transfers_by_id.known)

    async def plan(self, *lines: tuple[SkuRow, int], **more: Any) -> TransferRow:
        """Plan a transfer, ready to ship unless told otherwise."""
        command = CreateTransfer(**{
            "idempotency_key": uuid4().hex, "origin_id": self.origin.id, "destination_id": self.destination.id, "ready": True,
            "lines": tuple(LineToSend(sku=SkuRef(code=sku.code), quantity=units) for sku, units in lines), **more,
        })  # fmt: skip
        return (await self.once(create_transfer, command, "transferCreate")).value

    async def update(self, transfer: TransferId, lines: Sequence[tuple[SkuRow, int]] | None = None, **more: Any) -> TransferRow:
        """Change a transfer."""
        rows = None if lines is None else tuple(LineToSend(sku=SkuRef(id=sku.id), quantity=units) for sku, units in lines)
        expected = more.pop("expected_version", None)
        command = UpdateTransfer(
            idempotency_key=uuid4().hex,
            transfer_id=transfer,
            changes=cast("TransferChanges", more),
            lines=rows,
            expected_version=expected,
        )
        return (await self.once(update_transfer, command, "transferUpdate")).value

    async def ready(self, transfer: TransferId, **more: Any) -> TransferRow:
        """Make a draft ready to ship."""
        command = MarkReady(**{"idempotency_key": uuid4().hex, "transfer_id": transfer, **more})
        return (await self.once(mark_ready, command, "transferMarkReady")).value

    async def ship(self, transfer: TransferId, *lines: tuple[SkuRow, int], **more: Any) -> Done[TransferRow]:
        """Ship units, or without lines all that is left."""
        rows = tuple(LineToSend(sku=SkuRef(code=sku.code), quantity=units) for sku, units in lines) or None
        command = ShipTransfer(**{"idempotency_key": uuid4().hex, "transfer_id": transfer, "lines": rows, **more})
        return await self.once(partial(ship_transfer, cover=COVERS[OnShortfall.REFUSE]), command, "transferShip")

    async def receive(
        self, transfer: TransferId, *lines: tuple[SkuRow, int, int, int] | tuple[SkuRow, int, int, int, str | None], **more: Any
    ) -> Done[TransferRow]:
        """Receive units (arrived, damaged, lost, perhaps of a lot), or without lines all that is on the way."""
        rows = tuple(
            TransferLineToReceive(
                sku=SkuRef(id=sku.id),
                received=arrived,
                damaged=damaged,
                lost=lost,
                reason=TransferDiscrepancy.LOST_IN_TRANSIT if damaged or lost else None,
                lot=lot[0] if lot else None,
            )
            for sku, arrived, damaged, lost, *lot in lines
        )
        command = ReceiveTransfer(**{"idempotency_key": uuid4().hex, "transfer_id": transfer, "lines": rows or None, **more})
        return await self.once(receive_transfer, command, "transferReceive")

    async def cancel(
        self, transfer: TransferId, resolution: Any = None, *lines: tuple[SkuRow, int], **more: Any
    ) -> Done[TransferRow]:
        """Call off units on the way, or without lines the rest of a transfer."""
        rows = tuple(LineToSend(sku=SkuRef(id=sku.id), quantity=units) for sku, units in lines) or None
        command = CancelTransfer(**{
            "idempotency_key": uuid4().hex, "transfer_id": transfer, "resolution": resolution, "lines": rows, **more,
        })  # fmt: skip
        return await self.once(cancel_transfer, command, "transferCancel")

    async def lines(self, transfer: TransferId) -> Sequence[TransferLineRow]:
        """Return the lines of a transfer as they are now."""
        table = TransferLineRow
        async with self.work.reads(SYSTEM) as read:
            return await read.all(raw(select(table).where(table.transfer_id == transfer).order_by(table.position)))

    async def stock(self, sku: SkuRow) -> tuple[Units, Units]:
        """Return what lies at the origin and at the destination."""
        found = []
        for place in (self.origin, self.destination):
            level = await Given(self.work).level(sku.id, place.id)
            empty = level is None
            found.append((0, 0, 0, 0) if empty else (level.free, level.committed, level.quality_control, level.damaged))
        return found[0], found[1]

    async def movements(self, sku: SkuRow) -> list[tuple[str, int, str, str]]:
        """Return what the ledger says of a SKU beyond its opening stock, in the order of recording."""
        table = StockMovementRow
        async with self.work.reads(SYSTEM) as read:
            rows = await read.all(raw(select(table).where(table.sku_id == sku.id, table.kind != "FOUND").order_by(table.id)))
        return [(row.kind.value, row.quantity, row.source.value, row.target.value) for row in rows]


async def move_about(work: UnitOfWork) -> None:
    """Let transfers be drafted, sent, received in part, lost in part, brought back and written off."""
    road = await Road.build(work)
    cup, pot = await road.goods(40, 40)
    await road.plan((cup, 3), ready=False)
    await road.cancel((await road.plan((cup, 3))).id)
    await road.ship((await road.plan((cup, 4), (pot, 4))).id, (cup, 2))
    part, back, gone = [await road.plan((cup, 5), (pot, 5)) for _ in range(3)]
    for plan in (part, back, gone):
        await road.ship(plan.id, (cup, 5), (pot, 3))
    await road.receive(part.id, (cup, 2, 1, 1), (pot, 3, 0, 0))
    await road.cancel(back.id, TransferResolution.RETURN_TO_SOURCE)
    await road.receive(gone.id, (cup, 1, 0, 0))
    await road.cancel(gone.id, TransferResolution.WRITE_OFF, (pot, 1))
    await road.cancel(gone.id, TransferResolution.WRITE_OFF)
