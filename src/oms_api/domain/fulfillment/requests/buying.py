"""The purchase order of goods that a supplier sends to the customer: made with the acceptance, received by shipping.

It is no supply of ours: nothing of it comes to a location, so nothing of it is incoming, and nobody receives it by hand. All of
it is changed under the lock of the order.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from oms_api.db.pipeline import Statement
from oms_api.db.rows import inserts
from oms_api.db.session import Tx
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.requests.tables import FulfillmentRequestRow
from oms_api.domain.fulfillment.units import Promise, Work, WorkRequest
from oms_api.domain.purchasing.events import (
    PurchaseOrderCanceled,
    PurchaseOrderChanged,
    PurchaseOrderCreated,
    PurchaseOrderReceived,
)
from oms_api.domain.purchasing.states import PurchaseOrderStatus
from oms_api.domain.purchasing.tables import PurchaseOrderLineRow, PurchaseOrderRow
from oms_api.kernel.dataclass import dataclass
from oms_api.kernel.events import Event
from oms_api.kernel.ids import FulfillmentOrderLineId, PurchaseOrderId, PurchaseOrderLineId, SkuId
from oms_api.kernel.money import extended_minor

S = PurchaseOrderStatus
HEADERS, LINES = inserts(PurchaseOrderRow), inserts(PurchaseOrderLineRow)
NUMBER = Sql("SELECT nextval('purchase_order_number')")
BUYER = Sql("""
SELECT coalesce(bought.currency, supplier.currency)
FROM fulfillment_request asked JOIN location ON location.id = asked.location_id
JOIN supplier ON supplier.id = asked.supplier_id LEFT JOIN purchase_order bought ON bought.id = asked.purchase_order_id
WHERE asked.id = :request::uuid AND location.kind = 'SUPPLIER'
""")
"""The currency in which goods of a location are bought of the supplier; no row where they are ours."""
ARTICLES = Sql("""
SELECT part.id, line.sku_id, line.sku_code, article.code, article.cost, article.currency,
       EXISTS (SELECT FROM purchase_order_line bought WHERE bought.fulfillment_order_line_id = part.id
               AND bought.purchase_order_id = asked.purchase_order_id)
