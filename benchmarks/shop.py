"""The shop that is measured: 1,000 SKUs over two locations, 1,000 customers, and the orders they place."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

import psycopg

from oms_api.domain.orders.given import Amount, LineGiven, PlaceOrder
from oms_api.kernel.address import Address, Contact
from oms_api.kernel.ids import ChannelId, CustomerId, IdKind, text_id

SKUS, CUSTOMERS, LINES = 1_000, 1_000, 3
STOCK = 50_000_000
CURRENCY = "GBP"

SEED = """
INSERT INTO location (id, code, name, kind, status, time_zone, created_at, updated_at)
SELECT uuidv7(), code, code, 'WAREHOUSE', 'ACTIVE', 'Europe/London', now(), now()
FROM unnest(ARRAY['NORTH', 'SOUTH']) AS code;

INSERT INTO channel (id, code, name, status, currency, time_zone, prices_include_tax, sells_safety_stock,
                     reservation_minutes, created_at, updated_at)
VALUES (uuidv7(), 'web', 'Web', 'ACTIVE', 'GBP', 'Europe/London', true, false, 30, now(), now());

INSERT INTO channel_location (channel_id, location_id, priority)
SELECT channel.id, location.id, row_number() OVER (ORDER BY location.code) FROM channel, location;

INSERT INTO customer (id, external_ref, country, created_at, updated_at)
SELECT uuidv7(), 'customer-' || n, 'GB', now(), now() FROM generate_series(1, %(customers)s) AS n;

INSERT INTO customer_person (customer_id, name, email)
SELECT id, 'Buyer ' || external_ref, external_ref || '@example.com' FROM customer;
"""

STOCKED = """
WITH made AS (
    INSERT INTO sku (id, code, name, kind, status, weight_g, created_at, updated_at)
    SELECT uuidv7(), code, 'Article ' || code, 'GOODS', 'ACTIVE', 250, now(), now() FROM unnest(%(codes)s::text[]) AS code
    RETURNING id
), levels AS (
    INSERT INTO inventory_level (id, sku_id, location_id, free, sequence)
    SELECT uuidv7(), made.id, location.id, %(units)s, 1 FROM made, location
    RETURNING id, sku_id, free
), document AS (
    INSERT INTO inventory_adjustment (id, reason, actor, occurred_at, recorded_at)
    VALUES (uuidv7(), 'OPENING_STOCK', 'benchmarks', now(), now()) RETURNING id
), lines AS (
    INSERT INTO inventory_adjustment_line (id, adjustment_id, position, level_id, delta)
    SELECT uuidv7(), document.id, row_number() OVER () - 1, levels.id, levels.free FROM levels, document
    RETURNING id, level_id, delta
)
INSERT INTO stock_movement (level_id, sequence, sku_id, kind, quantity, source, target, cause_kind, cause_id, reason, actor,
                            occurred_at, recorded_at)
SELECT levels.id, 1, levels.sku_id, 'FOUND', lines.delta, 'adjustment', 'free', 'adjline', lines.id, 'OPENING_STOCK',
       'benchmarks', now(), now()
FROM lines JOIN levels ON levels.id = lines.level_id
"""

SHIP = """
CREATE TEMP TABLE work AS
SELECT work.id, work.order_id, work.channel_id, work.location_id, uuidv7() AS shipment_id, uuidv7() AS package_id
FROM fulfillment_order work JOIN orders ON orders.id = work.order_id
WHERE work.status = 'OPEN' AND orders.number %% %(every)s = 0;

CREATE TEMP TABLE units AS
SELECT uuidv7() AS id, work.shipment_id, work.package_id, line.id AS work_line_id, line.line_id, line.allocation_id,
       line.quantity, allocation.level_id, row_number() OVER (PARTITION BY allocation.level_id ORDER BY line.id) AS step
FROM work JOIN fulfillment_order_line line ON line.fulfillment_order_id = work.id
JOIN allocation ON allocation.id = line.allocation_id;

ANALYZE work;
ANALYZE units;

INSERT INTO shipment (id, order_id, fulfillment_order_id, channel_id, location_id, status, shipped_at, recorded_at)
SELECT shipment_id, order_id, id, channel_id, location_id, 'SHIPPED', now(), now() FROM work;

INSERT INTO package (id, fulfillment_order_id, order_id, channel_id, location_id, shipment_id, status, packed_at, carrier,
                     tracking_number)
SELECT package_id, id, order_id, channel_id, location_id, shipment_id, 'SHIPPED', now(), 'Royal Mail', 'RM' || package_id
FROM work;

INSERT INTO package_line (id, package_id, fulfillment_order_line_id, line_id, quantity)
SELECT id, package_id, work_line_id, line_id, quantity FROM units;

INSERT INTO shipment_line (id, shipment_id, package_id, fulfillment_order_line_id, line_id, quantity)
SELECT id, shipment_id, package_id, work_line_id, line_id, quantity FROM units;

