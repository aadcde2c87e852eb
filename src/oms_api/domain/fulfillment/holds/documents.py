"""Documents that can be on hold, under the lock of their order: an order, or a fulfillment order; with its active holds."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from oms_api.db.documents import Concerned, Document, published_as
from oms_api.db.pipeline import Rows
from oms_api.db.records import Shape
from oms_api.db.rows import Row
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.header import LOCATIONS, OrderHeader
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.fulfillment.verbs import HOLD as HOLD_WORK
from oms_api.domain.fulfillment.verbs import LIFE, WorkFacts
from oms_api.domain.fulfillment.verbs import RELEASE_HOLD as RELEASE_WORK
from oms_api.domain.orders.holds.errors import HandleTaken
from oms_api.domain.orders.holds.placing import RELEASED, NewHold, ended, held, release, write_hold
from oms_api.domain.orders.holds.tables import OrderHoldRow
from oms_api.domain.orders.verbs import HOLD as HOLD_ORDER
from oms_api.domain.orders.verbs import RELEASE_HOLD as RELEASE_ORDER
from oms_api.kernel.access import Principal
from oms_api.kernel.verbs import Verb

HOLDS = Shape(OrderHoldRow)
OF_ORDERS = Sql(f"""
SELECT order_id, {HOLDS.columns} FROM order_hold
WHERE order_id = ANY (:ids::uuid[]) AND fulfillment_order_id IS NULL AND status = 'ACTIVE' ORDER BY id
""")  # noqa: S608 - our own columns
OF_WORKS = Sql(f"""
SELECT fulfillment_order_id, {HOLDS.columns} FROM order_hold
WHERE fulfillment_order_id = ANY (:ids::uuid[]) AND status = 'ACTIVE' ORDER BY id
""")  # noqa: S608 - our own columns
LOCK_ORDERS_OF_WORKS = Sql("""
SELECT id FROM orders WHERE id IN (SELECT order_id FROM fulfillment_order WHERE id = ANY (:ids::uuid[]))
ORDER BY id FOR NO KEY UPDATE
""")


class Holding:
    """The common part of orders and fulfillment orders that can be held: their active holds."""

    hold_verb: ClassVar[Verb[Any, Any]]
    release_verb: ClassVar[Verb[Any, Any]]
    active: dict[UUID, OrderHoldRow]
    cause_id: UUID | None

    def hold(self: Any, tx: Tx, given: NewHold) -> OrderHoldRow:
        """Place a hold. Raises: HandleTaken."""
        if given.handle is not None and any(hold.handle == given.handle for hold in self.active.values()):
            raise HandleTaken(given=given.handle, field=("handle",))
        row = write_hold(tx, given, **self.held_as())
        self.active[row.id] = row
        self._record_hold(held(row))
        return row

    def release(self: Any, tx: Tx, holds: Collection[OrderHoldRow], verb: Verb[Any, Any], note: str | None = None) -> None:
        """End *holds*, which are active, by *verb*."""
        over = [release(tx, hold, verb, note) for hold in holds]
        tx.write(RELEASED, over)
        for hold in over:
            del self.active[hold.id]
            self._record_hold(ended(hold))
        self.cause_id = over[0].id if len(over) == 1 else None

    def due(self, now: datetime) -> list[OrderHoldRow]:
        """Return the holds whose time of release has come."""
        return [hold for hold in self.active.values() if hold.release_at is not None and hold.release_at <= now]

    def _record_hold(self: Any, changes: dict[str, tuple[object, object]]) -> None:
        for path, both in changes.items():
            self.also(path, *both)
        self.cause_id = next(reversed(self.active), None)
        self.row.on_hold = bool(self.active)

    def _keep(self, holds: Rows) -> None:
        self.active = {hold.id: hold for hold in map(HOLDS.record, holds)}


class HeldOrder(Holding, OrderHeader):
    """An order with its own active holds."""

    hold_verb, release_verb = HOLD_ORDER, RELEASE_ORDER
    more = (LOCATIONS, OF_ORDERS)

    def take(self, locations: Rows, holds: Rows) -> None:  # type: ignore[override]
        """Keep the locations that work on it, and its holds."""
        super().take(locations)
        self._keep(holds)

    def held_as(self) -> Row:
        """Return what a hold of it says of it."""
        return {"order_id": self.was.id, "channel_id": self.was.channel_id}

    @staticmethod
    async def ready(_tx: Tx, _keys: Sequence[UUID]) -> None:
        """Lock what is to be locked before: nothing."""


class HeldWork(Holding, Document[FulfillmentOrderRow, None]):
    """A fulfillment order with its active holds; `ready` locks its order, so that nobody begins or ships meanwhile."""

    table, life = FulfillmentOrderRow, LIFE
    published = published_as(on_hold="fulfillmentOrder.onHold")
    more = (OF_WORKS,)
    hold_verb, release_verb = HOLD_WORK, RELEASE_WORK

    def take(self, holds: Rows) -> None:
        """Keep its holds."""
        self._keep(holds)

    def visible(self, principal: Principal) -> bool:
        """Tell whether *principal* sees its channel and its location."""
        return principal.sees_channel(self.was.channel_id) and principal.sees_location(self.was.location_id)

    def facts(self, _principal: Principal) -> WorkFacts:
        """Return whether it is on hold itself; what its order is matters to nothing that is done here."""
        return WorkFacts(order_on_hold=False, on_hold=self.was.on_hold)

    def concerned(self) -> Concerned:
        """Return its order, channel and location."""
        row = self.was
        return {"order_id": row.order_id, "channel_id": row.channel_id, "location_ids": (row.location_id,)}

    def held_as(self) -> Row:
        """Return what a hold of it says of it."""
        row = self.was
        of = {"order_id": row.order_id, "fulfillment_order_id": row.id}
        return {**of, "channel_id": row.channel_id, "location_id": row.location_id}

    @staticmethod
    async def ready(tx: Tx, keys: Sequence[UUID]) -> None:
        """Lock the orders of fulfillment orders, by id."""
        await tx.fetch(LOCK_ORDERS_OF_WORKS(ids=array(keys)))
