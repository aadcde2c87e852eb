"""Searching, sorting and counting lists at 100,000 orders: what an operations screen asks, each as one request."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from benchmarks import inventory
from benchmarks.bulk import make_orders
from benchmarks.client import Load, callers, document
from benchmarks.place import close
from benchmarks.stage import Running, Stage
from oms_api.kernel.ids import IdKind, text_id

CALLS, WARM_CALLS = 30, 10
REQUIRED_MS = 20.0
ONE_REQUEST = ("order search box with facets", "pick queue of a warehouse", "low stock of a warehouse")

ORDERS = """query ($where: OrderFilterInput, $by: OrderOrder! = PLACED_AT_DESC) {
  orders(where: $where, orderBy: $by, first: 50) { nodes { id number status placedAt } pageInfo { endCursor hasNextPage } } }"""
BOX = """query ($where: OrderFilterInput) {
  orders(where: $where, first: 50) { nodes { id number externalRef status fulfillmentStatus placedAt contact { name email } } }
  ordersFacets(where: $where) { status { ...C } fulfillmentStatus { ...C } paymentStatus { ...C } returnStatus { ...C } }
} fragment C on ValueCount { value count atLeast }"""
FACETS = """query ($where: OrderFilterInput) { ordersFacets(where: $where) {
  status { ...C } fulfillmentStatus { ...C } paymentStatus { ...C } returnStatus { ...C } }
} fragment C on ValueCount { value count atLeast }"""
QUEUE = """query ($where: FulfillmentOrderFilterInput) { fulfillmentOrders(where: $where, first: 50) {
  nodes { id createdAt order { number priority } } } }"""
STOCK = """query ($where: InventoryLevelFilterInput, $by: InventoryLevelOrder! = AVAILABLE_ASC) {
  inventoryLevels(where: $where, orderBy: $by, first: 50) {
    nodes { id available onHand incoming sku { code name } location { code } } } }"""
SKUS = "query ($where: SkuFilterInput) { skus(where: $where, first: 50) { nodes { id code name } } }"
CUSTOMERS = "query ($where: CustomerFilterInput) { customers(where: $where, first: 50) { nodes { id externalRef } } }"

WANTED: dict[str, dict[str, Any]] = {
    "number": {"number": {"eq": 1500}},
    "reference": {"externalRef": {"eq": "bulk-77"}},
    "beginning of a reference": {"externalRef": {"startsWith": "bulk-777"}},
    "e-mail": {"email": {"startsWith": "c81e728d"}},
    "name": {"name": {"startsWith": "c81e72"}},
    "phone": {"phone": {"eq": "+442000077"}},
    "tag": {"tag": "vip"},
    "priority": {"priority": {"eq": 5}},
    "country that is rare": {"country": {"eq": "IS"}},
    "country that is frequent": {"country": {"eq": "GB"}},
    "currency that is unknown": {"currencyCode": {"eq": "JPY"}},
    "total": {"total": {"currencyCode": "GBP", "gte": "1009.90"}},
    "SKU": {"sku": {"eq": "SKU-0007"}},
    "shipping code that is rare": {"shippingCode": {"eq": "COURIER"}},
    "shipping code that is frequent": {"shippingCode": {"eq": "POST"}},
    "priority that is rare": {"priority": {"gte": 3}},
    "tracking number": {"trackingNumber": {"startsWith": "RM777"}},
    "payment status that is rare": {"paymentStatus": {"eq": "PARTIALLY_PAID"}},
    "return status that is rare": {"returnStatus": {"eq": "RETURNED"}},
    "fulfillment status that is rare": {"fulfillmentStatus": {"eq": "UNALLOCATED"}},
    "change": {"updatedAt": {"gte": "2020-01-01T00:00:00Z"}},
    "text that is a number": {"text": "1500"},
    "text that is a SKU": {"text": "SKU-0007"},
    "text that nothing goes by": {"text": "nothing goes by this"},
}
PURCHASES = "query ($where: PurchaseOrderFilterInput) { purchaseOrders(where: $where, first: 50) { nodes { id number } } }"
RETURNS = "query ($where: ReturnFilterInput) { returns(where: $where, first: 50) { nodes { id number } } }"
REFUNDS = "query ($where: RefundFilterInput) { refunds(where: $where, first: 50) { nodes { id status } } }"
OF_PURCHASES: dict[str, dict[str, Any]] = {
    "number": {"number": {"eq": 5000077}},
    "reference": {"externalRef": {"startsWith": "po-777"}},
    "supplier's number": {"supplierRef": {"eq": "S77"}},
    "supplier that is rare": {"supplierId": {"eq": text_id(IdKind.SUPPLIER, UUID(int=2))}},
    "status that is rare": {"status": {"eq": "DRAFT"}},
    "lateness": {"expectedAt": {"lt": datetime.now(UTC).isoformat()}},
    "day": {"createdAt": {"gte": "2020-01-01T00:00:00Z"}},
}
OF_RETURNS: dict[str, dict[str, Any]] = {
    "number": {"number": {"eq": 5000077}},
    "reference": {"externalRef": {"startsWith": "back-777"}},
    "status that is rare": {"status": {"eq": "REQUESTED"}},
    "reason that is rare": {"reason": {"eq": "OTHER"}},
    "reason that is frequent": {"reason": {"eq": "UNWANTED"}},
}
OF_REFUNDS: dict[str, dict[str, Any]] = {
    "provider's reference": {"providerReference": {"startsWith": "RF50000"}},
    "status that is rare": {"status": {"eq": "FAILED"}},
    "reason that is rare": {"reason": {"eq": "FRAUD"}},
    "day": {"grantedAt": {"gte": "2020-01-01T00:00:00Z"}},
}
RARE: dict[str, dict[str, Any]] = {
    "change since": {"updatedAt": {"gte": "2090-01-01T00:00:00Z"}},
    "time that is past": {"placedAt": {"lt": "2001-01-01T00:00:00Z"}},
    "country that is rare": {"country": {"eq": "IS"}},
    "payment status that none has": {"paymentStatus": {"eq": "OVERPAID"}},
    "total that none has": {"total": {"currencyCode": "GBP", "gt": "99999"}},
    "currency that is unknown": {"currencyCode": {"eq": "JPY"}},
    "location without work": {"locationId": {"eq": text_id(IdKind.LOCATION, UUID(int=9))}},
    "channel without orders": {"channelId": {"eq": text_id(IdKind.CHANNEL, UUID(int=9))}},
}
"""What few or no orders have, asked for in orders that no index of theirs has."""
OF_WORK: dict[str, dict[str, Any]] = {
    "payment status that is rare": {"paymentStatus": {"eq": "PARTIALLY_PAID"}},
    "payment status that none has": {"paymentStatus": {"eq": "OVERPAID"}},
    "hold": {"held": True},
    "tag that is rare": {"tag": "vip"},
    "tag that is frequent": {"tag": "gift"},
    "channel without orders": {"channelId": {"eq": text_id(IdKind.CHANNEL, UUID(int=9))}},
    "location without work": {"locationId": {"eq": text_id(IdKind.LOCATION, UUID(int=9))}},
}
SORTED = ("PLACED_AT_ASC", "UPDATED_AT_DESC", "UPDATED_AT_ASC", "TOTAL_DESC", "TOTAL_ASC", "NUMBER_DESC", "PRIORITY_DESC")


COMING = """
WITH place AS (SELECT row_number() OVER (ORDER BY id) AS n, id FROM location WHERE code LIKE 'WIDE-%'),
     article AS (SELECT row_number() OVER (ORDER BY id) AS n, id FROM sku WHERE code LIKE 'W-%'),
     ordered AS (SELECT row_number() OVER (ORDER BY number) AS n, id FROM purchase_order WHERE status = 'ORDERED'),
     moved AS (
        UPDATE purchase_order SET location_id = place.id FROM ordered, place
        WHERE ordered.id = purchase_order.id AND place.n = 1 + ordered.n % 20
     )
