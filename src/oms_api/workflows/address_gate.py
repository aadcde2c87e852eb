"""The address gate of a channel: an order of goods whose address is missing or doubtful waits on hold, with the field named.

The hold is the installation's own, so that any client may release it; an edit that mends the address releases it by itself.
"""

from collections.abc import Iterable, Sequence

from oms_api.db.records import Shape, changed, revised
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.channels.states import AddressCheck
from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.orders.addressing import AddressProblem, check_destination
from oms_api.domain.orders.events import OrderHoldReleased
from oms_api.domain.orders.holds.placing import RELEASED, NewHold, ended, place_hold, release
from oms_api.domain.orders.holds.tables import OrderHoldRow
from oms_api.domain.orders.holds.verbs import RELEASE
from oms_api.kernel.access import SYSTEM_CLIENT
from oms_api.kernel.address import Address, DeliveryPoint
from oms_api.kernel.ids import ChannelId, LocationId, OrderId
from oms_api.kernel.naming import LONGEST_NOTE

REASON, PLACED_BY = "ADDRESS", "address check"
HOLDS = Shape(OrderHoldRow)
GATE = Sql(f"""
SELECT (SELECT channel.address_check FROM orders JOIN channel ON channel.id = orders.channel_id
        WHERE orders.id = :order::uuid), {HOLDS.columns}
FROM (SELECT 1) AS always LEFT JOIN order_hold
    ON order_id = :order::uuid AND fulfillment_order_id IS NULL AND status = 'ACTIVE' ORDER BY order_hold.id
""")  # noqa: S608 - our own columns
NOTED = updates(OrderHoldRow, "note", "version")


def gate_hold(problems: Iterable[AddressProblem]) -> NewHold:
    """Return the hold of an order with these *problems*."""
    return NewHold(reason=REASON, note=note_of(problems), owner=SYSTEM_CLIENT, placed_by=PLACED_BY)


def note_of(problems: Iterable[AddressProblem]) -> str:
    """Return what a hold says of *problems*."""
    return "\n".join(map(str, problems))[:LONGEST_NOTE]


def hold_new(
    tx: Tx, order_id: OrderId, channel_id: ChannelId, problems: Sequence[AddressProblem], locations: Sequence[LocationId]
) -> None:
    """Put an order on hold that is being placed with *problems*; its row says so, and was handed to *tx* before."""
    place_hold(tx, gate_hold(problems), order_id=order_id, channel_id=channel_id, location_ids=locations)


class AddressGate:
    """The gate of one order under its lock, by the rows of GATE: `check` of its channel, and its active holds."""

    def __init__(self, rows: Sequence[tuple[object, ...]]) -> None:
        self.check = AddressCheck(str(rows[0][0])) if rows and rows[0][0] else AddressCheck.OFF
        self.active: list[OrderHoldRow] = [HOLDS.record(row[1:]) for row in rows if row[1] is not None]

    @property
    def own(self) -> OrderHoldRow | None:
        """The hold that the gate placed, if it is active; it has no handle, for clients choose theirs freely."""
        placed = PLACED_BY, SYSTEM_CLIENT
        return next((hold for hold in self.active if (hold.placed_by, hold.owner) == placed), None)

    def regate(self, tx: Tx, document: OrderDocument, address: Address | None, point: DeliveryPoint | None) -> None:
        """Look anew where the goods of a locked order go, before it is saved: release the gate's hold, place or note one."""
        waits = any(line.kind.ships and line.waiting for line in document.lines.values())
        problems = check_destination(address, point) if waits else []
        own, order = self.own, document.order
        if own is not None and not problems:
            self.end(tx, document, own, "The address was mended.")
        elif own is not None and (note := note_of(problems)) != own.note:
            tx.write(NOTED, [revised(own, tx.now, note=note)])
        elif own is None and problems and self.check is AddressCheck.HOLD:
            placed = place_hold(
                tx,
                gate_hold(problems),
                order_id=order.id,
                channel_id=order.channel_id,
                location_ids=document.location_ids,
                on_hold=order.on_hold,
            )
            self.active.append(placed)
            document.order = changed(order, on_hold=True)

    def end(self, tx: Tx, document: OrderDocument, hold: OrderHoldRow, note: str) -> None:
        """Release an active hold of a locked order, before it is saved."""
        over, order = release(tx, hold, RELEASE, note), document.order
        tx.write(RELEASED, [over])
        self.active.remove(hold)
        document.order = changed(order, on_hold=bool(self.active))
        tx.emit(
            OrderHoldReleased(
                subject_id=order.id,
                order_id=order.id,
                channel_id=order.channel_id,
                location_ids=document.location_ids,
                changes=ended(over) | ({} if self.active else {"onHold": (True, False)}),
                cause_id=hold.id,
            )
        )
