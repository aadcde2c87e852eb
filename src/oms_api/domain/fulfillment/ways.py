"""The statements that lock an order and read all that its units touch, by whatever leads to it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from oms_api.db.pipeline import Statement
from oms_api.db.records import Shape
from oms_api.db.sql import Sql
from oms_api.domain.fulfillment.requests.states import FulfillmentRequestStatus
from oms_api.domain.fulfillment.states import FulfillmentOrderStatus
from oms_api.domain.fulfillment.units import Work, WorkPurchase, WorkRequest
from oms_api.domain.orders.quantities import LineMoney, LineUnits
from oms_api.domain.orders.states import LineKind
from oms_api.domain.orders.tables import OrderRow
from oms_api.domain.purchasing.states import PurchaseOrderStatus

ORDERS = Shape(OrderRow)
LOCK = f"SELECT {ORDERS.columns} FROM orders WHERE orders.id = {{order}} FOR UPDATE"  # noqa: S608 - our own columns
BUCKETS = ("canceled", "unsourced", "backordered", "allocated", "in_fulfillment", "shipped", "delivered")
RETURNED = ("in_return", "returned")
UNITS = (*BUCKETS, "lost", "returned_to_sender", *RETURNED)
LINES = f"""
SELECT id, kind, parent_line_id, ordered, sends_again, {", ".join(UNITS)},
       goods_minor, discount_minor + order_discount_minor, shipping_minor, tax_minor + shipping_tax_minor,
       shipping_tax_minor
FROM order_line WHERE order_id = {{order}} ORDER BY position
"""  # noqa: S608 - our own columns
PROMISES = """
SELECT promise.id, promise.line_id, promise.level_id, promise.location_id, promise.allocated, promise.in_fulfillment,
       promise.consumed, promise.released, work.id, work.fulfillment_order_id,
       coalesce(work.shipped, 0), coalesce(work.canceled, 0),
       (SELECT level.in_lots FROM inventory_level level WHERE level.id = promise.level_id), coalesce(work.packed, 0)
FROM allocation promise LEFT JOIN fulfillment_order_line work ON work.allocation_id = promise.id
WHERE promise.order_id = {order} ORDER BY promise.id
"""
MONEY = """
SELECT balance.authorized_minor, balance.voided_minor, balance.captured_minor, balance.refunded_minor,
       balance.charged_back_minor, balance.disputed_minor, balance.granted_minor,
       (SELECT count(*) FROM refund WHERE order_id = this.id AND status IN ('GRANTED', 'REQUESTED', 'FAILED')),
       (SELECT count(*) FROM returns WHERE order_id = this.id
        AND status IN ('REQUESTED', 'APPROVED', 'IN_TRANSIT', 'PARTIALLY_RECEIVED')),
       (SELECT count(*) FROM returns WHERE order_id = this.id AND status = 'REQUESTED'),
       fees.kept, fees.tax_kept, fees.ever, fees.tax_ever, gate.release_when, gate.pay_within_minutes
FROM (SELECT {order} AS id) AS this LEFT JOIN payment_balance balance ON balance.order_id = this.id
LEFT JOIN LATERAL (SELECT channel.release_when, channel.pay_within_minutes
                   FROM orders JOIN channel ON channel.id = orders.channel_id
                   WHERE orders.id = this.id AND NOT orders.on_account) AS gate ON true,
LATERAL (SELECT sum(amount_minor) FILTER (WHERE waived_at IS NULL)::bigint AS kept, sum(amount_minor)::bigint AS ever,
                sum(tax_minor) FILTER (WHERE waived_at IS NULL)::bigint AS tax_kept, sum(tax_minor)::bigint AS tax_ever
         FROM order_fee WHERE order_id = this.id) AS fees
"""
CONCEDED = """
SELECT kind, line_id, sum(amount_minor)::bigint, sum(shipping_minor)::bigint, sum(tax_minor)::bigint FROM refund_part
WHERE order_id = {order} AND concedes GROUP BY kind, line_id
"""
ASKED = """
CASE WHEN asked.id IS NOT NULL THEN asked.status
     WHEN place.supplier_id IS NOT NULL AND work.status IN ('SCHEDULED', 'OPEN') AND NOT EXISTS (
         SELECT FROM fulfillment_order_line part WHERE part.fulfillment_order_id = work.id AND part.shipped > 0
     ) THEN 'UNSUBMITTED' END
"""
"""How far a supplier is asked for `work` at `place`, by the request `asked`; work that was begun before needs no request."""
WORKS = f"""
SELECT work.id, work.location_id, work.status, work.on_hold, work.opens_on, work.version, work.pick_batch_id,
       work.opens_by_hand, work.awaits_pickup, place.pickup_days, {ASKED}, asked.id, asked.version, asked.supplier_id,
       place.supplier_id IS NULL, bought.id, bought.status,
       (SELECT sum(line.accepted) FROM purchase_order_line line WHERE line.purchase_order_id = bought.id)
FROM fulfillment_order work JOIN location place ON place.id = work.location_id
LEFT JOIN fulfillment_request asked ON asked.fulfillment_order_id = work.id
LEFT JOIN purchase_order bought ON bought.id = asked.purchase_order_id
WHERE work.order_id = {{order}} ORDER BY work.id
"""  # noqa: S608 - made of constants


def work_of(row: tuple[Any, ...]) -> Work:
    """Return the fulfillment order in a row of WORKS."""
    key, place, status, *own = row[:10]
    asked, request, version, supplier, ours, bought, bought_status, accepted = row[10:]
    purchase = None if bought is None else WorkPurchase(bought, PurchaseOrderStatus(bought_status), accepted or 0)
    its_request = (
        None if asked is None else WorkRequest(FulfillmentRequestStatus(asked), request, version or 0, supplier, purchase, ours)
    )
    return replace(Work(key, place, FulfillmentOrderStatus(status), *own), asked=its_request)


def line_of(row: tuple[Any, ...]) -> LineUnits:
    """Return the line in a row of LINES."""
    key, kind, parent, ordered, sends_again, *rest = row
    units, (*money, shipping_tax) = rest[: len(UNITS)], rest[len(UNITS) :]
    return LineUnits(
        id=key,
        kind=LineKind(kind),
        parent_id=parent,
        ordered=ordered,
        money=LineMoney(*money),
        shipping_tax=shipping_tax,
        sends_again=sends_again,
        **dict(zip(UNITS, units, strict=True)),
    )


TEXTS = (LOCK, LINES, PROMISES, WORKS, CONCEDED, MONEY)
READ = len(TEXTS)
BALANCE = ("authorized", "voided", "captured", "refunded", "charged_back", "disputed", "granted")


class Way:
    """How the order of a document is found: *order* is SQL that gives its id from the parameter ``:key``."""

    def __init__(self, order: str, *, locks: bool = True) -> None:
        texts = (text.format(order=order) for text in TEXTS)
        self.reads = [Sql(text if locks else text.removesuffix("FOR UPDATE")) for text in texts]

    def statements(self, key: UUID) -> list[Statement]:
        """Return the statements that lock and read; each sees what was committed while the first one waited."""
        return [read(key=key) for read in self.reads]


BY_ORDER = Way(":key::uuid")
UNLOCKED = Way(":key::uuid", locks=False)
"""For a look at what would become of an order, without a lock."""
BY_FULFILLMENT_ORDER = Way("(SELECT work.order_id FROM fulfillment_order work WHERE work.id = :key::uuid)")
