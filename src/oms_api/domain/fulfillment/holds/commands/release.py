"""Releasing holds of orders and fulfillment orders."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from oms_api.db.session import Tx
from oms_api.domain.fulfillment.holds.batches import Acted, HoldAct, HoldBatch
from oms_api.domain.fulfillment.holds.documents import HeldOrder, HeldWork
from oms_api.domain.fulfillment.tables import FulfillmentOrderRow
from oms_api.domain.orders.holds.errors import HoldNotFound, HoldOfAnother
from oms_api.domain.orders.holds.tables import OrderHoldRow
from oms_api.domain.orders.holds.verbs import RELEASE
from oms_api.domain.orders.tables import OrderRow
from oms_api.kernel.access import SYSTEM_CLIENT, Principal, Scope
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import InvalidValue, MissingScope, OmsError
from oms_api.kernel.ids import FulfillmentOrderId, HoldId, IdKind, OrderId, text_id
from oms_api.kernel.naming import check_note

ROWS = "releases"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseGiven:
    """The holds to release: the one with an id or a handle, those with a reason, or without any of these all."""

    idempotency_key: str
    hold_id: HoldId | None = None
    handle: str | None = None
    reason: str | None = None
    note: str | None = None
    force: bool = False
    expected_version: int | None = None

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """The path and the value by which the holds are named."""
        id_ = None if self.hold_id is None else text_id(IdKind.HOLD, self.hold_id)
        given = ("holdId", id_), ("handle", self.handle), ("reason", self.reason)
        return tuple((path, value) for path, value in given if value is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseOrder(ReleaseGiven):
    """Release holds of an order."""

    order_id: OrderId

    @property
    def subject(self) -> UUID:
        """The order."""
        return self.order_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFulfillmentOrder(ReleaseGiven):
    """Release holds of a fulfillment order."""

    fulfillment_order_id: FulfillmentOrderId

    @property
    def subject(self) -> UUID:
        """The fulfillment order."""
        return self.fulfillment_order_id


def _release(tx: Tx, held: HeldOrder | HeldWork, row: ReleaseGiven) -> None:
    """Release what *row* names. Raises: HoldNotFound, MissingScope, HoldOfAnother, InvalidValue."""
    path, given = row.named[0] if row.named else (held.life.argument, "")
    chosen = wanted(list(held.active.values()), row)
    if not chosen:
        raise HoldNotFound(given=given, field=(path,))
    for hold in chosen:
        check_release(hold, row, tx.principal, path)
    held.release(tx, chosen, RELEASE, row.note)


def wanted(active: Sequence[OrderHoldRow], row: ReleaseGiven) -> list[OrderHoldRow]:
    """Return those of the *active* holds that *row* names."""
    return [
        hold
        for hold in active
        if row.hold_id in {None, hold.id} and row.handle in {None, hold.handle} and row.reason in {None, hold.reason}
    ]


def check_release(hold: OrderHoldRow, row: ReleaseGiven, principal: Principal, path: str) -> None:
    """Raises: MissingScope, for an approval that the caller may not give; HoldOfAnother, InvalidValue, for another's hold."""
    if hold.approval:
        if not principal.may(Scope.ORDERS_APPROVE):
            raise MissingScope(scope=Scope.ORDERS_APPROVE.value, field=(path,))
        return
    if hold.owner in {principal.client_id, SYSTEM_CLIENT}:
        return
    if not row.force:
        raise HoldOfAnother(actor=hold.placed_by, field=("force",))
    if not (row.note or "").strip():
        raise InvalidValue(problem="Say in a note why another's hold is released.", field=("note",))


ORDERS: HoldAct[ReleaseOrder] = HoldAct("orderHoldRelease", HeldOrder, HeldOrder.release_verb, _release)
WORKS: HoldAct[ReleaseFulfillmentOrder] = HoldAct("fulfillmentOrderHoldRelease", HeldWork, HeldWork.release_verb, _release)


async def release_order(tx: Tx, command: ReleaseOrder) -> OrderRow:
    """Release holds of an order, and return the order, which is on hold still where other holds are active.

    Raises: NotFound, VersionConflict, NotOnHold, HoldNotFound, MissingScope, HoldOfAnother, InvalidValue.
    """
    check_note(command.note, "note")
    return cast("OrderRow", await ORDERS.one(tx, command))


async def release_fulfillment_order(tx: Tx, command: ReleaseFulfillmentOrder) -> FulfillmentOrderRow:
    """Release holds of a fulfillment order, and return it. Raises: as `release_order`."""
    check_note(command.note, "note")
    return cast("FulfillmentOrderRow", await WORKS.one(tx, command))


async def release_orders(tx: Tx, batch: HoldBatch[ReleaseOrder]) -> list[Acted]:
    """Release holds of many orders, each or not by itself. Raises: InvalidValue, TooManyItems."""
    return await ORDERS.each(tx, batch, _wrong(batch.rows), ROWS)


async def release_fulfillment_orders(tx: Tx, batch: HoldBatch[ReleaseFulfillmentOrder]) -> list[Acted]:
    """Release holds of many fulfillment orders, each or not by itself. Raises: InvalidValue, TooManyItems."""
    return await WORKS.each(tx, batch, _wrong(batch.rows), ROWS)


def _wrong(rows: Sequence[ReleaseGiven]) -> dict[int, OmsError]:
    wrong: dict[int, OmsError] = {}
    for place, row in enumerate(rows):
        try:
            check_note(row.note, "note")
        except OmsError as error:
            wrong[place] = error
    return wrong