INSERT INTO stock_movement (level_id, sequence, sku_id, kind, quantity, source, target, cause_kind, cause_id, actor,
                            occurred_at, recorded_at)
SELECT level.id, level.sequence + units.step, level.sku_id, 'SHIP', units.quantity, 'committed', 'customer', 'shipline',
       units.id, 'benchmarks', now(), now()
FROM units JOIN inventory_level level ON level.id = units.level_id;

UPDATE inventory_level level SET committed = level.committed - gone.quantity, sequence = level.sequence + gone.steps
FROM (SELECT level_id, sum(quantity) AS quantity, count(*) AS steps FROM units GROUP BY level_id) AS gone
WHERE level.id = gone.level_id;

UPDATE allocation SET in_fulfillment = 0, consumed = allocation.quantity FROM units WHERE allocation.id = units.allocation_id;

UPDATE fulfillment_order_line line SET shipped = line.quantity FROM units WHERE line.id = units.work_line_id;

UPDATE fulfillment_order SET status = 'CLOSED', closed_at = now() FROM work WHERE fulfillment_order.id = work.id;

UPDATE order_line line SET in_fulfillment = 0, shipped = line.ordered
FROM (SELECT DISTINCT line_id FROM units) AS gone WHERE line.id = gone.line_id;

UPDATE orders SET fulfillment_status = 'SHIPPED' WHERE id IN (SELECT order_id FROM work);
"""
"""All units of every n-th order leave: what shipping does, for many orders at once."""

CONTACT = Contact(name="Ada Lovelace", email="ada@example.com", phone="+442079460000")
ADDRESS = Address(name="Ada Lovelace", line1="12 St James's Square", city="London", postal_code="SW1Y 4JH", country="GB")


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order of three lines by a known customer, with contact and address."""

    reference: str
    channel_id: ChannelId
    customer_id: CustomerId
    items: tuple[tuple[str, int, str], ...]
    address: Address = ADDRESS

    def variables(self) -> dict[str, Any]:
        """Return it as the input of orderPlace."""
        return {
            "idempotencyKey": self.reference,
            "channelId": text_id(IdKind.CHANNEL, self.channel_id),
            "externalRef": self.reference,
            "customerId": text_id(IdKind.CUSTOMER, self.customer_id),
            "contact": {"name": CONTACT.name, "email": CONTACT.email, "phone": CONTACT.phone},
            "shippingAddress": {
                "name": self.address.name,
                "line1": self.address.line1,
                "city": self.address.city,
                "postalCode": self.address.postal_code,
                "country": self.address.country,
            },
            "lines": [
                {"sku": sku, "quantity": quantity, "unitPrice": {"amount": price}} for sku, quantity, price in self.items
            ],
        }

    def command(self) -> PlaceOrder:
        """Return it as the domain takes it: the same order."""
        return PlaceOrder(
            idempotency_key=self.reference,
            channel_id=self.channel_id,
            external_ref=self.reference,
            customer_id=self.customer_id,
            contact=CONTACT,
            shipping_address=self.address,
            lines=tuple(
                LineGiven(sku=sku, quantity=quantity, unit_price=Amount(value=Decimal(price)))
                for sku, quantity, price in self.items
            ),
        )


@dataclass(frozen=True)
class Shop:
    """The seeded shop."""

    channel_id: ChannelId
    customers: tuple[CustomerId, ...]

    def purchases(self, name: str) -> Iterator[Purchase]:
        """Yield orders without end, the same ones for the same *name*."""
        random = Random(name)  # the same load in every run, nothing secret
        for number in count(1):
            items = tuple(
                (sku_code(n), random.randint(1, 3), f"{random.randint(100, 9_999) / 100:.2f}")
                for n in random.sample(range(SKUS), LINES)
            )
            at = random.randrange(len(self.customers))
            address = replace(ADDRESS, line1=f"{at + 1} St James's Square")
            yield Purchase(f"{name}-{number}", self.channel_id, self.customers[at], items, address)


def sku_code(number: int) -> str:
    """Return the code of the SKU with *number*."""
    return f"SKU-{number:04}"


def seed(url: str) -> Shop:
    """Fill an empty, migrated database through SQL: opening stock with its ledger."""
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(SEED, {"customers": CUSTOMERS})
        stock(connection, [sku_code(n) for n in range(SKUS)], STOCK)
        connection.execute("ANALYZE sku, inventory_level, customer, channel, channel_location, location")
        (channel,) = connection.execute("SELECT id FROM channel").fetchall()[0]
        customers = tuple(row[0] for row in connection.execute("SELECT id FROM customer ORDER BY id"))
    return Shop(channel, customers)


def stock(connection: psycopg.Connection[Any], codes: list[str], units: int) -> None:
    """Make SKUs with *units* at each location."""
    connection.execute(STOCKED, {"codes": codes, "units": units})


def ship(url: str, *, every: int) -> int:
    """Ship every *every*-th order that waits, and return how many shipments that made."""
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(SHIP, {"every": every})
        return int(connection.execute("SELECT count(*) FROM work").fetchall()[0][0])
