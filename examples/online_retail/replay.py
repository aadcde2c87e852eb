"""Carrying a plan out in the order of time. It may be stopped anywhere and run again: what is done is seen, not repeated.

One lane corrects stock and places orders, batch by batch in the file's order: a batch is placed after every correction up
to its last invoice. Behind it a few followers pay, ship and deliver what was placed. A last lane takes back what the credit
notes up to there say, each return as soon as its order has arrived.
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

from examples.online_retail.classify import Kind
from examples.online_retail.kept import ARRIVED, Kept, KeptReturn, months_of, orders_of, returns_of
from examples.online_retail.matching import Return
from examples.online_retail.orders import keyed, order_input
from examples.online_retail.outcome import CORRECTION, ORDER, RETURN, Outcome
from examples.online_retail.pay_and_ship import PayAndShip, Placed
from examples.online_retail.plan import Correction, Plan
from examples.online_retail.platform import Platform, PlatformError, errors_in, told
from examples.online_retail.report import Report, reported
from examples.online_retail.sales import Sale
from examples.online_retail.shop import Progress, Shop, chunks
from examples.online_retail.take_back import TakeBack

MOST_ORDERS, MOST_LINES = 100, 1_500
CORRECTIONS_AT_ONCE, RETURNS_AT_ONCE, ORDERS_TO_FOLLOW = 25, 50, 50
FOLLOWERS, WAITING_CHUNKS = 3, 8
KEYS_LAST = timedelta(hours=70)

PLACE = """
mutation ($input: OrdersPlaceInput!) {
  ordersPlace(input: $input) {
    userErrors { code message field }
    results { order { id fulfillmentStatus } userErrors { code message field } }
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
        self.placed: asyncio.Queue[Sequence[Placed] | None] = asyncio.Queue(WAITING_CHUNKS)
        self.to_take_back: asyncio.Queue[Sequence[Return] | None] = asyncio.Queue()
        self.order_ids: dict[str, str] = {}
        self.settled: dict[str, asyncio.Event] = {}
        self.handed = self.followed = self.ended = 0

    async def run(self) -> Report:
        """Do what is left to do and prove all of it. Raises: PlatformError, when the API cannot be worked with."""
        begun = perf_counter()
        await self.shop.open()
        there = await self.orders("known orders")
        returned = await returns_of(self.platform, self.shop.channel_id)
        begun = self.clock("set-up", begun)
        try:
            async with asyncio.TaskGroup() as lanes:
                lanes.create_task(self.sell(there, returned))
                for _ in range(FOLLOWERS):
                    lanes.create_task(self.follow())
                lanes.create_task(self.take_back(returned))
        except* PlatformError as failed:
            raise failed.exceptions[0] from None
        begun = self.clock("replaying", begun)
        kept = await self.orders("reading back")
        returned = await returns_of(self.platform, self.shop.channel_id)
        months = await months_of(self.platform, self.shop.channel_id, self.plan.months)
        self.clock("reading back", begun)
        self.outcome.asked_again = dict(self.platform.asked_again)
        return reported(self.plan, self.outcome, kept, returned, months)

    def clock(self, phase: str, begun: float) -> float:
        """Note how long *phase* took, and return the time."""
        now = perf_counter()
        self.outcome.seconds[phase] = now - begun
        return now

    async def orders(self, phase: str) -> dict[str, Kept]:
        """Return every order of the channel, by its reference."""
        return await orders_of(self.platform, self.shop.channel_id, self.progress, phase, len(self.plan.sales))

    async def sell(self, there: dict[str, Kept], returned: dict[str, KeptReturn]) -> None:
        """Correct stock and place what is missing, in the order of the file; hand everything on to the other lanes."""
        self.order_ids |= {ref: order.id for ref, order in there.items()}
        await self.hand_over([left for sale in self.plan.sales if (left := left_of(sale, there.get(sale.invoice)))])
        corrections = self.corrections(there)
        returns = [back for back in self.plan.returns if back.ref not in returned or not returned[back.ref].holds(back)]
        self.ended = len(self.plan.returns) - len(returns)
        missing = [sale for sale in self.plan.sales if sale.invoice not in there]
        self.outcome.placed_before = len(self.plan.sales) - len(missing)
        for batch in batches(missing):
            end = batch[-1].position
            due = sum(correction.position < end for correction in corrections)
            await self.correct(corrections[:due])
            del corrections[:due]
            begun = perf_counter()
            placed = await self.place(batch)
            self.outcome.seconds["placing"] = self.outcome.seconds.get("placing", 0) + perf_counter() - begun
            self.progress("orders", self.outcome.placed_before + self.outcome.placed, len(self.plan.sales))
            await self.hand_over(placed)
            due = next((n for n, back in enumerate(returns) if back.position > end), len(returns))
            await self.to_take_back.put(returns[:due])
            del returns[:due]
        await self.correct(corrections)
        await self.to_take_back.put(returns)
        await self.to_take_back.put(None)
        for _ in range(FOLLOWERS):
            await self.placed.put(None)

    async def hand_over(self, orders: Sequence[Placed]) -> None:
        """Give *orders* to the followers; wait when they are behind."""
        self.handed += len(orders)
        for order in orders:
            self.settled[order.sale.invoice] = asyncio.Event()
        for _, some in chunks(orders, ORDERS_TO_FOLLOW):
            await self.placed.put(some)

    async def follow(self) -> None:
        """Pay, ship and deliver the orders that are handed over, until there are no more."""
        lane = PayAndShip(self.platform, self.outcome, self.plan.first_back)
        while (orders := await self.placed.get()) is not None:
            await lane.carry_out(orders)
            for order in orders:
                self.settled.pop(order.sale.invoice).set()
            self.followed += len(orders)
            self.progress("paid and delivered", self.followed, self.handed)

    async def take_back(self, returned: dict[str, KeptReturn]) -> None:
        """Take back what the credit notes say, each return once its order is paid and has arrived, until there are no more."""
        lane = TakeBack(self.platform, self.outcome, self.shop.location_id, returned)
        while (returns := await self.to_take_back.get()) is not None:
            for _, some in chunks(returns, RETURNS_AT_ONCE):
                for order in {back.order for back in some} & self.settled.keys():
                    if (settling := self.settled.get(order)) is not None:
                        await settling.wait()
                await lane.carry_out([(back, self.order_ids[back.order]) for back in some if self.has_order(back)])
                self.ended += len(some)
                self.progress("returns", self.ended, len(self.plan.returns))

    def has_order(self, back: Return) -> bool:
        """Tell whether the order of *back* was placed; else note that it cannot come back."""
        if back.order not in self.order_ids:
            message = f"The order {back.order} was refused."
            self.outcome.refuse(RETURN, back.ref, [{"code": "ORDER_REFUSED", "message": message, "field": None}])
        return back.order in self.order_ids

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

    async def place(self, batch: Sequence[Sale]) -> list[Placed]:
        """Place *batch*; return the orders that the API took."""
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
            self.order_ids[sale.invoice] = order["id"]
            placed.append(Placed(order["id"], sale, arrived=order["fulfillmentStatus"] in ARRIVED))
        return placed


def left_of(sale: Sale, order: Kept | None) -> Placed | None:
    """Return the order of *sale* if something of it is left to pay or to ship."""
    if order is None or (order.arrived and order.paid):
        return None
    return Placed(order.id, sale, paid=order.paid, arrived=order.arrived)


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
