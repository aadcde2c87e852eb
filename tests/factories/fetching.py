"""A store whose customers fetch their goods."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from oms_api.db.session import Tx
from oms_api.db.unit_of_work import Done, UnitOfWork
from oms_api.domain.channels.commands.change_location import UpdateLocation, update_location
from oms_api.domain.events.sweeps import Batch
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.orders.given import LineGiven
from oms_api.domain.pickups.queries import pickup_by_id
from oms_api.domain.pickups.tables import PickupRow
from oms_api.kernel.access import Principal
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.ids import FulfillmentOrderId, PickupId
from oms_api.workflows.pickups.change import ExtendPickup, PickupToChange, cancel_pickup, extend_pickup, renew_code
from oms_api.workflows.pickups.hand_over import HandOverPickup, hand_over_pickup, try_code
from oms_api.workflows.pickups.overdue import expire_pickups, remind_of_pickups
from oms_api.workflows.pickups.ready import ReadyForPickup, ready_for_pickup
from tests.factories.given import SYSTEM
from tests.factories.raw import raw
from tests.factories.trading import Shop


@dataclass
class Store:
    """The first location of a shop, where goods wait for seven days, and customers are reminded after three."""

    shop: Shop
    principal: Principal = SYSTEM

    @classmethod
    async def open(cls, work: UnitOfWork, *, locations: int = 1, days: int = 7) -> "Store":
        """Open a shop whose locations offer pickup."""
        shop = await Shop.open(work, locations=locations)
        for place in shop.locations:
            changes = UpdateLocation(location_id=place.id, changes={"pickup_days": days, "pickup_reminder_days": 3})
            await work.execute(SYSTEM, update_location, changes)
        return cls(shop)

    def acting_as(self, principal: Principal) -> "Store":
        """Return the store as another caller has to do with it."""
        return replace(self, principal=principal)

    async def ordered(self, *lines: LineGiven) -> FulfillmentOrderRow:
        """Place an order, and return its first fulfillment order."""
        return (await self.shop.works((await self.shop.place(*lines)).id))[0]

    async def ready(self, work: FulfillmentOrderId, key: str | None = None) -> PickupRow:
        """Let the goods of a fulfillment order wait."""
        command = ReadyForPickup(idempotency_key=key or uuid4().hex, fulfillment_order_id=work)
        return (await self._once(ready_for_pickup, command, "pickupReady")).value

    async def waiting(self, *lines: LineGiven) -> PickupRow:
        """Place an order, and let its goods wait."""
        return await self.ready((await self.ordered(*lines)).id)

    async def hand_over(
        self, pickup: PickupId, code: str, collected_by: str | None = None, key: str | None = None
    ) -> Done[PickupRow]:
        """Hand goods over for a code, as the mutation does."""
        command = HandOverPickup(idempotency_key=key or uuid4().hex, pickup_id=pickup, code=code, collected_by=collected_by)
        refuse_if(await self.shop.work.execute(self.principal, try_code, command))
        return await self._once(hand_over_pickup, command, "pickupHandOver")

    async def cancel(self, pickup: PickupId) -> PickupRow:
        """Let goods wait no longer."""
        command = PickupToChange(idempotency_key=uuid4().hex, pickup_id=pickup)
        return (await self._once(cancel_pickup, command, "pickupCancel")).value

    async def renew(self, pickup: PickupId) -> PickupRow:
        """Give a pickup another code."""
        command = PickupToChange(idempotency_key=uuid4().hex, pickup_id=pickup)
        return (await self._once(renew_code, command, "pickupCodeRenew")).value

    async def extend(self, pickup: PickupId, days: int) -> PickupRow:
        """Let goods wait longer."""
        command = ExtendPickup(idempotency_key=uuid4().hex, pickup_id=pickup, days=days)
        return (await self._once(extend_pickup, command, "pickupExtend")).value

    async def expire(self, at: datetime) -> int:
        """Let the sweep come *at* a moment, and tell how many pickups of the shop it ended."""
        before = [each.status for each in await self.pickups()]
        await self._swept(expire_pickups, at)
        return sum(was is not each.status for was, each in zip(before, await self.pickups(), strict=True))

    async def remind(self, at: datetime) -> int:
        """Let the sweep that reminds come *at* a moment, and tell of how many pickups of the shop it told."""
        before = [each.reminded_at for each in await self.pickups()]
        await self._swept(remind_of_pickups, at)
        return sum(was != each.reminded_at for was, each in zip(before, await self.pickups(), strict=True))

    async def _swept(self, batch: Callable[[Tx, Batch], Awaitable[int]], at: datetime) -> None:
        clock = UnitOfWork(self.shop.work.pool, lambda: at)
        while await clock.execute(SYSTEM, batch, Batch()):
            pass

    async def now(self, pickup: PickupId) -> PickupRow:
        """Return a pickup as it is now."""
        async with self.shop.work.reads(SYSTEM) as read:
            return await pickup_by_id(read, pickup)

    async def pickups(self) -> list[PickupRow]:
        """Return all pickups at the locations of the shop, oldest first."""
        places = [place.id for place in self.shop.locations]
        found = select(PickupRow).where(PickupRow.location_id.in_(places)).order_by(PickupRow.id)
        async with self.shop.work.reads(SYSTEM) as read:
            return await read.all(raw(found))

    async def _once(self, command: Any, arguments: Any, name: str) -> Done[PickupRow]:
        async def carried_out(tx: Tx, given: Any) -> PickupRow:
            done: PickupRow = await command(tx, given)
            return done

        key = arguments.idempotency_key
        return await self.shop.work.once(self.principal, carried_out, arguments, key=key, name=name, again=pickup_by_id)
