"""A pickup under the lock of its order."""

from datetime import datetime
from enum import StrEnum

from oms_api.db.documents import published_as
from oms_api.domain.fulfillment.parts import OrderPart
from oms_api.domain.fulfillment.ways import Way
from oms_api.domain.pickups.states import PickupStatus
from oms_api.domain.pickups.tables import PickupRow
from oms_api.domain.pickups.verbs import LIFE, PickupFacts
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import LocationId


class PickupDocument(OrderPart[PickupRow, None]):
    """A pickup under the lock of its order, and its fulfillment order, which waits no longer when it ends."""

    table, life = PickupRow, LIFE
    way = Way("(SELECT fetched.order_id FROM pickup fetched WHERE fetched.id = :key::uuid)")
    published = published_as(
        status="pickup.status",
        tries="pickup.wrongTries",
        remind_on="pickup.remindOn",
        reminded_at="pickup.remindedAt",
        collect_by="pickup.collectBy",
        shipment_id="pickup.shipment.id",
    )

    def visible(self, principal: Principal) -> bool:
        """Tell whether *principal* may see its location."""
        return principal.sees_location(self.was.location_id)

    def facts(self, _principal: Principal) -> PickupFacts:
        """Return what keeps it from being handed over."""
        return PickupFacts(self.order.order.on_hold, self.order.works[self.was.fulfillment_order_id].on_hold, self.was.tries)

    def end(self, at: datetime, target: StrEnum | None = None) -> None:
        """Let it be over: its code is worth nothing any more, and its units can be taken."""
        self.move(target)
        self.row.code, self.row.closed_at = None, at
        self.order.end_pickup(self.was.fulfillment_order_id)

    @property
    def ready(self) -> bool:
        """Whether its goods wait for the customer."""
        return self.was.status is PickupStatus.READY

    @property
    def location_ids(self) -> tuple[LocationId, ...]:
        """Its location."""
        return (self.was.location_id,)
