"""The fixed statements that write a batch of orders: stock taken behind a guard, and every row beside it."""

from oms_api.db.rows import Given, inserting, inserts, types
from oms_api.db.sql import Sql
from oms_api.domain.attributes.tables import AttributeValueRow
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.domain.fulfillment.tables import AllocationRow, FulfillmentOrderLineRow, FulfillmentOrderRow
from oms_api.domain.inventory.lots.good import FREE
from oms_api.domain.inventory.movements import recorded
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.domain.orders.tables import OrderDiscountRow, OrderLineRow, OrderPartyRow, OrderRow, OrderShippingRow, OrderTaxRow

WANT = Given("want", level_id="uuid", quantity="int", strict="int", moves="int")
PROMISES = Given(
    "promise",
    **types(AllocationRow, "id", "order_id", "line_id", "level_id", "location_id", "quantity", "reason", "created_at"),
    taken="int",
    position="int",
    work_id="uuid",
    work_line_id="uuid",
)
"""Units that are promised, how many of them are taken from what is free, and the work that they are, if it may begin."""

LATER = ("canceled", "lost", "returned_to_sender", "in_return", "returned")
FLAGS = ("opens_by_hand", "on_hold", "awaits_pickup")
ORDERS = inserts(OrderRow, without=("freed_external_ref", "sales_country", "canceled_at", "cancel_reason"))
PARTIES = inserts(OrderPartyRow)
LINES = inserts(OrderLineRow, without=("replaces_line_id", "barred_from", *LATER))
WORKS = inserts(FulfillmentOrderRow, without=("version", "updated_at", "closed_at", "leave_by", "pick_batch_id", *FLAGS))
WRITTEN = WANT, PROMISES, ORDERS, PARTIES, LINES, WORKS
BACKORDERS = inserts(BackorderRow)
ATTRIBUTES = inserts(AttributeValueRow)
EXTRA = DISCOUNTS, TAXES, SHIPPING = inserts(OrderDiscountRow), inserts(OrderTaxRow), inserts(OrderShippingRow)

RECORDED = recorded(
    "promise JOIN taken ON taken.id = promise.level_id WHERE promise.taken > 0",
    level_id="promise.level_id",
    sequence="taken.before + promise.position",
    sku_id="taken.sku_id",
    kind=f"'{MovementKind.ALLOCATE}'",
    quantity="promise.taken",
    source=f"'{Account.FREE}'",
    target=f"'{Account.COMMITTED}'",
    cause_kind=f"'{CauseKind.ORDER_LINE}'",
    cause_id="promise.line_id",
    occurred_at="promise.created_at",
)
ALLOCATED = inserting(
    AllocationRow,
    "promise",
    allocated="CASE WHEN work_id IS NULL THEN quantity ELSE 0 END",
    in_fulfillment="CASE WHEN work_id IS NULL THEN 0 ELSE quantity END",
    **{name: name for name in PROMISES.columns if name in AllocationRow.__table__.columns},
)
WORK_LINES = inserting(
    FulfillmentOrderLineRow,
    "promise WHERE work_id IS NOT NULL",
    id="work_line_id",
    fulfillment_order_id="work_id",
    line_id="line_id",
    allocation_id="id",
    quantity="quantity",
)
WRITE = Sql(f"""
WITH promise AS MATERIALIZED (SELECT * FROM {PROMISES}), locked AS (
    SELECT level.id, want.quantity, want.strict, want.moves
    FROM inventory_level level JOIN {WANT} ON want.level_id = level.id
    ORDER BY level.sku_id, level.location_id FOR NO KEY UPDATE OF level
), taken AS (
    UPDATE inventory_level level
    SET free = level.free - locked.quantity, committed = level.committed + locked.quantity,
        sequence = level.sequence + locked.moves
    FROM locked WHERE level.id = locked.id AND {FREE} >= greatest(
        locked.quantity, CASE WHEN locked.strict > 0 THEN locked.strict::bigint + level.safety_stock_target ELSE 0 END)
    RETURNING level.id, level.sku_id, level.sequence - locked.moves AS before
), guard AS (
    SELECT CASE WHEN count(*) < :levels THEN oms_refuse('stock') ELSE true END AS passed FROM taken
), moved AS ({RECORDED}), placed AS ({ORDERS} RETURNING id, number), party AS ({PARTIES}), lines AS ({LINES}),
works AS ({WORKS}), allocated AS ({ALLOCATED}), work_lines AS ({WORK_LINES})
SELECT id, number FROM placed WHERE (SELECT passed FROM guard)
""")  # noqa: S608 - made of constants
"""Gives the number of each order. The guard passes before the first order is written: a lost race takes no number."""
WRITE_EXTRA = Sql(f"WITH discounts AS ({DISCOUNTS}), taxes AS ({TAXES}) {SHIPPING}")
