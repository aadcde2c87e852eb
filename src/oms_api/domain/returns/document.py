"""A return with its lines, under the lock of its order."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from oms_api.db.documents import Changes, published_as
from oms_api.db.pipeline import Rows
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.parts import OrderPart
from oms_api.domain.fulfillment.ways import Way
from oms_api.domain.returns.states import ReturnOrderStatus
from oms_api.domain.returns.tables import ReturnLineRow, ReturnRow
from oms_api.domain.returns.verbs import LIFE
from oms_api.kernel.access import Principal
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import LineId, LocationId, ReturnLineId, SkuId

LINES = Sql("""
SELECT back.return_id, back.id, back.line_id, CASE WHEN item.kind = 'GOODS' THEN item.sku_id END, back.quantity, back.received,
       back.called_off
FROM return_line back JOIN order_line item ON item.id = back.line_id WHERE back.return_id = ANY (:ids::uuid[])
ORDER BY back.position
""")
LAST_RECEIPT = Sql(
    "SELECT return_id, max(occurred_at) FROM return_receipt WHERE return_id = ANY (:ids::uuid[]) GROUP BY return_id"
)


@dataclass(frozen=True, slots=True)
class LineOfReturn:
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


class ReturnDocument(OrderPart[ReturnRow, LineOfReturn]):
    """A return and its lines under the lock of its order. `last_receipt` is when the latest goods came, `location_id` where."""

    table, life = ReturnRow, LIFE
    way = Way("(SELECT back.order_id FROM returns back WHERE back.id = :key::uuid)")
    published = published_as(status="return.status")
    line, line_table, lines_of = LineOfReturn, ReturnLineRow, LINES
    more = (LAST_RECEIPT,)
    last_receipt: datetime | None
    location_id: LocationId | None = None

    def take(self, last_receipt: Rows) -> None:
        """Keep when the latest goods came."""
        self.last_receipt = last_receipt[0][0] if last_receipt else None

    def visible(self, _principal: Principal) -> bool:
        """Whoever sees its order may see it."""
        return True

    def facts(self, _principal: Principal) -> ReturnOrderStatus:
        """Return its status."""
        return self.was.status

    @property
    def location_ids(self) -> tuple[LocationId, ...]:
        """Where goods came, or all locations that work on the order."""
        return super().location_ids if self.location_id is None else (self.location_id,)

    @property
    def line_changes(self) -> Changes:
        """Nothing: units of the order's lines tell it."""
        return {}

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

    def move(self, target: StrEnum | None = None) -> None:
        """Let it become *target*, or what the verb aims at, and its order know how many returns are open."""
        super().move(target)
        was, now, requested = self.was.status, self.row.status, ReturnOrderStatus.REQUESTED
        self.order.open_returns += now.open - was.open
        self.order.requested_returns += (now is requested) - (was is requested)