FROM fulfillment_request asked JOIN fulfillment_order_line part ON part.fulfillment_order_id = asked.fulfillment_order_id
JOIN order_line line ON line.id = part.line_id
LEFT JOIN supplier_sku article ON article.sku_id = line.sku_id AND article.supplier_id = asked.supplier_id
WHERE asked.id = :request::uuid ORDER BY line.position, part.id
""")
MORE = Sql("""
UPDATE purchase_order SET total_minor = total_minor + :minor, version = version + 1 WHERE id = :bought::uuid
""")
SETTLED = Sql("""
WITH found AS (
    SELECT line.id, coalesce(part.shipped, 0) AS shipped,
           CASE WHEN :expected::boolean THEN coalesce(part.quantity - part.shipped - part.canceled, 0) ELSE 0 END AS expected
    FROM purchase_order_line line LEFT JOIN fulfillment_order_line part
        ON part.id = line.fulfillment_order_line_id AND part.fulfillment_order_id = :work::uuid
    WHERE line.purchase_order_id = :bought::uuid
), lines AS (
    UPDATE purchase_order_line line
    SET accepted = found.shipped, called_off = line.quantity - found.shipped - found.expected
    FROM found WHERE line.id = found.id
)
UPDATE purchase_order SET status = :status, version = version + 1, received_at = :received_at, closed_at = :closed_at
WHERE id = :bought::uuid
""")
EVENTS: dict[PurchaseOrderStatus, type[Event]] = {
    S.PARTIALLY_RECEIVED: PurchaseOrderReceived,
    S.RECEIVED: PurchaseOrderReceived,
    S.CANCELED: PurchaseOrderCanceled,
}
UNKNOWN_COST = "The supplier's cost in {currency} is not known of {skus}: counted as 0."
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class SuppliedLine:
    """A line of a fulfillment order, and how the supplier sells its SKU; `bought` where it is on the purchase order."""

    part_id: FulfillmentOrderLineId
    sku_id: SkuId
    sku: str
    code: str | None
    cost: Decimal | None
    currency: str | None
    bought: bool

    def cost_in(self, currency: str) -> Decimal | None:
        """Return the cost of one unit, None where it is not known in *currency*."""
        return self.cost if self.currency == currency else None


def what_to_buy(request: FulfillmentRequestRow) -> list[Statement]:
    """Return what reads whether goods of a request are bought, and how the supplier sells them: for `buy`."""
    return [BUYER(request=request.id), ARTICLES(request=request.id)]


async def buy(
    tx: Tx,
    request: FulfillmentRequestRow,
    promises: Sequence[Promise],
    asked: Sequence[Sequence[tuple[Any, ...]]],
    supplier_ref: str | None,
) -> PurchaseOrderId | None:
    """Buy what is left of the *promises* of an accepted request, and return the purchase order; None where the goods are ours.

    What was bought by an acceptance before is expected again. *asked* is what `what_to_buy` gave.
    """
    buyers, articles = asked
    if not buyers:
        return None
    ((currency,),) = buyers
    left = {promise.work_line_id: promise.in_fulfillment for promise in promises}
    found = [
        article for article in (SuppliedLine(*row) for row in articles) if left.get(article.part_id) and not article.bought
    ]
    rows = [_line(tx, article, left[article.part_id], currency) for article in found]
    total = sum(row["total_minor"] for row in rows)
    key = request.purchase_order_id or tx.new_id(PurchaseOrderId)
    if request.purchase_order_id is None:
        ((number,),) = await tx.fetch(NUMBER())
        header = _header(tx, request, found, currency)
        tx.put(HEADERS, id=key, number=number, total_minor=total, currency=currency, supplier_ref=supplier_ref, **header)
        changes = {"status": (None, S.CONFIRMED)}
        tx.emit(PurchaseOrderCreated(subject_id=key, changes=changes, **_concerned(request)))
    elif rows:
        tx.closing.append(MORE(minor=total, bought=key))
    first = sum(SuppliedLine(*row).bought for row in articles)
    tx.write(LINES, [{**row, "purchase_order_id": key, "position": first + at} for at, row in enumerate(rows)])
    return key


def _line(tx: Tx, article: SuppliedLine, units: int, currency: str) -> dict[str, Any]:
    cost = article.cost_in(currency) or Decimal(0)
    return {
        "id": tx.new_id(PurchaseOrderLineId),
        "fulfillment_order_line_id": article.part_id,
        "sku_id": article.sku_id,
        "supplier_code": article.code,
        "quantity": units,
        "confirmed": units,
        "unit_cost": cost,
        "total_minor": extended_minor(cost, units, currency),
        "over_receipt_percent": Decimal(0),
    }


def _header(tx: Tx, request: FulfillmentRequestRow, articles: Sequence[SuppliedLine], currency: str) -> dict[str, Any]:
    unknown = list(dict.fromkeys(each.sku for each in articles if each.cost_in(currency) is None))
    named = ", ".join(unknown[:MOST_NAMED]) + (" and others" if len(unknown) > MOST_NAMED else "")
    return {
        "supplier_id": request.supplier_id,
        "location_id": request.location_id,
        "fulfillment_order_id": request.fulfillment_order_id,
        "status": S.CONFIRMED,
        "note": UNKNOWN_COST.format(currency=currency, skus=named) if unknown else None,
        "version": 1,
        "actor": tx.actor,
        **dict.fromkeys(("created_at", "ordered_at", "confirmed_at", "recorded_at"), tx.now),
    }


def _concerned(request: FulfillmentRequestRow) -> dict[str, Any]:
    return {"location_ids": (request.location_id,), "supplier_ids": (request.supplier_id,)}


def settle_bought(tx: Tx, work: Work, asked: WorkRequest, promises: Sequence[Promise], at: datetime, *, expected: bool) -> None:
    """Count what left of a purchase order as accepted, and call off what is not *expected*, in the last flush of *tx*."""
    bought = asked.bought
    if bought is None:
        return
    shipped = sum(promise.work_shipped for promise in promises)
    left = sum(promise.in_fulfillment for promise in promises) if expected else 0
    status = status_of(shipped, left)
    received_at, closed_at = at if status is S.RECEIVED else None, at if status is S.CANCELED else None
    given = {"status": status.value, "received_at": received_at, "closed_at": closed_at}
    tx.closing.append(SETTLED(expected=expected, work=work.id, bought=bought.id, **given))
    changes: dict[str, tuple[object, object]] = {} if status is bought.status else {"status": (bought.status, status)}
    event = EVENTS.get(status, PurchaseOrderChanged) if changes or shipped != bought.accepted else None
    if event is not None:
        places = (work.location_id,)
        tx.emit(event(subject_id=bought.id, location_ids=places, supplier_ids=asked.suppliers, changes=changes, occurred_at=at))


def status_of(shipped: int, left: int) -> PurchaseOrderStatus:
    """Return the status of a purchase order of which so many units have *shipped* and so many are *left* to come."""
    if left:
        return S.PARTIALLY_RECEIVED if shipped else S.CONFIRMED
    return S.RECEIVED if shipped else S.CANCELED
