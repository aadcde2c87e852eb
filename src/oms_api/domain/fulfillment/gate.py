"""Releasing an order that waited for its payment: its units are put out to the locations that hold them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from oms_api.db.rows import Rows, inserts
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.channels.serving import rule_of
from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.fulfillment.schedule import Place, opens_on, work_line
from oms_api.domain.fulfillment.tables import FulfillmentOrderLineRow, FulfillmentOrderRow
from oms_api.domain.fulfillment.units import Work
from oms_api.domain.orders.events import OrderReleased
from oms_api.domain.orders.gate import opens
from oms_api.domain.orders.quantities import LineUnits
from oms_api.kernel.ids import FulfillmentOrderId, IdKind, LineId, SkuId, text_id

GOODS = Sql(f"""
SELECT line.id, line.sku_id, rule.ships_on
FROM orders JOIN order_line line ON line.order_id = orders.id AND line.kind = 'GOODS'
LEFT JOIN LATERAL ({rule_of("orders.channel_id", "line.sku_id")}) AS rule ON rule.policy = 'PREORDER'
WHERE orders.id = :order::uuid AND orders.awaits_payment
""")  # noqa: S608 - made of constants
"""The SKU of each line of goods of an order that waits for its payment, and its day if it ships later."""
WORKS, WORK_LINES = inserts(FulfillmentOrderRow), inserts(FulfillmentOrderLineRow)
TOLD = ("unsourced", "allocated", "in_fulfillment", "shipped")


@dataclass(slots=True)
class Release:
    """What is released of an order: it is decided in `of`, and written after the document was saved."""

    document: OrderDocument
    before: Mapping[LineId, LineUnits]
    rows: Rows = field(default_factory=Rows)

    @classmethod
    def of(cls, tx: Tx, document: OrderDocument, goods: list[tuple[Any, ...]]) -> "Release | None":
        """Put out what *document* holds back, if its payment suffices by now; *goods* are the rows of `GOODS`."""
        when = document.release_when
        if when is None or not document.awaits_payment or not opens(when, document.balance, document.dues.due):
            return None
        release = cls(document, dict(document.lines))
        release._put_out(tx, {line: (sku, ships_on) for line, sku, ships_on in goods})
        document.open_gate()
        return release

    def _put_out(self, tx: Tx, goods: Mapping[LineId, tuple[SkuId, date | None]]) -> None:
        order = self.document.order
        works: dict[Place, FulfillmentOrderId] = {}
        for promise in [promise for promise in self.document.promises.values() if promise.allocated]:
            sku, ships_on = goods[promise.line_id]
            day = opens_on(ships_on, tx.now)
            place = Place(promise.location_id, day, None if day is None else sku)
            work = works.setdefault(place, tx.new_id(FulfillmentOrderId))
            self.rows[WORK_LINES].append(work_line(tx, work, promise.line_id, promise.id, promise.allocated))
            self.document.put_out(promise)
        self.rows[WORKS] += [place.work(key, order.id, order.channel_id, tx.now) for place, key in works.items()]
        for place, key in works.items():
            self.document.works[key] = Work(key, place.location_id, place.status)

    def write(self, tx: Tx) -> None:
        """Write the fulfillment orders and tell of it, in the last flush of *tx*, after the document was saved."""
        for writing in (WORKS, WORK_LINES):
            tx.write(writing, self.rows[writing])
        changes: dict[str, tuple[object, object]] = {
            f"lines.{text_id(IdKind.LINE, key)}.{name}": (getattr(was, name), getattr(now, name))
            for key, was in self.before.items()
            for now in (self.document.lines[key],)
            for name in TOLD
            if getattr(was, name) != getattr(now, name)
        }
        self.document.emit(tx, OrderReleased, changes, tx.now)
