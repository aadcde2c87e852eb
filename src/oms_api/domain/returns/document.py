"""A return with its lines, read under the lock of its order, changed in memory and written by one statement."""

from dataclasses import dataclass, replace
from datetime import datetime

from oms_api.db.pipeline import Statement
from oms_api.db.rows import updates
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.document import Document, locked_document
from oms_api.domain.fulfillment.ways import Way
from oms_api.domain.returns.shapes import RETURNS
from oms_api.domain.returns.states import ReturnOrderStatus
from oms_api.domain.returns.tables import ReturnLineRow, ReturnRow
from oms_api.kernel.ids import LineId, ReturnId, ReturnLineId, SkuId

BY_RETURN = Way("(SELECT back.order_id FROM returns back WHERE back.id = :key::uuid)")
HEADER = Sql(f"""
SELECT {RETURNS.columns}, (SELECT max(receipt.occurred_at) FROM return_receipt receipt WHERE receipt.return_id = returns.id)
FROM returns WHERE returns.id = :key::uuid
""")  # noqa: S608 - our own columns
LINES = Sql("""
SELECT back.id, back.line_id, CASE WHEN item.kind = 'GOODS' THEN item.sku_id END, back.quantity, back.received, back.called_off
FROM return_line back JOIN order_line item ON item.id = back.line_id WHERE back.return_id = :key::uuid ORDER BY back.position
""")
MOVED = updates(ReturnLineRow, "received", "called_off")
STATE = updates(ReturnRow, "status", "version", "received_at", "closed_at", "close_note")


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """Units of one order line that come back; `sku_id` is that of goods, which lie in a location when they have come."""

    id: ReturnLineId
    line_id: LineId
    sku_id: SkuId | None
    quantity: int
    received: int
    called_off: int

    @property
    def expected(self) -> int:
        """Units still expected."""
        return self.quantity - self.received - self.called_off


@dataclass(slots=True)
class ReturnDocument:
    """A return, its lines and its order; a move replaces what it changes. `last_receipt` is when the latest goods came."""

    order: Document
    row: ReturnRow
    lines: dict[ReturnLineId, ReturnLine]
    last_receipt: datetime | None

    @property
    def expected(self) -> int:
        """Units still expected."""
        return sum(line.expected for line in self.lines.values())

    def receive(self, line_id: ReturnLineId, units: int) -> None:
        """Count units of a line as received."""
        line = self.lines[line_id]
        self.lines[line_id] = replace(line, received=line.received + units)

    def call_off(self) -> dict[LineId, int]:
        """Expect nothing more, and return by order line how many units do not come after all."""
        left = {line.line_id: line.expected for line in self.lines.values() if line.expected}
        for line in self.lines.values():
            self.lines[line.id] = replace(line, called_off=line.called_off + line.expected)
        return left

    def move(self, status: ReturnOrderStatus) -> None:
        """Let the order know how many returns are open when this one becomes *status*; `row` stays what it was."""
        self.order.open_returns += status.open - self.row.status.open
        requested = ReturnOrderStatus.REQUESTED
        self.order.requested_returns += (status is requested) - (self.row.status is requested)

    def write(self, tx: Tx, row: ReturnRow) -> None:
        """Hand the lines and the new *row* to *tx*, to be written in its last flush."""
        tx.write(MOVED, self.lines.values())
        tx.write(STATE, [row])


async def locked_return(
    tx: Tx, return_id: ReturnId, *alongside: Statement
) -> tuple[ReturnDocument | None, list[list[tuple[object, ...]]]]:
    """Lock the order of a return and read both, and *alongside*, in one round trip; None where there is none to be seen."""
    own = HEADER(key=return_id), LINES(key=return_id)
    order, (headers, lines, *others) = await locked_document(tx, BY_RETURN, return_id, *own, *alongside)
    if order is None:
        return None, others
    ((*header, last_receipt),) = headers
    return ReturnDocument(order, RETURNS.record(header), {row[0]: ReturnLine(*row) for row in lines}, last_receipt), others
