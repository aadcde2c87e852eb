"""Our own program as a peer."""

from collections.abc import Iterator
from itertools import count, cycle, islice, repeat
from operator import methodcaller

import psycopg

from benchmarks.client import Answer, Ask, Caller, document, sent, spread
from benchmarks.peers.peer import (
    DETAILED,
    FILLERS,
    HOT_UNITS,
    LISTED,
    RUSHES,
    SHIPPED_EVERY,
    SHIPPING,
    connected,
    done,
    hot_code,
    whole,
)
from benchmarks.place import PLACE_ONE
from benchmarks.shop import SKUS, STOCK, Purchase, ship, sku_code, stock
from benchmarks.stage import PROCESSES, Running, Stage
from benchmarks.work import PAID, REFUNDED
from oms_api.kernel.ids import IdKind, text_id

LIST = """
query List($first: Int!) {
  orders(first: $first) {
    pageInfo { hasNextPage }
    nodes {
      id number fulfillmentStatus paymentStatus placedAt total { amount currencyCode }
      customer { id email name }
      lines(first: 10) { nodes { id ordered unitPrice { amount } sku { id code name } } }
      shipments { id status shippedAt packages { carrier trackingNumber } }
    }
  }
}
"""
DETAIL = """
query Detail($id: ID!) {
  order(by: {id: $id}) {
    id number fulfillmentStatus paymentStatus placedAt availableActions { action allowed }
    goods { amount } shipping { amount } total { amount currencyCode }
    customer { id email name phone }
    shippingAddress { name line1 city postalCode country phone }
    lines(first: 10) { nodes { id ordered unitPrice { amount } total { amount } sku { id code name } } }
    payments { id gateway reference captured { amount } refunded { amount } }
    refunds { id status reason amount { amount } grantedAt }
    shipments {
      id status shippedAt packages { carrier trackingNumber }
      lines(first: 10) { nodes { quantity line { id sku { code } } } }
    }
  }
}
"""
SET = """
mutation Set($input: InventorySetInput!) {
  inventorySet(input: $input) { inventoryAdjustment { id } userErrors { code message } }
}
"""
NEWEST = "SELECT id FROM orders WHERE fulfillment_status = 'SHIPPED' ORDER BY placed_at DESC, id DESC LIMIT %s"


class Ours:
    """Our program on its stage."""

    def __init__(self, stage: Stage, server: Running, purchases: Iterator[Purchase]) -> None:
        self.stage, self.server = stage, server
        with psycopg.connect(stage.postgres.owner_url) as connection:
            stock(connection, [hot_code(number) for number in range(RUSHES)], HOT_UNITS // 2)
        self.asks: dict[str, Iterator[Ask]] = {"place": map(self.place, purchases), "stock": self.counts()}

    def place(self, purchase: Purchase) -> Ask:
        """Return what places an order, then reports that all of it was paid."""
        body = document(PLACE_ONE, input={**purchase.variables(), "shipping": [SHIPPING]})

        async def ask(caller: Caller) -> Answer:
            placed = await caller.call(body)
            if not (order := placed.data["orderPlace"]["order"]):
                return placed
            key = purchase.reference
            given = {"idempotencyKey": key, "eventReference": key, "gateway": "card", "type": "CAPTURED"}
            paid = await caller.call(document(PAID, input={**given, "orderId": order["id"], "amount": order["total"]}))
            return Answer(paid.status, paid.body, placed.seconds + paid.seconds)

        return ask

    def counts(self) -> Iterator[Ask]:
        """Yield what sets the stock of one SKU after the other."""
        location = text_id(IdKind.LOCATION, self.stage.rows("SELECT id FROM location ORDER BY code")[0][0])
        for number in count():
            row = {"sku": {"code": sku_code(number % SKUS)}, "locationId": location, "changeFromQuantity": None}
            sets = [{**row, "quantity": STOCK + number}]
            given = {"idempotencyKey": f"set-{number}", "reason": "COUNT_CORRECTION", "sets": sets}
            yield methodcaller("call", document(SET, input=given))

    async def fill(self, orders: int) -> None:
        """Place orders, ship every fifth, and refund a part of the newest hundred of these."""
        await done(self, "place", FILLERS, islice(self.asks["place"], orders))
        ship(self.stage.postgres.owner_url, every=SHIPPED_EVERY)
        shipped = [text_id(IdKind.ORDER, row[0]) for row in self.stage.rows(NEWEST, DETAILED)]
        part = {"amount": {"amount": "1.00"}, "reason": "GOODWILL"}
        refunds = [document(REFUNDED, input={"idempotencyKey": order, "orderId": order, **part}) for order in shipped]
        async with connected(self, "place", FILLERS) as connections:
            for answer in (await sent(connections, refunds)).answers:
                whole(answer, not answer.data["refundCreate"]["userErrors"])
        self.stage.rows("VACUUM ANALYZE")
        self.asks["list"] = repeat(methodcaller("call", document(LIST, first=LISTED)))
        self.asks["detail"] = cycle([methodcaller("call", document(DETAIL, id=order)) for order in shipped])

    async def connections(self, what: str, count: int) -> list[Caller]:  # noqa: ARG002 - one address for all of it
        """Open connections, evenly spread."""
        servers = self.server.processes["servers"]
        return await spread(self.server.address, self.stage.key, count, servers=servers, processes=PROCESSES)

    def check(self, what: str, answer: Answer) -> None:
        """Look at an answer."""
        if what == "list":
            orders = answer.data["orders"]["nodes"]
            whole(answer, len(orders) == LISTED, *(order["lines"]["nodes"] and order["customer"] for order in orders))
        elif what == "detail":
            order = answer.data["order"]
            whole(answer, order["lines"]["nodes"], *(order[part] for part in ("customer", "payments", "refunds", "shipments")))
        elif what == "place":
            whole(answer, self.outcome(answer) == "sold")
        else:
            whole(answer, answer.data["inventorySet"]["inventoryAdjustment"])

    def outcome(self, answer: Answer) -> str:
        """Return what became of a buyer."""
        if answer.status != 200:
            return "failed"
        ((field, payload),) = answer.data.items()
        if field == "paymentEventReport" and not payload["userErrors"]:
            return "sold"
        return "refused" if [error["code"] for error in payload["userErrors"]] == ["INSUFFICIENT_STOCK"] else "failed"
