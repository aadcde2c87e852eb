"""Placing and ending holds inside whatever transaction has the lock of the order."""

from collections.abc import Collection, Sequence
from datetime import datetime

from oms_api.db.records import revised
from oms_api.db.rows import inserts, updates
from oms_api.db.session import Tx
from oms_api.db.sets import array
from oms_api.db.sql import Sql
from oms_api.domain.orders.events import OrderHeld
from oms_api.domain.orders.holds.states import HoldStatus
from oms_api.domain.orders.holds.tables import OrderHoldRow
from oms_api.domain.orders.holds.verbs import END, LIFE
from oms_api.kernel.checks import refuse_if
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import ChannelId, FulfillmentOrderId, HoldId, IdKind, IntegrationId, LocationId, OrderId, text_id
from oms_api.kernel.verbs import Verb

HOLDS = inserts(OrderHoldRow)
RELEASED = updates(OrderHoldRow, "status", "released_at", "released_by", "release_note", "version")
END_ALL = Sql(f"""
UPDATE order_hold SET status = '{END.aim}', released_at = :now, released_by = :actor, version = version + 1
WHERE order_id = :order::uuid AND status = '{HoldStatus.ACTIVE}'
    AND (:all::boolean OR fulfillment_order_id = ANY (:works::uuid[]))
""")  # noqa: S608 - made of constants
Changes = dict[str, tuple[object, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHold:
    """A hold to place: *reason* is the code of a reason for holds; without an *owner* it belongs to the caller's client."""

    reason: str
    handle: str | None = None
    note: str | None = None
    approval: bool = False
    release_at: datetime | None = None
    owner: IntegrationId | None = None
    placed_by: str | None = None


def place_hold(
    tx: Tx,
    hold: NewHold,
    *,
    order_id: OrderId,
    channel_id: ChannelId,
    location_ids: Sequence[LocationId] = (),
    on_hold: bool = False,
) -> OrderHoldRow:
    """Put an order on hold from within another command, with the last flush of *tx*, and emit ORDER_HELD.

    Whoever calls it holds the lock of the order or is placing it, writes `on_hold` true on the order itself
    (`header.row.on_hold` of an `OrderHeader`, the row of a new order), and has handed the row of a new order to *tx* before,
    for the hold refers to it. *on_hold* says whether it was on hold before. The reason is one that exists: those that the
    migrations make do. The handle is not checked against other active holds, so leave it None, or name what happens once.
    A hold of the installation's own (`owner=SYSTEM_CLIENT`) is released by any client.
    """
    row = write_hold(tx, hold, order_id=order_id, channel_id=channel_id)
    changes = held(row) | ({} if on_hold else {"onHold": (False, True)})
    tx.emit(
        OrderHeld(
            subject_id=order_id,
            order_id=order_id,
            channel_id=channel_id,
            location_ids=tuple(location_ids),
            changes=changes,
            cause_id=row.id,
        )
    )
    return row


def write_hold(
    tx: Tx,
    hold: NewHold,
    *,
    order_id: OrderId,
    channel_id: ChannelId,
    fulfillment_order_id: FulfillmentOrderId | None = None,
    location_id: LocationId | None = None,
) -> OrderHoldRow:
    """Hand the row of a hold to the last flush, and return it."""
    return tx.put(
        HOLDS,
        id=tx.new_id(HoldId),
        order_id=order_id,
        fulfillment_order_id=fulfillment_order_id,
        channel_id=channel_id,
        location_id=location_id,
        status=HoldStatus.ACTIVE,
        reason=hold.reason,
        handle=hold.handle,
        owner=hold.owner or tx.principal.client_id,
        placed_by=hold.placed_by or tx.actor,
        note=hold.note,
        approval=hold.approval,
        release_at=hold.release_at,
        placed_at=tx.now,
        version=1,
    )


def release(tx: Tx, hold: OrderHoldRow, verb: Verb[HoldStatus, None], note: str | None = None) -> OrderHoldRow:
    """Return *hold* as it is once *verb* has ended it. Raises: IllegalMove, for one that has ended."""
    refuse_if(LIFE.why_not(verb, hold.status, None))
    end = {"released_at": tx.now, "released_by": tx.actor, "release_note": note}
    return revised(hold, tx.now, status=verb.aim, **end)


def end_holds(tx: Tx, order_id: OrderId, works: Collection[FulfillmentOrderId], *, whole: bool) -> None:
    """End the active holds of fulfillment orders that are closed, or of the *whole* order, with the last flush of *tx*."""
    tx.closing.append(END_ALL(order=order_id, works=array(works), all=whole, now=tx.now, actor=tx.actor))


def held(hold: OrderHoldRow) -> Changes:
    """Return what an event tells of a hold that was placed."""
    return {_path(hold, "reason"): (None, hold.reason), _path(hold, "status"): (None, HoldStatus.ACTIVE)}


def ended(hold: OrderHoldRow) -> Changes:
    """Return what an event tells of a hold that has ended."""
    return {_path(hold, "status"): (HoldStatus.ACTIVE, hold.status)}


def _path(hold: OrderHoldRow, name: str) -> str:
    of = "" if hold.fulfillment_order_id is None else "fulfillmentOrder."
    return f"{of}holds.{text_id(IdKind.HOLD, hold.id)}.{name}"
