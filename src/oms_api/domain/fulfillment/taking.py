"""Taking units for lines of an order that was placed before: one act, with its promises, its work and its movements."""

from collections import Counter
from collections.abc import Mapping, Sequence

from oms_api.db.rows import Rows, inserts
from oms_api.db.session import Tx
from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.fulfillment.schedule import Place, work_line
from oms_api.domain.fulfillment.tables import (
    AllocationRow,
    FulfillmentOrderLineRow,
    FulfillmentOrderRow,
    OrderSourcingLineRow,
    OrderSourcingRow,
)
from oms_api.domain.fulfillment.units import Work
from oms_api.domain.inventory.ledger import post
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.sellable import LevelSnapshot
from oms_api.domain.inventory.sourcing import LevelKey, Source
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.domain.orders.quantities import source_again
from oms_api.domain.orders.tables import OrderRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import (
    AllocationId,
    FulfillmentOrderId,
    LineId,
    SourcingId,
    SourcingLineId,
)

SOURCINGS, SOURCED = inserts(OrderSourcingRow), inserts(OrderSourcingLineRow)
WORKS, WORK_LINES, ALLOCATIONS = inserts(FulfillmentOrderRow), inserts(FulfillmentOrderLineRow), inserts(AllocationRow)
Works = Mapping[Place, FulfillmentOrderId]
NOTHING_FREED: Mapping[LevelKey, int] = {}


@dataclass(frozen=True, slots=True)
class TakenUnits:
    """Units taken for a line, and where they are worked on."""

    source: Source
    line_id: LineId
    place: Place


def take(tx: Tx, document: OrderDocument, taken: Sequence[TakenUnits]) -> Works:
    """Count the units of *taken* as promised in *document*, and return the new fulfillment orders that work on them.

    There are none while the order waits for its payment: its units are kept as allocated.
    """
    kept = document.awaits_payment
    places = [] if kept else list(dict.fromkeys(each.place for each in taken))
    works = {place: tx.new_id(FulfillmentOrderId) for place in places}
    for place, work in works.items():
        document.works[work] = Work(work, place.location_id, place.status)
    for each in taken:
        document.set_line(source_again(document.lines[each.line_id], each.source.quantity, kept=kept))
    return works


def write_taken(
    tx: Tx,
    order: OrderRow,
    works: Works,
    taken: Sequence[TakenUnits],
    levels: Mapping[LevelKey, LevelSnapshot],
    *,
    sells_safety_stock: bool,
    more_moves: Sequence[Move] = (),
    freed: Mapping[LevelKey, int] = NOTHING_FREED,
) -> None:
    """Move the units of *taken* and record the act with its promises and *works*; *more_moves* happen in the same statement.

    What these moves have *freed* at a level may be taken whatever that keeps back: it was this order's.
    It joins the last flush of *tx*, after the document was saved.
    """
    causes = [tx.new_id(SourcingLineId) for _ in taken]
    wanted = Counter[LevelKey]()
    for each in taken:
        wanted[each.source.key] += each.source.quantity
    moves = [
        _move(each.source, cause, promise=not sells_safety_stock and wanted[key] > freed.get(key, 0))
        for each, cause in zip(taken, causes, strict=True)
        for key in (each.source.key,)
    ]
    post(tx, [*more_moves, *moves], tx.now)
    if not taken:
        return
    act = tx.new_id(SourcingId)
    tx.put(SOURCINGS, id=act, order_id=order.id, actor=tx.actor, occurred_at=tx.now, recorded_at=tx.now)
    rows = Rows()
    rows[WORKS] += [place.work(key, order.id, order.channel_id, tx.now) for place, key in works.items()]
    for each, cause in zip(taken, causes, strict=True):
        promise = {"line_id": each.line_id, "quantity": each.source.quantity}
        allocation, work = tx.new_id(AllocationId), works.get(each.place)
        rows.put(
            ALLOCATIONS,
            id=allocation,
            order_id=order.id,
            level_id=levels[each.source.sku_id, each.source.location_id].id,
            location_id=each.source.location_id,
            **{"allocated" if work is None else "in_fulfillment": each.source.quantity},
            reason=each.source.reason,
            created_at=tx.now,
            **promise,
        )
        if work is not None:
            rows[WORK_LINES].append(work_line(tx, work, each.line_id, allocation, each.source.quantity))
        rows.put(SOURCED, id=cause, sourcing_id=act, allocation_id=allocation, **promise)
    for writing in (WORKS, ALLOCATIONS, WORK_LINES, SOURCED):
        tx.write(writing, rows[writing])


def _move(taken: Source, cause: SourcingLineId, *, promise: bool) -> Move:
    return Move(
        sku_id=taken.sku_id,
        location_id=taken.location_id,
        quantity=taken.quantity,
        source=Account.FREE,
        target=Account.COMMITTED,
        kind=MovementKind.ALLOCATE,
        cause_kind=CauseKind.SOURCING_LINE,
        cause_id=cause,
        promise=promise,
    )
