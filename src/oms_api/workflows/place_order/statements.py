"""The fixed statements that write a batch of orders: stock taken behind a guard, and every row beside it."""

WRITE = """
WITH want AS (
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[]) AS want (level_id, quantity, strict, moves)
), locked AS (
    SELECT level.id, want.quantity, want.strict, want.moves
    FROM inventory_level level JOIN want ON want.level_id = level.id
    ORDER BY level.sku_id, level.location_id FOR NO KEY UPDATE OF level
), taken AS (
    UPDATE inventory_level level
    SET free = level.free - locked.quantity, committed = level.committed + locked.quantity,
        sequence = level.sequence + locked.moves
    FROM locked WHERE level.id = locked.id AND level.available >= locked.strict AND level.free >= locked.quantity
    RETURNING level.id, level.sku_id, level.sequence - locked.moves AS before
), guard AS (
    SELECT CASE WHEN count(*) < $5 THEN oms_refuse('stock') END FROM taken
), moved AS (
    INSERT INTO stock_movement (level_id, sequence, sku_id, kind, quantity, source, target, cause_kind, cause_id, actor,
                                occurred_at, recorded_at)
    SELECT move.level_id, taken.before + move.position, taken.sku_id, 'ALLOCATE', move.quantity, 'free', 'committed', 'line',
           move.line_id, $6, move.occurred_at, $7
    FROM unnest($8::uuid[], $9::int[], $10::uuid[], $11::int[], $12::timestamptz[])
         AS move (level_id, position, line_id, quantity, occurred_at)
    JOIN taken ON taken.id = move.level_id
), placed AS (
    INSERT INTO orders (id, number, channel_id, external_ref, customer_id, currency, prices_include_tax, status,
        fulfillment_status, payment_status, return_status, goods_minor, discount_minor, shipping_minor, tax_minor,
        rounding_minor, total_minor, due_minor, country, priority, note, tags, placed_at, recorded_at, completed_at)
    SELECT id, number, channel_id, external_ref, customer_id, currency, prices_include_tax, status, fulfillment_status,
        payment_status, return_status, goods_minor, discount_minor, shipping_minor, tax_minor, rounding_minor, total_minor,
        due_minor, country, priority, note, tags, placed_at, recorded_at, completed_at
    FROM jsonb_to_recordset($13::jsonb) AS row (id uuid, number bigint, channel_id uuid, external_ref text, customer_id uuid,
        currency text, prices_include_tax boolean, status text, fulfillment_status text, payment_status text,
        return_status text, goods_minor bigint, discount_minor bigint, shipping_minor bigint, tax_minor bigint,
        rounding_minor bigint, total_minor bigint, due_minor bigint, country text, priority int, note text,
        tags text[], placed_at timestamptz, recorded_at timestamptz, completed_at timestamptz)
), party AS (
    INSERT INTO order_party (order_id, version, contact, shipping_address, billing_address)
    SELECT order_id, 1, contact, shipping_address, billing_address FROM jsonb_to_recordset($14::jsonb)
        AS row (order_id uuid, contact jsonb, shipping_address jsonb, billing_address jsonb)
), lines AS (
    INSERT INTO order_line (id, order_id, position, kind, sku_id, sku_code, name, parent_line_id, pinned_to, ordered,
        backordered, in_fulfillment, shipped, delivered, unit_price, goods_minor, rounding_minor, discount_minor,
        order_discount_minor, tax_minor, shipping_minor, shipping_tax_minor, total_minor)
    SELECT id, order_id, position, kind, sku_id, sku_code, name, parent_line_id, pinned_to, ordered, backordered,
        in_fulfillment, shipped, delivered, unit_price, goods_minor, rounding_minor, discount_minor, order_discount_minor,
        tax_minor, shipping_minor, shipping_tax_minor, total_minor
    FROM jsonb_to_recordset($15::jsonb) AS row (id uuid, order_id uuid, position int, kind text, sku_id uuid, sku_code text,
        name text, parent_line_id uuid, pinned_to uuid, ordered int, backordered int, in_fulfillment int, shipped int,
        delivered int, unit_price numeric, goods_minor bigint, rounding_minor bigint, discount_minor bigint,
        order_discount_minor bigint,
        tax_minor bigint, shipping_minor bigint, shipping_tax_minor bigint, total_minor bigint)
), works AS (
    INSERT INTO fulfillment_order (id, order_id, channel_id, location_id, status, opens_on, created_at)
    SELECT * FROM jsonb_to_recordset($16::jsonb) AS row (id uuid, order_id uuid, channel_id uuid, location_id uuid, status text,
        opens_on date, created_at timestamptz)
), promised AS (
    INSERT INTO allocation (id, order_id, line_id, level_id, location_id, quantity, in_fulfillment, reason, created_at)
    SELECT id, order_id, line_id, level_id, location_id, quantity, quantity, reason, created_at
    FROM jsonb_to_recordset($17::jsonb) AS row (id uuid, order_id uuid, line_id uuid, level_id uuid, location_id uuid,
        quantity int, reason text, created_at timestamptz)
), work_lines AS (
    INSERT INTO fulfillment_order_line (id, fulfillment_order_id, line_id, allocation_id, quantity)
    SELECT * FROM jsonb_to_recordset($18::jsonb)
        AS row (id uuid, fulfillment_order_id uuid, line_id uuid, allocation_id uuid, quantity int)
)
SELECT * FROM guard
"""

EXTRAS = """
WITH discounts AS (
    INSERT INTO order_discount (id, order_id, line_id, code, label, amount_minor)
    SELECT * FROM jsonb_to_recordset($1::jsonb)
        AS row (id uuid, order_id uuid, line_id uuid, code text, label text, amount_minor bigint)
), taxes AS (
    INSERT INTO order_tax (id, order_id, line_id, title, rate, amount_minor)
    SELECT * FROM jsonb_to_recordset($2::jsonb)
        AS row (id uuid, order_id uuid, line_id uuid, title text, rate numeric, amount_minor bigint)
)
INSERT INTO order_shipping (id, order_id, code, title, amount_minor)
SELECT * FROM jsonb_to_recordset($3::jsonb) AS row (id uuid, order_id uuid, code text, title text, amount_minor bigint)
"""

WAIT = """
INSERT INTO backorder (id, order_id, line_id, channel_id, sku_id, policy, quantity, waiting, priority, placed_at, pinned_to,
    supply_kind, supply_line_id, location_id, ships_on, arrives_on, created_at)
SELECT id, order_id, line_id, channel_id, sku_id, policy, quantity, quantity, priority, placed_at, pinned_to, supply_kind,
    supply_line_id, location_id, ships_on, arrives_on, $2
FROM jsonb_to_recordset($1::jsonb) AS row (id uuid, order_id uuid, line_id uuid, channel_id uuid, sku_id uuid, policy text,
    quantity int, priority int, placed_at timestamptz, pinned_to uuid, supply_kind text, supply_line_id uuid, location_id uuid,
    ships_on date, arrives_on date)
"""
