"""A request to a supplier under the lock of its order, which it may change with it."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from oms_api.db.documents import Changes, Concerned, published_as
from oms_api.domain.fulfillment.giving_up import facts_of, promises_of
from oms_api.domain.fulfillment.parts import OrderPart
from oms_api.domain.fulfillment.requests.events import FulfillmentRequestRejected, FulfillmentRequestWithdrawn
from oms_api.domain.fulfillment.requests.states import AGREED, FulfillmentRequestStatus
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.fulfillment.requests.verbs import ACCEPT, ASK_TO_CANCEL, LIFE, RequestFacts
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.units import Promise, Work
from oms_api.domain.fulfillment.ways import Way
from oms_api.kernel.access import Principal
from oms_api.kernel.events import Event
from oms_api.kernel.ids import LocationId

S = FulfillmentRequestStatus
BY_REQUEST = Way("(SELECT asked.order_id FROM fulfillment_request asked WHERE asked.id = :key::uuid)")
HANDS = dict.fromkeys(AGREED, FulfillmentOrderStatus.IN_PROGRESS) | {S.CANCELLATION_ACCEPTED: FulfillmentOrderStatus.OPEN}
"""What a fulfillment order is when its request becomes one of these: in the supplier's hands, or in nobody's."""
OWN = "fulfillmentRequest."
OTHERWISE: dict[tuple[StrEnum | None, S, S], type[Event]] = {
    (ASK_TO_CANCEL.name, S.SUBMITTED, S.UNSUBMITTED): FulfillmentRequestWithdrawn,
    (ASK_TO_CANCEL.name, S.SUBMITTED, S.CLOSED): FulfillmentRequestWithdrawn,
    (ACCEPT.name, S.SUBMITTED, S.REJECTED): FulfillmentRequestRejected,
    (ACCEPT.name, S.SUBMITTED, S.CLOSED): FulfillmentRequestRejected,
}
"""Events that tell of what a verb came to, where that of the verb does not."""


class FulfillmentRequestDocument(OrderPart[FulfillmentRequestRow, None]):
    """A request and its fulfillment order under the lock of the order. Its events tell a supplier nothing of the order."""

    table, life, way = FulfillmentRequestRow, LIFE, BY_REQUEST
    published = published_as(
        status=f"{OWN}status", answer_by=f"{OWN}answerBy", ships_by=f"{OWN}shipsBy", supplier_ref=f"{OWN}supplierRef"
    )

    @property
    def work(self) -> Work:
        """Its fulfillment order."""
        return self.order.works[self.was.fulfillment_order_id]

    @property
    def promises(self) -> list[Promise]:
        """The promises that its fulfillment order has left to ship."""
        return promises_of(self.order, self.work.id)

    def visible(self, principal: Principal) -> bool:
        """Tell whether *principal* sees both its location and its supplier; who is limited to suppliers sees what was asked."""
        asked = principal.suppliers is None or self.was.submitted_at is not None
        return asked and principal.sees_location(self.was.location_id) and principal.sees_supplier(self.was.supplier_id)

    def facts(self, _principal: Principal) -> RequestFacts:
        """Return how its fulfillment order stands."""
        return RequestFacts(self.work.status, facts_of(self.order, self.work))

    def move(self, target: StrEnum | None = None) -> None:
        """Let it become *target*, or what the verb aims at; the work is in the supplier's hands while that agrees."""
        super().move(target)
        work, status = self.work, self.row.status
        asked = None if work.asked is None else replace(work.asked, status=status)
        self.order.works[work.id] = replace(work, asked=asked, status=HANDS.get(status, work.status))

    @property
    def location_ids(self) -> tuple[LocationId, ...]:
        """Its location."""
        return (self.was.location_id,)

    def concerned(self) -> Concerned:
        """Return its order, channel, location and supplier."""
        return {**super().concerned(), "supplier_ids": (self.was.supplier_id,)}

    def events(self, changes: Changes) -> Mapping[type[Event], Changes]:
        """Return the event about the request itself; the order has events of its own."""
        own = {path: both for path, both in changes.items() if path.startswith(OWN)}
        kind = OTHERWISE.get((self.verb.name, self.was.status, self.row.status))
        return super().events(own) if kind is None else {kind: own}
