"""What is promised to the lines of an order, and who works on it."""

from dataclasses import replace
from datetime import date
from typing import Self

from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.purchasing.states import PurchaseOrderStatus
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import (
    AllocationId,
    FulfillmentOrderId,
    FulfillmentOrderLineId,
    FulfillmentRequestId,
    LevelId,
    LineId,
    LocationId,
    PickBatchId,
    PurchaseOrderId,
    SupplierId,
)


@dataclass(frozen=True, slots=True)
class Promise:
    """An allocation, and the line of the fulfillment order that works on it, if there is one.

    `in_lots` are the units of lots at its level; only that there were any is of use, for the level is not locked.
    `work_packed` are those in packages that have not left.
    """

    id: AllocationId
    line_id: LineId
    level_id: LevelId
    location_id: LocationId
    allocated: int
    in_fulfillment: int
    consumed: int
    released: int
    work_line_id: FulfillmentOrderLineId | None
    work_id: FulfillmentOrderId | None
    work_shipped: int
    work_canceled: int
    in_lots: int = 0
    work_packed: int = 0

    def given_up(self, waiting: int, working: int) -> Self:
        """Return it without units that were *waiting* for work, or *working* ones of a fulfillment order."""
        return replace(
            self,
            allocated=self.allocated - waiting,
            in_fulfillment=self.in_fulfillment - working,
            released=self.released + waiting + working,
            work_canceled=self.work_canceled + working,
        )

    def kept(self, units: int, *, packed: bool = False) -> Self:
        """Return it with units that left; those that were *packed* are in no package that waits any more."""
        return replace(
            self,
            in_fulfillment=self.in_fulfillment - units,
            consumed=self.consumed + units,
            work_shipped=self.work_shipped + units,
            work_packed=self.work_packed - units * packed,
        )

    def come_back(self, units: int) -> Self:
        """Return it with units that had left and are to leave once more."""
        return replace(
            self,
            in_fulfillment=self.in_fulfillment + units,
            consumed=self.consumed - units,
            work_shipped=self.work_shipped - units,
        )

    def put_out(self, work_id: FulfillmentOrderId) -> Self:
        """Return it with what waited put out to *work_id*, which takes the line of a fulfillment order that it had."""
        again = self.allocated if self.work_line_id is not None else 0
        return replace(
            self,
            allocated=0,
            in_fulfillment=self.in_fulfillment + self.allocated,
            work_id=work_id,
            work_canceled=self.work_canceled - again,
        )

    def kept_back(self) -> Self:
        """Return it with what a fulfillment order has to ship waiting for work again."""
        units = self.in_fulfillment
        return replace(self, allocated=self.allocated + units, in_fulfillment=0, work_canceled=self.work_canceled + units)

    def packed(self, units: int) -> Self:
        """Return it with units that were packed."""
        return replace(self, work_packed=self.work_packed + units)


@dataclass(frozen=True, slots=True)
class WorkPurchase:
    """The purchase order of what a supplier sends, and how many of its units have left."""

    id: PurchaseOrderId
    status: PurchaseOrderStatus
    accepted: int


@dataclass(frozen=True, slots=True)
class WorkRequest:
    """What is asked of the supplier whose location does the work; without an id it is not asked yet.

    It is *ours* where the location is no supplier's any more: what nobody works on is ours to do.
    """

    status: FulfillmentRequestStatus
    id: FulfillmentRequestId | None = None
    version: int = 0
    supplier_id: SupplierId | None = None
    bought: WorkPurchase | None = None
    ours: bool = False

    @property
    def binding(self) -> FulfillmentRequestStatus | None:
        """How far the supplier is asked, None where it is not asked and need not be."""
        waits = self.status in {FulfillmentRequestStatus.UNSUBMITTED, FulfillmentRequestStatus.CANCELLATION_ACCEPTED}
        return None if self.ours and waits else self.status

    @property
    def suppliers(self) -> tuple[SupplierId, ...]:
        """The supplier, for events that it hears of."""
        return () if self.supplier_id is None else (self.supplier_id,)


@dataclass(frozen=True, slots=True)
class Work:
    """A fulfillment order, as it was read, the day on which it opens if that is to come, and the batch that it is picked in.

    Where customers fetch goods, they wait for them for `pickup_days`. At a supplier's location it says what is `asked` of that.
    """

    id: FulfillmentOrderId
    location_id: LocationId
    status: FulfillmentOrderStatus
    on_hold: bool = False
    opens_on: date | None = None
    version: int = 1
    pick_batch_id: PickBatchId | None = None
    opens_by_hand: bool = False
    awaits_pickup: bool = False
    pickup_days: int | None = None
    asked: WorkRequest | None = None

    @property
    def sending(self) -> bool:
        """Whether a supplier is asked for it or works on it."""
        return self.asked is not None and (self.agreed or self.asked.status is FulfillmentRequestStatus.SUBMITTED)

    @property
    def agreed(self) -> bool:
        """Whether a supplier accepted it and has not stopped."""
        return self.asked is not None and self.asked.status.agreed
