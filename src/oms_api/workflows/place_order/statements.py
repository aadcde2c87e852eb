"""The fixed statements that write a batch of orders: stock taken behind a guard, and every row beside it."""

from oms_api.db.rows import Given, inserts
from oms_api.db.sql import Sql
from oms_api.domain.attributes.tables import AttributeValueRow
from oms_api.domain.fulfillment.backorders.tables import BackorderRow
from oms_api.domain.fulfillment.tables import AllocationRow, FulfillmentOrderLineRow, FulfillmentOrderRow
from oms_api.domain.inventory.lots.good import FREE
from oms_api.domain.inventory.movements import recorded
from oms_api.domain.inventory.states import Account, CauseKind, MovementKind
from oms_api.domain.orders.tables import OrderDiscountRow, OrderLineRow, OrderPartyRow, OrderRow, OrderShippingRow, OrderTaxRow

WANT = Given("want", level_id="uuid", quantity="int", strict="int", moves="int")
MOVES = Given("move", level_id="uuid", position="int", line_id="uuid", quantity="int", occurred_at="timestamptz")

ORDERS, PARTIES, LINES = inserts(OrderRow), inserts(OrderPartyRow), inserts(OrderLineRow)
WORKS, ALLOCATIONS, WORK_LINES = inserts(FulfillmentOrderRow), inserts(AllocationRow), inserts(FulfillmentOrderLineRow)
WRITTEN = WANT, MOVES, ORDERS, PARTIES, LINES, WORKS, ALLOCATIONS, WORK_LINES
BACKORDERS = inserts(BackorderRow)
ATTRIBUTES = inserts(AttributeValueRow)
EXTRA = DISCOUNTS, TAXES, SHIPPING = inserts(OrderDiscountRow), inserts(OrderTaxRow), inserts(OrderShippingRow)

RECORDED = recorded(
    f"{MOVES} JOIN taken ON taken.id = move.level_id",
    level_id="move.level_id",
    sequence="taken.before + move.position",
    sku_id="taken.sku_id",
    kind=f"'{MovementKind.ALLOCATE}'",
    quantity="move.quantity",
    source=f"'{Account.FREE}'",
    target=f"'{Account.COMMITTED}'",
    cause_kind=f"'{CauseKind.ORDER_LINE}'",
    cause_id="move.line_id",
    occurred_at="move.occurred_at",
)
WRITE = Sql(f"""
WITH locked AS (
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
works AS ({WORKS}), promised AS ({ALLOCATIONS}), work_lines AS ({WORK_LINES})
SELECT id, number FROM placed WHERE (SELECT passed FROM guard)
""")  # noqa: S608 - made of constants
"""Gives the number of each order. The guard passes before the first order is written: a lost race takes no number."""
WRITE_EXTRA = Sql(f"WITH discounts AS ({DISCOUNTS}), taxes AS ({TAXES}) {SHIPPING}")
