"""Work of a shop that is given to other locations, split, joined, rejected, and looked for anew."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

from oms_api.db.session import Tx
from oms_api.db.unit_of_work import UnitOfWork
from oms_api.domain.channels.tables import LocationRow
from oms_api.domain.fulfillment.giving_up import ActedOn
from oms_api.domain.fulfillment.policies import LineToShip
from oms_api.domain.orders.tables import OrderRow
from oms_api.jobs.tasks import react
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import FulfillmentOrderId, LineId, OrderId
from oms_api.workflows.move_work import MoveWork, move_work
from oms_api.workflows.reject_work import RejectWork, reject_work
from oms_api.workflows.source_anew import SourceAgain, source_again
from oms_api.workflows.split_work import MergeWorks, SplitWork, merge_works, split_work
from oms_api.workflows.subscribers import SUBSCRIBERS
from tests.factories.database import Database
from tests.factories.feed import relay_all
from tests.factories.given import SYSTEM

Given = TypeVar("Given")
Result = TypeVar("Result")
REACTIONS = ("counted_again", "location_off", "orders_leaving", "released", "source_again")


@dataclass(frozen=True)
class Floor:
    """Whoever decides which location does which work."""

    work: UnitOfWork
    principal: Principal = SYSTEM

    async def move(self, of: FulfillmentOrderId, to: LocationRow, **more: Any) -> ActedOn:
        """Give work to another location."""
        return await self._do(move_work, MoveWork(idempotency_key="", fulfillment_order_id=of, location_id=to.id, **more))

    async def split(self, of: FulfillmentOrderId, *lines: tuple[LineId, int], **more: Any) -> ActedOn:
        """Split units off."""
        wanted = tuple(LineToShip(line_id=line, quantity=units) for line, units in lines)
        return await self._do(split_work, SplitWork(idempotency_key="", fulfillment_order_id=of, lines=wanted, **more))

    async def merge(self, *works: FulfillmentOrderId) -> ActedOn:
        """Join work."""
        return await self._do(merge_works, MergeWorks(idempotency_key="", fulfillment_order_ids=works))

    async def reject(
        self, of: FulfillmentOrderId, *lines: tuple[LineId, int], reason: str = "NO_CAPACITY", **more: Any
    ) -> ActedOn:
        """Reject units, or all."""
        wanted = tuple(LineToShip(line_id=line, quantity=units) for line, units in lines) or None
        command = RejectWork(idempotency_key="", fulfillment_order_id=of, reason_code=reason, lines=wanted, **more)
        return await self._do(reject_work, command)

    async def again(self, order: OrderId, *works: FulfillmentOrderId, release: bool = True, **more: Any) -> OrderRow:
        """Look for locations anew."""
        command = SourceAgain(
            idempotency_key=uuid4().hex, order_id=order, release_open=release, fulfillment_order_ids=works or None, **more
        )
        return await self._do(source_again, command)

    async def _do(self, command: Callable[[Tx, Given], Awaitable[Result]], given: Given) -> Result:
        return await self.work.execute(self.principal, command, given)


async def settle(work: UnitOfWork, database: Database) -> None:
    """Let follow what follows by itself of what happened so far."""
    for _ in range(3):
        await relay_all(database.owner_url, SUBSCRIBERS)
        for name in REACTIONS:
            while await react(work, SUBSCRIBERS.reactions[name]):
                pass
