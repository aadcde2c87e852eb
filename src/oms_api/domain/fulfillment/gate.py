"""The payment gate at work: what waited for its payment is put out to the locations that hold it, or is kept back again."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Any

from oms_api.db.rows import Rows, inserts
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.channels.serving import rule_of
from oms_api.domain.fulfillment.document import OrderDocument
from oms_api.domain.fulfillment.giving_up import line_changes
from oms_api.domain.fulfillment.schedule import Place, opens_on, work_line
from oms_api.domain.fulfillment.splitting import GIVE, GIVEN
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.tables import FulfillmentOrderLineRow, FulfillmentOrderRow
from oms_api.domain.fulfillment.units import Work
from oms_api.domain.orders.events import OrderReleased, OrderWithheld
from oms_api.domain.orders.gate import opens
from oms_api.domain.orders.quantities import LineUnits, retract
from oms_api.domain.orders.states import OrderStatus
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.ids import FulfillmentOrderId, LineId, SkuId

GOODS = Sql(f"""
SELECT line.id, line.sku_id, rule.ships_on
FROM orders JOIN order_line line ON line.order_id = orders.id AND line.kind = 'GOODS'
LEFT JOIN LATERAL ({rule_of("orders.channel_id", "line.sku_id")}) AS rule ON rule.policy = 'PREORDER'
WHERE orders.id = :order::uuid AND orders.awaits_payment
""")  # noqa: S608 - made of constants
"""The SKU of each line of goods of an order that waits for its payment, and its day if it ships later."""
WORKS, WORK_LINES = inserts(FulfillmentOrderRow), inserts(FulfillmentOrderLineRow)
EMITTED = ("unsourced", "allocated", "in_fulfillment", "shipped")


@dataclass(slots=True)
class Release:
    """What is released of an order: it is decided in `of`, and written after the document was saved."""

    document: OrderDocument
    before: Mapping[LineId, LineUnits]
    rows: Rows = field(default_factory=Rows)
    given: list[dict[str, object]] = field(default_factory=list)

    @classmethod
    def of(cls, tx: Tx, document: OrderDocument, goods: list[tuple[Any, ...]]) -> "Release | None":
        """Put out what *document* holds back, if its payment suffices by now; *goods* are the rows of `GOODS`."""
        when = document.release_when
        if when is None or not document.awaits_payment or not opens(when, document.balance, document.dues.due):
            return None
        release = cls(document, dict(document.lines))
        release._put_out(tx, {line: (sku, ships_on) for line, sku, ships_on in goods})
        document.awaits_payment = False
        document.hand_over()
        return release

    def _put_out(self, tx: Tx, goods: Mapping[LineId, tuple[SkuId, date | None]]) -> None:
        order = self.document.order
        works: dict[Place, FulfillmentOrderId] = {}
        for promise in [promise for promise in self.document.promises.values() if promise.allocated]:
            sku, ships_on = goods[promise.line_id]
            day = opens_on(ships_on, tx.now)
            place = Place(promise.location_id, day, None if day is None else sku)
            work = works.setdefault(place, tx.new_id(FulfillmentOrderId))
            if promise.work_line_id is None:
                self.rows[WORK_LINES].append(work_line(tx, work, promise.line_id, promise.id, promise.allocated))
            else:
                self.given.append({"line": promise.work_line_id, "work": work})
            self.document.put_out(promise, work)
        self.rows[WORKS] += [place.work(key, order.id, order.channel_id, tx.now) for place, key in works.items()]
        for place, key in works.items():
            self.document.works[key] = Work(key, place.location_id, place.status)

    def write(self, tx: Tx) -> None:
        """Write the fulfillment orders and tell of it, in the last flush of *tx*, after the document was saved."""
        for writing in (WORKS, WORK_LINES):
            tx.write(writing, self.rows[writing])
        if self.given:
            tx.closing.append(GIVE(given=GIVEN(self.given)))
        self.document.emit(tx, OrderReleased, line_changes(self.before, self.document, EMITTED), tx.now)


def begun(document: OrderDocument) -> bool:
    """Tell whether anything left or was handed over, or any work was begun, agreed on, or is on hold by itself."""
    works = (work for work in document.works.values() if work.status is not FulfillmentOrderStatus.CLOSED)
    return (
        any(line.handed_over for line in document.lines.values())
        or any(promise.work_packed for promise in document.promises.values())
        or any(
            work.status is FulfillmentOrderStatus.IN_PROGRESS or work.awaits_pickup or work.agreed or work.on_hold
            for work in works
        )
    )


@dataclass(slots=True)
class Withholding:
    """What is kept back again of an order that was released: decided in `of`, and told after the document was saved."""

    document: OrderDocument
    before: Mapping[LineId, LineUnits]

    @classmethod
    def of(cls, document: OrderDocument) -> "Withholding | None":
        """Keep *document* back, if its payment sufficed when it was read and does no longer, and nothing of it was begun."""
        when, order = document.release_when, document.order
        if when is None or document.awaits_payment or order.status is not OrderStatus.OPEN or not document.sufficed:
            return None
        if opens(when, document.balance, document.dues.due) or begun(document):
            return None
        withheld = cls(document, dict(document.lines))
        document.awaits_payment = True
        for promise in [each for each in document.promises.values() if each.in_fulfillment]:
            document.keep_back(promise)
        for line in [each for each in document.lines.values() if each.retractable]:
            document.set_line(retract(line))
        return withheld

    def emit(self, tx: Tx) -> None:
        """Tell of it, in the last flush of *tx*, after the document was saved."""
        self.document.emit(tx, OrderWithheld, line_changes(self.before, self.document, EMITTED), tx.now)