UPDATE purchase_order_line SET sku_id = article.id FROM ordered, article
WHERE ordered.id = purchase_order_id AND article.n = 1 + ordered.n * 7919 % 5000
"""
"""What is ordered comes to levels of all locations, to one in fifty."""


def requests(location_id: str, wide_id: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the name, document and variables of each request.

    *location_id* is the warehouse with the work, *wide_id* one of those with 5,000 of 100,000 levels.
    """
    here, wide = {"locationId": {"eq": location_id}}, {"locationId": {"eq": wide_id}}
    yield "order search box with facets", BOX, {"where": {"text": "bulk-777"}}
    yield "pick queue of a warehouse", QUEUE, {"where": {**here, "status": {"eq": "OPEN"}, "paymentStatus": {"eq": "PAID"}}}
    yield "low stock of a warehouse", STOCK, {"where": here}
    for name, where in WANTED.items():
        yield f"orders by {name}", ORDERS, {"where": where}
    for order in SORTED:
        yield f"orders sorted by {order}", ORDERS, {"by": order}
    for name, where in RARE.items():
        for order in ("PLACED_AT_DESC", "UPDATED_AT_DESC", "TOTAL_DESC"):
            yield f"orders by {name}, sorted by {order}", ORDERS, {"where": where, "by": order}
    for noun, text, wanted in (
        ("purchase orders", PURCHASES, {**OF_PURCHASES, "location": here}),
        ("returns", RETURNS, {**OF_RETURNS, "location": here}),
        ("refunds", REFUNDS, {**OF_REFUNDS, "location": here}),
        ("work", QUEUE, OF_WORK),
    ):
        for name, where in wanted.items():
            yield f"{noun} by {name}", text, {"where": where}
    yield "facets of all orders", FACETS, {}
    yield "facets of a frequent shipping code", FACETS, {"where": {"shippingCode": {"eq": "POST"}}}
    yield "facets of a priority", FACETS, {"where": {"priority": {"gte": 0}}}
    yield "facets of a location", FACETS, {"where": here}
    yield "facets of a country", FACETS, {"where": {"country": {"eq": "DE"}}}
    yield "work by SKU", QUEUE, {"where": {"sku": {"eq": "SKU-0007"}}}
    yield "work by priority", QUEUE, {"where": {**here, "priority": {"gte": 0}, "status": {"eq": "OPEN"}}}
    yield "work by country", QUEUE, {"where": {**here, "country": {"eq": "IS"}, "status": {"eq": "OPEN"}}}
    yield "facets of nine tenths", FACETS, {"where": {"country": {"eq": "GB"}}}
    yield "levels by available units", STOCK, {"where": {**wide, "available": {"gte": 0}}}
    yield "levels by incoming units", STOCK, {"where": {**wide, "incoming": {"gt": 0}}}
    yield "levels sorted by incoming units", STOCK, {"where": wide, "by": "INCOMING_DESC"}
    yield "levels by text of the SKU", STOCK, {"where": {"skuText": "le sku-000"}}
    yield "SKUs by name", SKUS, {"where": {"name": {"contains": "sku-0077"}}}
    yield "SKUs by text", SKUS, {"where": {"text": "0077"}}
    yield "customers by e-mail", CUSTOMERS, {"where": {"email": {"contains": "omer-77"}}}
    yield "customers by text", CUSTOMERS, {"where": {"text": "buyer customer-77"}}


