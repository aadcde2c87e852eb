"""Putting orders and fulfillment orders on hold."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.domain.fulfillment.holds.batches import Acted, HoldAct, HoldBatch
from oms_api.domain.fulfillment.holds.documents import HeldOrder, HeldWork
from oms_api.domain.orders.holds.placing import NewHold
from oms_api.domain.orders.holds.tables import OrderHoldRow
from oms_api.domain.orders.reasons.queries import known_reasons, unknown
from oms_api.domain.orders.reasons.states import OrderReasonUse
from oms_api.domain.orders.reasons.tables import OrderReasonRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, OmsError, Refused
from oms_api.kernel.ids import FulfillmentOrderId, OrderId
from oms_api.kernel.naming import check_code, check_note

ROWS = "holds"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldGiven:
    """A hold as it is asked for."""

    idempotency_key: str
    reason: str
    handle: str | None = None
    note: str | None = None
    approval: bool = False
    release_at: datetime | None = None
    expected_version: int | None = None

    @property
    def hold(self) -> NewHold:
        """The hold."""
        return NewHold(
            reason=self.reason, handle=self.handle, note=self.note, approval=self.approval, release_at=self.release_at
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOrder(HoldGiven):
    """Put an order on hold."""

    order_id: OrderId

    @property
    def subject(self) -> UUID:
        """The order."""
        return self.order_id


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldFulfillmentOrder(HoldGiven):
    """Put a fulfillment order on hold."""

    fulfillment_order_id: FulfillmentOrderId

    @property
    def subject(self) -> UUID:
        """The fulfillment order."""
        return self.fulfillment_order_id


ORDERS: HoldAct[HoldOrder] = HoldAct("orderHold", HeldOrder, HeldOrder.hold_verb, lambda tx, held, row: held.hold(tx, row.hold))
WORKS: HoldAct[HoldFulfillmentOrder] = HoldAct(
    "fulfillmentOrderHold", HeldWork, HeldWork.hold_verb, lambda tx, held, row: held.hold(tx, row.hold)
)


async def hold_order(tx: Tx, command: HoldOrder) -> OrderHoldRow:
    """Put an order on hold, and return the hold.

    Raises: NotFound, VersionConflict, NotHoldable, HandleTaken; Refused with all that is wrong with the hold itself.
    """
    check_hold(tx, command, await _reasons(tx, command))
    held: OrderHoldRow = await ORDERS.one(tx, command)
    return held


async def hold_fulfillment_order(tx: Tx, command: HoldFulfillmentOrder) -> OrderHoldRow:
    """Put a fulfillment order on hold, and return the hold. Raises: as `hold_order`."""
    check_hold(tx, command, await _reasons(tx, command))
    held: OrderHoldRow = await WORKS.one(tx, command)
    return held


async def hold_orders(tx: Tx, batch: HoldBatch[HoldOrder]) -> list[Acted]:
    """Put many orders on hold, each or not by itself. Raises: InvalidValue, TooManyItems."""
    return await ORDERS.each(tx, batch, await _wrong(tx, batch.rows), ROWS)


async def hold_fulfillment_orders(tx: Tx, batch: HoldBatch[HoldFulfillmentOrder]) -> list[Acted]:
    """Put many fulfillment orders on hold, each or not by itself. Raises: InvalidValue, TooManyItems."""
    return await WORKS.each(tx, batch, await _wrong(tx, batch.rows), ROWS)


async def _reasons(tx: Tx, *rows: HoldGiven) -> Mapping[str, OrderReasonRow]:
    return await known_reasons(tx, OrderReasonUse.HOLD, {row.reason for row in rows})


async def _wrong(tx: Tx, rows: tuple[HoldGiven, ...]) -> dict[int, OmsError]:
    reasons = await _reasons(tx, *rows)
    wrong: dict[int, OmsError] = {}
    for place, row in enumerate(rows):
        try:
            check_hold(tx, row, reasons)
        except OmsError as error:
            wrong[place] = error
    return wrong


def check_hold(tx: Tx, given: HoldGiven, reasons: Mapping[str, OrderReasonRow]) -> None:
    """Raises: Refused, with all that is wrong with a hold: UnknownOrderReason, InvalidValue."""
    errors = list(_mistakes(tx, given, reasons))
    if errors:
        raise Refused(errors=errors)


def _mistakes(tx: Tx, given: HoldGiven, reasons: Mapping[str, OrderReasonRow]) -> Iterator[OmsError]:
    if given.reason not in reasons:
        yield unknown(OrderReasonUse.HOLD, given.reason, "reason")
    for check, value, name in ((check_code, given.handle, "handle"), (check_note, given.note, "note")):
        try:
            if value is not None:
                check(value, name)
        except OmsError as error:
            yield error
    if given.release_at is not None and given.release_at <= tx.now:
        yield InvalidValue(problem="releaseAt lies in the future.", field=("releaseAt",))
    if given.release_at is not None and given.approval:
        yield InvalidValue(problem="An approval is not released by itself: leave releaseAt out.", field=("releaseAt",))
