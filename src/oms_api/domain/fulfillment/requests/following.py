"""A request and its purchase order follow the units of their fulfillment order."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.domain.fulfillment.requests.buying import settle_bought
from oms_api.domain.fulfillment.requests.events import FulfillmentRequestChanged, FulfillmentRequestClosed
from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.units import Promise, Work, WorkRequest
from oms_api.domain.orders.tables import OrderRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import FulfillmentOrderId, FulfillmentRequestId

S = FulfillmentRequestStatus
FOLLOWS = updates(FulfillmentRequestRow, "status", "version", "closed_at")


@dataclass(frozen=True, slots=True)
class FollowedWork:
    """A fulfillment order that moved, with its request and its promises."""

    work: Work
    asked: WorkRequest
    promises: Sequence[Promise]

    @property
    def status(self) -> FulfillmentRequestStatus:
        """The status of the request now: closed with its fulfillment order, and accepted again where a shipment is undone."""
        status, closed = self.asked.status, self.work.status is FulfillmentOrderStatus.CLOSED
        if closed:
            return status if status is S.REJECTED else S.CLOSED
        return S.ACCEPTED if status is S.CLOSED else status


def follow(
    tx: Tx,
    order: OrderRow,
    works: Mapping[FulfillmentOrderId, Work],
    promises: Iterable[Promise],
    moved: Collection[FulfillmentOrderId],
    answered: Collection[FulfillmentOrderId],
    at: datetime,
) -> None:
    """Let the requests of works that *moved* follow them in the last flush of *tx*, and the purchase orders of suppliers.

    Requests that are *answered* are written by who answers them.
    """
    asked = {key: work.asked for key in sorted(moved) if (work := works[key]).asked is not None}
    of_each: dict[FulfillmentOrderId, list[Promise]] = {key: [] for key in asked}
    for promise in promises if asked else ():
        if promise.work_id in of_each:
            of_each[promise.work_id].append(promise)
    for key, request in asked.items():
        if request is None or request.id is None:
            continue
        follower = FollowedWork(works[key], request, of_each[key])
        if key not in answered:
            _write(tx, order, follower, request.id, at)
        if request.bought is not None:
            settle_bought(tx, follower.work, request, follower.promises, at, expected=follower.status.agreed)


def _write(tx: Tx, order: OrderRow, follower: FollowedWork, key: FulfillmentRequestId, at: datetime) -> None:
    was, now, asked = follower.asked.status, follower.status, follower.asked
    closed_at = at if now is S.CLOSED else None
    tx.write(FOLLOWS, [{"id": key, "status": now, "version": asked.version + 1, "closed_at": closed_at}])
    kind = FulfillmentRequestClosed if now is S.CLOSED and was is not now else FulfillmentRequestChanged
    tx.emit(
        kind(
            subject_id=key,
            order_id=order.id,
            channel_id=order.channel_id,
            location_ids=(follower.work.location_id,),
            supplier_ids=asked.suppliers,
            changes={} if was is now else {"fulfillmentRequest.status": (was, now)},
            occurred_at=at,
        )
    )