@dataclass
class Lists:
    """How long each request took."""

    loads: dict[str, Load] = field(default_factory=dict)

    def result(self) -> dict[str, object]:
        """Return the figures."""
        return {name: {"p50_ms": load.latency_ms(0.5), "p95_ms": load.latency_ms(0.95)} for name, load in self.loads.items()}


def fill(stage: Stage, orders: int) -> None:
    """Make the orders, and levels that something comes to."""
    make_orders(stage.admin_url, orders)
    if not stage.rows("SELECT FROM location WHERE code = 'WIDE-1'"):
        inventory.fill(stage)
    stage.rows(COMING)
    stage.rows("VACUUM ANALYZE purchase_order, purchase_order_line")


async def read_lists(stage: Stage, server: Running) -> Lists:
    """Ask for each list, one request after the other."""
    (caller,) = await callers(server.address, stage.key, 1)
    found = Lists()
    try:
        answer = await caller.call(document("{ locations(first: 1) { nodes { id } } }"))
        wide_id = inventory.ids(stage, "location", IdKind.LOCATION)[0]
        for name, text, variables in requests(answer.data["locations"]["nodes"][0]["id"], wide_id):
            body, load = document(text, **variables), Load()
            for _ in range(WARM_CALLS):
                assert (await caller.call(body)).data
            for _ in range(CALLS):
                load.answers.append(await caller.call(body))
            found.loads[name] = load
    finally:
        close([caller])
    return found
