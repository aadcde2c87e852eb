"""What an explanation is made of. Names of places and documents are None where the caller may not see them."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.orders.states import CancelReason, LineKind, OrderStatus
from oms_api.domain.payments.states import RefundStatus
from oms_api.domain.returns.states import ReturnOrderStatus
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import FulfillmentOrderId, HoldId, IdKind, LineId, OrderChangeId, RefundId, ReturnId, ShipmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """A line and where its units are."""

    id: LineId
    name: str
    kind: LineKind = LineKind.GOODS
    ordered: int = 0
    canceled: int = 0
    unsourced: int = 0
    backordered: int = 0
    allocated: int = 0
    in_fulfillment: int = 0
    shipped: int = 0
    delivered: int = 0
    lost: int = 0
    returned_to_sender: int = 0
    returned: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsOf:
    """Units of a line."""

    line_id: LineId
    name: str
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldFacts:
    """An active hold; *of_work* says that it holds the work of a location, *place*."""

    id: HoldId
    reason: str
    since: datetime
    by: str
    approval: bool = False
    release_at: datetime | None = None
    of_work: bool = False
    place: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRequest:
    """A change that was asked for and is to be decided on."""

    id: OrderChangeId
    since: datetime
    by: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitFacts:
    """Units that wait for supply: *document* brings them, *supply* is what that is called."""

    units: UnitsOf
    supply: str | None = None
    document: tuple[IdKind, UUID] | None = None
    expected_at: datetime | None = None
    ships_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedWork:
    """What a location has left to do; at a supplier's, how far that is *asked* for it."""

    id: FulfillmentOrderId
    place: str | None
    status: FulfillmentOrderStatus
    since: datetime
    opens_on: date | None = None
    place_is_off: bool = False
    collect_by: date | None = None
    asked: FulfillmentRequestStatus | None = None
    units: Sequence[UnitsOf] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelFacts:
    """A parcel that is on its way, or lost."""

    shipment_id: ShipmentId
    lost: bool
    since: datetime
    tracking: str | None = None
    units: Sequence[UnitsOf] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnFacts:
    """A return that is open."""

    id: ReturnId
    number: int
    status: ReturnOrderStatus
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFacts:
    """A refund that is owed; *amount* is None for those who may not read payments."""

    id: RefundId
    status: RefundStatus
    since: datetime
    amount: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFacts:
    """What an order waits for before it is released: *amount* is still to be authorized or *paid*, until *pay_by*."""

    amount: str
    paid: bool
    pay_by: datetime | None = None
    canceled_then: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedFacts:
    """A line that a location rejected and is not asked for again."""

    line_id: LineId
    reason: str
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedOrder:
    """An order and all that may keep it from being done; days and hours are told as in *zone*, at *now*."""

    status: OrderStatus
    now: datetime
    zone: str
    outstanding: str | None = None
    ended_at: datetime | None = None
    cancel_reason: CancelReason | None = None
    gate: GateFacts | None = None
    ships_complete: bool = False
    lines: Sequence[LineFacts] = ()
    holds: Sequence[HoldFacts] = ()
    requests: Sequence[ExplainedRequest] = ()
    waits: Sequence[WaitFacts] = ()
    rejections: Sequence[RejectedFacts] = ()
    works: Sequence[ExplainedWork] = ()
    parcels: Sequence[ParcelFacts] = ()
    returns: Sequence[ReturnFacts] = ()
    refunds: Sequence[RefundFacts] = ()
