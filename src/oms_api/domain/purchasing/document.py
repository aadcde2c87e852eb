"""A purchase order with its lines under its lock."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from oms_api.db.documents import Changes, Concerned, Document, published_as
from oms_api.db.pipeline import Rows
from oms_api.db.sql import Sql
from oms_api.domain.purchasing.events import PurchaseOrderChanged, PurchaseOrderConfirmed
from oms_api.domain.purchasing.states import PurchaseOrderStatus
from oms_api.domain.purchasing.tables import PurchaseOrderLineRow, PurchaseOrderRow
from oms_api.domain.purchasing.verbs import CONFIRM, LIFE, PurchaseFacts
from oms_api.kernel.access import Principal
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import PurchaseOrderLineId, SkuId
from oms_api.kernel.quantities import LARGEST_QUANTITY

LINES = Sql("""
SELECT purchase_order_id, id, sku_id, quantity, confirmed, accepted, rejected, replaced, called_off,
       over_receipt_percent, expected_at
FROM purchase_order_line WHERE purchase_order_id = ANY (:ids::uuid[]) ORDER BY purchase_order_id, position
""")
LAST_RECEIPT = Sql("""
SELECT purchase_order_id, max(occurred_at) FROM purchase_receipt WHERE purchase_order_id = ANY (:ids::uuid[])
GROUP BY purchase_order_id
""")

S = PurchaseOrderStatus


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


class PurchaseOrderDocument(Document[PurchaseOrderRow, Line]):
    """A purchase order under its lock. `last_receipt` is when the latest goods came."""

    table, life = PurchaseOrderRow, LIFE
    published = published_as("status", "external_ref", "supplier_ref", "note", location_id="location.id")
    line, line_table, lines_of = Line, PurchaseOrderLineRow, LINES
    more = (LAST_RECEIPT,)
    last_receipt: datetime | None

    def take(self, last_receipt: Rows) -> None:
        """Keep when the latest goods came."""
        self.last_receipt = last_receipt[0][0] if last_receipt else None

    def visible(self, principal: Principal) -> bool:
        """Tell whether *principal* sees both its supplier and its location."""
        return principal.sees_supplier(self.was.supplier_id) and principal.sees_location(self.was.location_id)

    def facts(self, _principal: Principal) -> PurchaseFacts:
        """Return whether its goods go to a customer."""
        return PurchaseFacts(self.was.fulfillment_order_id is not None)

    def concerned(self) -> Concerned:
        """Return its supplier, and its location before and after."""
        places = dict.fromkeys((self.was.location_id, self.row.location_id))
        return {"location_ids": tuple(places), "supplier_ids": (self.was.supplier_id,)}

    def events(self, changes: Changes) -> Mapping[type[Event], Changes]:
        """Return the events that tell of *changes*: a supplier confirms once, without dates; all else is a change."""
        if self.verb is not CONFIRM:
            return super().events(changes)
        if self.was.confirmed_at is not None:
            return {PurchaseOrderChanged: changes}
        dates = {path: both for path, both in changes.items() if path.endswith(".expected_at")}
        others = {path: both for path, both in changes.items() if path not in dates}
        return {PurchaseOrderConfirmed: others} | ({PurchaseOrderChanged: dates} if dates else {})

    @property
    def progress(self) -> PurchaseOrderStatus:
        """How far it is by what was delivered and what is open; a status that is not about that stays."""
        if not any(line.delivered + line.replaced for line in self.lines.values()):
            return self.was.status
        return S.PARTIALLY_RECEIVED if any(line.open for line in self.lines.values()) else S.RECEIVED

    @property
    def last_step(self) -> tuple[datetime, str]:
        """When the latest step was taken, and what it was: the next one is not earlier."""
        steps = (
            (self.was.created_at, "the purchase order's creation"),
            (self.was.ordered_at, "its ordering"),
            (self.was.confirmed_at, "its confirmation"),
            (self.last_receipt, "its last receipt"),
        )
        return max((at, what) for at, what in steps if at is not None)

    def call_off(self) -> None:
        """Expect nothing more."""
        for line in self.lines.values():
            if line.open:
                self.lines[line.id] = replace(line, called_off=line.called_off + line.open)
