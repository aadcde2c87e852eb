"""Many orders at once, through SQL: with people, lines, work, parcels, returns and refunds, and purchase orders beside.

Some values few of them have.
"""

from typing import Any

import psycopg

ORDERS = """
CREATE TEMP TABLE made AS
SELECT n, uuidv7() AS id, uuidv7() AS line_id, uuidv7() AS work_id, uuidv7() AS shipment_id,
       now() - (%(count)s - n) * interval '1 minute' AS placed_at,
       CASE WHEN n %% 2000 = 0 THEN 'IS' WHEN n %% 10 = 0 THEN 'DE' ELSE 'GB' END AS country,
       CASE WHEN n %% 1000 = 0 THEN 'UNALLOCATED' WHEN n %% 20 = 0 THEN 'ALLOCATED' ELSE 'SHIPPED' END AS progress,
       CASE WHEN n %% 5 = 2 THEN 1 ELSE 1 + n::bigint * 7919 %% %(skus)s END AS sku, 1 + n * 31 %% %(customers)s AS customer,
       CASE WHEN n %% 1900 = 0 THEN 2 ELSE 1 END AS channel, CASE WHEN n %% 1700 = 0 THEN 2 ELSE 1 END AS location,
       n %% 2500 = 0 AS held
FROM generate_series(1, %(count)s) AS n;

CREATE TEMP TABLE article AS SELECT row_number() OVER (ORDER BY code) AS place, id, code, name FROM sku;
INSERT INTO channel (id, code, name, status, currency, time_zone, prices_include_tax, sells_safety_stock, reservation_minutes,
                     created_at, updated_at)
SELECT uuidv7(), 'z-rare', 'Rare', 'ACTIVE', 'EUR', 'Europe/London', true, false, 30, now(), now();
CREATE TEMP TABLE outlet AS SELECT row_number() OVER (ORDER BY code) AS place, id FROM channel;
CREATE TEMP TABLE depot AS SELECT row_number() OVER (ORDER BY code) AS place, id FROM location;
CREATE TEMP TABLE buyer AS SELECT row_number() OVER (ORDER BY id) AS place, id FROM customer;
ANALYZE made; ANALYZE article; ANALYZE buyer; ANALYZE outlet; ANALYZE depot;

INSERT INTO orders (id, channel_id, external_ref, customer_id, currency, prices_include_tax, status, fulfillment_status,
                    payment_status, return_status, goods_minor, discount_minor, shipping_minor, tax_minor, rounding_minor,
                    total_minor, due_minor, country, priority, tags, on_hold, placed_at, recorded_at, updated_at)
SELECT made.id, outlet.id, 'bulk-' || n, buyer.id, CASE channel WHEN 1 THEN 'GBP' ELSE 'EUR' END, true,
       CASE WHEN progress = 'SHIPPED' THEN 'COMPLETED' ELSE 'OPEN' END, progress,
       CASE WHEN n %% 500 = 0 THEN 'PARTIALLY_PAID' WHEN n %% 3 = 0 THEN 'PENDING' ELSE 'PAID' END,
       CASE WHEN n %% 700 = 0 THEN 'RETURNED' ELSE 'NONE' END, 1000, 0, 0, 0, 0, 1000 + n::bigint * 104729 %% 100000, 1000,
       country, CASE WHEN n %% 1500 = 0 THEN 5 ELSE 0 END,
       CASE WHEN n %% 1600 = 0 THEN '{vip}'::text[] WHEN n %% 4 = 1 THEN '{gift}' ELSE '{}' END,
       held, placed_at, placed_at, placed_at + n * 13 %% 1000 * interval '1 minute'
FROM made JOIN buyer ON buyer.place = made.customer JOIN outlet ON outlet.place = made.channel;

INSERT INTO order_hold (id, order_id, channel_id, status, reason, owner, placed_by, placed_at)
SELECT uuidv7(), made.id, outlet.id, 'ACTIVE', CASE WHEN n %% 5000 = 0 THEN 'FRAUD' ELSE 'OTHER' END, uuidv7(), 'bulk',
       placed_at
FROM made JOIN outlet ON outlet.place = made.channel WHERE held;

INSERT INTO order_party (order_id, version, contact, shipping_address)
SELECT id, 1, jsonb_build_object('name', initcap(substr(md5(n::text), 1, 6)) || ' ' || initcap(substr(md5(n || 'l'), 1, 8)),
       'email', substr(md5(n || 'e'), 1, 8) || n || '@example.com', 'phone', '+44' || 2000000 + n),
       jsonb_build_object('name', 'Ada Lovelace', 'country', country)
FROM made;

INSERT INTO order_line (id, order_id, position, kind, sku_id, sku_code, name, ordered, unsourced, in_fulfillment, shipped,
                        unit_price, goods_minor, rounding_minor, discount_minor, order_discount_minor, tax_minor,
                        shipping_minor, shipping_tax_minor, total_minor)
SELECT line_id, made.id, 0, 'GOODS', article.id, article.code, article.name, 1, (progress = 'UNALLOCATED')::int,
       (progress = 'ALLOCATED')::int, (progress = 'SHIPPED')::int, 10, 1000, 0, 0, 0, 0, 0, 0, 1000
FROM made JOIN article ON article.place = made.sku;

INSERT INTO order_shipping (id, order_id, code, title, amount_minor)
SELECT uuidv7(), id, CASE WHEN n %% 1000 = 0 THEN 'COURIER' ELSE 'POST' END, 'Delivery', 0 FROM made WHERE n %% 2 = 0;

INSERT INTO fulfillment_order (id, order_id, channel_id, location_id, on_hold, status, created_at, closed_at)
SELECT work_id, made.id, outlet.id, depot.id, held, CASE WHEN progress = 'SHIPPED' THEN 'CLOSED' ELSE 'OPEN' END, placed_at,
       CASE WHEN progress = 'SHIPPED' THEN placed_at END
FROM made JOIN outlet ON outlet.place = made.channel JOIN depot ON depot.place = made.location
WHERE progress <> 'UNALLOCATED';

INSERT INTO fulfillment_order_line (id, fulfillment_order_id, line_id, allocation_id, quantity, shipped)
SELECT uuidv7(), work_id, line_id, uuidv7(), 1, (progress = 'SHIPPED')::int FROM made WHERE progress <> 'UNALLOCATED';

INSERT INTO shipment (id, order_id, fulfillment_order_id, channel_id, location_id, status, shipped_at, recorded_at)
SELECT shipment_id, order_id, work.id, channel_id, location_id, 'SHIPPED', created_at, created_at
FROM fulfillment_order work JOIN made ON made.work_id = work.id WHERE work.status = 'CLOSED' AND n %% 5 = 1;

INSERT INTO package (id, fulfillment_order_id, order_id, channel_id, location_id, shipment_id, status, packed_at, carrier,
                     tracking_number)
SELECT uuidv7(), shipment.fulfillment_order_id, shipment.order_id, shipment.channel_id, shipment.location_id, shipment.id,
       'SHIPPED', shipment.shipped_at, 'Royal Mail', 'RM' || made.n
FROM shipment JOIN made ON made.shipment_id = shipment.id;
"""
DOCUMENTS = """
INSERT INTO purchase_order (id, number, supplier_id, location_id, external_ref, supplier_ref, status, currency, total_minor,
                            actor, created_at, recorded_at)
SELECT uuidv7(), 5000000 + n, lpad(CASE WHEN n %% 1000 = 0 THEN '2' ELSE '1' END, 32, '0')::uuid, location.id,
       'po-' || n, 'S' || n, CASE WHEN n %% 500 = 0 THEN 'DRAFT' WHEN n %% 10 = 0 THEN 'ORDERED' ELSE 'RECEIVED' END, 'GBP',
       1000, 'bulk', now() - n * interval '1 minute', now()
FROM generate_series(1, %(count)s) AS n, (SELECT id FROM location ORDER BY code LIMIT 1) AS location;

INSERT INTO purchase_order_line (id, purchase_order_id, position, sku_id, quantity, accepted, unit_cost, total_minor,
                                 over_receipt_percent, expected_at)
SELECT uuidv7(), parent.id, 0, article.id, 10, CASE parent.status WHEN 'RECEIVED' THEN 10 ELSE 0 END, 1, 1000, 0,
       now() + CASE WHEN number %% 2000 = 0 THEN interval '-1 day' ELSE interval '9 days' END
FROM purchase_order parent JOIN article ON article.place = 1 + parent.number * 7919 %% %(skus)s;

INSERT INTO returns (id, number, order_id, channel_id, external_ref, status, actor, created_at, recorded_at, updated_at)
SELECT uuidv7(), 5000000 + n, made.id, outlet.id, 'back-' || n, CASE WHEN n %% 500 = 0 THEN 'REQUESTED' ELSE 'RECEIVED' END,
       'bulk', placed_at, placed_at, placed_at
FROM made JOIN outlet ON outlet.place = made.channel WHERE n <= %(count)s;

INSERT INTO return_line (id, return_id, position, line_id, reason, quantity)
SELECT uuidv7(), returns.id, 0, made.line_id, CASE WHEN number %% 1000 = 0 THEN 'OTHER' ELSE 'UNWANTED' END, 1
FROM returns JOIN made ON made.id = returns.order_id;

INSERT INTO return_receipt (id, return_id, location_id, actor, occurred_at, recorded_at)
SELECT uuidv7(), returns.id, place.id, 'bulk', created_at, created_at FROM returns
JOIN (SELECT row_number() OVER (ORDER BY code) AS place, id FROM location) AS place
  ON place.place = CASE WHEN number %% 1000 = 0 THEN 2 ELSE 1 END;

INSERT INTO refund (id, order_id, channel_id, return_id, status, reason, amount_minor, refunded_minor, currency, gateway,
                    provider_reference, actor, granted_at, succeeded_at, recorded_at)
SELECT uuidv7(), order_id, channel_id, id, CASE WHEN number %% 500 = 0 THEN 'FAILED' ELSE 'SUCCEEDED' END,
       CASE WHEN number %% 1000 = 0 THEN 'FRAUD' ELSE 'RETURN' END, 100, CASE WHEN number %% 500 = 0 THEN 0 ELSE 100 END, 'GBP',
       'bulk', 'RF' || number, 'bulk', created_at, CASE WHEN number %% 500 <> 0 THEN created_at END, created_at
FROM returns;
"""
"""Of those who bring and take back goods, of lines and receipts, too, few have what is rare."""
COUNTS = "SELECT (SELECT count(*) FROM sku), (SELECT count(*) FROM customer)"


def make_orders(url: str, count: int) -> None:
    """Make *count* orders of a line each, as superuser: references are not checked, for all of them are there."""
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor[Any]) as connection:
        (skus, customers) = connection.execute(COUNTS).fetchall()[0]
        connection.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        connection.execute(ORDERS, {"count": count, "skus": skus, "customers": customers})
        connection.execute(DOCUMENTS, {"count": count // 5, "skus": skus})
        connection.execute("VACUUM ANALYZE")
