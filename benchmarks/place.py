"""Placing orders: one at a time beside pgbench, and in batches."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from statistics import mean

from benchmarks.client import Answer, Caller, Load, UnexpectedAnswerError, callers, document, sent
from benchmarks.machine import LOAD, Usage, metered
from benchmarks.reference import BUNDLE, Round, prepared
from benchmarks.shop import Purchase
from benchmarks.stage import Running, Stage

CLIENTS, ROUNDS = 16, 3
WARM_ORDERS, ROUND_ORDERS, PGBENCH_ORDERS = 800, 2_000, 3_072
BATCH, BATCH_CLIENTS, BATCH_WARM = 100, 4, 8

PLACE_ONE = """
mutation PlaceOne($input: OrderPlaceInput!) {
  orderPlace(input: $input) {
    order { id number status fulfillmentStatus placedAt total { amount currencyCode } }
    replayed
    userErrors { code field message }
  }
}
"""
PLACE_MANY = """
mutation PlaceMany($input: OrdersPlaceInput!) {
  ordersPlace(input: $input) {
    results { index replayed order { id number total { amount } } userErrors { code field message } }
    userErrors { code field message }
  }
}
"""


@dataclass(slots=True)
class Placing:
    """Orders placed over HTTP, round by round, and pgbench's rounds between them."""

    loads: list[Load] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    pgbench_usage: Usage = field(default_factory=Usage)
    fetches_per_s: float = 0.0

    @property
    def answers(self) -> list[Answer]:
        """All answers."""
        return [answer for load in self.loads for answer in load.answers]

    @property
    def per_s(self) -> float:
        """Orders a second over HTTP."""
        return len(self.answers) / sum(load.elapsed_s for load in self.loads)

    @property
    def pgbench_per_s(self) -> float:
        """Orders a second by pgbench."""
        return sum(one.orders for one in self.rounds) / sum(one.seconds for one in self.rounds)

    @property
    def ratios(self) -> list[float]:
        """HTTP to pgbench, round by round."""
        pairs = zip(self.loads, self.rounds, strict=True)
        return [len(load.answers) / load.elapsed_s / (one.orders / one.seconds) for load, one in pairs]

    def result(self) -> dict[str, object]:
        """Return the figures."""
        count = len(self.answers)
        whole = Load(self.answers)
        return {
            "orders_per_s": self.per_s,
            "pgbench_orders_per_s": self.pgbench_per_s,
            "ratio": self.per_s / self.pgbench_per_s,
            "ratio_of_each_round": self.ratios,
            "orders_per_s_of_each_round": [len(load.answers) / load.elapsed_s for load in self.loads],
            "pgbench_of_each_round": [one.orders / one.seconds for one in self.rounds],
            "latency_ms": {"p50": whole.latency_ms(0.5), "p95": whole.latency_ms(0.95), "p99": whole.latency_ms(0.99)},
            "pgbench_latency_ms": {
                name: mean(one.latency_ms(share) for one in self.rounds) for name, share in (("p50", 0.5), ("p99", 0.99))
            },
            "cpu_ms_per_order": {group: self.usage.ms_each(group, count) for group in self.usage.seconds},
            "cpu_share": {group: self.usage.share(group) for group in self.usage.seconds},
            "load_program_of_run": self.usage.seconds[LOAD] / self.usage.elapsed_s,
            "pgbench_others": self.pgbench_usage.share("others"),
            "pgbench_fetching_share": self.pgbench_per_s / BUNDLE / self.fetches_per_s,
            "orders": count,
        }


async def place_one_by_one(stage: Stage, server: Running) -> Placing:
    """Place orders over HTTP with 16 clients and through pgbench with 16 clients, in turns."""
    placing = Placing()
    web, direct = stage.shop.purchases("web"), stage.shop.purchases("direct")
    reference = await prepared(stage, direct, rounds=ROUNDS, orders_per_round=PGBENCH_ORDERS)
    connections = await callers(server.address, stage.key, CLIENTS)
    try:
        check(await sent(connections, singles(web, WARM_ORDERS)))
        stage.rows("VACUUM ANALYZE")  # not before there are orders: plans made for empty tables would scan them later
        check(await sent(connections, singles(web, WARM_ORDERS)))
        for turn in range(ROUNDS):
            bodies = list(singles(web, ROUND_ORDERS))
            with metered(server.processes) as usage:
                load = await sent(connections, bodies)
            check(load)
            placing.usage.add(usage)
            placing.loads.append(load)
            with metered(server.processes) as usage:
                placing.rounds.append(await asyncio.to_thread(reference.place, turn))
            placing.pgbench_usage.add(usage)
        placing.fetches_per_s = await asyncio.to_thread(reference.fetches_per_s)
    finally:
        close(connections)
    return placing


def singles(purchases: Iterator[Purchase], count: int) -> Iterator[bytes]:
    """Yield the requests that place *count* orders."""
    return (document(PLACE_ONE, input=purchase.variables()) for purchase in islice(purchases, count))


def check(load: Load) -> None:
    """Raises: UnexpectedAnswerError, unless every answer holds a new order."""
    for answer in load.answers:
        placed = answer.data["orderPlace"]
        if placed["userErrors"] or placed["replayed"] or not placed["order"]["number"]:
            raise UnexpectedAnswerError(repr(answer.body[:500]))


@dataclass(slots=True)
class Batches:
    """Orders placed 100 a call."""

    load: Load
    usage: Usage

    def result(self) -> dict[str, object]:
        """Return the figures."""
        orders = len(self.load.answers) * BATCH
        return {
            "orders_per_s": orders / self.load.elapsed_s,
            "orders": orders,
            "calls": len(self.load.answers),
            "latency_ms": {"p50": self.load.latency_ms(0.5), "p95": self.load.latency_ms(0.95)},
            "cpu_ms_per_order": {group: self.usage.ms_each(group, orders) for group in self.usage.seconds},
            "cpu_share": {group: self.usage.share(group) for group in self.usage.seconds},
            "load_program_of_run": self.usage.seconds[LOAD] / self.usage.elapsed_s,
        }


async def place_in_batches(stage: Stage, server: Running, *, until: int) -> Batches:
    """Place 100 orders a call, four calls at a time, until there are *until* orders."""
    purchases = stage.shop.purchases("batch")
    connections = await callers(server.address, stage.key, BATCH_CLIENTS)
    try:
        check_batches(await sent(connections, batches(purchases, BATCH_WARM)))
        there = stage.rows("SELECT count(*) FROM orders")[0][0]
        calls = max(-(-(until - there) // BATCH), 4 * BATCH_CLIENTS)
        with metered(server.processes) as usage:
            load = await sent(connections, batches(purchases, calls))
        check_batches(load)
    finally:
        close(connections)
    return Batches(load, usage)


def batches(purchases: Iterator[Purchase], calls: int) -> Iterator[bytes]:
    """Yield the requests that place *calls* times 100 orders."""
    for _ in range(calls):
        orders = [purchase.variables() for purchase in islice(purchases, BATCH)]
        yield document(PLACE_MANY, input={"orders": orders, "onFailure": "REJECT_ALL"})


def check_batches(load: Load) -> None:
    """Raises: UnexpectedAnswerError, unless every answer holds 100 new orders."""
    for answer in load.answers:
        done = answer.data["ordersPlace"]
        placed = [r for r in done["results"] if r["order"] and not r["replayed"] and not r["userErrors"]]
        if done["userErrors"] or len(placed) != BATCH:
            raise UnexpectedAnswerError(repr(answer.body[:500]))


def close(connections: list[Caller]) -> None:
    """End *connections*."""
    for caller in connections:
        caller.close()
