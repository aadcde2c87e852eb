"""Reading a page of orders with all that a list shows, first and deep, small and large."""

import re
from dataclasses import dataclass
from typing import Any

from benchmarks.client import Caller, Load, callers, document
from benchmarks.machine import Usage, metered
from benchmarks.place import close
from benchmarks.stage import Running, Stage

SIZE, FEW, DEEP = 50, 5, 50_000
CALLS, WARM_CALLS, COUNTED_CALLS = 60, 15, 20
STEP = 250

FIELDS_OF_ORDER = """{ __type(name: "Order") { fields { name type { name kind ofType { name } } } } }"""
STEPS = "query Steps($first: Int!, $after: Cursor) { orders(first: $first, after: $after) { pageInfo { endCursor } } }"
PAGE = """
query Page($first: Int!, $after: Cursor) {
  orders(first: $first, after: $after) {
    nodes {
      id number externalRef placedAt status fulfillmentStatus paymentStatus returnStatus
      goods { amount currencyCode } discount { amount } shipping { amount } tax { amount } total { amount currencyCode }
      lines(first: 10) {
        nodes { id position kind skuCode name ordered shipped unitPrice { amount } total { amount currencyCode } }
      }
      %s
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
PARTS = {
    "customer": "customer { id externalRef }",
    "contact": "contact { name email }",
    "shipments": "shipments%s { id status shippedAt %s }",
}


@dataclass(slots=True)
class Pages:
    """A page of 50 at the top of the list and 50,000 orders down, and the statements behind pages of 5 and of 50."""

    orders: int
    depth: int
    parts: list[str]
    first: Load
    deep: Load
    statements: dict[int, list[str]]
    usage: Usage

    def result(self) -> dict[str, object]:
        """Return the figures."""
        return {
            "orders": self.orders,
            "depth": self.depth,
            "fields": ["lines", "totals", *self.parts],
            "first_page_ms": {"p50": self.first.latency_ms(0.5), "p95": self.first.latency_ms(0.95)},
            "deep_page_ms": {"p50": self.deep.latency_ms(0.5), "p95": self.deep.latency_ms(0.95)},
            "deep_to_first": self.deep.latency_ms(0.5) / self.first.latency_ms(0.5),
            "statements": {str(size): len(texts) for size, texts in self.statements.items()},
            "statements_made": self.statements[SIZE],
            "cpu_ms_per_page": {group: self.usage.ms_each(group, 2 * CALLS) for group in self.usage.seconds},
            "bytes": len(self.first.answers[0].body),
        }


async def read_pages(stage: Stage, server: Running) -> Pages:
    """Read pages with one client, first and deep in turns."""
    orders = stage.rows("SELECT count(*) FROM orders")[0][0]
    depth = min(DEEP, orders // 2 // STEP * STEP)
    (caller,) = await callers(server.address, stage.key, 1)
    try:
        parts = await fields(caller)
        text = PAGE % "\n      ".join(parts.values())
        cursor = await place_of(caller, depth)
        first, deep = document(text, first=SIZE), document(text, first=SIZE, after=cursor)
        for body in (first, deep) * WARM_CALLS:
            check(await caller.call(body), SIZE)
        loads = Load(), Load()
        with metered(server.processes) as usage:
            for _ in range(CALLS):
                for load, body in zip(loads, (first, deep), strict=True):
                    load.answers.append(await caller.call(body))
        statements = {size: await statements_of(stage, caller, document(text, first=size), size) for size in (FEW, SIZE)}
    finally:
        close([caller])
    return Pages(orders, depth, list(parts), *loads, statements, usage)


async def fields(caller: Caller) -> dict[str, str]:
    """Return the selections beside lines and totals that the schema has."""
    told = (await caller.call(document(FIELDS_OF_ORDER))).data["__type"]["fields"]
    there = {field["name"]: field["type"] for field in told}
    return {name: _selection(name, selection, there[name]) for name, selection in PARTS.items() if name in there}


def _selection(name: str, selection: str, kind: dict[str, Any]) -> str:
    if name != "shipments":
        return selection
    named = kind["name"] or (kind["ofType"] or {}).get("name") or ""
    if named.endswith("Connection"):
        return "shipments(first: 10) { nodes { id status shippedAt } }"
    return "shipments { id status shippedAt }"


async def place_of(caller: Caller, depth: int) -> str:
    """Return the cursor of the order that lies *depth* orders down the list, by walking there."""
    cursor = None
    for _ in range(depth // STEP):
        answer = await caller.call(document(STEPS, first=STEP, after=cursor))
        cursor = answer.data["orders"]["pageInfo"]["endCursor"]
    return str(cursor)


async def statements_of(stage: Stage, caller: Caller, body: bytes, size: int) -> list[str]:
    """Return the statements that one such request makes: those counted as often as, or more often than, requests were sent."""
    with stage.counting():
        stage.rows("SELECT pg_stat_statements_reset()")
        for _ in range(COUNTED_CALLS):
            check(await caller.call(body), size)
    counted = stage.rows("SELECT calls, query FROM pg_stat_statements WHERE userid = 'oms_app'::regrole")
    return [shown(query) for calls, query in counted for _ in range(calls // COUNTED_CALLS)]


def shown(query: str) -> str:
    """Return the tables that *query* reads."""
    return ", ".join(dict.fromkeys(re.findall(r"(?:FROM|JOIN) (\w+)", query)))


def check(answer: Any, size: int) -> None:  # noqa: ANN401
    """Raises: UnexpectedAnswerError, unless the answer holds *size* orders with lines."""
    nodes = answer.data["orders"]["nodes"]
    assert len(nodes) == size
    assert all(node["lines"]["nodes"] for node in nodes)
