"""Taking in goods that were bought: accepted units become stock, rejected ones are only recorded."""

from collections.abc import Sequence
from datetime import datetime

from oms_api.db.documents import changing
from oms_api.db.rows import Given, inserts, types
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.inventory.capacity import levels_without_capacity
from oms_api.domain.inventory.errors import TooMuchStock
from oms_api.domain.inventory.ledger import make_levels, post
from oms_api.domain.inventory.lots.given import Lots, lots_named
from oms_api.domain.inventory.moves import Move
from oms_api.domain.inventory.sourcing import LevelKey
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.domain.purchasing.document import PurchaseOrderDocument
from oms_api.domain.purchasing.receiving import Delivered, LineReceived, decide_receipt
from oms_api.domain.purchasing.states import PurchaseOrderStatus, ReceiptBucket
from oms_api.domain.purchasing.tables import PurchaseOrderRow, PurchaseReceiptLineRow, PurchaseReceiptRow
from oms_api.domain.purchasing.verbs import RECEIVE
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.errors import Refused
from oms_api.kernel.ids import LocationId, PurchaseOrderId, PurchaseReceiptId, PurchaseReceiptLineId
from oms_api.kernel.naming import check_note, check_text
from oms_api.kernel.occurrence import occurred

RECEIPTS = inserts(PurchaseReceiptRow)
COLUMNS = types(
    PurchaseReceiptLineRow,
    "id",
    "receipt_id",
    "purchase_order_line_id",
    "bucket",
    "accepted",
    "rejected",
    "reject_reason",
    "replaced",
    "note",
    "lot",
)
LINES = Given("line", sku_id="uuid", location_id="uuid", **COLUMNS)
ADD_LINES = Sql(f"""
INSERT INTO purchase_receipt_line (level_id, {", ".join(COLUMNS)})
SELECT level.id, {", ".join(f"line.{name}" for name in COLUMNS)} FROM {LINES}
LEFT JOIN inventory_level level ON line.accepted > 0 AND level.sku_id = line.sku_id AND level.location_id = line.location_id
""")  # noqa: S608 - our own columns


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivePurchaseOrder:
    """Goods of a purchase order were delivered: *lines*, or all that is open, accepted into *bucket*."""

    idempotency_key: str
    purchase_order_id: PurchaseOrderId
    lines: tuple[LineReceived, ...] | None = None
    bucket: ReceiptBucket = ReceiptBucket.FREE
    reference: str | None = None
    note: str | None = None
    expected_version: int | None = None
    occurred_at: datetime | None = None


async def receive_purchase_order(tx: Tx, command: ReceivePurchaseOrder) -> PurchaseOrderRow:
    """Record a delivery, bring what was accepted into stock at the order's location, and return the purchase order.

    Raises: NotFound, VersionConflict, IllegalMove, NothingIncoming, OccurredTooEarly, MissingScope, InvalidValue; Refused with
    all that is wrong with the lines, OverReceipt, LotMismatch and TooMuchStock among it.
    """
    at = tx.business_time(command.occurred_at)
    check_text(command.reference, "reference")
    check_note(command.note, "note")
    receipt = tx.new_id(PurchaseReceiptId)
    async with changing(tx, PurchaseOrderDocument, RECEIVE, command.purchase_order_id, command.expected_version) as order:
        was = order.was
        lots = await lots_of(tx, order, command.lines or ())
        delivered = [
            (tx.new_id(PurchaseReceiptLineId), each) for each in decide_receipt(order, command.lines, command.bucket, lots)
        ]
        if was.ordered_at is not None:
            at = occurred(at, command.occurred_at, not_before=was.ordered_at, what="its ordering")
        moves = [move_of(key, each, was.location_id) for key, each in delivered if each.given.accepted]
        await check_capacity(tx, moves, [each for _, each in delivered])
        order.at, order.cause_id, status = at, receipt, order.progress
        order.move(status)
        order.row.received_at = max(at, order.last_receipt or at) if status is PurchaseOrderStatus.RECEIVED else None
    make_levels(tx, [move.key for move in moves])
    post(tx, moves, at, lots=lots.made)
    _record(tx, command, receipt, was.location_id, delivered, at)
    return order.row


async def lots_of(tx: Tx, document: PurchaseOrderDocument, lines: Sequence[LineReceived]) -> Lots:
    """Return what is known of the lots that *lines* name."""
    known = [(document.lines[line.line_id].sku_id, line.lot) for line in lines if line.lot and line.line_id in document.lines]
    return await lots_named(tx, known)


def move_of(receipt_line: PurchaseReceiptLineId, delivered: Delivered, location_id: LocationId) -> Move:
    """Return the movement of the accepted units of a receipt's line."""
    return Move(
        sku_id=delivered.sku_id,
        location_id=location_id,
        quantity=delivered.given.accepted,
        source=Account.SUPPLIER,
        target=Account(delivered.given.bucket.value),
        kind=MovementKind.RECEIVE,
        cause_kind=CauseKind.PURCHASE_RECEIPT_LINE,
        cause_id=receipt_line,
        lot=None if delivered.given.lot is None else delivered.given.lot.code,
    )


async def check_capacity(tx: Tx, moves: Sequence[Move], delivered: Sequence[Delivered]) -> None:
    """Raises: Refused with TooMuchStock, for each row of a level that cannot hold its units: at first one that never could."""
    more: dict[LevelKey, int] = {}
    for move in moves:
        more[move.key] = more.get(move.key, 0) + move.quantity
    full = {sku for sku, _ in await levels_without_capacity(tx, more)}
    rows = sorted({-1 if each.row is None else each.row for each in delivered if each.given.accepted and each.sku_id in full})
    if rows:
        paths = [("purchaseOrderId",) if row < 0 else ("lines", str(row), "accepted") for row in rows]
        raise Refused(errors=[TooMuchStock(field=path) for path in paths])


def _record(
    tx: Tx,
    command: ReceivePurchaseOrder,
    receipt: PurchaseReceiptId,
    location_id: LocationId,
    delivered: Sequence[tuple[PurchaseReceiptLineId, Delivered]],
    at: datetime,
) -> None:
    """Write the receipt, behind its stock: only then has each line its level."""
    tx.put(
        RECEIPTS,
        id=receipt,
        purchase_order_id=command.purchase_order_id,
        location_id=location_id,
        reference=command.reference,
        note=command.note,
        actor=tx.actor,
        occurred_at=at,
        recorded_at=tx.now,
    )
    lines = [
        {
            "id": key,
            "receipt_id": receipt,
            "purchase_order_line_id": each.given.line_id,
            "sku_id": each.sku_id,
            "location_id": location_id,
            "bucket": each.given.bucket,
            "accepted": each.given.accepted,
            "rejected": each.given.rejected,
            "reject_reason": each.given.reject_reason,
            "replaced": each.given.replaced,
            "note": each.given.note,
            "lot": None if each.given.lot is None else each.given.lot.code,
        }
        for key, each in delivered
    ]
    tx.closing.append(ADD_LINES(line=LINES(lines)))
