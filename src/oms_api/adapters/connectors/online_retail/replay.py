"""Carrying a plan out in the order of time. It may be stopped anywhere and run again: what is done is seen, not repeated.

One lane corrects stock and places orders, batch by batch in the file's order: a batch is placed after every correction up
to its last invoice. Behind it a few shippers take what was placed; shipping of one order waits for nothing but the order.
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from time import perf_counter
from typing import Any

from oms_api.adapters.connectors.online_retail.classify import Kind
from oms_api.adapters.connectors.online_retail.orders import keyed, order_input
from oms_api.adapters.connectors.online_retail.plan import Correction, Plan, Sale
from oms_api.adapters.connectors.online_retail.platform import Platform, PlatformError, errors_in, told
from oms_api.adapters.connectors.online_retail.report import CORRECTION, ORDER, SHIPMENT, Kept, Outcome, Report, reported
from oms_api.adapters.connectors.online_retail.shop import Progress, Shop, chunks

MOST_ORDERS, MOST_LINES = 100, 1_500
CORRECTIONS_AT_ONCE, SHIPMENTS_AT_ONCE, ORDERS_TO_SHIP = 25, 25, 100
SHIPPERS, WAITING_CHUNKS = 2, 8
SHIPS_AFTER, ARRIVES_AFTER = timedelta(days=1), timedelta(days=2)
KEYS_LAST = timedelta(hours=70)
ARRIVED = {"DELIVERED", "NOT_REQUIRED"}

ORDERS = """
query ($first: Int!, $after: Cursor, $channel: ID!) {
  orders(where: { channelId: { eq: $channel } }, orderBy: PLACED_AT_ASC, first: $first, after: $after) {
    nodes {
      id externalRef placedAt recordedAt fulfillmentStatus
      goods { amount } shipping { amount } discount { amount }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""
PLACE = """
mutation ($input: OrdersPlaceInput!) {
  ordersPlace(input: $input) {
    userErrors { code message field }
    results { order { id fulfillmentStatus } userErrors { code message field } }
  }
}"""
TO_SHIP = """
query ($first: Int!, $after: Cursor, $orders: [ID!]!) {
  fulfillmentOrders(where: { orderId: { in: $orders }, status: { in: [OPEN] } }, first: $first, after: $after) {
    nodes { id createdAt } pageInfo { hasNextPage endCursor }
  }
}"""
ON_THE_WAY = """
query ($first: Int!, $after: Cursor, $orders: [ID!]!) {
  shipments(where: { orderId: { in: $orders }, status: { in: [SHIPPED] } }, first: $first, after: $after) {
    nodes { id shippedAt } pageInfo { hasNextPage endCursor }
  }
}"""


class Replay:
    """One run of a plan against one server."""

    def __init__(self, platform: Platform, plan: Plan, progress: Progress) -> None:
        self.platform = platform
        self.plan = plan
        self.progress = progress
        self.shop = Shop(platform, plan, progress)
        self.outcome = Outcome()
        self.to_ship: asyncio.Queue[Sequence[str] | None] = asyncio.Queue(WAITING_CHUNKS)
        self.handed = 0

    async def run(self) -> Report:
        """Do what is left to do and prove all of it. Raises: PlatformError, when the API cannot be worked with."""
        begun = perf_counter()
        await self.shop.open()
        there = await self.orders("known orders")
        begun = self.clock("set-up", begun)
        try:
            async with asyncio.TaskGroup() as lanes:
                lanes.create_task(self.sell(there))
                for _ in range(SHIPPERS):
                    lanes.create_task(self.ship())
        except* PlatformError as failed:
            raise failed.exceptions[0] from None
        begun = self.clock("replaying", begun)
        kept = await self.orders("reading back")
        self.clock("reading back", begun)
        self.outcome.asked_again = dict(self.platform.asked_again)
        return reported(self.plan, self.outcome, {order.ref: order for order in kept.values()})

    def clock(self, phase: str, begun: float) -> float:
        """Note how long *phase* took, and return the time."""
        now = perf_counter()
        self.outcome.seconds[phase] = now - begun
        return now

    async def orders(self, phase: str) -> dict[str, Kept]:
        """Return every order of the channel, by its reference."""
        found: dict[str, Kept] = {}
        async for page in self.platform.pages(ORDERS, "orders", channel=self.shop.channel_id):
            found |= {node["externalRef"]: kept(node) for node in page}
            self.progress(phase, len(found), max(len(found), len(self.plan.sales)))
        return found

    async def sell(self, there: dict[str, Kept]) -> None:
        """Correct stock and place what is missing, in the order of the file; hand everything to the shippers."""
        waiting = [order.id for order in there.values() if not order.arrived]
        await self.hand_over(waiting)
        corrections = self.corrections(there)
        missing = [sale for sale in self.plan.sales if sale.invoice not in there]
        self.outcome.placed_before = len(self.plan.sales) - len(missing)
        for batch in batches(missing):
            due = sum(correction.position < batch[-1].position for correction in corrections)
            await self.correct(corrections[:due])
            del corrections[:due]
            begun = perf_counter()
            placed = await self.place(batch)
            self.outcome.seconds["placing"] = self.outcome.seconds.get("placing", 0) + perf_counter() - begun
            self.progress("orders", self.outcome.placed_before + self.outcome.placed, len(self.plan.sales))
            await self.hand_over(placed)
        await self.correct(corrections)
        for _ in range(SHIPPERS):
            await self.to_ship.put(None)

    async def hand_over(self, orders: Sequence[str]) -> None:
        """Give *orders* to the shippers; wait when they are behind."""
        self.outcome.to_ship += len(orders)
        for _, some in chunks(orders, ORDERS_TO_SHIP):
            await self.to_ship.put(some)

    def corrections(self, there: dict[str, Kept]) -> list[Correction]:
        """Return the corrections to send: all of them, while the server still knows the keys of earlier runs.

        Later, those before the last order that was placed are known to be made: they were sent before it.
        """
        mine = [sale for sale in self.plan.sales if sale.invoice in there]
        if not mine or datetime.now(UTC) - min(order.recorded_at for order in there.values()) < KEYS_LAST:
            return list(self.plan.corrections)
        made = [correction for correction in self.plan.corrections if correction.position < mine[-1].position]
        self.outcome.corrected |= {(correction.invoice, correction.kind.value) for correction in made}
        return list(self.plan.corrections[len(made) :])

    async def correct(self, corrections: Sequence[Correction]) -> None:
        """Correct stock as the file says; what the API refuses is noted."""
        for _, some in chunks(corrections, CORRECTIONS_AT_ONCE):
            inputs = [adjustment(correction, self.shop.location_id) for correction in some]
            payloads = await self.platform.each("inventoryAdjust", "InventoryAdjustInput", "", inputs)
            for correction, payload in zip(some, payloads, strict=True):
                if errors := list(errors_in(payload)):
                    self.outcome.refuse(CORRECTION, correction.invoice, errors)
                else:
                    self.outcome.corrected.add((correction.invoice, correction.kind.value))
            self.progress("stock corrections", len(self.outcome.corrected), len(self.plan.corrections))

    async def place(self, batch: Sequence[Sale]) -> list[str]:
        """Place *batch*; return the orders that have something to ship."""
        orders = [order_input(sale, self.shop.channel_id, self.shop.customer_ids) for sale in batch]
        payload = (await self.platform.ask(PLACE, input={"orders": orders, "onFailure": "REJECT_FAILED"}))["ordersPlace"]
        if payload["userErrors"]:
            raise PlatformError(told(payload["userErrors"]))
        placed = []
        for sale, result in zip(batch, payload["results"], strict=True):
            if (order := result["order"]) is None:
                self.outcome.refuse(ORDER, sale.invoice, result["userErrors"])
                continue
            self.outcome.placed += 1  # also when replayed: then the answer to the same call of this run was lost
            if order["fulfillmentStatus"] not in ARRIVED:
                placed.append(order["id"])
        return placed

    async def ship(self) -> None:
        """Ship and deliver the orders that are handed over, until there are no more."""
        while (orders := await self.to_ship.get()) is not None:
            leaving = [
                {"fulfillmentOrderId": work["id"], "occurredAt": later(work["createdAt"], SHIPS_AFTER)}
                async for page in self.platform.pages(TO_SHIP, "fulfillmentOrders", orders=orders)
                for work in page
            ]
            left = await self.move("shipmentCreate", "ShipmentCreateInput", "fulfillmentOrderId", leaving)
            arriving = [
                {"shipmentId": shipment["id"], "occurredAt": later(shipment["shippedAt"], ARRIVES_AFTER)}
                async for page in self.platform.pages(ON_THE_WAY, "shipments", orders=orders)
                for shipment in page
            ]
            arrived = await self.move("shipmentMarkDelivered", "ShipmentMarkDeliveredInput", "shipmentId", arriving)
            self.outcome.shipped += left  # not `+= await`: another shipper counts meanwhile
            self.outcome.delivered += arrived
            self.handed += len(orders)
            self.progress("shipped and delivered", self.handed, self.outcome.to_ship)

    async def move(self, field: str, input_type: str, subject: str, given: Sequence[dict[str, Any]]) -> int:
        """Carry out one step of shipping for each of *given*; return how many the API took."""
        moved = 0
        for _, some in chunks(given, SHIPMENTS_AT_ONCE):
            inputs = [{"idempotencyKey": keyed(field, one[subject], one), **one} for one in some]
            for one, payload in zip(some, await self.platform.each(field, input_type, "", inputs), strict=True):
                if errors := list(errors_in(payload)):
                    self.outcome.refuse(SHIPMENT, one[subject], errors)
                else:
                    moved += 1
        return moved


def kept(node: dict[str, Any]) -> Kept:
    """Return an order of the API's answer."""
    amounts = {part: Decimal(node[part]["amount"]) for part in ("goods", "shipping", "discount")}
    return Kept(
        id=node["id"],
        ref=node["externalRef"],
        placed_at=datetime.fromisoformat(node["placedAt"]),
        recorded_at=datetime.fromisoformat(node["recordedAt"]),
        arrived=node["fulfillmentStatus"] in ARRIVED,
        **amounts,
    )


def adjustment(correction: Correction, location_id: str) -> dict[str, Any]:
    """Return *correction* as `inventoryAdjust` takes it."""
    changes = [{"sku": {"code": code}, "locationId": location_id, "delta": units} for code, units in correction.units.items()]
    given = {
        "changes": changes,
        "reason": "FOUND" if correction.kind is Kind.FOUND else "WRITE_OFF",
        "reference": correction.invoice,
        "occurredAt": correction.at.astimezone(UTC).isoformat(),
    }
    return {"idempotencyKey": keyed(correction.kind, correction.invoice, given), **given}


def batches(sales: Sequence[Sale]) -> Iterator[list[Sale]]:
    """Give *sales* in pieces that `ordersPlace` takes: smaller than its limits, so that a batch holds its locks shortly."""
    batch: list[Sale] = []
    lines = 0
    for sale in sales:
        if batch and (len(batch) == MOST_ORDERS or lines + len(sale.rows) > MOST_LINES):
            yield batch
            batch, lines = [], 0
        batch.append(sale)
        lines += len(sale.rows)
    if batch:
        yield batch


def later(moment: str, delay: timedelta) -> str:
    """Return *moment* after *delay*."""
    return (datetime.fromisoformat(moment) + delay).isoformat()
