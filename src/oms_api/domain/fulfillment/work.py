"""A fulfillment order under the lock of its order."""

from dataclasses import replace
from enum import StrEnum

from oms_api.db.documents import published_as
from oms_api.domain.fulfillment.giving_up import facts_of
from oms_api.domain.fulfillment.parts import OrderPart
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.fulfillment.verbs import LIFE, WorkFacts
from oms_api.domain.fulfillment.ways import BY_FULFILLMENT_ORDER
from oms_api.kernel.access import Principal
from oms_api.kernel.ids import LocationId


class FulfillmentOrderDocument(OrderPart[FulfillmentOrderRow, None]):
    """A fulfillment order under the lock of its order, whose status follows from it."""

    table, life, way = FulfillmentOrderRow, LIFE, BY_FULFILLMENT_ORDER
    published = published_as(status="fulfillmentOrder.status", awaits_pickup="fulfillmentOrder.awaitsPickup")

    def visible(self, principal: Principal) -> bool:
        """Tell whether *principal* may see its location."""
        return principal.sees_location(self.was.location_id)

    def facts(self, _principal: Principal) -> WorkFacts:
        """Return what keeps it from being worked on, and how many of its units are packed."""
        return facts_of(self.order, self.order.works[self.was.id])

    def move(self, target: StrEnum | None = None) -> None:
        """Let it become *target*, or what the verb aims at, and its order know."""
        super().move(target)
        work = self.order.works[self.was.id]
        self.order.works[work.id] = replace(work, status=self.row.status)

    @property
    def location_ids(self) -> tuple[LocationId, ...]:
        """Its location."""
        return (self.was.location_id,)
