"""A purchase order with its lines, read under the lock of its header, changed in memory and written by one statement."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from oms_api.db.pipeline import Statement
from oms_api.db.records import Shape
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.purchasing.states import PURCHASE_ORDER, PurchaseOrderStatus
from oms_api.domain.purchasing.tables import PurchaseOrderLineRow, PurchaseOrderRow
from oms_api.kernel.errors import NotFound
from oms_api.kernel.events import Event
from oms_api.kernel.ids import IdKind, PurchaseOrderId, PurchaseOrderLineId, SkuId, text_id
from oms_api.kernel.quantities import LARGEST_QUANTITY

PURCHASE_ORDERS = Shape(PurchaseOrderRow)
LOCK = Sql(f"SELECT {PURCHASE_ORDERS.columns} FROM purchase_order WHERE id = :key::uuid FOR NO KEY UPDATE")  # noqa: S608 - our own
LINES = Sql("""
SELECT id, sku_id, quantity, confirmed, accepted, rejected, replaced, called_off, over_receipt_percent, expected_at
FROM purchase_order_line WHERE purchase_order_id = :key::uuid ORDER BY position
""")
LAST_RECEIPT = Sql("SELECT max(occurred_at) FROM purchase_receipt WHERE purchase_order_id = :key::uuid")
MOVED = updates(PurchaseOrderLineRow, "confirmed", "accepted", "rejected", "replaced", "called_off", "expected_at")
TIMES = ("ordered_at", "confirmed_at", "received_at", "closed_at")
HEADER = updates(PurchaseOrderRow, "status", "version", "supplier_ref", *TIMES, "close_note")

S = PurchaseOrderStatus
Changes = dict[str, tuple[object, object]]


@dataclass(frozen=True, slots=True)
class Line:
    """Units of a SKU on a purchase order; those *rejected* are gone for good, for those *replaced* others come."""

    id: PurchaseOrderLineId
    sku_id: SkuId
    quantity: int
    confirmed: int | None
    accepted: int
    rejected: int
    replaced: int
    called_off: int
    over_receipt_percent: Decimal
    expected_at: datetime | None

    @property
    def delivered(self) -> int:
        """Units that came of those that were ordered: not those in whose place others come."""
        return self.accepted + self.rejected

    @property
    def open(self) -> int:
        """Units still expected."""
        expected = self.quantity if self.confirmed is None else self.confirmed
        return max(expected - self.delivered - self.called_off, 0)

    @property
    def most(self) -> int:
        """How many units may be accepted in all."""
        return min(self.quantity + int(self.quantity * self.over_receipt_percent / 100), LARGEST_QUANTITY)


@dataclass(slots=True)
class PurchaseOrderDocument:
    """A purchase order and its lines; `row` stays what it was. `last_receipt` is when the latest goods came."""

    row: PurchaseOrderRow
    lines: dict[PurchaseOrderLineId, Line]
    last_receipt: datetime | None

    @property
    def progress(self) -> PurchaseOrderStatus:
        """How far it is by what was delivered and what is open; a status that is not about that stays."""
        if not any(line.delivered + line.replaced for line in self.lines.values()):
            return self.row.status
        return S.PARTIALLY_RECEIVED if any(line.open for line in self.lines.values()) else S.RECEIVED

    @property
    def last_step(self) -> tuple[datetime, str]:
        """When the latest step was taken, and what it was: the next one is not earlier."""
        steps = (
            (self.row.created_at, "the purchase order's creation"),
            (self.row.ordered_at, "its ordering"),
            (self.row.confirmed_at, "its confirmation"),
            (self.last_receipt, "its last receipt"),
        )
        return max((at, what) for at, what in steps if at is not None)

    def move(self, status: PurchaseOrderStatus) -> PurchaseOrderStatus:
        """Return *status*. Raises: IllegalMove, where it may not follow."""
        if status is not self.row.status:
            PURCHASE_ORDER.check(self.row.status, status)
        return status

    def call_off(self) -> None:
        """Expect nothing more."""
        for line in self.lines.values():
            self.lines[line.id] = replace(line, called_off=line.called_off + line.open)

    def write(self, tx: Tx, row: PurchaseOrderRow) -> None:
        """Hand the lines and the new *row* to *tx*, to be written in its last flush."""
        tx.write(MOVED, self.lines.values())
        tx.write(HEADER, [row])


async def locked_purchase_order(
    tx: Tx, key: PurchaseOrderId, *alongside: Statement
) -> tuple[PurchaseOrderDocument, list[list[tuple[Any, ...]]]]:
    """Lock a purchase order and read it, and *alongside*, in one round trip. Raises: NotFound, also for what cannot be seen."""
    own = [read(key=key) for read in (LOCK, LINES, LAST_RECEIPT)]
    headers, lines, ((last_receipt,),), *others = await tx.flush([*own, *alongside])
    row = PURCHASE_ORDERS.record(headers[0]) if headers else None
    if row is None or not (tx.principal.sees_supplier(row.supplier_id) and tx.principal.sees_location(row.location_id)):
        raise NotFound(what="purchase order", given=text_id(IdKind.PURCHASE_ORDER, key), field=("purchaseOrderId",))
    return PurchaseOrderDocument(row, {line[0]: Line(*line) for line in lines}, last_receipt), others


def line_changes(before: Mapping[PurchaseOrderLineId, Line], after: Mapping[PurchaseOrderLineId, Line], *names: str) -> Changes:
    """Return what moved of the lines, as events tell it."""
    told: Changes = {}
    for key, line in before.items():
        for name in names:
            was, now = getattr(line, name), getattr(after[key], name)
            if was != now:
                told[f"lines.{text_id(IdKind.PURCHASE_ORDER_LINE, key)}.{name}"] = was, now
    return told


def purchase_order_event(
    kind: type[Event], row: PurchaseOrderRow, changes: Changes, at: datetime, *, cause_id: UUID | None = None
) -> Event:
    """Return an event about a purchase order, for all whose location or supplier has to do with it."""
    return kind(
        subject_id=row.id,
        location_ids=(row.location_id,),
        supplier_ids=(row.supplier_id,),
        changes=changes,
        occurred_at=at,
        cause_id=cause_id,
    )
