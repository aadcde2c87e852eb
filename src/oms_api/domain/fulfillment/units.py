"""What is promised to the lines of an order, and who works on it."""

from dataclasses import dataclass
from datetime import date

from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.kernel.ids import AllocationId, FulfillmentOrderId, FulfillmentOrderLineId, LevelId, LineId, LocationId


@dataclass(frozen=True, slots=True)
class Promise:
    """An allocation, and the line of the fulfillment order that works on it, if there is one.

    `in_lots` are the units of lots at its level; only that there were any is of use, for the level is not locked.
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


@dataclass(frozen=True, slots=True)
class Work:
    """A fulfillment order, as it was read, and the day on which it opens if that is to come."""

    id: FulfillmentOrderId
    location_id: LocationId
    status: FulfillmentOrderStatus
    on_hold: bool = False
    opens_on: date | None = None
    version: int = 1
